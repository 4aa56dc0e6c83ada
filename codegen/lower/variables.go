package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// variable is where a scratch variable lives in one function: a word of the
// SSA form, or memory.
type variable struct {
	word *ir.Var
	mem  mem
}

// variable returns the place of a variable, making it at its first use.
func (f *fn) variable(v *typed.Var) *variable {
	if x := f.vars[v]; x != nil {
		return x
	}
	x := &variable{}
	switch {
	case f.frame.holds(v):
		x.mem = f.frameMem(v)
		return x // addresses differ from function to function: not remembered
	case v.Type.Scalar() && !v.AddressTaken:
		x.word = &ir.Var{Name: v.Name}
	default:
		x.mem = f.temp("$"+v.Name, v.Type)
		x.mem.slot.Persistent = v.AddressTaken
	}
	f.vars[v] = x
	return x
}

// readVar returns the value of a scalar variable.
func (f *fn) readVar(v *typed.Var) *ir.Value {
	x := f.variable(v)
	if x.word != nil {
		return f.b.Get(x.word)
	}
	return f.loadTyped(x.mem, v.Type)
}

// writeVar gives a scalar variable a value.
func (f *fn) writeVar(v *typed.Var, value *ir.Value) {
	x := f.variable(v)
	if x.word != nil {
		f.b.Set(x.word, value)
		return
	}
	if f.frame.holds(v) {
		value = f.forget(value)
	}
	f.store(x.mem, 0, v.Type.Size, value)
}

// setVar stores an expression into a variable.
func (f *fn) setVar(v *typed.Var, e typed.Expr) {
	if v.Type.Space == types.BTF && !f.trustedVar(v) {
		f.writeVar(v, f.number(e))
		return
	}
	if v.Type.Scalar() {
		f.writeVar(v, f.word(e))
		return
	}
	dst := f.variable(v).mem
	if mentions(e, v) {
		// The old value is read while the new one is built.
		tmp := f.temp("new", v.Type)
		f.build(e, tmp, false)
		f.copyValue(dst, tmp, v.Type, v.Type, false)
		return
	}
	f.build(e, dst, false)
}

// mentions reports whether an expression, other than a plain copy, uses a variable.
func mentions(e typed.Expr, v *typed.Var) bool {
	found := false
	typed.WalkExpr(e, func(x typed.Expr) {
		if ref, ok := x.(*typed.VarRef); ok && ref.Var == v {
			found = true
		}
	})
	return found
}

// alignedSize is the size of a value rounded up for words.
func alignedSize(t types.Type) int { return (t.Size + 7) &^ 7 }

// trustedVar reports whether a variable only ever holds pointers that the
// verifier knows the type of.
func (f *fn) trustedVar(v *typed.Var) bool {
	if v.AddressTaken || f.frame.holds(v) {
		return false
	}
	ok, set := true, false
	eachStmt(f.clause.Body, func(s typed.Stmt) {
		assign, is := s.(*typed.SetVar)
		if !is || assign.Var != v {
			return
		}
		set = true
		if ref, self := assign.Value.(*typed.VarRef); self && ref.Var.Index >= v.Index {
			ok = false // would not end
			return
		}
		ok = ok && f.trusted(assign.Value)
	})
	return ok && set
}

// eachStmt calls visit for every statement, those within others and within the
// blocks of expressions too.
func eachStmt(stmts []typed.Stmt, visit func(typed.Stmt)) {
	eachBelow(stmts, visit)
	typed.WalkStmts(stmts, func(x typed.Expr) {
		if block, ok := x.(*typed.BlockExpr); ok {
			eachBelow(block.Stmts, visit)
		}
	})
}

// eachBelow calls visit for statements and those in their bodies.
func eachBelow(stmts []typed.Stmt, visit func(typed.Stmt)) {
	for _, s := range stmts {
		visit(s)
		for _, body := range typed.Bodies(s) {
			eachBelow(body, visit)
		}
	}
}
