package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// prunedTypes returns a small BTF of the wanted types of this kernel.
func prunedTypes() ([]byte, error) {
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		return nil, err
	}
	p := pruner{spec: spec, copies: map[copied]btf.Type{}, forwards: map[btf.Fwd]*btf.Fwd{}, keep: map[string]bool{}}
	for _, name := range wantedRecords() {
		p.keep[name] = true
	}
	steps := []func() error{p.addRecords, p.addNames, p.addConstants, p.addRaw, p.addFunctions}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	var builder btf.Builder
	for _, t := range p.roots {
		if _, err := builder.Add(t); err != nil {
			return nil, err
		}
	}
	return builder.Marshal(nil, nil)
}

// pruner copies types and cuts what is far: behind a pointer, a record that is
// not kept becomes a declaration, and a function loses its parameters.
type pruner struct {
	spec     *btf.Spec
	keep     map[string]bool
	copies   map[copied]btf.Type
	forwards map[btf.Fwd]*btf.Fwd
	roots    []btf.Type
}

// named returns the first type of a name and sort: some names the kernel has
// several times.
func named[T btf.Type](p *pruner, name string) (T, error) {
	var none T
	all, err := p.spec.AnyTypesByName(name)
	if err != nil {
		return none, err
	}
	for _, t := range all {
		if t, ok := t.(T); ok {
			return t, nil
		}
	}
	return none, btf.ErrNotFound
}

func (p *pruner) addRecords() error {
	for _, name := range wantedRecords() {
		s, err := named[*btf.Struct](p, name)
		if err != nil {
			return fmt.Errorf("struct %s: %w", name, err)
		}
		p.roots = append(p.roots, p.copy(s, false))
	}
	return nil
}

func (p *pruner) addNames() error {
	typedefs, enums := wantedNames()
	for _, name := range typedefs {
		t, err := named[*btf.Typedef](p, name)
		if err != nil {
			return fmt.Errorf("typedef %s: %w", name, err)
		}
		p.roots = append(p.roots, p.copy(t, false))
	}
	for _, name := range enums {
		e, err := named[*btf.Enum](p, name)
		if err != nil {
			return fmt.Errorf("enum %s: %w", name, err)
		}
		p.roots = append(p.roots, p.copy(e, false))
	}
	return nil
}

// addConstants adds the nameless enums that have the wanted enumerators.
func (p *pruner) addConstants() error {
	wanted := wantedConstants()
	found := 0
	for t, err := range p.spec.All() {
		if err != nil {
			return err
		}
		e, ok := t.(*btf.Enum)
		if !ok {
			continue
		}
		has := slices.ContainsFunc(e.Values, func(v btf.EnumValue) bool { return slices.Contains(wanted, v.Name) })
		if has {
			p.roots = append(p.roots, p.copy(e, false))
			found++
		}
	}
	if found < len(wanted) {
		return errors.New("some enumerators are missing")
	}
	return nil
}

// addRaw adds the prototypes of raw tracepoints, with and without names.
func (p *pruner) addRaw() error {
	for _, name := range wantedRaw() {
		t, err := named[*btf.Typedef](p, "btf_trace_"+name)
		if err != nil {
			return fmt.Errorf("raw tracepoint %s: %w", name, err)
		}
		proto := t.Type.(*btf.Pointer).Target.(*btf.FuncProto)
		p.roots = append(p.roots, &btf.Typedef{Name: t.Name, Type: &btf.Pointer{Target: p.prototype(proto)}})
		f, err := named[*btf.Func](p, "__probestub_"+name)
		if err != nil {
			return fmt.Errorf("raw tracepoint %s: %w", name, err)
		}
		p.addFunction(f)
	}
	return nil
}

func (p *pruner) addFunctions() error {
	for _, name := range wantedFunctions() {
		name, _, _ = strings.Cut(name, " ")
		// Some are of other kernels or of modules: they have no prototype here.
		if f, err := named[*btf.Func](p, name); err == nil {
			p.addFunction(f)
		}
	}
	return nil
}

func (p *pruner) addFunction(f *btf.Func) {
	p.roots = append(p.roots, &btf.Func{Name: f.Name, Type: p.prototype(f.Type.(*btf.FuncProto)), Linkage: f.Linkage})
}

func (p *pruner) prototype(proto *btf.FuncProto) *btf.FuncProto {
	short := &btf.FuncProto{Return: p.copy(proto.Return, false)}
	for _, param := range proto.Params {
		short.Params = append(short.Params, btf.FuncParam{Name: param.Name, Type: p.copy(param.Type, false)})
	}
	return short
}

// copied tells copies apart: a type has one as it is, and perhaps one as what a
// pointer points at.
type copied struct {
	of     btf.Type
	behind bool
}

// copy copies a type; behind tells that it is only pointed at.
func (p *pruner) copy(t btf.Type, behind bool) btf.Type {
	key := copied{t, behind && p.far(t)}
	if done, ok := p.copies[key]; ok {
		return done
	}
	if key.behind {
		switch t := t.(type) {
		case *btf.Struct:
			return p.remember(key, p.declare(t.Name, btf.FwdStruct))
		case *btf.Union:
			return p.remember(key, p.declare(t.Name, btf.FwdUnion))
		case *btf.FuncProto:
			return p.remember(key, &btf.FuncProto{Return: (*btf.Void)(nil)})
		}
	}
	return p.deep(t, key)
}

func (p *pruner) remember(key copied, t btf.Type) btf.Type {
	p.copies[key] = t
	return t
}

// far reports whether a type, its qualifiers aside, is cut behind a pointer.
func (p *pruner) far(t btf.Type) bool {
	for {
		switch u := t.(type) {
		case *btf.Const:
			t = u.Type
		case *btf.Volatile:
			t = u.Type
		case *btf.Restrict:
			t = u.Type
		case *btf.TypeTag:
			t = u.Type
		case *btf.Struct:
			return u.Name != "" && !p.keep[u.Name]
		case *btf.Union:
			return u.Name != ""
		case *btf.FuncProto:
			return true
		default:
			return false
		}
	}
}

// declare returns the declaration of a record, the same each time.
func (p *pruner) declare(name string, kind btf.FwdKind) btf.Type {
	f := btf.Fwd{Name: name, Kind: kind}
	if p.forwards[f] == nil {
		p.forwards[f] = &f
	}
	return p.forwards[f]
}

// deep copies a type with what it is made of. What may contain itself is
// remembered before its parts are copied.
func (p *pruner) deep(t btf.Type, key copied) btf.Type {
	switch t := t.(type) {
	case *btf.Struct:
		s := &btf.Struct{Name: t.Name, Size: t.Size}
		p.copies[key] = s
		s.Members = p.members(t.Members)
		return s
	case *btf.Union:
		u := &btf.Union{Name: t.Name, Size: t.Size}
		p.copies[key] = u
		u.Members = p.members(t.Members)
		return u
	case *btf.Pointer:
		c := &btf.Pointer{}
		p.copies[key] = c
		c.Target = p.copy(t.Target, true)
		return c
	case *btf.FuncProto:
		return p.remember(key, p.prototype(t))
	case *btf.Array:
		return p.remember(key, &btf.Array{Index: p.copy(t.Index, false), Type: p.copy(t.Type, key.behind), Nelems: t.Nelems})
	case *btf.Typedef:
		return p.remember(key, &btf.Typedef{Name: t.Name, Type: p.copy(t.Type, false)})
	case *btf.Const:
		return p.remember(key, &btf.Const{Type: p.copy(t.Type, key.behind)})
	case *btf.Volatile:
		return p.remember(key, &btf.Volatile{Type: p.copy(t.Type, key.behind)})
	case *btf.Restrict:
		return p.remember(key, &btf.Restrict{Type: p.copy(t.Type, key.behind)})
	case *btf.TypeTag:
		return p.remember(key, &btf.TypeTag{Value: t.Value, Type: p.copy(t.Type, key.behind)})
	case *btf.Enum:
		return p.remember(key, &btf.Enum{Name: t.Name, Size: t.Size, Signed: t.Signed, Values: t.Values})
	case *btf.Int:
		return p.remember(key, &btf.Int{Name: t.Name, Size: t.Size, Encoding: t.Encoding})
	}
	return t
}

func (p *pruner) members(all []btf.Member) []btf.Member {
	var copies []btf.Member
	for _, m := range all {
		copies = append(copies, btf.Member{Name: m.Name, Type: p.copy(m.Type, false), Offset: m.Offset, BitfieldSize: m.BitfieldSize})
	}
	return copies
}
