package lower

import (
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
)

// writers is what is known of the programs that update a map, as far as it
// decides how the map is stored and updated.
type writers struct {
	// exclusive says that on one CPU no program updates the map while another
	// is at it, so that a plain addition to the CPU's own copy loses nothing.
	exclusive bool
	// burst says that many elements may be inserted while interrupts are off.
	// The kernel then cannot refill its stock of free elements, and a map whose
	// elements are not allocated beforehand fails with room to spare.
	burst bool
}

// writersOf looks at the clauses that update each map.
func writersOf(prog *typed.Program) []writers {
	all := make([]writers, len(prog.Maps))
	for i := range all {
		all[i].exclusive = true
	}
	for _, c := range prog.Clauses {
		exclusive, burst := runsExclusively(c.Context), insertsInBursts(c)
		forEachUpdate(c.Body, func(m *typed.Map) {
			w := &all[m.Index]
			w.exclusive = w.exclusive && exclusive
			w.burst = w.burst || burst
		})
	}
	return all
}

// runsExclusively reports whether the kernel lets no two programs of the
// context run at once on a CPU: those that go through trace_call_bpf and
// bpf_overflow_handler with preemption off and bpf_prog_active raised
// (kernel/trace/bpf_trace.c, kernel/events/core.c). Programs of user space
// probes can be preempted, raw tracepoints nest.
func runsExclusively(c point.Context) bool {
	switch c {
	case point.Tracepoint, point.Kprobe, point.Kretprobe, point.PerfEvent:
		return true
	}
	return false
}

// insertsInBursts reports whether a clause may run many times over without
// interrupts being on in between, as in the middle of the scheduler. System
// calls, timers, samples and user space have them on between two runs.
func insertsInBursts(c *typed.Clause) bool {
	switch c.Context {
	case point.Timer, point.Uprobe, point.Uretprobe, point.PerfEvent, point.Iter:
		return false
	case point.Tracepoint:
		for _, p := range c.Points {
			if p.Attach.Category != "syscalls" && p.Attach.Category != "raw_syscalls" {
				return true
			}
		}
		return false
	}
	return true
}

// forEachUpdate visits the maps that statements may insert into.
func forEachUpdate(list []typed.Stmt, visit func(*typed.Map)) {
	eachStmt(list, func(s typed.Stmt) {
		switch s := s.(type) {
		case *typed.SetMap:
			visit(s.Map)
		case *typed.AddMap:
			visit(s.Map)
		case *typed.Aggregate:
			visit(s.Map)
		}
	})
	typed.WalkStmts(list, func(x typed.Expr) {
		if change, ok := x.(*typed.IncDec); ok {
			if target, ok := change.Target.(*typed.MapRead); ok {
				visit(target.Map)
			}
		}
	})
}
