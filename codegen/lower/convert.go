package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// convertWord makes a scalar of another value.
func (f *fn) convertWord(e *typed.Convert) *ir.Value {
	from := e.X.Type()
	if !from.Scalar() {
		return f.bytesToInt(e)
	}
	x := f.convertible(e)
	switch {
	case e.T.Kind == types.Bool && from.Kind != types.Bool:
		return f.b.Bin(ir.OpNe, x, f.b.Const(0))
	case e.T.Size >= 8 || keeps(from, e.T):
		return x
	}
	return f.b.Extend(x, e.T.Size, signed(e.T))
}

// convertible is the word to convert. A pointer that becomes something else is a
// number from there on.
func (f *fn) convertible(e *typed.Convert) *ir.Value {
	if e.X.Type().Kind == types.Pointer && e.T.Kind != types.Bool &&
		(e.T.Kind != types.Pointer || e.T.Space != e.X.Type().Space) {
		return f.number(e.X)
	}
	return f.word(e.X)
}

// keeps reports whether every value of one type has the same word in another.
func keeps(from, to types.Type) bool {
	if from.Size < to.Size {
		return !signed(from) || signed(to)
	}
	return from.Size == to.Size && signed(from) == signed(to)
}

// bytesToInt reads an integer out of the bytes of an array or string.
func (f *fn) bytesToInt(e *typed.Convert) *ir.Value {
	tmp := f.temp("bytes", e.X.Type())
	f.build(e.X, tmp, true)
	if e.T.Kind == types.Bool {
		return f.b.Bin(ir.OpNe, f.load(tmp, 0, 1, false), f.b.Const(0))
	}
	return f.loadTyped(tmp, e.T)
}

// buildConvert builds a value in memory from one of another type.
func (f *fn) buildConvert(e *typed.Convert, dst mem, padded bool) {
	from := e.X.Type()
	switch {
	case from.Scalar():
		// An integer's bytes as an array. What the integer lacks is zero.
		size := min(from.Size, e.T.Size)
		f.store(dst, 0, size, f.word(e.X))
		f.zero(dst.plus(size), e.T.Size-size)
	case e.T.Kind == types.Tuple || e.T.Kind == types.Record:
		f.convertTuple(e, dst, padded)
	case e.T.Kind == types.String:
		f.buildText(e.X, dst, e.T.Size, padded)
	default:
		f.buildResized(e, dst)
	}
}

// buildText builds a string of another size, or of a char array.
func (f *fn) buildText(x typed.Expr, dst mem, size int, padded bool) {
	from := x.Type()
	if s, ok := x.(*typed.Str); ok {
		f.storeText(dst, s.Value[:min(len(s.Value), size-1)], size)
		return
	}
	if call, ok := x.(*typed.Call); ok && from.Size <= size {
		f.buildCall(call, dst, padded)
		if padded || size <= paddedString {
			f.zero(dst.plus(from.Size), size-from.Size)
		}
		return
	}
	f.withLoc(x, func(l loc) *ir.Value {
		if from.Kind == types.Array && l.space == types.NoSpace {
			// Its bytes need not end with a NUL.
			l = loc{ptr: f.addr(l.mem), space: types.Kernel}
		}
		f.copyText(dst, size, l, from.Size, padded)
		return nil
	}, func() *ir.Value { f.zero(dst, size); return nil })
}

// buildResized copies the bytes of one array or string into another.
func (f *fn) buildResized(e *typed.Convert, dst mem) {
	size := min(e.X.Type().Size, e.T.Size)
	tmp := f.temp("bytes", e.X.Type())
	f.build(e.X, tmp, true)
	f.copyBytes(dst, tmp, size)
	f.zero(dst.plus(size), e.T.Size-size)
}

// convertTuple converts elementwise.
func (f *fn) convertTuple(e *typed.Convert, dst mem, padded bool) {
	if tuple, ok := e.X.(*typed.TupleExpr); ok {
		elems := make([]typed.Expr, len(tuple.Elems))
		for i, x := range tuple.Elems {
			elems[i] = convertTo(x, e.T.Members[i].Type)
		}
		f.buildTuple(e.T, elems, dst, padded)
		return
	}
	tmp := f.temp("tuple", e.X.Type())
	f.build(e.X, tmp, false)
	f.copyValue(dst, tmp, e.T, e.X.Type(), padded)
}

func convertTo(x typed.Expr, t types.Type) typed.Expr {
	if x.Type().Equal(t) {
		return x
	}
	c := &typed.Convert{X: x}
	c.Span, c.T = x.Pos(), t
	return c
}

// copyValue copies a value between memories, converting it on the way.
func (f *fn) copyValue(dst, src mem, to, from types.Type, padded bool) {
	switch {
	case to.Kind == types.String:
		f.copyText(dst, to.Size, loc{mem: src}, from.Size, padded)
	case to.Equal(from) && !(padded && hasLongText(to)):
		f.copyBytes(dst, src, to.Size)
	case to.Kind == types.Tuple:
		f.zeroGaps(to, dst)
		for i, m := range to.Members {
			o := from.Members[i]
			f.copyValue(dst.plus(m.Offset), src.plus(o.Offset), m.Type, o.Type, padded)
		}
	case to.Scalar():
		f.store(dst, 0, to.Size, f.loadTyped(src, from))
	default:
		f.copyBytes(dst, src, min(to.Size, from.Size))
	}
}

// hasLongText reports whether a value contains strings that may have garbage
// behind their NUL.
func hasLongText(t types.Type) bool {
	if t.Kind == types.String {
		return t.Size > paddedString
	}
	for _, m := range t.Members {
		if t.Kind == types.Tuple && hasLongText(m.Type) {
			return true
		}
	}
	return false
}
