package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

func (f *fn) stmts(list []typed.Stmt) {
	for _, s := range list {
		if f.b.Terminated() {
			return // behind a return, break or continue
		}
		f.stmt(s)
	}
}

func (f *fn) stmt(s typed.Stmt) {
	defer f.inSpan(s.Pos())()
	switch s := s.(type) {
	case *typed.ExprStmt:
		f.exprStmt(s.X)
	case *typed.SetVar:
		f.setVar(s.Var, s.Value)
	case *typed.SetMap:
		f.setMap(s)
	case *typed.AddMap:
		f.addToMap(s)
	case *typed.Aggregate:
		f.aggregate(s)
	case *typed.Store:
		f.storeThrough(s)
	case *typed.If:
		f.ifStmt(s)
	case *typed.While:
		f.while(s)
	case *typed.Unroll:
		for range s.Count {
			f.stmts(s.Body)
		}
	case *typed.ForRange:
		f.forRange(s)
	case *typed.ForMap:
		f.forMap(s)
	case *typed.Break:
		f.breakLoop(true)
	case *typed.Continue:
		f.breakLoop(false)
	case *typed.Return:
		f.setVerdict(s)
		f.leaveClause()
	default:
		internal("statement %T", s)
	}
}

// exprStmt evaluates an expression for its effect; an increment whose value
// nobody wants is a plain atomic add.
func (f *fn) exprStmt(e typed.Expr) {
	if inc, ok := e.(*typed.IncDec); ok {
		if target, ok := inc.Target.(*typed.MapRead); ok {
			m := f.maps[target.Map.Index]
			if m.value.IsInteger() && !m.perCPU {
				f.addElement(m, target.Key, f.b.Const(inc.Delta), inc.Span)
				return
			}
		}
	}
	f.effect(e)
}

func (f *fn) ifStmt(s *typed.If) {
	then, end := f.b.NewBlock("if"), f.b.NewBlock("endif")
	els := end
	if len(s.Else) > 0 {
		els = f.b.NewBlock("else")
	}
	f.branch(s.Cond, then, els)
	f.b.Seal(then)
	f.b.SetBlock(then)
	f.stmts(s.Then)
	f.b.Jump(end)
	if els != end {
		f.b.Seal(els)
		f.b.SetBlock(els)
		f.stmts(s.Else)
		f.b.Jump(end)
	}
	f.b.Seal(end)
	f.b.SetBlock(end)
}

// storeThrough is "*$p = v" for pointers to the program's own memory. A null
// pointer (of a map element that was not there) stores nothing.
func (f *fn) storeThrough(s *typed.Store) {
	root, ok := rootOf(s.Target).(*typed.Deref)
	if !ok {
		internal("store to %T", rootOf(s.Target))
	}
	v := f.word(s.Value)
	ptr := f.word(root.X)
	f.ifNonZero(ptr, false, func() {
		l := f.locate(s.Target, ptr)
		f.b.Store(s.Target.Type().Size, l.ptr, l.off, v)
	})
}

// addressOf is &$x or &@m[k].
func (f *fn) addressOf(e *typed.AddressOf) *ir.Value {
	switch x := e.X.(type) {
	case *typed.VarRef:
		return f.addr(f.variable(x.Var).mem)
	case *typed.MapRead:
		m := f.maps[x.Map.Index]
		if m.cell() {
			return f.cellMem(m).base
		}
		return f.callLookup(m.key, f.mapKey(m, x.Key))
	}
	internal("address of %T", e.X)
	return nil
}

// printable reports whether a value is text or bytes of a length of its own.
func printable(t types.Type) bool { return t.Kind == types.String || t.Kind == types.Buffer }
