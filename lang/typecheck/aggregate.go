package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// The limits of histograms.
const (
	maxHistBits    = 5
	maxLHistBucket = 1000
)

// aggregate checks "@x = count()" and its kin.
func (c *checker) aggregate(s *ast.Assign, m *mapState, target *ast.Map, index *ast.Index, call *ast.Call) []typed.Stmt {
	m.assigned = true
	key, okKey := c.mapKey(m, target, index)
	if !c.allowed(call.Name, call.NameSpan) || !c.countArgs(call) || !c.stable(call) {
		c.exprs(call.Args)
		return nil
	}
	t := types.Type{Kind: types.Agg, Size: 8, Agg: types.AggKind(call.Name)}
	var args []typed.Expr
	if t.Agg != types.Count {
		x := c.expr(call.Args[0])
		if !isBad(x) && !isNumber(x.Type()) {
			c.errorf(x.Pos(), "bad-argument", "%s() takes an integer, this is %s", call.Name, describe(x.Type()))
			return nil
		}
		if isBad(x) {
			return nil
		}
		n := number(x.Type())
		switch t.Agg {
		case types.Hist, types.LHist:
			t.Signed = true
		case types.TSeries:
			t.Signed = n.Signed || isFlexible(n)
		default:
			t.Signed = n.Signed && !isFlexible(n)
		}
		args = []typed.Expr{x}
	}
	if !c.histBounds(call, &t) {
		return nil
	}
	if !c.learnAgg(m, t, call.Span) || !okKey {
		return nil
	}
	if m.value.Kind == types.Agg {
		for i := range args {
			args[i] = c.widen(args[i], types.IntOf(8, m.value.Signed))
		}
	}
	return []typed.Stmt{&typed.Aggregate{Span: s.Span, Map: m.typed, Key: key, Args: args}}
}

// learnAgg makes a map hold an aggregation. Two histograms or time series of one
// map must have the same bounds.
func (c *checker) learnAgg(m *mapState, t types.Type, span source.Span) bool {
	have := m.value
	same := t
	same.Signed = have.Signed
	if have.Kind == types.Agg && have.Agg == t.Agg && !have.Equal(same) {
		d := c.errorf(span, "map-value-type", "map %s has two %s() with different bounds", m.title(), t.Agg)
		c.relate(d, m, m.valueSpan, "the other is here")
		return false
	}
	if m.fixedBy != "" && have.Kind == types.Agg && have.Agg == t.Agg {
		return true
	}
	return c.learnValue(m, t, span)
}

// histBounds reads the constant arguments of hist, lhist and tseries into the
// type.
func (c *checker) histBounds(call *ast.Call, t *types.Type) bool {
	switch t.Agg {
	case types.Hist:
		if len(call.Args) == 1 {
			return true
		}
		k, ok := c.constArg(call, 1)
		if ok && (k < 0 || k > maxHistBits) {
			c.errorf(call.Args[1].Pos(), "out-of-range", "hist() divides powers of two by 0 to %d bits, not %d", maxHistBits, k)
			return false
		}
		t.Bits = int(k)
		return ok
	case types.LHist:
		return c.lhistBounds(call, t)
	case types.TSeries:
		return c.seriesBounds(call, t)
	}
	return true
}

func (c *checker) lhistBounds(call *ast.Call, t *types.Type) bool {
	bounds := make([]int64, 3)
	for i := range bounds {
		var ok bool
		if bounds[i], ok = c.constArg(call, i+1); !ok {
			return false
		}
	}
	t.Min, t.Max, t.Step = bounds[0], bounds[1], bounds[2]
	switch {
	case t.Step <= 0:
		c.errorf(call.Args[3].Pos(), "out-of-range", "the step of lhist() must be greater than zero, not %d", t.Step)
	case t.Max <= t.Min:
		c.errorf(call.Args[2].Pos(), "out-of-range", "the maximum of lhist(), %d, must be greater than its minimum, %d", t.Max, t.Min)
	case (uint64(t.Max)-uint64(t.Min))/uint64(t.Step) > maxLHistBucket:
		c.errorf(call.Args[3].Pos(), "out-of-range", "lhist() would have %d buckets, and has %d at most",
			(uint64(t.Max)-uint64(t.Min))/uint64(t.Step), maxLHistBucket).
			WithHint("make the step greater")
	case uint64(t.Max)-uint64(t.Min) < uint64(t.Step):
		c.errorf(call.Args[3].Pos(), "out-of-range", "the step of lhist(), %d, is greater than its range", t.Step)
	default:
		return true
	}
	return false
}

// constArg checks an argument that must be a constant integer.
func (c *checker) constArg(call *ast.Call, i int) (int64, bool) {
	x := c.expr(call.Args[i])
	k, ok := x.(*typed.Const)
	if ok && isNumber(k.T) {
		return k.Value, true
	}
	if !isBad(x) {
		c.errorf(call.Args[i].Pos(), "not-constant", "this argument of %s() must be a constant integer", call.Name)
	}
	return 0, false
}
