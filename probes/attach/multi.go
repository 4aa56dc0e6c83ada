package attach

import (
	"context"

	"github.com/cilium/ebpf/link"

	"github.com/gotrace/gotrace/lang/point"
)

// multi attaches to all points by one link (kprobe_multi, Linux 5.18), or one
// for each binary (uprobe_multi, Linux 6.6).
func (a *attacher) multi(ctx context.Context) error {
	if err := ctx.Err(); err != nil || len(a.program.Points) == 0 {
		return err
	}
	switch a.program.Context {
	case point.Kprobe, point.Kretprobe:
		return a.kprobeMulti()
	}
	// The points come sorted, so that those of a binary are together.
	points := a.program.Points
	for start := 0; start < len(points); {
		end := start + 1
		for end < len(points) && points[end].Attach.Path == points[start].Attach.Path {
			end++
		}
		if err := a.uprobeMulti(start, end); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (a *attacher) kprobeMulti() error {
	opts := link.KprobeMultiOptions{Cookies: a.program.Cookies}
	for _, p := range a.program.Points {
		opts.Symbols = append(opts.Symbols, p.Attach.Symbol)
	}
	attach := link.KprobeMulti
	if a.program.Context == point.Kretprobe {
		attach = link.KretprobeMulti
	}
	l, err := attach(a.prog, opts)
	if err := a.keep(a.program.Points[0], l, err); err != nil {
		return err
	}
	a.link.points = append(a.link.points, a.program.Points...)
	return nil
}

// uprobeMulti attaches to points[start:end], which are of one binary.
func (a *attacher) uprobeMulti(start, end int) error {
	points := a.program.Points[start:end]
	file, err := link.OpenExecutable(points[0].Attach.Path)
	if err != nil {
		return explain(points[0], err)
	}
	opts := &link.UprobeMultiOptions{PID: uint32(a.opts.PID)}
	for _, p := range points {
		opts.Addresses = append(opts.Addresses, p.Attach.Address)
	}
	if points[0].Context == point.USDT {
		for _, p := range points {
			opts.RefCtrOffsets = append(opts.RefCtrOffsets, p.Attach.Semaphore)
		}
	}
	if len(a.program.Cookies) != 0 {
		opts.Cookies = a.program.Cookies[start:end]
	}
	attach := file.UprobeMulti
	if a.program.Context == point.Uretprobe && !points[0].Attach.AtReturn {
		attach = file.UretprobeMulti
	}
	l, err := attach(nil, a.prog, opts)
	if err := a.keep(points[0], l, err); err != nil {
		return err
	}
	a.link.points = append(a.link.points, points...)
	return nil
}
