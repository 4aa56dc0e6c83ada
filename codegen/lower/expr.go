package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// inSpan sets the span of what is emitted and returns a function that restores it.
func (f *fn) inSpan(span source.Span) func() {
	old := f.b.Span
	f.b.Span = span
	return func() { f.b.Span = old }
}

// word evaluates an expression of a scalar type.
func (f *fn) word(e typed.Expr) *ir.Value {
	defer f.inSpan(e.Pos())()
	switch e := e.(type) {
	case *typed.Const:
		return f.b.Const(e.Value)
	case *typed.Zero:
		return f.b.Const(0)
	case *typed.VarRef:
		return f.readVar(e.Var)
	case *typed.MapRead:
		return f.readMapWord(e)
	case *typed.Builtin:
		return f.builtinWord(e)
	case *typed.ContextArg:
		return f.contextArg(e)
	case *typed.Register:
		return f.register(e)
	case *typed.Unary:
		return f.unary(e)
	case *typed.Binary:
		return f.binary(e)
	case *typed.PtrAdd:
		return f.pointerAdd(e)
	case *typed.Compare:
		return f.compare(e)
	case *typed.Logical:
		return f.choose(e, types.BoolType(), func() *ir.Value { return f.b.Const(1) }, func() *ir.Value { return f.b.Const(0) })
	case *typed.Ternary:
		return f.choose(e.Cond, e.T, func() *ir.Value { return f.maybeWord(e.Then) }, func() *ir.Value { return f.maybeWord(e.Else) })
	case *typed.Convert:
		return f.convertWord(e)
	case *typed.Deref, *typed.Member, *typed.Element, *typed.ContextField:
		return f.readWord(e)
	case *typed.AddressOf:
		return f.addressOf(e)
	case *typed.IncDec:
		return f.incDec(e)
	case *typed.BlockExpr:
		f.stmts(e.Stmts)
		return f.word(e.Result)
	case *typed.Call:
		return f.callWord(e)
	}
	internal("word of %T", e)
	return nil
}

// maybeWord evaluates a scalar, or an expression of type void for its effect.
func (f *fn) maybeWord(e typed.Expr) *ir.Value {
	if e.Type().Kind == types.Void {
		f.effect(e)
		return nil
	}
	return f.word(e)
}

// effect evaluates an expression whose value nobody wants.
func (f *fn) effect(e typed.Expr) {
	defer f.inSpan(e.Pos())()
	switch x := e.(type) {
	case *typed.Call:
		if e.Type().Kind == types.Void {
			f.callVoid(x)
			return
		}
	case *typed.Ternary:
		f.choose(x.Cond, types.VoidType(), func() *ir.Value { f.effect(x.Then); return nil },
			func() *ir.Value { f.effect(x.Else); return nil })
		return
	case *typed.BlockExpr:
		f.stmts(x.Stmts)
		f.effect(x.Result)
		return
	case *typed.Str, *typed.Zero, *typed.Const, *typed.VarRef, *typed.MapRef:
		return
	}
	if e.Type().Scalar() {
		f.word(e)
		return
	}
	if e.Type().Kind == types.Void {
		internal("effect of %T", e)
	}
	f.build(e, f.temp("unused", e.Type()), false)
}

// choose evaluates one of two words by a condition.
func (f *fn) choose(cond typed.Expr, t types.Type, then, els func() *ir.Value) *ir.Value {
	yes, no, end := f.b.NewBlock("then"), f.b.NewBlock("else"), f.b.NewBlock("end")
	result := &ir.Var{Name: "result"}
	f.branch(cond, yes, no)
	for _, side := range []struct {
		block *ir.Block
		value func() *ir.Value
	}{{yes, then}, {no, els}} {
		f.b.Seal(side.block)
		f.b.SetBlock(side.block)
		if v := side.value(); v != nil {
			f.b.Set(result, v)
		}
		f.b.Jump(end)
	}
	f.b.Seal(end)
	f.b.SetBlock(end)
	if t.Kind == types.Void {
		return nil
	}
	return f.b.Get(result)
}

// branch jumps on a bool without making a word of it.
func (f *fn) branch(cond typed.Expr, then, els *ir.Block) {
	defer f.inSpan(cond.Pos())()
	switch c := cond.(type) {
	case *typed.Logical:
		mid := f.b.NewBlock(string(c.Op))
		if c.Op == typed.LogAnd {
			f.branch(c.X, mid, els)
		} else {
			f.branch(c.X, then, mid)
		}
		f.b.Seal(mid)
		f.b.SetBlock(mid)
		f.branch(c.Y, then, els)
		return
	case *typed.Unary:
		if c.Op == typed.Not {
			f.branch(c.X, els, then)
			return
		}
	case *typed.Const:
		if c.Value != 0 {
			f.b.Jump(then)
		} else {
			f.b.Jump(els)
		}
		return
	}
	f.b.If(f.word(cond), then, els)
}

// ifNonZero runs then in a block of its own if cond is not zero, and goes on
// behind it. Cold marks it as seldom run.
func (f *fn) ifNonZero(cond *ir.Value, cold bool, then func()) {
	yes, end := f.b.NewBlock("then"), f.b.NewBlock("end")
	yes.Cold = cold
	f.b.If(cond, yes, end)
	f.b.Seal(yes)
	f.b.SetBlock(yes)
	then()
	f.b.Jump(end)
	f.b.Seal(end)
	f.b.SetBlock(end)
}

// ifElse runs one of two pieces of code.
func (f *fn) ifElse(cond *ir.Value, then, els func()) {
	yes, no, end := f.b.NewBlock("then"), f.b.NewBlock("else"), f.b.NewBlock("end")
	f.b.If(cond, yes, no)
	f.b.Seal(yes)
	f.b.SetBlock(yes)
	then()
	f.b.Jump(end)
	f.b.Seal(no)
	f.b.SetBlock(no)
	els()
	f.b.Jump(end)
	f.b.Seal(end)
	f.b.SetBlock(end)
}

// selectWord is cond ? x : y of words that are there already.
func (f *fn) selectWord(cond, x, y *ir.Value) *ir.Value {
	result := &ir.Var{Name: "select"}
	f.b.Set(result, y)
	f.ifNonZero(cond, false, func() { f.b.Set(result, x) })
	return f.b.Get(result)
}
