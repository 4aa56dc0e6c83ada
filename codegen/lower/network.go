package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// inet builds an address: u32 family, 16 bytes of address.
func (f *fn) inet(e *typed.Call, dst mem, _ bool) {
	f.store(dst, 0, 4, f.word(e.Args[0]))
	address := e.Args[1]
	f.zero(dst.plus(4), e.T.Size-4)
	if address.Type().Scalar() {
		f.store(dst, 4, 4, f.word(address))
		return
	}
	f.build(address, dst.plus(4), false)
}

// macAddress builds a hardware address: six bytes in a slot of eight.
func (f *fn) macAddress(e *typed.Call, dst mem, _ bool) {
	const size = 6
	f.zero(dst, e.T.Size)
	from := e.Args[0]
	if from.Type().Kind == types.Pointer {
		l := loc{ptr: f.word(from), space: f.space(from)}
		f.readBytes(dst, f.b.Const(size), l)
		return
	}
	f.withLoc(from, func(l loc) *ir.Value {
		if l.space == types.NoSpace {
			f.copyBytes(dst, l.mem, size)
		} else {
			f.readBytes(dst, f.b.Const(size), l)
		}
		return nil
	}, func() *ir.Value { return nil })
}

// userSymbol keeps an address with the process it means something in.
func (f *fn) userSymbol(e *typed.Call, dst mem, _ bool) {
	f.store(dst, 0, 8, f.word(e.Args[0]))
	f.store(dst, 8, 8, f.upper(asm.FnGetCurrentPidTgid))
}
