package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// compare types the relational operators: both operands are brought to one
// type, and the result is a bool.
func (c *checker) compare(e *ast.Binary, op typed.Op) typed.Expr {
	x, y := c.expr(e.X), c.expr(e.Y)
	x, y = c.paramString(e.X, x, y), c.paramString(e.Y, y, x)
	if x.Type().Kind == types.String || y.Type().Kind == types.String {
		x, y = c.probeText(x), c.probeText(y)
	}
	if isBad(x) || isBad(y) {
		return bad(e.Span)
	}
	return c.compareValues(e.Span, e.OpSpan, op, x, y)
}

// compareValues compares two values that are not bad.
func (c *checker) compareValues(span, opSpan source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	a, b := x.Type(), y.Type()
	switch {
	case isNumber(a) && isNumber(b):
		return c.compareNumbers(span, op, x, y)
	case a.Kind == types.Pointer || b.Kind == types.Pointer:
		return c.comparePointers(span, opSpan, op, x, y)
	case a.Kind == types.Enum || b.Kind == types.Enum:
		if z, ok := c.compareNames(span, op, x, y); ok {
			return z
		}
	case a.Kind == types.String && b.Kind == types.String:
		if op == typed.Eq || op == typed.Ne {
			return c.compareStrings(span, op, x, y)
		}
	case comparableKind(a) && a.Kind == b.Kind:
		if t, how := join(a, b); how != conflict && (op == typed.Eq || op == typed.Ne) {
			t = settle(t)
			x1, okX := c.coerce(x, t)
			y1, okY := c.coerce(y, t)
			if okX && okY {
				return &typed.Compare{Base: base(span, types.BoolType()), Op: op, X: x1, Y: y1}
			}
		}
	}
	d := c.errorf(opSpan, "bad-comparison", "operator %s does not compare %s with %s", op, describe(a), describe(b))
	switch {
	case a.Kind == types.String && b.Kind == types.String:
		d.Hint = "strings have only == and !="
	case asText(a) || asText(b):
		d.Hint = "this becomes text only when it is printed"
	case a.Kind == types.Array && isNumber(b), b.Kind == types.Array && isNumber(a):
		d.Hint = "cast the array to an integer of its size, or the other way"
	}
	return bad(span)
}

// comparableKind are the kinds of memory that == compares byte by byte.
func comparableKind(t types.Type) bool {
	switch t.Kind {
	case types.Array, types.Tuple, types.Record, types.Buffer, types.MAC, types.Inet:
		return true
	case types.Username, types.Cgroup, types.KSym, types.USym, types.ProbeName, types.FuncName:
		return true
	case types.Stack:
		return false
	}
	return false
}

// asText are the kinds that user space turns into text.
func asText(t types.Type) bool {
	switch t.Kind {
	case types.Stack, types.KSym, types.USym, types.Username, types.Inet, types.MAC, types.Timestamp,
		types.Cgroup, types.ProbeName, types.FuncName:
		return true
	}
	return false
}

func (c *checker) compareNumbers(span source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	a, b := x.Type(), y.Type()
	if a.Kind == types.Bool && b.Kind == types.Bool {
		return c.comparison(span, op, x, y, types.BoolType())
	}
	t, how := joinInts(number(a), number(b))
	t = settle(t)
	if how == mixed {
		c.warnf(span, "sign-mismatch", "comparison of %s with %s; both are taken as int64", describe(a), describe(b)).
			WithHint("cast one of them, for example (int64)x")
	}
	return c.comparison(span, op, c.widen(x, t), c.widen(y, t), t)
}

func (c *checker) comparison(span source.Span, op typed.Op, x, y typed.Expr, t types.Type) typed.Expr {
	kx, okX := x.(*typed.Const)
	ky, okY := y.(*typed.Const)
	if okX && okY {
		return boolConst(span, foldCompare(op, t.Signed, kx.Value, ky.Value))
	}
	return &typed.Compare{Base: base(span, types.BoolType()), Op: op, X: x, Y: y}
}

func (c *checker) comparePointers(span, opSpan source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	a, b := x.Type(), y.Type()
	t := a
	if a.Kind != types.Pointer {
		t = b
	}
	for _, operand := range []types.Type{a, b} {
		if operand.Kind != types.Pointer && (!isNumber(operand) || operand.Kind == types.Bool) {
			d := c.errorf(opSpan, "bad-comparison", "operator %s does not compare %s with %s", op, describe(a), describe(b))
			if operand.Kind == types.String {
				d.Hint = "read the string with str()"
			}
			return bad(span)
		}
	}
	return &typed.Compare{Base: base(span, types.BoolType()), Op: op, X: asPointer(x, t), Y: asPointer(y, t)}
}

// asPointer restates an address as a pointer of a type.
func asPointer(x typed.Expr, t types.Type) typed.Expr {
	if k, ok := x.(*typed.Const); ok {
		return &typed.Const{Base: base(k.Span, t), Value: k.Value}
	}
	if from := x.Type(); from.Equal(t) {
		return x
	} else if isNumber(from) && from.Size < 8 {
		x = convert(x, types.IntOf(8, from.Signed))
	}
	return convert(x, t)
}

func (c *checker) compareStrings(span source.Span, op typed.Op, x, y typed.Expr) typed.Expr {
	a, okA := x.(*typed.Str)
	b, okB := y.(*typed.Str)
	if okA && okB {
		return boolConst(span, (a.Value == b.Value) == (op == typed.Eq))
	}
	return &typed.Compare{Base: base(span, types.BoolType()), Op: op, X: x, Y: y}
}
