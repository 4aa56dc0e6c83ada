package probes

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/tracefs"
)

const tracepointUsage = "write tracepoint:CATEGORY:EVENT, such as tracepoint:sched:sched_switch"

// tracepointPoints resolves "tracepoint:category:event". With a wildcard in it
// the event may stand alone.
func tracepointPoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	at := len(spec.Parts) - 1
	if len(spec.Parts) == 2 && wildPart(spec.Parts[1]) {
		anything := ast.Part{Span: spec.Parts[1].Span, Text: "*"}
		spec = &ast.AttachPoint{Span: spec.Span, Text: spec.Text, Parts: []ast.Part{spec.Parts[0], anything, spec.Parts[1]}}
	}
	if err := shape(spec, 2, 2, tracepointUsage); err != nil {
		return nil, err
	}
	category, event := spec.Parts[1], spec.Parts[2]
	if category.Text == "" || event.Text == "" {
		return nil, hint(1, tracepointUsage, "tracepoint needs a category and an event")
	}
	if w.Tracepoints == nil {
		return nil, bad(2, "there is no tracepoint %q", category.Text+":"+event.Text)
	}
	if !wildPart(category) && !wildPart(event) {
		p, err := w.tracepoint(tracefs.Event{Category: category.Text, Name: event.Text})
		if errors.Is(err, fs.ErrNotExist) {
			return nil, w.noTracepoint(category.Text, event.Text)
		}
		return []point.Point{p}, tracefsError(err)
	}
	events, err := w.Tracepoints.Events()
	if err != nil {
		return nil, tracefsError(err)
	}
	var points []point.Point
	inCategory, inEvent := matcher(category), matcher(event)
	for _, e := range events {
		if !inCategory(e.Category) || !inEvent(e.Name) {
			continue
		}
		p, err := w.tracepoint(e)
		if errors.Is(err, fs.ErrNotExist) {
			// Some events of ftrace itself are listed but cannot be attached to.
			continue
		}
		if err != nil {
			return nil, tracefsError(err)
		}
		points = append(points, p)
	}
	if len(points) == 0 {
		return nil, bad(at, "no tracepoint matches %q", category.Text+":"+event.Text)
	}
	return points, nil
}

// tracepoint makes the point of an event.
func (w *World) tracepoint(e tracefs.Event) (point.Point, error) {
	format, err := w.Tracepoints.Format(e.Category, e.Name)
	if err != nil {
		return point.Point{}, err
	}
	// A syscall's arguments are the caller's; everything else that a tracepoint
	// records is the kernel's own.
	space := types.Kernel
	if e.Category == "syscalls" {
		space = types.User
	}
	args := format.Args(space, w.resolveType)
	return point.Point{
		Provider: "tracepoint",
		Name:     "tracepoint:" + e.String(),
		Context:  point.Tracepoint,
		Args:     &args,
		Attach:   point.Attach{Category: e.Category, Event: e.Name},
	}, nil
}

// resolveType is tracefs.Resolve over the kernel's types.
func (w *World) resolveType(name string) (types.Type, bool) {
	if w.Types == nil {
		return types.Type{}, false
	}
	t, err := w.Types.ByName(name)
	return t, err == nil
}

// noTracepoint explains why an event does not exist.
func (w *World) noTracepoint(category, event string) error {
	events, err := w.Tracepoints.Events()
	if err != nil {
		return tracefsError(err)
	}
	var categories, siblings, elsewhere []string
	for _, e := range events {
		if len(categories) == 0 || categories[len(categories)-1] != e.Category {
			categories = append(categories, e.Category)
		}
		if e.Category == category {
			siblings = append(siblings, e.Name)
		}
		if e.Name == event {
			elsewhere = append(elsewhere, e.String())
		}
	}
	msg := bad(2, "there is no tracepoint %q", category+":"+event)
	switch {
	case len(elsewhere) > 0:
		msg.Part = 1
		msg.Hint = "did you mean \"" + elsewhere[0] + "\"?"
	case len(siblings) > 0:
		msg.Hint = didYouMean(event, siblings)
	default:
		msg.Part = 1
		msg.Msg = bad(1, "there is no tracepoint category %q", category).Msg
		msg.Hint = didYouMean(category, categories)
	}
	if msg.Hint == "" {
		msg.Hint = "gotrace -l 'tracepoint:*' lists them all"
	}
	return msg
}

// tracefsError turns a missing tracefs into what the kernel or the user lacks.
func tracefsError(err error) error {
	var missing *tracefs.NotMounted
	if errors.As(err, &missing) {
		return &typecheck.Unsupported{Part: 0, Msg: missing.Error(), Hint: missing.Hint()}
	}
	return err
}

// listTracepoints lists the events.
func listTracepoints(w *World, q query, yield func(entry)) error {
	if w.Tracepoints == nil {
		return nil
	}
	events, err := w.Tracepoints.Events()
	if err != nil {
		return tracefsError(err)
	}
	for _, e := range events {
		name := e.String()
		if !q.match(name) {
			continue
		}
		yield(entry{name: name, params: func() []string {
			format, err := w.Tracepoints.Format(e.Category, e.Name)
			if err != nil {
				return nil
			}
			var params []string
			for _, f := range format.Fields {
				params = append(params, f.Declaration)
			}
			return slices.Clip(params)
		}})
	}
	return nil
}
