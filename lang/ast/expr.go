package ast

import "github.com/gotrace/gotrace/lang/source"

// Int is an integer literal. Text is as written (0x1f, 1_000, 1e6, 5m, 'c');
// Value is what it denotes, durations in nanoseconds.
type Int struct {
	Span  source.Span
	Text  string
	Value uint64
}

// Bool is "true" or "false".
type Bool struct {
	Span  source.Span
	Value bool
}

// String is a string literal with its escapes decoded.
type String struct {
	Span  source.Span
	Value string
}

// Ident is a bare name: a builtin, an enumerator, a macro or its parameter.
type Ident struct {
	Span source.Span
	Name string
}

// Param is a positional parameter "$1"; number zero is "$#", their count.
type Param struct {
	Span   source.Span
	Number int
}

// Var is a scratch variable; Name has no "$".
type Var struct {
	Span source.Span
	Name string
}

// Map is a map as a whole, or a map without keys; Name has no "@" and is
// empty for "@" itself. An element of it is an Index.
type Map struct {
	Span source.Span
	Name string
}

// Discard is the target "_".
type Discard struct {
	Span source.Span
}

// Call is "name(args)". Args may hold a *TypeExpr where a function takes a
// type, as in sizeof.
type Call struct {
	Span     source.Span
	Name     string
	NameSpan source.Span
	Args     []Expr
}

// Unary is a prefix operator: one of - ! ~ * & +.
type Unary struct {
	Span source.Span
	Op   string
	X    Expr
}

// IncDec is "++" or "--", before or after its operand.
type IncDec struct {
	Span   source.Span
	Op     string
	Prefix bool
	X      Expr
}

// Binary is an infix operator.
type Binary struct {
	Span   source.Span
	Op     string
	OpSpan source.Span
	X, Y   Expr
}

// Ternary is "cond ? then : else".
type Ternary struct {
	Span             source.Span
	Cond, Then, Else Expr
}

// Cast is "(type)x".
type Cast struct {
	Span source.Span
	Type *TypeExpr
	X    Expr
}

// Field is "x.name" or, with Arrow, the older "x->name".
type Field struct {
	Span     source.Span
	X        Expr
	Name     string
	NameSpan source.Span
	Arrow    bool
}

// Element is "x.0", an element of a tuple.
type Element struct {
	Span   source.Span
	X      Expr
	Number int
}

// Index is "x[args]": an element of a map, an array, a pointer or a tuple.
// Only maps take more than one argument.
type Index struct {
	Span source.Span
	X    Expr
	Args []Expr
}

// Tuple is "(a, b)", "(a,)" or "()".
type Tuple struct {
	Span  source.Span
	Elems []Expr
}

// Record is "(name=a, other=b)".
type Record struct {
	Span   source.Span
	Fields []RecordField
}

// RecordField is one named element of a record.
type RecordField struct {
	Span  source.Span
	Name  string
	Value Expr
}

// BlockExpr is a block whose last expression is its value.
type BlockExpr struct {
	Span  source.Span
	Block *Block
}

// Sizeof is "sizeof(type)" or "sizeof(expr)"; exactly one of Type and X is set.
type Sizeof struct {
	Span source.Span
	Type *TypeExpr
	X    Expr
}

// Offsetof is "offsetof(type, a.b)"; exactly one of Type and X is set.
type Offsetof struct {
	Span source.Span
	Type *TypeExpr
	X    Expr
	Path []string
}

// TypeExpr is a type as written. It is an expression too, so that it may be an
// argument of the functions that take one.
type TypeExpr struct {
	Span source.Span
	// Name is the base: "uint32", "struct task_struct", "string", "typeof".
	Name string
	// Typeof is the operand of "typeof(x)", nil otherwise.
	Typeof Expr
	// Suffixes are the "*" and "[N]" after the base, left to right.
	Suffixes []TypeSuffix
}

// TypeSuffix is "*" (Pointer) or "[Len]"; an omitted length is nil.
type TypeSuffix struct {
	Span    source.Span
	Pointer bool
	Len     Expr
}

func (n *Int) expr()       {}
func (n *Bool) expr()      {}
func (n *String) expr()    {}
func (n *Ident) expr()     {}
func (n *Param) expr()     {}
func (n *Var) expr()       {}
func (n *Map) expr()       {}
func (n *Discard) expr()   {}
func (n *Call) expr()      {}
func (n *Unary) expr()     {}
func (n *IncDec) expr()    {}
func (n *Binary) expr()    {}
func (n *Ternary) expr()   {}
func (n *Cast) expr()      {}
func (n *Field) expr()     {}
func (n *Element) expr()   {}
func (n *Index) expr()     {}
func (n *Tuple) expr()     {}
func (n *Record) expr()    {}
func (n *BlockExpr) expr() {}
func (n *Sizeof) expr()    {}
func (n *Offsetof) expr()  {}
func (n *TypeExpr) expr()  {}

// Pos implementations: every node returns the span of its text.
func (n *Int) Pos() source.Span       { return n.Span }
func (n *Bool) Pos() source.Span      { return n.Span }
func (n *String) Pos() source.Span    { return n.Span }
func (n *Ident) Pos() source.Span     { return n.Span }
func (n *Param) Pos() source.Span     { return n.Span }
func (n *Var) Pos() source.Span       { return n.Span }
func (n *Map) Pos() source.Span       { return n.Span }
func (n *Discard) Pos() source.Span   { return n.Span }
func (n *Call) Pos() source.Span      { return n.Span }
func (n *Unary) Pos() source.Span     { return n.Span }
func (n *IncDec) Pos() source.Span    { return n.Span }
func (n *Binary) Pos() source.Span    { return n.Span }
func (n *Ternary) Pos() source.Span   { return n.Span }
func (n *Cast) Pos() source.Span      { return n.Span }
func (n *Field) Pos() source.Span     { return n.Span }
func (n *Element) Pos() source.Span   { return n.Span }
func (n *Index) Pos() source.Span     { return n.Span }
func (n *Tuple) Pos() source.Span     { return n.Span }
func (n *Record) Pos() source.Span    { return n.Span }
func (n *BlockExpr) Pos() source.Span { return n.Span }
func (n *Sizeof) Pos() source.Span    { return n.Span }
func (n *Offsetof) Pos() source.Span  { return n.Span }
func (n *TypeExpr) Pos() source.Span  { return n.Span }
