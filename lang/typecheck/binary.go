package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

func (c *checker) binary(e *ast.Binary) typed.Expr {
	op := typed.Op(e.Op)
	switch op {
	case typed.LogAnd, typed.LogOr:
		return c.logical(e, op)
	case typed.Eq, typed.Ne, typed.Lt, typed.Le, typed.Gt, typed.Ge:
		return c.compare(e, op)
	}
	return c.arith(e.Span, e.OpSpan, op, c.expr(e.X), c.expr(e.Y))
}

func (c *checker) logical(e *ast.Binary, op typed.Op) typed.Expr {
	x, y := c.condition(e.X), c.condition(e.Y)
	if isBad(x) || isBad(y) {
		return bad(e.Span)
	}
	if k, ok := x.(*typed.Const); ok {
		if (k.Value != 0) == (op == typed.LogOr) {
			return boolConst(e.Span, op == typed.LogOr)
		}
		return y
	}
	return &typed.Logical{Base: base(e.Span, types.BoolType()), Op: op, X: x, Y: y}
}

// arith types an arithmetic operator. Integers are computed in 64 bits: signed
// if an operand is, and always for a subtraction.
func (c *checker) arith(span, opSpan source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	if isBad(x) || isBad(y) {
		return bad(span)
	}
	xt, yt := x.Type(), y.Type()
	if xt.Kind == types.Pointer || yt.Kind == types.Pointer {
		return c.pointerArith(span, opSpan, op, x, y)
	}
	for _, operand := range []typed.Expr{x, y} {
		if t := operand.Type(); !isNumber(t) {
			d := c.errorf(operand.Pos(), "bad-operand", "operator %s does not work on %s", op, describe(t))
			if t.Kind == types.String && op == typed.Add {
				d.Hint = "join strings with str_concat(a, b)"
			}
			return bad(span)
		}
	}
	if op == typed.Shl || op == typed.Shr {
		return c.shift(span, op, x, y)
	}
	a, b := number(xt), number(yt)
	kx, okX := x.(*typed.Const)
	ky, okY := y.(*typed.Const)
	if okX && okY && isLiteral(a) && isLiteral(b) {
		return c.foldLiterals(span, op, kx.Value, ky.Value)
	}
	t := arithType(op, a, b)
	if okY && (op == typed.Div || op == typed.Mod) && ky.Value == 0 {
		c.errorf(y.Pos(), "division-by-zero", "division by zero")
		return bad(span)
	}
	if okX && okY {
		return constant(span, t, foldOp(op, t.Signed, kx.Value, ky.Value))
	}
	return &typed.Binary{Base: base(span, t), Op: op, X: c.widen(x, t), Y: c.widen(y, t)}
}

// arithType is the type that an operator on two integers works in.
func arithType(op typed.Op, a, b types.Type) types.Type {
	as, bs := a.Signed, b.Signed
	switch {
	case isFlexible(a) && !isFlexible(b):
		as = bs
	case isFlexible(b) && !isFlexible(a):
		bs = as
	}
	return types.IntOf(8, as || bs || op == typed.Sub)
}

// widen converts an operand to the type of its operator. Unlike coerce it takes
// any literal: in "-1 + pid" the bits are what counts.
func (c *checker) widen(x typed.Expr, t types.Type) typed.Expr {
	if k, ok := x.(*typed.Const); ok {
		return constant(k.Span, t, k.Value)
	}
	if x.Type().Equal(t) {
		return x
	}
	return convert(x, t)
}

// shift types << and >>, whose result is signed as the left operand is. The left
// operand is extended to 64 bits by its sign, and >> moves zeroes in all the
// same: bpftrace shifts so, and scripts rely on it. Literals are numbers and not
// words: -8 >> 1 is -4.
func (c *checker) shift(span source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	a := number(x.Type())
	kx, okX := x.(*typed.Const)
	ky, okY := y.(*typed.Const)
	if okY && (ky.Value < 0 || ky.Value > 63) {
		c.errorf(y.Pos(), "out-of-range", "shift by %d, but integers have 64 bits", ky.Value)
		return bad(span)
	}
	if okX && okY && isLiteral(a) {
		return c.foldLiterals(span, op, kx.Value, ky.Value)
	}
	t := types.IntOf(8, a.Signed)
	if okX && okY {
		return constant(span, t, foldOp(op, t.Signed, kx.Value, ky.Value))
	}
	count := number(y.Type())
	return &typed.Binary{Base: base(span, t), Op: op, X: c.widen(x, t), Y: c.widen(y, types.IntOf(8, settle(count).Signed))}
}

// pointerArith types p + n, n + p and p - n.
func (c *checker) pointerArith(span, opSpan source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	p, n := x, y
	if x.Type().Kind != types.Pointer && op == typed.Add {
		p, n = y, x
	}
	if p.Type().Kind != types.Pointer || !isNumber(n.Type()) || op != typed.Add && op != typed.Sub {
		d := c.errorf(opSpan, "bad-operand", "operator %s does not work on %s and %s",
			op, describe(x.Type()), describe(y.Type()))
		d.Hint = "cast pointers to uint64 to compute with addresses"
		return bad(span)
	}
	t := p.Type()
	if t.Elem.Kind == types.Record && t.Elem.Incomplete {
		full, ok := c.complete(p.Pos(), *t.Elem)
		if !ok {
			return bad(span)
		}
		t = types.PointerTo(shallow(full), t.Space)
	}
	asVoid := t.Elem.Kind == types.Void || t.Elem.Size == 0
	result := t
	if asVoid {
		t = types.PointerTo(types.Int8(), t.Space)
	}
	if t.Space == types.BTF { // the verifier does not follow computed pointers
		t.Space, result.Space = types.Kernel, types.Kernel
	}
	if !p.Type().Equal(t) {
		p = convert(p, t)
	}
	var sum typed.Expr = &typed.PtrAdd{
		Base: base(span, t), X: p, Index: c.widen(n, types.Int64()), Sub: op == typed.Sub,
	}
	if asVoid {
		sum = convert(sum, result)
	}
	return sum
}

func (c *checker) unary(e *ast.Unary) typed.Expr {
	switch e.Op {
	case "&":
		return c.addressOf(e)
	case "*":
		return c.deref(e)
	case "!":
		x := c.condition(e.X)
		if isBad(x) {
			return x
		}
		if k, ok := x.(*typed.Const); ok {
			return boolConst(e.Span, k.Value == 0)
		}
		return &typed.Unary{Base: base(e.Span, types.BoolType()), Op: typed.Not, X: x}
	}
	x := c.expr(e.X)
	if isBad(x) {
		return x
	}
	if !isNumber(x.Type()) {
		c.errorf(e.Span, "bad-operand", "operator %s does not work on %s", e.Op, describe(x.Type()))
		return bad(e.Span)
	}
	return c.signOp(e, x)
}

// signOp is -x, +x and ~x.
func (c *checker) signOp(e *ast.Unary, x typed.Expr) typed.Expr {
	a := number(x.Type())
	k, isConst := x.(*typed.Const)
	if isConst && isLiteral(a) || isConst && e.Op == "-" && uint64(k.Value) == 1<<63 {
		switch e.Op {
		case "-":
			return literal(e.Span, -k.Value)
		case "~":
			return literal(e.Span, ^k.Value)
		}
		return literal(e.Span, k.Value)
	}
	t := types.IntOf(8, a.Signed || e.Op == "-")
	if e.Op == "~" {
		t = types.IntOf(a.Size, a.Signed) // the complement of a byte is a byte
	}
	switch {
	case e.Op == "+":
		return c.widen(x, t)
	case isConst && e.Op == "-":
		return constant(e.Span, t, -k.Value)
	case isConst:
		return constant(e.Span, t, ^k.Value)
	}
	return &typed.Unary{Base: base(e.Span, t), Op: typed.Op(e.Op), X: c.widen(x, t)}
}
