package btf

import (
	"fmt"
	"io/fs"

	"github.com/gotrace/gotrace/lang/types"
)

// Function is what is known of a function from its prototype.
type Function struct {
	Name, Module string
	// Args is a record of the arguments, each in as many words of 8 bytes as it
	// takes: argument i at offset 8*i unless one before it is larger.
	Args types.Type
	// Ret is the result; its kind is types.Void for none.
	Ret types.Type
	// Variadic functions have arguments that the prototype does not tell.
	Variadic bool
}

// Function returns a function. Module limits where to look, unless it is empty.
func (s *Set) Function(module, name string) (Function, error) {
	for i, f := range s.files {
		if module != "" && f.module != module {
			continue
		}
		if e, ok := f.lookup(name, kindFunc); ok {
			c := &converter{file: f.File, number: int64(i)}
			return c.function(e, f.module)
		}
	}
	return Function{}, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
}

// Functions calls yield with the names of all functions, in order of file.
func (s *Set) Functions(yield func(module, name string)) {
	for _, f := range s.files {
		f.each(func(e entry) bool {
			if e.kind == kindFunc {
				yield(f.module, f.text(e.name))
			}
			return true
		})
	}
}

// MatchFunctions returns the functions that match, in order of file: a single
// pass, where one Function for each would be as many.
func (s *Set) MatchFunctions(match func(module, name string) bool) []Function {
	var all []Function
	for i, f := range s.files {
		c := &converter{file: f.File, number: int64(i)}
		f.each(func(e entry) bool {
			if e.kind != kindFunc || !match(f.module, f.text(e.name)) {
				return true
			}
			c.steps = 0
			// One with a malformed type is left out, as if it had none.
			if fn, err := c.function(e, f.module); err == nil {
				all = append(all, fn)
			}
			return true
		})
	}
	return all
}

// function describes a function.
func (c *converter) function(e entry, module string) (Function, error) {
	fn := Function{Name: e.file.text(e.name), Module: module}
	fn.Args = types.Type{Kind: types.Record, Name: "args of " + fn.Name}
	proto, err := c.file.entry(e.ref)
	if err != nil {
		return fn, err
	}
	params := proto.params()
	fn.Variadic = len(params) < int(proto.vlen)
	for i, p := range params {
		t, err := c.typ(p.typ, false)
		if err != nil {
			return fn, err
		}
		if p.name == "" {
			p.name = fmt.Sprintf("arg%d", i)
		}
		fn.Args.Members = append(fn.Args.Members, types.Member{Name: p.name, Type: t, Offset: fn.Args.Size})
		fn.Args.Size += max(8, (t.Size+7)&^7)
	}
	fn.Ret, err = c.typ(proto.ref, false)
	return fn, err
}
