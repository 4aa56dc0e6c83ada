package probes

import (
	"errors"
	"io/fs"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/kernel"
)

const rawTracepointUsage = "write rawtracepoint:EVENT or rawtracepoint:MODULE:EVENT"

// rawTracepointPoints resolves "rawtracepoint[:module]:event". The arguments
// have names and types where the kernel has BTF; elsewhere the event is taken
// at its word and only argN work.
func rawTracepointPoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	if err := shape(spec, 1, 2, rawTracepointUsage); err != nil {
		return nil, err
	}
	module, at := ast.Part{Text: "*"}, 1
	if len(spec.Parts) == 3 {
		module, at = spec.Parts[1], 2
	}
	event := spec.Parts[at]
	if event.Text == "" {
		return nil, hint(at, rawTracepointUsage, "rawtracepoint needs an event")
	}
	any := module.Text == "*" && !module.Quoted
	if !wildPart(event) && (any || !wildPart(module)) {
		return w.oneRawTracepoint(module.Text, event.Text, any, at)
	}
	if w.Types == nil {
		return nil, noTypes()
	}
	all, err := w.Types.RawTracepoints()
	if err != nil {
		return nil, w.typeError("", err)
	}
	var points []point.Point
	inModule, inEvent := matcher(module), matcher(event)
	for _, e := range all {
		if inModule(e.Module) && inEvent(e.Name) {
			p, err := w.rawTracepoint(e.Module, e.Name)
			if err != nil {
				return nil, err
			}
			points = append(points, p)
		}
	}
	if len(points) == 0 {
		return nil, bad(at, "no raw tracepoint matches %q", event.Text)
	}
	return points, nil
}

// oneRawTracepoint resolves an event by its name.
func (w *World) oneRawTracepoint(module, event string, any bool, at int) ([]point.Point, error) {
	if any {
		module = ""
	}
	p, err := w.rawTracepoint(module, event)
	switch {
	case err == nil:
		return []point.Point{p}, nil
	case errors.Is(err, kernel.ErrNoBTF):
		return []point.Point{bareRawTracepoint(module, event)}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	all, err := w.Types.RawTracepoints()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
		if e.Name == event {
			return nil, hint(at-1, "it is in "+e.Module, "there is no raw tracepoint %q in %q", event, module)
		}
	}
	advice := didYouMean(event, names)
	if advice == "" {
		advice = "gotrace -l 'rawtracepoint:*' lists them all"
	}
	return nil, hint(at, advice, "there is no raw tracepoint %q", event)
}

// rawTracepoint makes the point of an event with its arguments' types.
func (w *World) rawTracepoint(module, event string) (point.Point, error) {
	if w.Types == nil {
		return point.Point{}, kernel.ErrNoBTF
	}
	args, in, err := w.Types.RawTracepoint(module, event)
	if err != nil {
		return point.Point{}, err
	}
	p := bareRawTracepoint(in, event)
	p.Args = &args
	return p, nil
}

func bareRawTracepoint(module, event string) point.Point {
	name := "rawtracepoint:" + event
	if module != "" {
		name = "rawtracepoint:" + module + ":" + event
	}
	return point.Point{
		Provider: "rawtracepoint",
		Name:     name,
		Context:  point.RawTracepoint,
		Attach:   point.Attach{Event: event, Module: module},
	}
}

// listRawTracepoints lists the events that have types.
func listRawTracepoints(w *World, q query, yield func(entry)) error {
	if w.Types == nil {
		return nil
	}
	all, err := w.Types.RawTracepoints()
	if errors.Is(err, kernel.ErrNoBTF) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range all {
		name := e.Module + ":" + e.Name
		if !q.match(name) {
			continue
		}
		yield(entry{name: name, params: func() []string {
			params, err := w.Types.RawPrototype(e.Module, e.Name)
			if err != nil {
				return nil
			}
			return params
		}})
	}
	return nil
}
