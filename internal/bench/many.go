package main

import (
	"errors"
	"time"
)

// many measures what grows with the number of probes: listing them, attaching
// to a few dozen, and letting go of those.
func (b *bench) many() error {
	const group = "many probes, ms"
	list := b.table.row(group, "list all tracepoints", "%.1f", 0)
	b.interleave(list.name, func(t *tool) error {
		args := []string{"-l", "tracepoint:*"}
		if t.dialect(script{}) == nil { // ply lists nothing
			return nil
		}
		began := time.Now()
		if err := t.command(args...).Run(); err != nil {
			return err
		}
		list.add(t, time.Since(began).Seconds()*1000)
		return nil
	})
	attach := b.table.row(group, "exec to attached, sys_enter_*at", "%.1f", 0)
	end := b.table.row(group, "interrupt to end", "%.1f", 0)
	b.interleave(attach.name, func(t *tool) error {
		r, err := t.begin(script{call: "sys_enter_*at", action: "@ = count();"}, nil)
		if errors.Is(err, errNoWord) {
			return nil
		} else if err != nil {
			return err
		}
		began := time.Now()
		if err := r.end(); err != nil {
			return err
		}
		attach.add(t, r.took.Seconds()*1000)
		end.add(t, time.Since(began).Seconds()*1000)
		return nil
	})
	return nil
}
