// Package typed is the typed program: what the type checker makes of a syntax
// tree and all that code generation reads.
//
// It is a small, explicit language. Names are resolved, constants folded,
// every expression has a type, and every conversion is a node: both operands
// of an operator have the same type (shifts excepted), a condition is a bool,
// the value stored into a variable or map has exactly the variable's or map's
// type. Sugar is gone: "@a++" is an IncDec, "args.x" a ContextField, "$1" a
// literal. There are only two sorts of value: scalars (types.Type.Scalar),
// which fit a register, and places, which are memory.
package typed

import (
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
)

// Program is a checked script.
type Program struct {
	Sources *source.Set
	Config  Config
	Maps    []*Map // in order of first appearance; Map.Index is the position
	Clauses []*Clause
	// Unsafe lists what in the script needs --unsafe, for messages.
	Unsafe []source.Span
}

// Config is the configuration that code generation and the runtime follow.
type Config struct {
	MaxMapKeys      int
	MaxStrlen       int
	MaxProbes       int
	MaxPrograms     int
	MaxCatBytes     int
	RingBufferPages int // zero: chosen from the memory of the machine
	StackMode       types.StackMode
	StrTruncTrailer string
	PrintMapsOnExit bool
	License         string
	MissingProbes   string // "error", "warn" or "ignore"
	CppDemangle     bool
	LazySymbols     bool
	UnstableTSeries string // "error", "warn" or "enable"; for the type checker
}

// MapKind is the kernel map a script asked for by "let @x = kind(n)".
type MapKind string

// The map kinds; AutoMap leaves the choice to code generation.
const (
	AutoMap       MapKind = ""
	Hash          MapKind = "hash"
	LRUHash       MapKind = "lruhash"
	PerCPUHash    MapKind = "percpuhash"
	PerCPULRUHash MapKind = "percpulruhash"
)

// Map is a map of the script.
type Map struct {
	Index int
	Name  string // without "@"; empty for "@"
	Span  source.Span
	// Key is nil for a map without keys. A single key has its own type, several
	// keys are a Tuple.
	Key   *types.Type
	Value types.Type // Kind Agg for an aggregation
	Kind  MapKind
	// MaxEntries is the declared size, or zero for the configured one.
	MaxEntries int

	// How the script uses the map, which decides how it may be stored.
	ReadInKernel bool // its elements are read as values by some action
	Iterated     bool // a for loop walks it
	Deleted      bool // delete, clear or zero is applied to it
	AddressTaken bool // &@x
}

// Clause is one action block for one shape of context. A block whose probes
// have different contexts, or whose args differ in layout, gives several.
type Clause struct {
	// Index is the position in Program.Clauses; script order.
	Index int
	// Block numbers the action block of the script that this comes from: equal
	// for all clauses made from one block.
	Block   int
	Span    source.Span
	Context point.Context
	Points  []point.Point
	// Space is the address space of pointers that have none of their own.
	Space types.Space
	Pred  Expr // a bool, or nil
	Body  []Stmt
	// Vars are all scratch variables of the clause.
	Vars []*Var
}

// Var is a scratch variable. Two variables of one name in different scopes are
// two Vars.
type Var struct {
	Index int
	Name  string
	Type  types.Type
	Span  source.Span
	// AddressTaken is set by &$x: the variable must live in memory.
	AddressTaken bool
}
