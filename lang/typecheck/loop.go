package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// maxUnroll is the greatest number of times that unroll repeats its body.
const maxUnroll = 100

// body checks the body of a loop, in the scope that is open.
func (c *checker) body(b *ast.Block) []typed.Stmt {
	c.cl.loops++
	defer func() { c.cl.loops-- }()
	return c.block(b)
}

func (c *checker) while(s *ast.While) []typed.Stmt {
	cond := c.condition(s.Cond)
	body := c.body(s.Body)
	if isBad(cond) {
		return nil
	}
	return []typed.Stmt{&typed.While{Span: s.Span, Cond: cond, Body: body}}
}

func (c *checker) unroll(s *ast.Unroll) []typed.Stmt {
	n, ok := c.constInt(s.Count)
	switch {
	case !ok:
		c.errorf(s.Count.Pos(), "not-constant", "the count of unroll must be a constant").
			WithHint("for a computed count write: for ($i : 0..n) { ... }")
	case n < 1 || n > maxUnroll:
		c.errorf(s.Count.Pos(), "out-of-range", "unroll repeats 1 to %d times, not %d", maxUnroll, n)
		ok = false
	}
	body := c.body(s.Body)
	if !ok {
		return nil
	}
	return []typed.Stmt{&typed.Unroll{Span: s.Span, Count: int(n), Body: body}}
}

// loopVar declares the variable of a for loop.
func (c *checker) loopVar(v *ast.Var, node ast.Node) *variable {
	if old := c.cl.scope.find(v.Name); old != nil {
		c.errorf(v.Span, "duplicate", "the loop variable $%s hides another variable", v.Name).
			WithRelated(old.typed.Span, "it is declared here").
			WithHint("choose another name")
	}
	c.push()
	out := c.declare(v.Name, node, 0, v.Span)
	out.assigned = true
	return out
}

func (c *checker) forRange(s *ast.ForRange) []typed.Stmt {
	lo, hi := c.expr(s.Lo), c.expr(s.Hi)
	ok := !isBad(lo) && !isBad(hi)
	for _, x := range []typed.Expr{lo, hi} {
		if t := x.Type(); !isBadType(t) && !isNumber(t) {
			c.errorf(x.Pos(), "bad-range", "the bounds of a range are integers, this is %s", describe(t))
			ok = false
		}
	}
	v := c.loopVar(s.Var, s)
	defer c.pop()
	if ok {
		t, _ := joinInts(number(lo.Type()), number(hi.Type()))
		t = types.IntOf(8, settle(t).Signed)
		lo, hi = c.widen(lo, t), c.widen(hi, t)
		c.learnVar(v, s.Var.Name, t, s.Var.Span)
		v.typed.Type = t
	}
	body := c.body(s.Body)
	if !ok {
		return nil
	}
	lo, hi = c.widen(lo, v.typed.Type), c.widen(hi, v.typed.Type)
	return []typed.Stmt{&typed.ForRange{Span: s.Span, Var: v.typed, Lo: lo, Hi: hi, Body: body}}
}

func (c *checker) forMap(s *ast.ForMap) []typed.Stmt {
	over, ok := s.Over.(*ast.Map)
	if !ok {
		c.expr(s.Over)
		c.errorf(s.Over.Pos(), "bad-loop", "a for loop goes over a map or a range").
			WithHint("write for ($kv : @map) or for ($i : 0..10)")
		return nil
	}
	m := c.mapNamed(over.Name, over.Span)
	ok = c.useShape(m, keyedMap, over.Span)
	v := c.loopVar(s.Var, s)
	defer c.pop()
	if value, iterable := iterated(m); !iterable {
		c.errorf(over.Span, "aggregation-as-value", "a map of %s cannot be walked", m.value.Agg).
			WithRelated(m.valueSpan, "%s is one here", m.title())
		ok = false
	} else if ok && !isBadType(m.key) && !isBadType(value) {
		// The type follows the map's and is not joined: a tuple of an older
		// round's narrower key is not another opinion.
		t := types.TupleOf([]types.Type{m.keyType(), value}, nil)
		if !v.state.t.Equal(t) {
			v.state.t, v.state.span = t, s.Var.Span
			c.changed = true
		}
		v.typed.Type = t
	} else {
		ok = false
	}
	if c.quiet == 0 {
		m.typed.Iterated, m.typed.ReadInKernel = true, true
	}
	body := c.body(s.Body)
	if !ok {
		return nil
	}
	return []typed.Stmt{&typed.ForMap{Span: s.Span, Var: v.typed, Map: m.typed, Body: body}}
}

// iterated is the type of a map's values in a loop over it.
func iterated(m *mapState) (types.Type, bool) {
	if m.value.Kind == types.Agg {
		return aggValue(m.value)
	}
	return m.valueType(), true
}
