package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// cast types "(type)x".
func (c *checker) cast(e *ast.Cast) typed.Expr {
	t, ok := c.typeOf(e.Type)
	x := c.place(e.X)
	if !ok || isBad(x) {
		return bad(e.Span)
	}
	if t.Kind != types.Array {
		x = c.value(x)
	}
	from := x.Type()
	switch t.Kind {
	case types.Int, types.Bool, types.Enum:
		if y, ok := c.castToInt(e.Span, x, t); ok {
			return y
		}
	case types.Pointer:
		if y, ok := c.castToPointer(e.Span, x, t); ok {
			return y
		}
	case types.Array:
		return c.castToArray(e, x, t)
	case types.String:
		return c.castToString(e, x, t)
	case types.Buffer:
		return c.readBuffer(e.Span, x, nil, t.Len)
	case types.Record:
		c.errorf(e.Span, "bad-cast", "cannot cast to %s by value", t).
			WithHint("cast to a pointer: (%s*)x", t)
		return bad(e.Span)
	}
	d := c.errorf(e.Span, "bad-cast", "cannot cast %s to %s", describe(from), t)
	if from.Kind == types.String {
		d.Hint = "(int8[])x are the bytes of a string"
	}
	return bad(e.Span)
}

func (c *checker) castToInt(span source.Span, x typed.Expr, t types.Type) (typed.Expr, bool) {
	from := x.Type()
	switch {
	case isNumber(from), from.Kind == types.Pointer:
	case from.Scalar():
	case from.Kind == types.Array && from.Size == t.Size && t.Kind == types.Int:
	case from.Kind == types.Array && t.Kind == types.Int:
		c.errorf(span, "bad-cast", "cannot cast %s to %s: %d bytes to %d", from, t, from.Size, t.Size)
		return bad(span), true
	default:
		return x, false
	}
	if k, ok := x.(*typed.Const); ok && from.Kind != types.Array {
		return constant(span, t, k.Value), true
	}
	if from.Equal(t) {
		return respan(x, span, t), true
	}
	y := convert(x, t)
	return respan(y, span, t), true
}

// respan widens the place of a node that a cast without effect surrounds.
func respan(x typed.Expr, span source.Span, t types.Type) typed.Expr {
	switch x := x.(type) {
	case *typed.Convert:
		return &typed.Convert{Base: base(span, t), X: x.X}
	case *typed.Const:
		return &typed.Const{Base: base(span, t), Value: x.Value}
	case *typed.VarRef:
		return &typed.VarRef{Base: base(span, t), Var: x.Var}
	case *typed.MapRead:
		return &typed.MapRead{Base: base(span, t), Map: x.Map, Key: x.Key}
	}
	return x
}

func (c *checker) castToPointer(span source.Span, x typed.Expr, t types.Type) (typed.Expr, bool) {
	from := x.Type()
	if !isNumber(from) && from.Kind != types.Pointer || from.Kind == types.Bool {
		return x, false
	}
	if t.Space == types.NoSpace {
		// A cast is a claim, which the verifier does not trust.
		t.Space = c.spaceOf(x)
		if from.Kind == types.Pointer && from.Space == types.BTF && sameElem(*from.Elem, *t.Elem) {
			t.Space = types.BTF
		}
	}
	x = asPointer(x, t)
	return respan(x, span, t), true
}

// castToArray types "(uint8[4])x" and "(int8[])x".
func (c *checker) castToArray(e *ast.Cast, x typed.Expr, t types.Type) typed.Expr {
	from := x.Type()
	switch {
	case from.Kind == types.Int, from.Kind == types.Bool, from.Kind == types.Enum:
	case from.Kind == types.Array, from.Kind == types.String:
	default:
		c.errorf(e.Span, "bad-cast", "cannot cast %s to %s", describe(from), t).
			WithHint("follow the pointer first, as in *(%s*)x", t)
		return bad(e.Span)
	}
	if isLiteral(from) {
		x = c.settledFor(x, t)
		from = x.Type()
	}
	size := t.Elem.Size
	if t.Len == 0 && size > 0 && from.Size%size == 0 {
		t = types.ArrayOf(*t.Elem, from.Size/size)
	}
	if t.Size != from.Size || !isNumber(*t.Elem) {
		c.errorf(e.Span, "bad-cast", "cannot cast %s to %s: %d bytes to %d", settle(from), t, from.Size, t.Size).
			WithHint("cast it to an integer of that size first")
		return bad(e.Span)
	}
	t.Space = types.Stk
	if from.Equal(t) {
		return x
	}
	return &typed.Convert{Base: base(e.Span, t), X: x}
}

// settledFor gives a literal the size of the array it is cast to.
func (c *checker) settledFor(x typed.Expr, t types.Type) typed.Expr {
	k, ok := x.(*typed.Const)
	if !ok {
		return c.settled(x)
	}
	size := t.Size
	switch size {
	case 1, 2, 4, 8:
	default:
		size = 8
	}
	return constant(k.Span, types.IntOf(size, k.T.Signed), k.Value)
}

// castToString types "(string[64])x": a string of another size, or the string
// at an address.
func (c *checker) castToString(e *ast.Cast, x typed.Expr, t types.Type) typed.Expr {
	from := x.Type()
	size := t.Size
	if len(e.Type.Suffixes) == 0 {
		size = c.config.MaxStrlen
	}
	switch {
	case from.Kind == types.String:
		if len(e.Type.Suffixes) == 0 {
			return x
		}
		t = types.StringOf(size)
		if s, ok := x.(*typed.Str); ok && len(s.Value) < size {
			return &typed.Str{Base: base(e.Span, t), Value: s.Value}
		}
		if from.Equal(t) {
			return x
		}
		return &typed.Convert{Base: base(e.Span, t), X: x}
	case isNumber(from), from.Kind == types.Pointer:
		return c.readString(e.Span, x, nil, size)
	}
	c.errorf(e.Span, "bad-cast", "cannot cast %s to %s", describe(from), t)
	return bad(e.Span)
}

// addressOf types &$x and &@x.
func (c *checker) addressOf(e *ast.Unary) typed.Expr {
	x := c.place(e.X)
	if isBad(x) {
		return x
	}
	switch place := x.(type) {
	case *typed.VarRef:
		place.Var.AddressTaken = true
		t := place.Var.Type
		return &typed.AddressOf{Base: base(e.Span, types.PointerTo(shallow(t), types.Stk)), X: x}
	case *typed.MapRead:
		if place.Map.Value.Kind == types.Agg || c.maps[place.Map.Name].value.Kind == types.Agg {
			break
		}
		place.Map.AddressTaken = true
		t := c.maps[place.Map.Name].valueType()
		place.T = t
		return &typed.AddressOf{Base: base(e.Span, types.PointerTo(shallow(t), types.MapMem)), X: x}
	}
	c.errorf(e.Span, "bad-operand", "only variables and elements of maps have an address")
	return bad(e.Span)
}

// deref types *x. An integer is taken for the address of a uint64.
func (c *checker) deref(e *ast.Unary) typed.Expr {
	x := c.expr(e.X)
	if isBad(x) {
		return x
	}
	t := x.Type()
	if t.Kind == types.Int {
		p := types.PointerTo(types.Uint64(), c.spaceOf(x))
		return c.follow(asPointer(x, p), e.Span)
	}
	if t.Kind != types.Pointer {
		c.errorf(e.Span, "bad-operand", "%s is not a pointer", describe(t))
		return bad(e.Span)
	}
	return c.follow(x, e.Span)
}
