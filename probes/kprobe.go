package probes

import (
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel"
)

// kprobePoints resolves "kprobe[:module]:function[+offset]", the same with
// kretprobe (without an offset), and "kprobe:0xaddress".
func kprobePoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	kind, _ := KindByName(spec.Parts[0].Text)
	usage := fmt.Sprintf("write %s:FUNCTION or %[1]s:MODULE:FUNCTION", kind.Name)
	if err := shape(spec, 1, 2, usage); err != nil {
		return nil, err
	}
	if w.Functions == nil {
		return nil, kernel.NoKprobes()
	}
	if err := w.Functions.Kprobes(); err != nil {
		return nil, err
	}
	k := kprobe{world: w, kind: kind, at: len(spec.Parts) - 1}
	k.function = spec.Parts[k.at]
	if k.at == 2 {
		k.module = spec.Parts[1]
	}
	if k.function.Text == "" {
		return nil, hint(k.at, usage, "%s needs a function", kind.Name)
	}
	if err := k.parseOffset(); err != nil {
		return nil, err
	}
	if k.address != 0 {
		return []point.Point{k.point(kernel.Function{})}, nil
	}
	if wildPart(k.function) || wildPart(k.module) {
		return k.expand()
	}
	return k.one()
}

// kprobe is an attach point being resolved.
type kprobe struct {
	world            *World
	kind             Kind
	module, function ast.Part
	at               int // the index of the function's part
	offset, address  uint64
}

// parseOffset splits "function+offset" and finds addresses.
func (k *kprobe) parseOffset() error {
	name, offset, found := strings.Cut(k.function.Text, "+")
	if !found {
		address, err := parseNumber(k.function.Text)
		if err != nil {
			return nil
		}
		if !k.world.Options.Unsafe {
			return hint(k.at, "--unsafe allows it", "a %s at an address may crash the kernel", k.kind.Name)
		}
		k.address = address
		return nil
	}
	if k.kind.Context == point.Kretprobe {
		return bad(k.at, "kretprobe takes no offset: it acts where the function returns")
	}
	n, err := parseNumber(offset)
	if err != nil {
		return bad(k.at, "the offset %s: %q", err, offset)
	}
	if wild(name) {
		return bad(k.at, "an offset needs one function, not wildcards")
	}
	k.function.Text, k.offset = name, n
	return nil
}

// one resolves a function by its name.
func (k *kprobe) one() ([]point.Point, error) {
	name, module := k.function.Text, k.module.Text
	if module == "vmlinux" {
		module = ""
	}
	state, err := k.world.Functions.Lookup(name, module)
	if err != nil {
		return nil, err
	}
	switch state {
	case kernel.FunctionMissing:
		if points := k.clonesOnly(name, module); len(points) > 0 {
			return points, nil
		}
		return nil, k.missing(name, module)
	case kernel.FunctionBlacklisted:
		return nil, bad(k.at, "kernel function %q cannot be probed: it is on the kernel's blacklist, as probing it could hang the machine", name)
	}
	return k.withArgs(k.withClones(name, module)), nil
}

// missing explains why there is no such function to probe.
func (k *kprobe) missing(name, module string) error {
	functions, err := k.world.Functions.Traceable()
	if err != nil {
		return err
	}
	var names []string
	moduleSeen := module == ""
	for _, f := range functions {
		moduleSeen = moduleSeen || f.Module == module
		if module == "" || f.Module == module {
			names = append(names, f.Name)
		}
	}
	if !moduleSeen {
		return hint(1, "lsmod lists those that are", "kernel module %q is not loaded", module)
	}
	advice := didYouMean(name, names)
	if advice == "" {
		advice = "it may be inlined; gotrace -l 'kprobe:*' lists what can be probed"
	}
	if module != "" {
		return hint(k.at, advice, "there is no function %q in kernel module %q", name, module)
	}
	return hint(k.at, advice, "there is no kernel function %q", name)
}

// expand resolves wildcards over the functions that may safely be probed.
func (k *kprobe) expand() ([]point.Point, error) {
	functions, err := k.world.Functions.Traceable()
	if err != nil {
		return nil, err
	}
	inName, inModule := matcher(k.function), matcher(k.module)
	var points []point.Point
	last := ""
	for _, f := range functions {
		if f.Name == last || !inName(f.Name) || !probeable(f.Name) {
			continue
		}
		if k.module.Text != "" && !inModule(moduleName(f.Module)) {
			continue
		}
		if k.module.Text == "" {
			// As the kernel finds the first of a name, the module says nothing.
			f.Module = ""
		}
		last = f.Name
		points = append(points, k.point(f))
	}
	if len(points) == 0 {
		return nil, bad(k.at, "no kernel function matches %q", k.function.Text)
	}
	return k.withArgs(points), nil
}

// probeable reports whether a name of the symbol table can be given to the
// kernel: not so the parts that the compiler split off.
func probeable(name string) bool { return !strings.Contains(name, ".part.") }

// moduleName is what bpftrace calls a module: the kernel proper has a name too.
func moduleName(module string) string {
	if module == "" {
		return "vmlinux"
	}
	return module
}

// point makes the point of a function.
func (k *kprobe) point(f kernel.Function) point.Point {
	p := point.Point{
		Provider: k.kind.Name,
		Context:  k.kind.Context,
		Attach:   point.Attach{Symbol: f.Name, Module: f.Module, Offset: k.offset, Address: k.address},
	}
	switch {
	case k.address != 0:
		p.Name = fmt.Sprintf("%s:%d", k.kind.Name, k.address)
	case k.module.Text != "":
		p.Name = k.kind.Name + ":" + moduleName(f.Module) + ":" + f.Name
	default:
		p.Name = k.kind.Name + ":" + f.Name
	}
	if k.offset != 0 {
		p.Name += fmt.Sprintf("+%d", k.offset)
	}
	if k.kind.Context == point.Kretprobe {
		// All that a register can say of a result.
		ret := types.Uint64()
		p.Ret = &ret
	}
	return p
}

// listKprobes lists the functions that can be probed, with their module if the
// query asks for one.
func listKprobes(w *World, q query, yield func(entry)) error {
	if w.Functions == nil {
		return kernel.NoKprobes()
	}
	if err := w.Functions.Kprobes(); err != nil {
		return err
	}
	functions, err := w.Functions.Traceable()
	if err != nil {
		return err
	}
	last := ""
	for _, f := range functions {
		name := f.Name
		if q.parts > 1 {
			name = moduleName(f.Module) + ":" + f.Name
		}
		if name == last || !probeable(f.Name) || !q.match(name) {
			continue
		}
		last = name
		yield(entry{name: name, params: func() []string { return w.prototype(f.Name, q.kind.Context == point.Kretprobe) }})
	}
	return nil
}

// prototype describes what a function takes or returns.
func (w *World) prototype(function string, result bool) []string {
	if w.Types == nil {
		return nil
	}
	params, ret, err := w.Types.Prototype(function)
	switch {
	case err != nil:
		return nil
	case !result:
		return params
	case ret == "void":
		return nil
	}
	return []string{ret + " retval"}
}
