package typed

// Walk calls f for every expression of a clause, operands before the expression
// itself, in the order of evaluation.
func Walk(cl *Clause, f func(Expr)) {
	if cl.Pred != nil {
		WalkExpr(cl.Pred, f)
	}
	WalkStmts(cl.Body, f)
}

// WalkStmts calls f for every expression in statements.
func WalkStmts(list []Stmt, f func(Expr)) {
	for _, s := range list {
		for _, x := range Operands(s) {
			WalkExpr(x, f)
		}
		for _, body := range Bodies(s) {
			WalkStmts(body, f)
		}
	}
}

// WalkExpr calls f for the expressions below x and then for x.
func WalkExpr(x Expr, f func(Expr)) {
	if b, ok := x.(*BlockExpr); ok {
		WalkStmts(b.Stmts, f)
	}
	for _, child := range Children(x) {
		WalkExpr(child, f)
	}
	f(x)
}

// Operands returns the expressions that a statement evaluates itself, in order.
func Operands(s Stmt) []Expr {
	switch s := s.(type) {
	case *ExprStmt:
		return present(s.X)
	case *SetVar:
		return present(s.Value)
	case *SetMap:
		return present(s.Key, s.Value)
	case *AddMap:
		return present(s.Key, s.Delta)
	case *Aggregate:
		return append(present(s.Key), s.Args...)
	case *Store:
		return present(s.Target, s.Value)
	case *If:
		return present(s.Cond)
	case *While:
		return present(s.Cond)
	case *ForRange:
		return present(s.Lo, s.Hi)
	case *Return:
		return present(s.Value)
	}
	return nil
}

// Bodies returns the lists of statements below a statement.
func Bodies(s Stmt) [][]Stmt {
	switch s := s.(type) {
	case *If:
		return [][]Stmt{s.Then, s.Else}
	case *While:
		return [][]Stmt{s.Body}
	case *Unroll:
		return [][]Stmt{s.Body}
	case *ForRange:
		return [][]Stmt{s.Body}
	case *ForMap:
		return [][]Stmt{s.Body}
	}
	return nil
}

// Children returns the expressions directly below an expression. Those in the
// statements of a BlockExpr are not among them.
func Children(x Expr) []Expr {
	switch x := x.(type) {
	case *MapRead:
		return present(x.Key)
	case *MapRef:
		return present(x.Key)
	case *Unary:
		return present(x.X)
	case *Binary:
		return present(x.X, x.Y)
	case *PtrAdd:
		return present(x.X, x.Index)
	case *Compare:
		return present(x.X, x.Y)
	case *Logical:
		return present(x.X, x.Y)
	case *Ternary:
		return present(x.Cond, x.Then, x.Else)
	case *Convert:
		return present(x.X)
	case *Deref:
		return present(x.X)
	case *Member:
		return present(x.X)
	case *Element:
		return present(x.X, x.Index)
	case *AddressOf:
		return present(x.X)
	case *TupleExpr:
		return x.Elems
	case *IncDec:
		return present(x.Target)
	case *BlockExpr:
		return present(x.Result)
	case *Call:
		return x.Args
	}
	return nil
}

func present(xs ...Expr) []Expr {
	out := xs[:0]
	for _, x := range xs {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}
