package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// verdict reports whether the value of return means something in the clause: it
// is that of a test.
func (cl *clause) verdict() bool {
	for _, p := range cl.typed.Points {
		if p.Provider == "test" {
			return true
		}
	}
	return false
}

// verdict types "return x" in a test, which passes if x is zero.
func (c *checker) verdict(s *ast.Jump) []typed.Stmt {
	x := c.expr(s.Value)
	if isBad(x) {
		return nil
	}
	if t := x.Type(); t.Kind != types.Int && t.Kind != types.Bool {
		c.errorf(s.Value.Pos(), "return-type", "a test returns an integer, not %s", describe(t)).
			WithHint("zero means that the test passes")
		return nil
	}
	return []typed.Stmt{&typed.Return{Span: s.Span, Value: x}}
}

// uniqueName refuses a second test or benchmark of one name: the results could
// not be told apart.
func (c *checker) uniqueName(pt point.Point, spec *ast.AttachPoint) bool {
	if pt.Provider != "test" && pt.Provider != "bench" {
		return true
	}
	for _, b := range c.blocks {
		for _, other := range b.probe.Points {
			if clean(other.Text) == clean(spec.Text) {
				c.errorf(spec.Span, "duplicate", "there is a %s of the name %s already", pt.Provider, quote(pt.Attach.Event))
				return false
			}
		}
	}
	return true
}
