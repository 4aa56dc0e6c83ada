package lower

import (
	"encoding/binary"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// compareMemory compares values that are not words, for equality.
func (f *fn) compareMemory(e *typed.Compare) *ir.Value {
	equal := &ir.Var{Name: "equal"}
	differ := f.b.NewBlock("differ")
	end := f.b.NewBlock("compared")
	f.b.Set(equal, f.b.Const(0))
	switch e.X.Type().Kind {
	case types.String:
		f.compareText(e, differ)
	default:
		f.compareValues(f.materialize(e.X), f.materialize(e.Y), e.X.Type(), e.Y.Type(), differ)
	}
	f.b.Set(equal, f.b.Const(1))
	f.b.Jump(end)
	f.b.Seal(differ)
	f.b.SetBlock(differ)
	f.b.Jump(end)
	f.b.Seal(end)
	f.b.SetBlock(end)
	if e.Op == typed.Ne {
		return f.b.Bin(ir.OpXor, f.b.Get(equal), f.b.Const(1))
	}
	return f.b.Get(equal)
}

// compareValues goes on if two values are equal, otherwise jumps to differ.
func (f *fn) compareValues(x, y mem, tx, ty types.Type, differ *ir.Block) {
	switch tx.Kind {
	case types.String:
		f.compareLoop(x, y, min(tx.Size, ty.Size), differ)
	case types.Tuple:
		for i, m := range tx.Members {
			o := ty.Members[i]
			f.compareValues(x.plus(m.Offset), y.plus(o.Offset), m.Type, o.Type, differ)
		}
	default:
		f.compareBytes(x, y, min(tx.Size, ty.Size), differ)
	}
}

// require goes on if two words are equal, otherwise jumps to differ.
func (f *fn) require(x, y *ir.Value, differ *ir.Block) {
	same := f.b.NewBlock("same")
	f.b.If(f.b.Bin(ir.OpEq, x, y), same, differ)
	f.b.Seal(same)
	f.b.SetBlock(same)
}

// compareBytes compares all of size bytes.
func (f *fn) compareBytes(x, y mem, size int, differ *ir.Block) {
	if size > 2*inlineCopy {
		f.countLoop(size, func(i *ir.Value, _ *ir.Block) {
			f.require(f.byteAt(x, i), f.byteAt(y, i), differ)
		})
		return
	}
	f.eachPiece(min(x.alignment(), y.alignment()), size, func(off, n int) {
		f.require(f.load(x, off, n, false), f.load(y, off, n, false), differ)
	})
}

// compareText compares strings, up to N characters if the comparison is limited.
func (f *fn) compareText(e *typed.Compare, differ *ir.Block) {
	x, y := e.X, e.Y
	if _, ok := x.(*typed.Str); ok {
		x, y = y, x
	}
	if s, ok := y.(*typed.Str); ok {
		f.compareLiteral(x, s.Value, e.N, differ)
		return
	}
	size := min(x.Type().Size, y.Type().Size)
	if e.N > 0 {
		size = min(size, e.N)
	}
	mx, my := f.materialize(x), f.materialize(y)
	if e.N == 0 && max(x.Type().Size, y.Type().Size) <= paddedString {
		f.compareBytes(mx, my, size, differ)
		return
	}
	f.compareLoop(mx, my, size, differ)
}

// compareLiteral compares a string with a literal: as many bytes as tell them
// apart, by words, and of the string no more than those are read.
func (f *fn) compareLiteral(x typed.Expr, text string, n int, differ *ir.Block) {
	size := len(text) + 1 // with the NUL
	if n > 0 {
		size = min(size, n)
	}
	m := f.headOf(x, size)
	size = min(size, x.Type().Size)
	data := make([]byte, (size+7)&^7)
	copy(data, text)
	f.eachPiece(m.alignment(), size, func(off, n int) {
		var word [8]byte
		copy(word[:], data[off:off+n])
		f.require(f.load(m, off, n, false), f.b.Const(int64(binary.LittleEndian.Uint64(word[:]))), differ)
	})
}

// headOf gives memory with the first size bytes of a string, at least.
func (f *fn) headOf(x typed.Expr, size int) mem {
	short := (size + 1 + 7) &^ 7 // one more: reading cuts a string at its end
	if short >= x.Type().Size {
		return f.materialize(x)
	}
	switch x := x.(type) {
	case *typed.Call:
		limit, ok := f.constArg(x, 1)
		if x.Name != "str" || !ok || limit < int64(short) {
			break
		}
		cut := *x
		cut.T = types.StringOf(short)
		return f.materialize(&cut)
	case *typed.Convert:
		if from := x.X.Type(); from.Kind == types.Array || from.Kind == types.String {
			cut := *x
			cut.T = types.StringOf(short)
			return f.materialize(&cut)
		}
	}
	return f.materialize(x)
}

// constArg is the constant that is an argument of a call.
func (f *fn) constArg(e *typed.Call, i int) (int64, bool) {
	c, ok := e.Args[i].(*typed.Const)
	if !ok {
		return 0, false
	}
	return c.Value, true
}
