package typed

import "github.com/gotrace/gotrace/lang/source"

// Stmt is a statement.
type Stmt interface {
	Pos() source.Span
	stmt()
}

// ExprStmt evaluates an expression for its effect.
type ExprStmt struct {
	Span source.Span
	X    Expr
}

// SetVar stores a value of exactly the variable's type. A declaration without
// a value stores nothing: variables start as zero where they are declared, by
// a SetVar with a Zero expression.
type SetVar struct {
	Span  source.Span
	Var   *Var
	Value Expr
}

// SetMap stores a value of exactly the map's value type at Key (nil for a map
// without keys; of exactly the key's type, a TupleExpr for several keys).
type SetMap struct {
	Span  source.Span
	Map   *Map
	Key   Expr
	Value Expr
}

// AddMap is "@m[k] += Delta", "-=" already being negated: an atomic add that
// loses no update. Only for integer values.
type AddMap struct {
	Span  source.Span
	Map   *Map
	Key   Expr
	Delta Expr
}

// Aggregate is "@m[k] = count()" and its kin. Args are: none for count; the
// value (an 8-byte integer) for the others; a weight may follow for hist and
// lhist. The bounds of hist, lhist and tseries are in Map.Value.
type Aggregate struct {
	Span source.Span
	Map  *Map
	Key  Expr
	Args []Expr
}

// Store writes a scalar through a place made of a pointer: "*$p = v" and
// fields of it; only legal for pointers to the program's own memory.
type Store struct {
	Span   source.Span
	Target Expr
	Value  Expr
}

// If is a conditional; Cond is a bool.
type If struct {
	Span       source.Span
	Cond       Expr
	Then, Else []Stmt
}

// While loops while Cond, a bool, holds.
type While struct {
	Span source.Span
	Cond Expr
	Body []Stmt
}

// Unroll repeats Body Count times.
type Unroll struct {
	Span  source.Span
	Count int
	Body  []Stmt
}

// ForRange runs Body with Var from Lo (inclusive) to Hi (exclusive); both are
// of Var's type and evaluated once.
type ForRange struct {
	Span   source.Span
	Var    *Var
	Lo, Hi Expr
	Body   []Stmt
}

// ForMap runs Body for each element of Map; Var is a tuple (key, value).
type ForMap struct {
	Span source.Span
	Var  *Var
	Map  *Map
	Body []Stmt
}

// Break leaves the innermost loop.
type Break struct{ Span source.Span }

// Continue starts the next round of the innermost loop.
type Continue struct{ Span source.Span }

// Return leaves the clause; later clauses of the same hook still run. Value is
// the verdict of a test probe, nil elsewhere.
type Return struct {
	Span  source.Span
	Value Expr
}

func (*ExprStmt) stmt()  {}
func (*SetVar) stmt()    {}
func (*SetMap) stmt()    {}
func (*AddMap) stmt()    {}
func (*Aggregate) stmt() {}
func (*Store) stmt()     {}
func (*If) stmt()        {}
func (*While) stmt()     {}
func (*Unroll) stmt()    {}
func (*ForRange) stmt()  {}
func (*ForMap) stmt()    {}
func (*Break) stmt()     {}
func (*Continue) stmt()  {}
func (*Return) stmt()    {}

// Pos implementations: the place in the script the statement came from.
func (s *ExprStmt) Pos() source.Span  { return s.Span }
func (s *SetVar) Pos() source.Span    { return s.Span }
func (s *SetMap) Pos() source.Span    { return s.Span }
func (s *AddMap) Pos() source.Span    { return s.Span }
func (s *Aggregate) Pos() source.Span { return s.Span }
func (s *Store) Pos() source.Span     { return s.Span }
func (s *If) Pos() source.Span        { return s.Span }
func (s *While) Pos() source.Span     { return s.Span }
func (s *Unroll) Pos() source.Span    { return s.Span }
func (s *ForRange) Pos() source.Span  { return s.Span }
func (s *ForMap) Pos() source.Span    { return s.Span }
func (s *Break) Pos() source.Span     { return s.Span }
func (s *Continue) Pos() source.Span  { return s.Span }
func (s *Return) Pos() source.Span    { return s.Span }
