// Package attach puts loaded programs on the points of the kernel and of
// programs where they act. It is the only package that opens perf events.
//
// Every attachment is a file descriptor or two: nothing is pinned and nothing
// is written into tracefs, so that whatever happens to this process the kernel
// takes all of it away.
//
// An attachment is all or nothing: if one of a program's points fails, those
// before it are undone, unless the caller says to go on.
package attach

import (
	"context"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
)

// Options are the choices of a run.
type Options struct {
	// PID limits uprobes and sampled events to a process; zero does not. Probes
	// of the kernel cannot be limited: their programs check the process.
	PID int
	// Child is the process of -c, whose addresses watchpoints mean; zero is none.
	Child int
	// Skip, if not nil, is asked about each point that cannot be attached:
	// true goes on without it.
	Skip func(p point.Point, err error) bool
}

// Attach attaches a program to all its points. The program need not be kept
// open after that. The error, if not the context's, is an *Error.
func Attach(ctx context.Context, prog *ebpf.Program, p object.Program, opts Options) (*Link, error) {
	if len(p.Cookies) != 0 && len(p.Cookies) != len(p.Points) {
		return nil, fmt.Errorf("gotrace: internal error: %d cookies for %d points", len(p.Cookies), len(p.Points))
	}
	a := attacher{prog: prog, program: p, opts: opts, link: &Link{}}
	if err := a.all(ctx); err != nil {
		a.link.Close()
		return nil, err
	}
	return a.link, nil
}

// attacher attaches one program.
type attacher struct {
	prog    *ebpf.Program
	program object.Program
	opts    Options
	link    *Link
}

func (a *attacher) all(ctx context.Context) error {
	if a.program.Multi {
		return a.multi(ctx)
	}
	for i, p := range a.program.Points {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := a.one(p, a.cookie(i)); err != nil {
			if named, ok := err.(*Error); ok && a.opts.Skip != nil && a.opts.Skip(p, named) {
				continue
			}
			return err
		}
		a.link.points = append(a.link.points, p)
	}
	return a.link.enable()
}

// cookie returns the cookie of a point, nil if the program asks for none.
func (a *attacher) cookie(i int) *uint64 {
	if len(a.program.Cookies) == 0 {
		return nil
	}
	return &a.program.Cookies[i]
}

// one attaches the program to a point.
func (a *attacher) one(p point.Point, cookie *uint64) error {
	switch p.Context {
	case point.Timer:
		// User space runs these itself.
		return nil
	case point.Tracepoint:
		return a.tracepoint(p, cookie)
	case point.RawTracepoint, point.BTFTracepoint:
		return a.rawTracepoint(p, cookie)
	case point.Iter:
		return a.iter(p)
	case point.Fentry, point.Fexit:
		return a.trampoline(p)
	case point.Kprobe, point.Kretprobe:
		return a.kprobe(p, cookie)
	case point.Uprobe, point.Uretprobe, point.USDT:
		return a.uprobe(p, cookie)
	case point.PerfEvent:
		return a.sample(p, cookie)
	}
	return fmt.Errorf("gotrace: internal error: no way to attach to a %q", p.Context)
}
