package typecheck

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// expr checks an expression and returns it as a value.
func (c *checker) expr(e ast.Expr) typed.Expr {
	x := c.value(c.place(e))
	if t := x.Type(); t.Kind == types.Agg {
		return bad(e.Pos())
	}
	return x
}

// place checks an expression without turning char arrays into strings, so that
// they can be indexed, cast and measured.
func (c *checker) place(e ast.Expr) typed.Expr {
	if c.spent(e) {
		return bad(e.Pos())
	}
	switch e := e.(type) {
	case *ast.Int:
		return c.intLiteral(e)
	case *ast.Bool:
		return boolConst(e.Span, e.Value)
	case *ast.String:
		text, _, _ := strings.Cut(e.Value, "\x00") // a NUL ends a string
		return stringConst(e.Span, text)
	case *ast.Ident:
		return c.ident(e)
	case *ast.Param:
		return c.param(e)
	case *ast.Var:
		return c.variable(e)
	case *ast.Map:
		return c.readMap(e, nil)
	case *ast.Call:
		return c.call(e)
	case *ast.Unary:
		return c.unary(e)
	case *ast.IncDec:
		return c.incDec(e)
	case *ast.Binary:
		return c.binary(e)
	case *ast.Ternary:
		return c.ternary(e)
	case *ast.Cast:
		return c.cast(e)
	case *ast.Field:
		return c.field(e)
	case *ast.Element:
		return c.element(e)
	case *ast.Index:
		return c.index(e)
	case *ast.Tuple:
		return c.tuple(e)
	case *ast.Record:
		return c.record(e)
	case *ast.BlockExpr:
		return c.blockExpr(e)
	case *ast.Sizeof:
		return c.sizeof(e)
	case *ast.Offsetof:
		return c.offsetof(e)
	case *ast.TypeExpr:
		c.errorf(e.Span, "type-as-value", "a type is not a value").
			WithHint("sizeof(%s) is its size; (%s)x is a cast", e.Name, e.Name)
		return bad(e.Span)
	case *ast.Discard:
		c.errorf(e.Span, "discard-as-value", "_ has no value; it can only be assigned to")
		return bad(e.Span)
	}
	c.unsupported(e.Pos(), "this expression", "")
	return bad(e.Pos())
}

// spent counts an expression and reports whether the round has seen too many.
func (c *checker) spent(e ast.Expr) bool {
	c.visits++
	if c.visits == maxVisits+1 {
		c.errorf(e.Pos(), "too-large", "the script is too large, macros expanded").
			WithHint("use fewer probes or smaller macros")
	}
	return c.visits > maxVisits
}

func (c *checker) intLiteral(e *ast.Int) typed.Expr {
	v := int64(e.Value)
	return &typed.Const{Base: base(e.Span, literalType(v, v < 0)), Value: v}
}

// literal makes an integer literal from a computed value.
func literal(span source.Span, v int64) typed.Expr {
	return &typed.Const{Base: base(span, literalType(v, false)), Value: v}
}

func boolConst(span source.Span, v bool) typed.Expr {
	k := &typed.Const{Base: base(span, types.BoolType())}
	if v {
		k.Value = 1
	}
	return k
}

func stringConst(span source.Span, s string) typed.Expr {
	return &typed.Str{Base: base(span, types.StringOf(len(s)+1)), Value: s}
}

// condition checks an expression whose truth matters.
func (c *checker) condition(e ast.Expr) typed.Expr {
	return c.truth(c.expr(e))
}

// truth converts a value to bool: not zero, not null.
func (c *checker) truth(x typed.Expr) typed.Expr {
	t := x.Type()
	switch {
	case isBadType(t), t.Kind == types.Bool:
		return x
	case t.Kind == types.Int, t.Kind == types.Enum, t.Kind == types.Pointer:
		if k, ok := x.(*typed.Const); ok {
			return boolConst(k.Span, k.Value != 0)
		}
		return convert(x, types.BoolType())
	}
	d := c.errorf(x.Pos(), "bad-condition", "%s cannot be a condition", describe(t))
	if t.Kind == types.String {
		d.Hint = `compare it: x == "text"`
	}
	return bad(x.Pos())
}

func (c *checker) ternary(e *ast.Ternary) typed.Expr {
	cond := c.condition(e.Cond)
	then, els := c.expr(e.Then), c.expr(e.Else)
	if isBad(cond) || isBad(then) || isBad(els) {
		return bad(e.Span)
	}
	t, how := join(then.Type(), els.Type())
	if how == conflict {
		c.errorf(e.Else.Pos(), "type-mismatch", "this branch is %s", describe(els.Type())).
			WithRelated(e.Then.Pos(), "the other is %s", describe(then.Type())).
			WithHint("give both branches of ?: the same type")
		return bad(e.Span)
	}
	if k, ok := cond.(*typed.Const); ok {
		picked := els
		if k.Value != 0 {
			picked = then
		}
		if isLiteral(picked.Type()) {
			return picked
		}
		x, ok := c.coerce(picked, settle(t))
		if !ok {
			return bad(e.Span)
		}
		return x
	}
	t = settle(t)
	a, okA := c.coerce(then, t)
	b, okB := c.coerce(els, t)
	if !okA || !okB {
		return bad(e.Span)
	}
	return &typed.Ternary{Base: base(e.Span, t), Cond: cond, Then: a, Else: b}
}

func (c *checker) tuple(e *ast.Tuple) typed.Expr {
	elems := make([]typed.Expr, len(e.Elems))
	ts := make([]types.Type, len(e.Elems))
	for i, el := range e.Elems {
		elems[i] = c.storable(el, "an element of a tuple")
		if isBad(elems[i]) {
			return bad(e.Span)
		}
		ts[i] = elems[i].Type()
	}
	return &typed.TupleExpr{Base: base(e.Span, types.TupleOf(ts, nil)), Elems: elems}
}

func (c *checker) record(e *ast.Record) typed.Expr {
	elems := make([]typed.Expr, len(e.Fields))
	ts := make([]types.Type, len(e.Fields))
	names := make([]string, len(e.Fields))
	seen := map[string]source.Span{}
	for i, f := range e.Fields {
		if first, ok := seen[f.Name]; ok {
			c.errorf(f.Span, "duplicate", "field %s is given twice", quote(f.Name)).
				WithRelated(first, "the first is here")
			return bad(e.Span)
		}
		seen[f.Name] = f.Span
		elems[i] = c.storable(f.Value, "a field of a record")
		if isBad(elems[i]) {
			return bad(e.Span)
		}
		ts[i], names[i] = elems[i].Type(), f.Name
	}
	return &typed.TupleExpr{Base: base(e.Span, types.TupleOf(ts, names)), Elems: elems}
}

// storable checks an expression whose value is kept: in a tuple, a variable or
// a map.
func (c *checker) storable(e ast.Expr, as string) typed.Expr {
	x := c.expr(e)
	switch t := x.Type(); t.Kind {
	case types.Void:
		c.errorf(e.Pos(), "no-value", "this has no value and cannot be %s", as)
		return bad(e.Pos())
	case types.Func:
		c.errorf(e.Pos(), "no-value", "a function cannot be %s", as)
		return bad(e.Pos())
	case types.Record:
		if t.Incomplete || t.Size == 0 {
			c.errorf(e.Pos(), "no-value", "%s has no known size and cannot be %s", describe(t), as)
			return bad(e.Pos())
		}
	}
	return x
}

// blockExpr checks a block whose last expression is its value.
func (c *checker) blockExpr(e *ast.BlockExpr) typed.Expr {
	c.push()
	defer c.pop()
	stmts := c.stmts(e.Block.Stmts)
	if e.Block.Result == nil {
		if n := len(stmts); n > 0 {
			return &typed.BlockExpr{Base: base(e.Span, types.VoidType()), Stmts: stmts, Result: &typed.Zero{Base: base(e.Span, types.VoidType())}}
		}
		return &typed.Zero{Base: base(e.Span, types.VoidType())}
	}
	x := c.expr(e.Block.Result)
	if isBad(x) {
		return x
	}
	if len(stmts) == 0 {
		return x
	}
	x = c.settled(x)
	return &typed.BlockExpr{Base: base(e.Span, x.Type()), Stmts: stmts, Result: x}
}
