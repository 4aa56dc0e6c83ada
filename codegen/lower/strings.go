package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// str reads the string behind a pointer.
func (f *fn) str(e *typed.Call, dst mem, padded bool) {
	if padded || e.T.Size <= paddedString {
		f.zero(dst, e.T.Size)
	}
	f.readText(e.Args[0], f.word(e.Args[0]), f.textLimit(e, dst), dst)
}

// textLimit is how many bytes str() may write: a constant, or a computed limit
// cut to the size of the string.
func (f *fn) textLimit(e *typed.Call, dst mem) *ir.Value {
	size := int64(e.T.Size)
	if c, ok := e.Args[1].(*typed.Const); ok && (c.Value < 0 || c.Value >= size) {
		return f.b.Const(size)
	}
	// A limit of zero reads nothing, and writes no NUL.
	f.store(dst, 0, 1, f.b.Const(0))
	return f.clamp(f.word(e.Args[1]), size)
}

// clamp cuts an unsigned word to most.
func (f *fn) clamp(v *ir.Value, most int64) *ir.Value {
	return f.selectWord(f.b.Bin(ir.OpUGt, v, f.b.Const(most)), f.b.Const(most), v)
}

// readText reads a string from behind a pointer and returns its length with
// the NUL, or an error.
func (f *fn) readText(pointer typed.Expr, ptr, size *ir.Value, dst mem) *ir.Value {
	helper := asm.FnProbeReadKernelStr
	if f.space(pointer) == types.User {
		helper = asm.FnProbeReadUserStr
	}
	return f.b.Call(helper, f.addr(dst), size, ptr)
}

// buf reads bytes: u32 length, then the bytes.
func (f *fn) buf(e *typed.Call, dst mem, padded bool) {
	f.buildBuffer(e, dst, dst.plus(4), padded || e.T.Size <= 2*inlineCopy)
}

// buildBuffer writes a buffer's length and bytes to two places, and returns the
// length.
func (f *fn) buildBuffer(e *typed.Call, length, bytes mem, padded bool) *ir.Value {
	n, known := f.bufferLength(e)
	var read func()
	pointer := e.Args[0]
	if pointer.Type().Kind == types.Pointer {
		ptr := f.word(pointer)
		read = func() { f.readBytes(bytes, n, loc{ptr: ptr, space: f.space(pointer)}) }
	} else {
		read = func() {
			f.withLoc(pointer, func(l loc) *ir.Value { f.readBytes(bytes, n, l); return nil },
				func() *ir.Value { return nil })
		}
	}
	f.store(length, 0, 4, n)
	if padded || !known {
		f.zero(bytes, e.T.Size-4)
	}
	read()
	return n
}

func (f *fn) bufferLength(e *typed.Call) (n *ir.Value, known bool) {
	if c, ok := e.Args[1].(*typed.Const); ok && c.Value >= 0 && c.Value <= int64(e.T.Len) {
		return f.b.Const(c.Value), true
	}
	return f.clamp(f.word(e.Args[1]), int64(e.T.Len)), false
}

// readBytes reads n bytes from any space.
func (f *fn) readBytes(dst mem, n *ir.Value, l loc) {
	helper := asm.FnProbeReadKernel
	if l.space == types.User {
		helper = asm.FnProbeReadUser
	}
	f.b.Call(helper, f.addr(dst), n, f.address(l))
}

// stringLength is strlen.
func (f *fn) stringLength(e *typed.Call) *ir.Value {
	arg := e.Args[0]
	if s, ok := arg.(*typed.Str); ok {
		return f.b.Const(int64(len(s.Value)))
	}
	if call, ok := arg.(*typed.Call); ok && call.Name == "str" {
		tmp := f.temp("text", call.T)
		n := f.readText(call.Args[0], f.word(call.Args[0]), f.textLimit(call, tmp), tmp)
		return f.withoutNUL(n)
	}
	return f.lengthOf(f.materialize(arg), arg.Type().Size)
}

// withoutNUL makes a length of what a string-reading helper returns.
func (f *fn) withoutNUL(n *ir.Value) *ir.Value {
	length := &ir.Var{Name: "length"}
	f.b.Set(length, f.b.Const(0))
	f.ifNonZero(f.b.Bin(ir.OpSGt, n, f.b.Const(0)), false, func() {
		f.b.Set(length, f.b.Bin(ir.OpSub, n, f.b.Const(1)))
	})
	return f.b.Get(length)
}

// byteAt loads the byte number i of memory.
func (f *fn) byteAt(m mem, i *ir.Value) *ir.Value {
	base, off := f.at(m)
	return f.b.Load(1, false, f.b.Bin(ir.OpAdd, base, i), off)
}
