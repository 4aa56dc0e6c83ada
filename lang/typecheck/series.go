package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/types"
)

// maxIntervals is how many intervals a time series has at most.
const maxIntervals = 1_000_000

// seriesBounds reads the constant arguments of tseries into the type.
func (c *checker) seriesBounds(call *ast.Call, t *types.Type) bool {
	step, ok := c.constArg(call, 1)
	if !ok {
		return false
	}
	count, ok := c.constArg(call, 2)
	if !ok {
		return false
	}
	switch {
	case step < 1:
		c.errorf(call.Args[1].Pos(), "out-of-range", "the interval of tseries() must be at least 1 ns, not %d", step)
		return false
	case count < 1 || count >= maxIntervals:
		c.errorf(call.Args[2].Pos(), "out-of-range", "tseries() keeps at least 1 and less than %d intervals, not %d", maxIntervals, count)
		return false
	}
	t.Step, t.Len = step, int(count)
	if len(call.Args) == 3 {
		return true
	}
	by, ok := c.stringArg(call, 3)
	if !ok {
		return false
	}
	t.By = types.AggKind(by.Value)
	switch t.By {
	case types.Avg, types.Max, types.Min, types.Sum:
		return true
	}
	c.errorf(by.Span, "bad-argument", "tseries() cannot put the values of an interval together by %q", by.Value).
		WithHint(`write "avg", "max", "min" or "sum", or leave it out for the last value`)
	return false
}

// stable holds a function that the reference calls unstable against the
// setting for it: an error, or a warning where it is used first.
func (c *checker) stable(call *ast.Call) bool {
	if types.AggKind(call.Name) != types.TSeries {
		return true
	}
	switch c.prog.Config.UnstableTSeries {
	case "error":
		c.errorf(call.NameSpan, "unstable", "tseries is unstable, and the setting unstable_tseries refuses it").
			WithHint("write config = { unstable_tseries=enable }")
		return false
	case "warn":
		if !c.warnedUnstable {
			c.warnf(call.NameSpan, "unstable", "tseries is unstable: scripts with it may need changes later").
				WithHint("write config = { unstable_tseries=enable } to be without this warning")
		}
		c.warnedUnstable = true
	}
	return true
}
