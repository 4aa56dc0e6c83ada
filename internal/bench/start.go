package main

import (
	"errors"
	"time"
)

// start measures how long it takes until tracing has begun, and the greatest
// memory of the process until then. The high-water mark of the address space
// is used: what wait4 tells includes the process that started it.
func (b *bench) start() error {
	programs := []struct {
		name       string
		script     script
		wall, peak float64 // the goals
	}{
		{"@[comm] = count()", script{call: "sys_enter_execve", action: "@[comm] = count();", ply: "@[comm] = count();"}, 1.0 / 12, 1.0 / 8},
		{"curtask->pid (needs BTF)", script{call: "sys_enter_execve", action: "@[curtask->pid] = count();"}, 1.0 / 7, 1.0 / 5},
	}
	for _, p := range programs {
		wall := b.table.row("exec to attached, sys_enter_execve: wall ms, peak MB", p.name+" ms", "%.1f", p.wall)
		peak := b.table.row(wall.group, p.name+" MB", "%.1f", p.peak)
		end := b.table.row(wall.group, p.name+" interrupt to end, ms", "%.1f", 0)
		b.interleave(p.name, func(t *tool) error {
			r, err := t.begin(p.script, nil)
			if errors.Is(err, errNoWord) {
				return nil
			} else if err != nil {
				return err
			}
			bytes, statusErr := r.status("VmHWM")
			began := time.Now()
			if err := errors.Join(statusErr, r.end()); err != nil {
				return err
			}
			wall.add(t, float64(r.took.Microseconds())/1000)
			peak.add(t, bytes/1e6)
			end.add(t, float64(time.Since(began).Microseconds())/1000)
			return nil
		})
	}
	return nil
}
