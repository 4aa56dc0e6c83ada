// Package cdef is the C front end of a script: what "#include", "#define",
// struct, union, enum and typedef bring into it.
//
// modernc.org/cc preprocesses and parses; the layout of records is worked out
// here, by the rules of gcc, because cc knows neither "packed" nor gcc's way
// with bit-fields. A unit is read in two passes. The first only preprocesses
// it, and so tells which names the definitions use without defining them.
// These are then declared from what Options knows (the kernel's BTF, a table of
// constants), and the second pass parses. A script therefore needs a header
// only for what nothing else can tell.
//
// The package is pure: it opens no file, keeps no state, and whatever text it
// is given costs bounded time and memory and never panics.
package cdef

import (
	"io/fs"

	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
)

// Source is one piece of C in a script: a line that starts with "#", or a
// definition with or without its semicolon. Text begins at the start of Span.
type Source struct {
	Span source.Span
	Text string
}

// Options are what the front end asks the rest of the world for. Any of them
// may be left out.
type Options struct {
	// Arch is the CPU in Go's naming; "" is amd64.
	Arch string
	// Headers are the headers there are, by the name in their #include.
	Headers fs.FS
	// Absent reports of a header that is not in Headers that what it declares
	// comes from elsewhere, so that the script can do without.
	Absent func(name string) bool
	// Lookup finds a type by its name in C: "struct file", "pid_t". Records by
	// value come with their members.
	Lookup func(name string) (types.Type, bool)
	// Constant finds the value of a name that no definition declares.
	Constant func(name string) (int64, bool)
	// Predefined are macros with the value 1.
	Predefined []string
	// Want are the names whose macros in headers become constants. Macros of
	// the script itself always do.
	Want []string
	// LastID is the ID that was given last: records are numbered downwards from
	// it. IDs keep a script's "struct file" apart from the kernel's.
	LastID int64
	// Kernel says that the headers are the kernel's own, which no C front end
	// but the kernel's compilers understands: only their macros are read.
	Kernel bool
}

// Result is what a unit of C declares.
type Result struct {
	// Types are the types by the name a script writes: "struct x", "union x",
	// "enum x", or a typedef.
	Types map[string]types.Type
	// Records are all structs and unions with their members, each under its own
	// negative ID.
	Records []types.Type
	// Constants are the macros and enumerators that have a value.
	Constants map[string]Const
	// Macros are the macros whose text is no constant.
	Macros map[string]Macro
}

// Const is the value of a name: a string or a number.
type Const struct {
	IsString bool
	String   string
	Int      int64
	// Type is the enum of an enumerator; invalid for a macro.
	Type types.Type
}

// Macro is a macro that stands for its text.
type Macro struct {
	Name string
	// HasParens tells "#define F() x" from "#define F x".
	HasParens bool
	Params    []string
	Body      string
	// Span is the place of Body in the script; the zero Span if a header
	// defines the macro.
	Span source.Span
}

// Parse reads the C of a script, in order. The diagnostics are errors with
// places in the script; the result holds what could be read all the same.
func Parse(defs []Source, opts Options) (*Result, []source.Diagnostic) {
	u := newUnit(defs, opts)
	r := &Result{Types: map[string]types.Type{}, Constants: map[string]Const{}, Macros: map[string]Macro{}}
	if !u.checkSize() {
		return r, u.diagnostics()
	}
	if u.readDefines(r); u.list.HasErrors() {
		return r, u.diagnostics()
	}
	expanded, ok := u.preprocess()
	if !ok {
		return r, u.diagnostics()
	}
	main, probes := splitProbes(expanded)
	if !opts.Kernel && u.declares(main) {
		if !u.checkShape(main) {
			return r, u.diagnostics()
		}
		u.borrow(collect(main))
		u.translate(r)
	}
	u.evaluate(r, probes)
	return r, u.diagnostics()
}
