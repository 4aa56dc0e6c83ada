package lower

import "github.com/gotrace/gotrace/lang/typed"

// walkClause calls visit for every expression of a clause, parents first.
func walkClause(c *typed.Clause, visit func(typed.Expr)) {
	if c.Pred != nil {
		walkExpr(c.Pred, visit)
	}
	walkStmts(c.Body, visit)
}

func walkStmts(stmts []typed.Stmt, visit func(typed.Expr)) {
	for _, s := range stmts {
		exprs, bodies := children(s)
		for _, e := range exprs {
			if e != nil {
				walkExpr(e, visit)
			}
		}
		for _, body := range bodies {
			walkStmts(body, visit)
		}
	}
}

// children returns the expressions directly in a statement (some may be nil)
// and the statement lists within it.
func children(s typed.Stmt) (exprs []typed.Expr, bodies [][]typed.Stmt) {
	switch s := s.(type) {
	case *typed.ExprStmt:
		exprs = []typed.Expr{s.X}
	case *typed.SetVar:
		exprs = []typed.Expr{s.Value}
	case *typed.SetMap:
		exprs = []typed.Expr{s.Key, s.Value}
	case *typed.AddMap:
		exprs = []typed.Expr{s.Key, s.Delta}
	case *typed.Aggregate:
		exprs = append([]typed.Expr{s.Key}, s.Args...)
	case *typed.Store:
		exprs = []typed.Expr{s.Target, s.Value}
	case *typed.If:
		exprs, bodies = []typed.Expr{s.Cond}, [][]typed.Stmt{s.Then, s.Else}
	case *typed.While:
		exprs, bodies = []typed.Expr{s.Cond}, [][]typed.Stmt{s.Body}
	case *typed.Unroll:
		bodies = [][]typed.Stmt{s.Body}
	case *typed.ForRange:
		exprs, bodies = []typed.Expr{s.Lo, s.Hi}, [][]typed.Stmt{s.Body}
	case *typed.ForMap:
		bodies = [][]typed.Stmt{s.Body}
	}
	return exprs, bodies
}

func walkExpr(e typed.Expr, visit func(typed.Expr)) {
	visit(e)
	for _, x := range operands(e) {
		if x != nil {
			walkExpr(x, visit)
		}
	}
	if block, ok := e.(*typed.BlockExpr); ok {
		walkStmts(block.Stmts, visit)
	}
}

// operands returns the expressions directly under an expression; some may be nil.
func operands(e typed.Expr) []typed.Expr {
	switch e := e.(type) {
	case *typed.MapRead:
		return []typed.Expr{e.Key}
	case *typed.MapRef:
		return []typed.Expr{e.Key}
	case *typed.Unary:
		return []typed.Expr{e.X}
	case *typed.Binary:
		return []typed.Expr{e.X, e.Y}
	case *typed.PtrAdd:
		return []typed.Expr{e.X, e.Index}
	case *typed.Compare:
		return []typed.Expr{e.X, e.Y}
	case *typed.Logical:
		return []typed.Expr{e.X, e.Y}
	case *typed.Ternary:
		return []typed.Expr{e.Cond, e.Then, e.Else}
	case *typed.Convert:
		return []typed.Expr{e.X}
	case *typed.Deref:
		return []typed.Expr{e.X}
	case *typed.Member:
		return []typed.Expr{e.X}
	case *typed.Element:
		return []typed.Expr{e.X, e.Index}
	case *typed.AddressOf:
		return []typed.Expr{e.X}
	case *typed.TupleExpr:
		return e.Elems
	case *typed.IncDec:
		return []typed.Expr{e.Target}
	case *typed.BlockExpr:
		return []typed.Expr{e.Result}
	case *typed.Call:
		return e.Args
	}
	return nil
}
