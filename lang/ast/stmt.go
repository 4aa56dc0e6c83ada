package ast

import "github.com/gotrace/gotrace/lang/source"

// Block is a sequence of statements. When it stands as an expression, Result
// is its last expression, written without a semicolon; for an action block or
// the body of a statement such an expression is just the last of Stmts.
type Block struct {
	Span   source.Span
	Stmts  []Stmt
	Result Expr
}

// ExprStmt is an expression evaluated for what it does.
type ExprStmt struct {
	Span source.Span
	X    Expr
}

// Assign is "lhs op rhs". Op is "=" or a compound operator such as "+=". The
// target is a Var, a Map, an Index of a map, a Field, or a Discard.
type Assign struct {
	Span   source.Span
	Target Expr
	Op     string
	Value  Expr
}

// Let declares a scratch variable; Type and Value may be nil.
type Let struct {
	Span  source.Span
	Var   *Var
	Type  *TypeExpr
	Value Expr
}

// If is a conditional; Else is nil, a *Block or another *If.
type If struct {
	Span source.Span
	Cond Expr
	Then *Block
	Else Stmt
}

// While loops as long as the condition holds.
type While struct {
	Span source.Span
	Cond Expr
	Body *Block
}

// Unroll repeats its body a constant number of times.
type Unroll struct {
	Span  source.Span
	Count Expr
	Body  *Block
}

// ForMap is "for ($kv : @map) { ... }". Over is a *Map, or another expression
// that the type checker refuses.
type ForMap struct {
	Span source.Span
	Var  *Var
	Over Expr
	Body *Block
}

// ForRange is "for ($i : lo..hi) { ... }", lo inclusive, hi exclusive.
type ForRange struct {
	Span   source.Span
	Var    *Var
	Lo, Hi Expr
	Body   *Block
}

// Jump is "break", "continue" or "return"; only return may have a Value.
type Jump struct {
	Span  source.Span
	Kind  string
	Value Expr
}

func (n *Block) stmt()    {}
func (n *ExprStmt) stmt() {}
func (n *Assign) stmt()   {}
func (n *Let) stmt()      {}
func (n *If) stmt()       {}
func (n *While) stmt()    {}
func (n *Unroll) stmt()   {}
func (n *ForMap) stmt()   {}
func (n *ForRange) stmt() {}
func (n *Jump) stmt()     {}

// Pos implementations: every node returns the span of its text.
func (n *Block) Pos() source.Span    { return n.Span }
func (n *ExprStmt) Pos() source.Span { return n.Span }
func (n *Assign) Pos() source.Span   { return n.Span }
func (n *Let) Pos() source.Span      { return n.Span }
func (n *If) Pos() source.Span       { return n.Span }
func (n *While) Pos() source.Span    { return n.Span }
func (n *Unroll) Pos() source.Span   { return n.Span }
func (n *ForMap) Pos() source.Span   { return n.Span }
func (n *ForRange) Pos() source.Span { return n.Span }
func (n *Jump) Pos() source.Span     { return n.Span }
