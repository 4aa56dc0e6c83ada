package typecheck

import (
	"fmt"

	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// describe names a type in a message.
func describe(t types.Type) string {
	switch {
	case isBadType(t):
		return "of unknown type"
	case isLiteral(t):
		return "an integer"
	case t.Kind == types.Agg:
		return string(t.Agg) + "()"
	case t.Kind == types.String:
		return "a string"
	case t.Kind == types.Pointer && t.Space == types.User:
		return settle(t).String() + " (user memory)"
	}
	return settle(t).String()
}

// coerce converts a value to a type that an assignment, an operator or a
// function asks for. Only conversions that lose nothing by their kind are made;
// everything else takes a cast. It returns false if there is no such
// conversion; a literal that does not fit is reported here.
func (c *checker) coerce(x typed.Expr, t types.Type) (typed.Expr, bool) {
	from := x.Type()
	if isBadType(from) || isBadType(t) {
		return x, true
	}
	if from.Equal(t) && from.Space == t.Space {
		return withType(x, t), true
	}
	switch {
	case isNumber(from) && (t.Kind == types.Int || t.Kind == types.Enum && from.Kind != types.Bool):
		return c.coerceInt(x, t)
	case from.Kind == types.String && t.Kind == types.String:
		return coerceString(x, t)
	case from.Kind == types.Buffer && t.Kind == types.Buffer && from.Len <= t.Len:
		return convert(x, t), true
	case from.Kind == types.Pointer && t.Kind == types.Pointer:
		return convert(x, t), true
	case from.Kind == types.Tuple && t.Kind == types.Tuple:
		return c.coerceTuple(x, t)
	case from.Equal(t):
		return withType(x, t), true
	case from.Kind == types.FuncName && t.Kind == types.KSym:
		return convert(x, t), true
	}
	return x, false
}

// withType restates the type of a value that already has it, so that marks of
// literals and spaces are those of the place it goes to.
func withType(x typed.Expr, t types.Type) typed.Expr {
	switch x := x.(type) {
	case *typed.Const:
		return &typed.Const{Base: base(x.Span, t), Value: x.Value}
	case *typed.TupleExpr:
		if t.Kind == types.Tuple {
			return &typed.TupleExpr{Base: base(x.Span, t), Elems: x.Elems}
		}
	}
	return x
}

// convert makes a Convert node.
func convert(x typed.Expr, t types.Type) typed.Expr {
	switch k := x.(type) {
	case *typed.Zero:
		return &typed.Zero{Base: base(k.Span, t)}
	case *typed.Const:
		if isNumber(k.T) && isNumber(t) {
			return constant(k.Span, t, k.Value)
		}
	}
	return &typed.Convert{Base: base(x.Pos(), t), X: x}
}

func (c *checker) coerceInt(x typed.Expr, t types.Type) (typed.Expr, bool) {
	k, ok := x.(*typed.Const)
	if !ok {
		return convert(x, t), true
	}
	if isLiteral(k.T) || k.T.Kind == types.Int {
		if !inRange(k, t) && isLiteral(k.T) && c.closed {
			c.errorf(k.Span, "out-of-range", "%d does not fit %s", k.Value, t).
				WithHint("write a cast, (%s)%d, to cut it", t, k.Value)
		}
	}
	return constant(k.Span, t, k.Value), true
}

// inRange reports whether a constant's value is one that an integer type holds.
func inRange(k *typed.Const, t types.Type) bool {
	if !k.T.Signed && k.T.Size == 8 && k.Value < 0 { // beyond int64
		return !t.Signed && t.Size == 8
	}
	if k.Value < 0 && !t.Signed {
		return false
	}
	return cut(k.Value, t) == k.Value || t.Size == 8
}

// cut reduces a value to an integer type, as storing and loading it would.
func cut(v int64, t types.Type) int64 {
	switch {
	case t.Kind == types.Bool:
		if v != 0 {
			return 1
		}
		return 0
	case t.Size == 1 && t.Signed:
		return int64(int8(v))
	case t.Size == 2 && t.Signed:
		return int64(int16(v))
	case t.Size == 4 && t.Signed:
		return int64(int32(v))
	case t.Size == 1:
		return int64(uint8(v))
	case t.Size == 2:
		return int64(uint16(v))
	case t.Size == 4:
		return int64(uint32(v))
	}
	return v
}

// constant makes a constant of a type, cutting the value to it.
func constant(span source.Span, t types.Type, v int64) *typed.Const {
	return &typed.Const{Base: base(span, t), Value: cut(v, t)}
}

func coerceString(x typed.Expr, t types.Type) (typed.Expr, bool) {
	if s, ok := x.(*typed.Str); ok {
		if len(s.Value)+1 > t.Size {
			return x, false
		}
		return &typed.Str{Base: base(s.Span, t), Value: s.Value}, true
	}
	if x.Type().Size > t.Size {
		return x, false
	}
	return convert(x, t), true
}

// coerceTuple converts the elements of a tuple one by one. The fields of a
// record may come in another order than the type has them; they are evaluated
// as written all the same.
func (c *checker) coerceTuple(x typed.Expr, t types.Type) (typed.Expr, bool) {
	from := x.Type()
	if len(from.Members) != len(t.Members) {
		return x, false
	}
	inOrder := true
	order := make([]int, len(t.Members))
	for i, m := range t.Members {
		order[i] = memberIndex(from, m.Name, i)
		if order[i] < 0 || m.Name == "" && from.Members[i].Name != "" {
			return x, false
		}
		inOrder = inOrder && order[i] == i
	}
	lit, isLit := x.(*typed.TupleExpr)
	if !isLit && inOrder {
		for i, m := range from.Members {
			probe := &typed.VarRef{Base: base(x.Pos(), m.Type)}
			if _, ok := c.coerce(probe, t.Members[i].Type); !ok {
				return x, false
			}
		}
		return convert(x, t), true
	}
	var first []typed.Stmt
	if !isLit || !inOrder && !pure(x) {
		lit, first = c.spread(x)
	}
	elems := make([]typed.Expr, len(order))
	for i, j := range order {
		var ok bool
		if elems[i], ok = c.coerce(lit.Elems[j], t.Members[i].Type); !ok {
			return x, false
		}
	}
	var out typed.Expr = &typed.TupleExpr{Base: base(x.Pos(), t), Elems: elems}
	if first != nil {
		out = &typed.BlockExpr{Base: base(x.Pos(), t), Stmts: first, Result: out}
	}
	return out, true
}

// spread stores a tuple in a variable and makes a tuple of its elements.
func (c *checker) spread(x typed.Expr) (*typed.TupleExpr, []typed.Stmt) {
	v, set := c.temp(x, x)
	lit := &typed.TupleExpr{Base: base(x.Pos(), v.Type)}
	for _, m := range v.Type.Members {
		ref := &typed.VarRef{Base: base(x.Pos(), v.Type), Var: v}
		lit.Elems = append(lit.Elems, &typed.Member{Base: base(x.Pos(), m.Type), X: ref, Member: m})
	}
	return lit, []typed.Stmt{set}
}

// settled gives a value the type that it has when nothing asks for another.
func (c *checker) settled(x typed.Expr) typed.Expr {
	y, ok := c.coerce(x, settle(x.Type()))
	if !ok {
		return x
	}
	return y
}

// word converts a number or pointer to an integer of eight bytes.
func (c *checker) word(x typed.Expr, signed bool) typed.Expr {
	t := types.IntOf(8, signed)
	if from := x.Type(); from.Kind == types.Pointer || from.Scalar() && !isNumber(from) {
		return convert(x, t)
	}
	y, _ := c.coerce(x, t)
	return y
}

// mismatch reports a value that a place of another type was given.
func (c *checker) mismatch(span source.Span, what string, have, want types.Type) {
	d := c.errorf(span, "type-mismatch", "%s is %s, want %s", what, describe(have), describeWant(want))
	switch {
	case have.Kind == types.Pointer && want.Kind == types.String:
		d.Hint = "read the string with str()"
	case isNumber(have) && want.Kind == types.String:
		d.Hint = "if it is the address of a string, read it with str()"
	case have.Kind == types.Pointer && isNumber(want):
		d.Hint = fmt.Sprintf("cast it: (%s)x", settle(want))
	}
}

func describeWant(t types.Type) string {
	if t.Kind == types.String {
		return t.String()
	}
	return describe(t)
}

// value turns a place or value into one that can be stored, compared and
// printed: char arrays become strings.
func (c *checker) value(x typed.Expr) typed.Expr {
	if t := x.Type(); isCharArray(t) {
		return convert(x, types.StringOf(t.Len))
	}
	return x
}

// isCharArray reports whether a type is C's array of char, found in the
// system's memory. What a script itself cast to an array stays one.
func isCharArray(t types.Type) bool {
	return t.Kind == types.Array && t.Len > 0 && t.Space != types.Stk && isChar(*t.Elem)
}

// isChar reports whether a type is C's char, under which name BTF has it, or
// int8.
func isChar(t types.Type) bool {
	return t.Kind == types.Int && t.Size == 1 && (t.Signed || t.Name == "char")
}
