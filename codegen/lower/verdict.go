package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
)

// failed is what the program of a test returns if the test does not pass.
const failed = 1

// returnValue is what the programs of a group return. That of a test is its
// verdict if it returns early for want of memory.
func (g *group) returnValue() int64 {
	if g.test() {
		return failed
	}
	return returnValue(g.context)
}

// test reports whether the group is a test, whose value somebody looks at.
func (g *group) test() bool { return g.points[0].Provider == "test" }

// enterTest prepares the verdict of a test: it passes unless it says otherwise.
func (f *fn) enterTest() {
	if f.group.test() {
		f.verdict = &ir.Var{Name: "verdict"}
		f.b.Set(f.verdict, f.b.Const(0))
	}
}

// result is what the program returns.
func (f *fn) result() *ir.Value {
	if f.verdict == nil {
		return f.b.Const(f.ret)
	}
	return f.b.Get(f.verdict)
}

// setVerdict notes the value of a return. A callback leaves it in the frame.
func (f *fn) setVerdict(s *typed.Return) {
	if s.Value == nil || !f.group.test() {
		return
	}
	value := f.b.Bin(ir.OpNe, f.word(s.Value), f.b.Const(0))
	if f.ctx != nil {
		f.b.Set(f.verdict, value)
		return
	}
	f.b.Store(8, f.frameAddr, int64(f.frame.verdict), value)
}

// takeVerdict takes the value that a callback has left.
func (f *fn) takeVerdict() {
	if f.verdict != nil && f.frame.verdict != 0 {
		f.b.Set(f.verdict, f.b.Load(8, false, f.frameBase(), int64(f.frame.verdict)))
	}
}
