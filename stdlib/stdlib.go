// Package stdlib is the table of what the language can call: builtins such as
// pid, functions such as printf and the aggregations.
//
// A row is plain data: the name, the shape of the arguments, what the result
// is, where and when it may be used, and its documentation. The type checker
// takes names, argument counts, contexts and the unsafe flag from here and keys
// its typing rules by name; code generation keys its handlers by the same
// names; docs/stdlib.md is printed from the table. A row whose Unsupported is
// set is known to the language and has no meaning yet: using it is an error
// that says so, with Unsupported as the hint.
package stdlib

import (
	"sort"
	"sync"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
)

// Group says what sort of thing a row is.
type Group string

// The groups, in the order of the documentation.
const (
	Helper      Group = "helper"      // a builtin or function
	Aggregation Group = "aggregation" // only assignable to a map
)

// Param is one parameter of a function.
type Param struct {
	Name string
	// Type is written as in the documentation: "uint64", "map", "const string".
	Type     string
	Optional bool
	// Variadic marks a last parameter that takes any number of arguments.
	Variadic bool
}

// Function is one row of the table.
type Function struct {
	Name string
	// Aliases are older names that mean the same.
	Aliases []string
	Group   Group
	Params  []Param
	// Bare says that the name alone, without parentheses, is a value.
	Bare bool
	// Result is the type of the result as documented.
	Result string
	// Type is the type of the bare form, if it is the same everywhere.
	Type types.Type
	// Contexts are where the function means something; nil is everywhere.
	Contexts []point.Context
	// Async functions act in user space, after the event.
	Async bool
	// CompileTime functions are constants of the compiled program.
	CompileTime bool
	// Unsafe functions need --unsafe.
	Unsafe bool
	// Unsupported is empty, or the hint of the error that using it is.
	Unsupported string
	// Doc is markdown; its first sentence stands alone.
	Doc string
	// Example is a whole script.
	Example string
}

// MinArgs returns how many arguments a call needs.
func (f *Function) MinArgs() int {
	n := 0
	for _, p := range f.Params {
		if !p.Optional && !p.Variadic {
			n++
		}
	}
	return n
}

// MaxArgs returns how many arguments a call takes, or -1 for any number.
func (f *Function) MaxArgs() int {
	if n := len(f.Params); n > 0 && f.Params[n-1].Variadic {
		return -1
	}
	return len(f.Params)
}

// AllowedIn reports whether the function means something in a context.
func (f *Function) AllowedIn(ctx point.Context) bool {
	if f.Contexts == nil {
		return true
	}
	for _, c := range f.Contexts {
		if c == ctx {
			return true
		}
	}
	return false
}

// catalogue is the finished table with its index.
type catalogue struct {
	rows   []Function
	byName map[string]*Function
}

var load = sync.OnceValue(func() *catalogue {
	c := &catalogue{byName: map[string]*Function{}}
	for _, family := range [][]Function{
		processRows(), timeRows(), probeRows(), machineRows(), stackRows(), outputRows(), mapRows(),
		memoryRows(), stringRows(), symbolRows(), networkRows(), controlRows(), constantRows(), systemConstantRows(),
		aggregationRows(), laterRows(),
	} {
		c.rows = append(c.rows, family...)
	}
	for i := range c.rows {
		if c.rows[i].Group == "" {
			c.rows[i].Group = Helper
		}
	}
	sort.SliceStable(c.rows, func(i, j int) bool {
		a, b := &c.rows[i], &c.rows[j]
		if a.Group != b.Group {
			return a.Group > b.Group
		}
		return a.Name < b.Name
	})
	for i := range c.rows {
		row := &c.rows[i]
		c.byName[row.Name] = row
		for _, alias := range row.Aliases {
			c.byName[alias] = row
		}
	}
	return c
})

// All returns every row, helpers first, sorted by name. The rows are shared and
// must not be changed.
func All() []Function { return load().rows }

// Functions returns the rows that can be called with arguments.
func Functions() []Function {
	return filter(func(f *Function) bool { return !f.Bare || len(f.Params) > 0 })
}

// Builtins returns the rows that are values without parentheses.
func Builtins() []Function { return filter(func(f *Function) bool { return f.Bare }) }

func filter(keep func(*Function) bool) []Function {
	var out []Function
	for _, row := range All() {
		if keep(&row) {
			out = append(out, row)
		}
	}
	return out
}

// Lookup finds a row by name or alias; nil if there is none.
func Lookup(name string) *Function { return load().byName[name] }

// Names returns every name and alias, sorted, for suggestions.
func Names() []string {
	names := make([]string, 0, len(load().byName))
	for name := range load().byName {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Helpers that keep the rows short.

func req(name, typ string) Param      { return Param{Name: name, Type: typ} }
func opt(name, typ string) Param      { return Param{Name: name, Type: typ, Optional: true} }
func variadic(name, typ string) Param { return Param{Name: name, Type: typ, Variadic: true} }
func params(ps ...Param) []Param      { return ps }
