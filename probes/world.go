package probes

import (
	"math"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel"
	"github.com/gotrace/gotrace/probes/kernel/btf"
	"github.com/gotrace/gotrace/probes/tracefs"
	"github.com/gotrace/gotrace/probes/user"
)

// World is a system that scripts are checked against: typecheck.World over the
// sources in it. Each may be left nil: then nothing of its sort exists.
type World struct {
	Tracepoints Tracepoints
	Functions   Functions
	Types       Types
	Binaries    Binaries
	Options     Options
	// Debug, if not nil, knows the arguments of functions of programs.
	Debug *user.DebugInfo
	// KeyLimit, if not nil, tells how long strings in map keys can be by default.
	KeyLimit func() int
}

var _ typecheck.World = (*World)(nil)

// StringLimit implements typecheck.StringLimited.
func (w *World) StringLimit() int {
	if w.KeyLimit == nil {
		return math.MaxInt
	}
	return w.KeyLimit()
}

// Options are the choices of a run that decide what an attach point means.
type Options struct {
	// PID is the process of -p: paths of binaries are as it sees them.
	PID int
	// Unsafe allows what may harm the system: kprobes by address.
	Unsafe bool
}

// Tracepoints are the trace events of a system. *tracefs.FS is one.
type Tracepoints interface {
	// Format returns an event's record; an error that wraps fs.ErrNotExist says
	// that there is no such event.
	Format(category, event string) (*tracefs.Format, error)
	// Events lists all events, sorted.
	Events() ([]tracefs.Event, error)
}

// Functions are the functions of a kernel.
type Functions interface {
	// Kprobes returns nil if probes can be put on them, else a
	// *typecheck.Unsupported.
	Kprobes() error
	// Traceable lists the functions a kprobe may be put on, sorted by name.
	Traceable() ([]kernel.Function, error)
	// Lookup tells whether a function exists and can be probed. It is faster
	// than a search in Traceable. Module may be empty for any.
	Lookup(name, module string) (kernel.FunctionState, error)
	// Symbol returns the address of any kernel symbol; fs.ErrNotExist if there
	// is none.
	Symbol(name string) (uint64, error)
}

// Types are the types of a kernel. An error that wraps fs.ErrNotExist says that
// a name is not among them; kernel.ErrNoBTF that there are none at all.
type Types interface {
	// Record, ByName and Constant are World's.
	Record(t types.Type) (types.Type, error)
	ByName(name string) (types.Type, error)
	Constant(name string) (int64, types.Type, error)
	// RawTracepoint returns the arguments of a tracepoint as a record with
	// member i at offset 8*i, and the module the tracepoint is in ("vmlinux"
	// for the kernel proper). Module may be empty for any.
	RawTracepoint(module, event string) (args types.Type, in string, err error)
	// RawTracepoints lists them, sorted by module and name.
	RawTracepoints() ([]kernel.Function, error)
	// Names returns the names of all records and enums with their keywords,
	// sorted.
	Names() ([]string, error)
	// Define writes a record or enum as C, and says what module it is of
	// ("vmlinux" for the kernel proper).
	Define(name string) (text, in string, err error)
	// Function returns the arguments and the result of a function. Module may be
	// empty for any.
	Function(module, name string) (btf.Function, error)
	// MatchFunctions returns all that match, at the cost of one.
	MatchFunctions(match func(module, name string) bool) ([]btf.Function, error)
	// FunctionNames lists the functions that have prototypes.
	FunctionNames() ([]kernel.Function, error)
	// Prototype describes the parameters of a function in C, one by one, and
	// its result.
	Prototype(function string) (params []string, result string, err error)
	// RawPrototype does for the arguments of a raw tracepoint.
	RawPrototype(module, event string) (params []string, err error)
}

// Binaries are the programs and libraries of a system. Errors are *user.Error.
type Binaries interface {
	// Resolve returns the paths that a target of a uprobe names: one, unless it
	// has wildcards.
	Resolve(target string) ([]string, error)
	// Functions lists the functions of a binary, sorted by name.
	Functions(path string) ([]user.Function, error)
	// Returns finds a function's return instructions in the file, where it is
	// them that must be probed; elsewhere ok is false.
	Returns(path string, f user.Function) (offsets []uint64, ok bool, err error)
	// Notes lists the USDT probes of a binary, sorted by provider and name.
	Notes(path string) ([]user.Note, error)
	// Offset returns where in the file an address is.
	Offset(path string, address uint64) (uint64, error)
	// Symbol returns the address and size of any symbol.
	Symbol(path, name string) (address, size uint64, err error)
	// Main returns the path of the traced process's program, or "".
	Main() string
}
