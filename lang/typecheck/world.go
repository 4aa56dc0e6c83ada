// Package typecheck makes a typed program of a syntax tree: it resolves names,
// infers and checks types, folds constants and reports what is wrong, all of
// it, with places and suggestions.
package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
)

// World is what the checker needs to know of the system a script is for. The
// live kernel (probes/kernel, tracefs, user) and a pinned snapshot implement
// it alike.
//
// Errors that are the script's fault are *NotFound or *Unsupported; any other
// error is the environment's.
type World interface {
	// Points returns the places that an attach point matches, with their
	// context and arguments, in a stable order. A part with wildcards may match
	// many; no match at all is a *NotFound.
	Points(spec *ast.AttachPoint) ([]point.Point, error)
	// Record returns a struct or union with its members. Name is with its
	// keyword ("struct file") or a typedef's name. For an incomplete type of
	// another record, pass it as is (it carries Name and perhaps ID).
	Record(t types.Type) (types.Type, error)
	// TypeByName returns the type of a name as written in a cast: "struct x",
	// "union x", "enum x" or a typedef such as "pid_t".
	TypeByName(name string) (types.Type, error)
	// Constant returns the value of an enumerator of the kernel's BTF.
	Constant(name string) (int64, types.Type, bool)
	// KernelSymbol returns the address of a kernel symbol.
	KernelSymbol(name string) (uint64, error)
	// UserSymbol returns the address and size of a symbol in a binary.
	UserSymbol(binary, name string) (addr, size uint64, err error)
}

// StringLimited is a World that knows how long strings can be by default, for
// kernels whose maps do not take long keys.
type StringLimited interface{ StringLimit() int }

// ArgumentNamer is a World that can name the arguments of more points than those
// it gives names to, at a cost. It is asked where a script uses names.
type ArgumentNamer interface{ NameArguments(p *point.Point) error }

// NotFound says that something named in the script does not exist here.
type NotFound struct {
	// Part is the index of the attach point's part at fault, or -1.
	Part int
	// Msg is the whole message, such as `no tracepoint "syscalls:sys_enter_opn"`.
	Msg string
	// Hint names the nearest existing thing, or what to do.
	Hint string
}

func (e *NotFound) Error() string { return e.Msg }

// Unsupported says that the kernel or machine cannot do what was asked.
type Unsupported struct {
	Part int
	Msg  string
	Hint string
}

func (e *Unsupported) Error() string { return e.Msg }
