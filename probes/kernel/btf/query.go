package btf

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gotrace/gotrace/lang/types"
)

// Set is the types of a kernel and of its modules, which refer to the kernel's.
// The kernel's come first. Names that do not exist are fs.ErrNotExist.
type Set struct {
	files []named
}

// named is a file and what it belongs to.
type named struct {
	*File
	module string
}

// Kernel is what the kernel proper is called among the modules.
const Kernel = "vmlinux"

// NewSet returns a set with the kernel's types.
func NewSet(kernel *File) *Set { return &Set{files: []named{{kernel, Kernel}}} }

// Add adds the types of a module.
func (s *Set) Add(module string, f *File) { s.files = append(s.files, named{f, module}) }

// lookup finds a name in the files in order, and the converter for what it is.
func (s *Set) lookup(name string, kinds ...kind) (entry, *converter, error) {
	for i, f := range s.files {
		if e, ok := f.lookup(name, kinds...); ok {
			return e, &converter{file: f.File, number: int64(i)}, nil
		}
	}
	return entry{}, nil, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
}

// ByName returns a type by the name that C has for it: "struct x", "union x",
// "enum x", or a typedef or integer type.
func (s *Set) ByName(name string) (types.Type, error) {
	kinds := []kind{kindTypedef, kindInt}
	tag, rest, found := strings.Cut(name, " ")
	if found {
		switch tag {
		case "struct":
			kinds, name = []kind{kindStruct}, rest
		case "union":
			kinds, name = []kind{kindUnion}, rest
		case "enum":
			kinds, name = []kind{kindEnum, kindEnum64}, rest
		}
	}
	e, c, err := s.lookup(name, kinds...)
	if err != nil {
		return types.Type{}, err
	}
	return c.typ(e.id, false)
}

// Record completes an incomplete record by its name or number.
func (s *Set) Record(t types.Type) (types.Type, error) {
	if t.Name != "" {
		return s.ByName(t.Name)
	}
	number, id := t.ID>>32, uint32(t.ID)
	if number < 0 || number >= int64(len(s.files)) || id == 0 {
		return types.Type{}, &fs.PathError{Op: "find", Path: "a nameless record", Err: fs.ErrNotExist}
	}
	c := converter{file: s.files[number].File, number: number}
	return c.typ(id, false)
}

// Constant returns the value of an enumerator and its enum's type.
func (s *Set) Constant(name string) (int64, types.Type, error) {
	for i, f := range s.files {
		wanted, ok := f.find(name)
		if !ok {
			continue
		}
		var found entry
		var result int64
		f.each(func(e entry) bool {
			if e.kind == kindEnum || e.kind == kindEnum64 {
				e.enumerators(func(name uint32, value int64) bool {
					if name == wanted {
						found, result = e, value
					}
					return name != wanted
				})
			}
			return found.file == nil
		})
		if found.file != nil {
			c := converter{file: f.File, number: int64(i)}
			return result, c.enum(found), nil
		}
	}
	return 0, types.Type{}, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
}

// The kernel has for each tracepoint a typedef of its prototype, without the
// names of the parameters, and functions of the same prototype, with them
// (include/trace/bpf_probe.h, include/linux/tracepoint.h).
const (
	tracePrototype = "btf_trace_"
	traceStub      = "__probestub_"
	traceProbe     = "__bpf_trace_"
)

// RawTracepoint returns the arguments of a tracepoint: a record with argument i
// at offset 8*i. Module limits where to look, unless it is empty; in is where
// it was found.
func (s *Set) RawTracepoint(module, event string) (args types.Type, in string, err error) {
	proto, c, in, err := s.tracepoint(module, event)
	if err != nil {
		return types.Type{}, "", err
	}
	args = types.Type{Kind: types.Record, Name: "args of " + event}
	for i, p := range proto.params() {
		if i == 0 {
			continue // void *: the tracepoint's own data
		}
		t, err := c.typ(p.typ, false)
		if err != nil {
			return types.Type{}, "", err
		}
		if p.name == "" {
			p.name = fmt.Sprintf("arg%d", i-1)
		}
		args.Members = append(args.Members, types.Member{Name: p.name, Type: t, Offset: args.Size})
		args.Size += max(8, (t.Size+7)&^7)
	}
	return args, in, nil
}

// tracepoint finds the prototype of a tracepoint, if it can the one with names.
func (s *Set) tracepoint(module, event string) (proto entry, c *converter, in string, err error) {
	for i, f := range s.files {
		if module != "" && f.module != module {
			continue
		}
		e, ok := f.lookup(tracePrototype+event, kindTypedef)
		if !ok {
			continue
		}
		c := &converter{file: f.File, number: int64(i)}
		for _, prefix := range []string{traceStub, traceProbe} {
			if fn, ok := f.lookup(prefix+event, kindFunc); ok {
				proto, err := f.entry(fn.ref)
				return proto, c, f.module, err
			}
		}
		pointer, _, _, err := c.strip(e.ref)
		if err != nil {
			return entry{}, nil, "", err
		}
		proto, _, _, err := c.strip(pointer.ref)
		return proto, c, f.module, err
	}
	return entry{}, nil, "", &fs.PathError{Op: "find", Path: event, Err: fs.ErrNotExist}
}

// param is a parameter of a function.
type param struct {
	name string
	typ  uint32
}

// params returns the parameters of a prototype, without a trailing "...".
func (e entry) params() []param {
	if e.kind != kindFuncProto {
		return nil
	}
	var params []param
	for i := range e.vlen {
		raw := e.data[8*i:]
		p := param{name: e.file.text(binary.NativeEndian.Uint32(raw)), typ: binary.NativeEndian.Uint32(raw[4:])}
		if p.typ == 0 {
			break
		}
		params = append(params, p)
	}
	return params
}

// Tracepoint is a tracepoint with a prototype.
type Tracepoint struct{ Module, Name string }

// RawTracepoints lists the tracepoints in order of file and number.
func (s *Set) RawTracepoints() []Tracepoint {
	var all []Tracepoint
	for _, f := range s.files {
		f.each(func(e entry) bool {
			if e.kind == kindTypedef {
				if name, ok := strings.CutPrefix(f.text(e.name), tracePrototype); ok {
					all = append(all, Tracepoint{f.module, name})
				}
			}
			return true
		})
	}
	return all
}

// HasFunction reports whether there is a function of a name, and in what.
func (s *Set) HasFunction(name string) (module string, ok bool) {
	for _, f := range s.files {
		if _, ok := f.lookup(name, kindFunc); ok {
			return f.module, true
		}
	}
	return "", false
}

// Names returns the names of records and enums, with their keywords.
func (s *Set) Names() []string {
	var names []string
	for _, f := range s.files {
		f.each(func(e entry) bool {
			word := ""
			switch e.kind {
			case kindStruct, kindUnion:
				word = keyword(e.kind == kindUnion)
			case kindEnum, kindEnum64:
				word = "enum "
			default:
				return true
			}
			if name := f.text(e.name); name != "" {
				names = append(names, word+name)
			}
			return true
		})
	}
	return names
}
