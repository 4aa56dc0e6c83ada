// Package lower turns a typed program into IR: one ir.Program for each set of
// points that run the same clauses, with the maps and the manifest they need.
//
// The model. There are two sorts of value. A scalar is an ir.Value, kept
// extended to 64 bits by the signedness of its type. Everything else (strings,
// tuples, records, buffers, stacks) is memory, and an expression of such a type
// is built into a destination that its user gives it (mem): a map key, a field
// of an event record, a variable's slot. So large things are written once,
// where they are wanted.
//
// The invariants:
//
//   - A string in memory ends with a NUL within its size. One of up to
//     paddedString bytes is zero behind its NUL, too; a longer one only where
//     its user asked for it (keys).
//   - Memory in other address spaces is a place; it is read through helpers,
//     which leave zeroes where a read fails.
//   - A ring buffer record is reserved after everything that can jump has been
//     evaluated, and submitted in the same block.
//   - A clause is left by a jump to its end, never by a return from the
//     program: later clauses of the same hook still run.
package lower

import (
	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
)

// Program is one lowered program.
type Program struct {
	IR   *ir.Program
	Type ebpf.ProgramType
	// AttachType is of kprobe_multi and uprobe_multi programs and BTF tracepoints.
	AttachType ebpf.AttachType
	AttachTo   string
	// ReturnValue is what every path of the program returns.
	ReturnValue int64
	// ScratchLoss is the loss to count where scratch memory cannot be had, if the
	// program turns out to need any.
	ScratchLoss object.Loss
	Object      object.Program
}

// Result is what Lower makes.
type Result struct {
	Programs []Program
	Maps     []*ebpf.MapSpec // the keys of the manifest are Keys[i]
	Keys     []string
	Manifest object.Manifest
}

// Unsupported says that the target lacks what a script needs. It is the
// script's or the kernel's fault, never ours.
type Unsupported struct {
	Span source.Span
	Msg  string
	Hint string
}

func (e *Unsupported) Error() string { return e.Msg }

// returnValue is what programs of a context return. For those that hang on a
// perf event or a probe zero would hide the event from perf's other users.
func returnValue(c point.Context) int64 {
	switch c {
	case point.Tracepoint, point.Kprobe, point.Kretprobe, point.Uprobe, point.Uretprobe, point.USDT:
		return 1
	}
	return 0
}
