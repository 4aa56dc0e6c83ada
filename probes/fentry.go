package probes

import (
	"errors"
	"fmt"
	"io/fs"
	"sort"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel"
	"github.com/gotrace/gotrace/probes/kernel/btf"
)

// fentryPoints resolves "fentry[:module]:function" and the same with fexit. The
// arguments and the result are those of the function's prototype, so it must
// have one in the kernel's types.
func fentryPoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	kind, _ := KindByName(spec.Parts[0].Text)
	usage := fmt.Sprintf("write %s:FUNCTION or %[1]s:MODULE:FUNCTION", kind.Name)
	if err := shape(spec, 1, 2, usage); err != nil {
		return nil, err
	}
	if w.Types == nil || w.Functions == nil {
		return nil, noTypes()
	}
	at := len(spec.Parts) - 1
	f := fentry{world: w, kind: kind, function: spec.Parts[at], at: at}
	if at == 2 {
		f.module = spec.Parts[1]
	}
	switch {
	case f.function.Text == "":
		return nil, hint(at, usage, "%s needs a function", kind.Name)
	case f.module.Text == "bpf":
		return nil, &typecheck.Unsupported{Part: 1, Msg: kind.Name + " on BPF programs is not supported yet"}
	case wildPart(f.function) || wildPart(f.module):
		return f.expand()
	}
	return f.one()
}

// fentry is an attach point being resolved.
type fentry struct {
	world            *World
	kind             Kind
	module, function ast.Part
	at               int // the index of the function's part
}

// one resolves a function by its name.
func (f *fentry) one() ([]point.Point, error) {
	name := f.function.Text
	found, err := f.world.Types.Function(f.module.Text, name)
	switch {
	case errors.Is(err, kernel.ErrNoBTF):
		return nil, noTypes()
	case errors.Is(err, fs.ErrNotExist):
		return nil, f.missing(name)
	case err != nil:
		return nil, err
	case found.Variadic:
		return nil, hint(f.at, "use a kprobe", "%s cannot trace %s: it takes a variable number of arguments", f.kind.Name, name)
	}
	return []point.Point{f.point(found)}, nil
}

// missing explains why there is no such function.
func (f *fentry) missing(name string) error {
	state, err := f.world.Functions.Lookup(name, "")
	if err == nil && state == kernel.FunctionFound && f.module.Text == "" {
		return hint(f.at, "use a kprobe, which needs no types", "the kernel's types do not tell the arguments of %q", name)
	}
	all, err := f.world.Types.FunctionNames()
	if err != nil {
		return err
	}
	var names []string
	module := false
	for _, fn := range all {
		module = module || fn.Module == f.module.Text
		if fn.Name == name && f.module.Text != "" {
			return hint(1, "it is in "+fn.Module, "there is no function %q in kernel module %q", name, f.module.Text)
		}
		names = append(names, fn.Name)
	}
	if f.module.Text != "" && !module {
		return hint(1, "lsmod lists those that are", "kernel module %q is not loaded", f.module.Text)
	}
	advice := didYouMean(name, names)
	if advice == "" {
		advice = fmt.Sprintf("gotrace -l '%s:*' lists what can be traced", f.kind.Name)
	}
	return hint(f.at, advice, "there is no kernel function %q", name)
}

// expand resolves wildcards.
func (f *fentry) expand() ([]point.Point, error) {
	all, err := f.world.trampolines()
	if err != nil {
		return nil, err
	}
	inName, inModule := matcher(f.function), matcher(f.module)
	wanted := map[kernel.Function]bool{}
	for _, fn := range all {
		if inName(fn.Name) && (f.module.Text == "" || inModule(fn.Module)) {
			wanted[fn] = true
		}
	}
	found, err := f.world.Types.MatchFunctions(func(module, name string) bool {
		return wanted[kernel.Function{Name: name, Module: module}]
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	var points []point.Point
	for i, fn := range found {
		if i > 0 && found[i-1].Name == fn.Name && found[i-1].Module == fn.Module || !traceableArgs(fn) {
			continue
		}
		points = append(points, f.point(fn))
	}
	if len(points) == 0 {
		return nil, bad(f.at, "no kernel function matches %q", f.function.Text)
	}
	return points, nil
}

// registerArgs is how many words of arguments every kernel's trampolines can
// pass on (arch/x86/net/bpf_jit_comp.c: more since 6.7).
const registerArgs = 6

// traceableArgs reports whether a trampoline of any kernel can pass a function's
// arguments on. A wildcard leaves the others out; one asked for by its name is
// the kernel's to refuse.
func traceableArgs(f btf.Function) bool {
	if f.Variadic || f.Args.Size > 8*registerArgs {
		return false
	}
	for _, m := range f.Args.Members {
		if m.Type.Kind == types.Record || m.Type.Kind == types.Array {
			return false
		}
	}
	return !(f.Ret.Kind == types.Record || f.Ret.Kind == types.Array)
}

// trampolines lists the functions that can be traced by fentry: those with a
// prototype among those that ftrace can patch, sorted by name.
func (w *World) trampolines() ([]kernel.Function, error) {
	typed, err := w.Types.FunctionNames()
	if errors.Is(err, kernel.ErrNoBTF) {
		return nil, noTypes()
	}
	if err != nil {
		return nil, err
	}
	have := make(map[kernel.Function]bool, len(typed))
	for _, f := range typed {
		have[f] = true
	}
	patchable, err := w.Functions.Traceable()
	if err != nil {
		return nil, err
	}
	var all []kernel.Function
	for _, f := range patchable {
		f.Module = moduleName(f.Module)
		if have[f] {
			all = append(all, f)
		}
	}
	return all, nil
}

// point makes the point of a function.
func (f *fentry) point(fn btf.Function) point.Point {
	p := point.Point{
		Provider: f.kind.Name,
		Name:     f.kind.Name + ":" + fn.Module + ":" + fn.Name,
		Context:  f.kind.Context,
		Args:     &fn.Args,
		Attach:   point.Attach{Symbol: fn.Name, Module: fn.Module},
	}
	if f.kind.Context == point.Fexit && fn.Ret.Kind != types.Void {
		p.Ret = &fn.Ret
	}
	return p
}

// listFentry lists the functions that can be traced, with their module.
func listFentry(w *World, q query, yield func(entry)) error {
	if w.Types == nil || w.Functions == nil {
		return noTypes()
	}
	all, err := w.trampolines()
	if err != nil {
		return err
	}
	last := kernel.Function{}
	for _, f := range all {
		name := f.Module + ":" + f.Name
		if f == last || !q.match(name) && (q.parts > 1 || !q.match(f.Name)) {
			continue
		}
		last = f
		yield(entry{name: name, params: func() []string { return w.signature(f.Name, q.kind.Context == point.Fexit) }})
	}
	return nil
}

// signature describes the arguments of a function and, for its exit, the result.
func (w *World) signature(function string, exit bool) []string {
	params := w.prototype(function, false)
	if exit {
		params = append(params[:len(params):len(params)], w.prototype(function, true)...)
	}
	return params
}
