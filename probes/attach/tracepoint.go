package attach

import (
	"errors"
	"io/fs"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/tracefs"
)

// tracepoint attaches to a tracepoint by one perf event, of any CPU: the
// program runs on all of them.
func (a *attacher) tracepoint(p point.Point, cookie *uint64) error {
	events, err := tracefs.Find()
	var missing *tracefs.NotMounted
	if errors.As(err, &missing) {
		return &Error{Point: p, Msg: missing.Error(), Hint: missing.Hint(), Err: err}
	}
	id, err := events.ID(p.Attach.Category, p.Attach.Event)
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{Point: p, Msg: p.Name + " does not exist any more", Hint: "its kernel module may have been unloaded", Err: err}
	}
	if err != nil {
		return explain(p, err)
	}
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id}
	if err := a.perfEvent(p, attr, -1, 0, cookie); err != nil {
		return explain(p, err)
	}
	return nil
}

// rawTracepoint attaches to the hook below a tracepoint.
func (a *attacher) rawTracepoint(p point.Point, cookie *uint64) error {
	if p.Context == point.BTFTracepoint {
		// The program names its tracepoint itself.
		opts := link.TracingOptions{Program: a.prog}
		if cookie != nil {
			opts.Cookie = *cookie
		}
		l, err := link.AttachTracing(opts)
		return a.keep(p, l, err)
	}
	l, err := link.AttachRawTracepoint(link.RawTracepointOptions{Name: p.Attach.Event, Program: a.prog})
	return a.keep(p, l, err)
}

// keep notes a link of cilium/ebpf or explains its error.
func (a *attacher) keep(p point.Point, l link.Link, err error) error {
	if err != nil {
		return explain(p, err)
	}
	a.link.others = append(a.link.others, l)
	return nil
}
