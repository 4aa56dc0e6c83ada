package lower

import (
	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
)

// trampoline is the attach type of programs that the kernel calls from a
// function's patched entry (Linux 5.5).
func trampoline(c point.Context) ebpf.AttachType {
	if c == point.Fexit {
		return ebpf.AttachTraceFExit
	}
	return ebpf.AttachTraceFEntry
}

// trampolineSlot is where an argument or the return value is in the context: the
// return value is behind all arguments, however many the script knows.
func (f *fn) trampolineSlot(e *typed.ContextArg) int64 {
	args := f.clause.Points[0].Args
	switch {
	case e.Return && args != nil:
		return int64(args.Size)
	case args != nil && e.Index < len(args.Members):
		return int64(args.Members[e.Index].Offset)
	}
	return int64(8 * e.Index)
}
