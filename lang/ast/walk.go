package ast

import "github.com/gotrace/gotrace/lang/source"

// Pos returns the span of the whole text.
func (f *File) Pos() source.Span { return f.Span }

// Walk calls visit for n and everything below it, in the order it was
// written. When visit returns false, the children of that node are left out.
func Walk(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	eachChild(n, func(c Node) { Walk(c, visit) })
}

// eachChild calls f for the direct children of a node.
func eachChild(n Node, f func(Node)) {
	switch n := n.(type) {
	case *File:
		for _, it := range n.Items {
			f(it)
		}
	case *Config:
		for _, e := range n.Entries {
			f(e.Value)
		}
	case *MapDecl:
		exprs(n.Args, f)
	case *Macro:
		f(n.Body)
	case *Probe:
		for _, p := range n.Points {
			f(p)
		}
		opt(n.Pred, f)
		f(n.Body)
	case Stmt:
		stmtChildren(n, f)
	case Expr:
		exprChildren(n, f)
	}
}

func exprs(list []Expr, f func(Node)) {
	for _, x := range list {
		f(x)
	}
}

func opt(x Expr, f func(Node)) {
	if x != nil {
		f(x)
	}
}

func stmtChildren(n Stmt, f func(Node)) {
	switch n := n.(type) {
	case *Block:
		for _, s := range n.Stmts {
			f(s)
		}
		opt(n.Result, f)
	case *ExprStmt:
		f(n.X)
	case *Assign:
		f(n.Target)
		f(n.Value)
	case *Let:
		f(n.Var)
		if n.Type != nil {
			f(n.Type)
		}
		opt(n.Value, f)
	case *If:
		f(n.Cond)
		f(n.Then)
		if n.Else != nil {
			f(n.Else)
		}
	case *While:
		f(n.Cond)
		f(n.Body)
	case *Unroll:
		f(n.Count)
		f(n.Body)
	case *ForMap:
		f(n.Var)
		f(n.Over)
		f(n.Body)
	case *ForRange:
		f(n.Var)
		f(n.Lo)
		f(n.Hi)
		f(n.Body)
	case *Jump:
		opt(n.Value, f)
	}
}

func exprChildren(n Expr, f func(Node)) {
	switch n := n.(type) {
	case *Call:
		exprs(n.Args, f)
	case *Unary:
		f(n.X)
	case *IncDec:
		f(n.X)
	case *Binary:
		f(n.X)
		f(n.Y)
	case *Ternary:
		f(n.Cond)
		if n.Then != n.Cond { // "a ?: b" has one node in both places
			f(n.Then)
		}
		f(n.Else)
	case *Cast:
		f(n.Type)
		f(n.X)
	case *Field:
		f(n.X)
	case *Element:
		f(n.X)
	case *Index:
		f(n.X)
		exprs(n.Args, f)
	case *Tuple:
		exprs(n.Elems, f)
	case *Record:
		for _, fl := range n.Fields {
			f(fl.Value)
		}
	case *BlockExpr:
		f(n.Block)
	case *Sizeof:
		typeOrExpr(n.Type, n.X, f)
	case *Offsetof:
		typeOrExpr(n.Type, n.X, f)
	case *TypeExpr:
		opt(n.Typeof, f)
		for _, s := range n.Suffixes {
			opt(s.Len, f)
		}
	}
}

func typeOrExpr(t *TypeExpr, x Expr, f func(Node)) {
	if t != nil {
		f(t)
		return
	}
	opt(x, f)
}
