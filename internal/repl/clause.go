package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/runtime"
)

// clause is an entry that is traced: one action block.
type clause struct {
	id   string
	text string
	built
	unit runtime.UnitID
	// on says that it is attached; held that it would be, were not all paused.
	on, held bool
	done     bool // it called exit()
	since    time.Time
	// What attaching it came to.
	hooks, maps  int
	bytes        uint64
	instructions int
	verified     time.Duration
	// lost is what it lost in earlier times of being attached.
	lost []runtime.LossCount
}

// state is one word for the list.
func (c *clause) state() string {
	switch {
	case c.done:
		return "done"
	case c.on && c.vanished():
		return "dead"
	case c.on:
		return "on"
	case c.held:
		return "paused"
	}
	return "off"
}

// vanished reports whether what the clause is attached to is gone.
func (c *clause) vanished() bool {
	for i := range c.obj.Manifest.Programs {
		for _, p := range c.obj.Manifest.Programs[i].Points {
			switch {
			case p.Attach.Path != "" && missing(p.Attach.Path):
				return true
			case p.Attach.Module != "" && p.Attach.Module != "vmlinux" && missing("/sys/module/"+strings.ReplaceAll(p.Attach.Module, "-", "_")):
				return true
			}
		}
	}
	return c.pid > 0 && missing("/proc/"+strconv.Itoa(c.pid))
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// attach loads a compiled clause and attaches it.
func (e *engine) attach(ctx context.Context, c *clause) error {
	if err := e.sharable(&c.built); err != nil {
		return err
	}
	unit, err := e.session.AddLive(ctx, c.obj, runtime.UnitOptions{Sources: c.set, MaxStrlen: c.prog.Config.MaxStrlen},
		func(code int) { e.onExit(c, code) })
	if err != nil {
		e.forget(&c.built)
		return placed(c.set, err)
	}
	c.unit, c.on, c.held, c.done, c.since = unit, true, false, false, time.Now()
	e.session.Drain(unit) // what its begin blocks print comes before the prompt
	e.settle(c.id, &c.built, unit)
	e.measure(c)
	return nil
}

// measure takes down what a clause costs.
func (e *engine) measure(c *clause) {
	c.hooks = e.session.Hooks(c.unit)
	c.maps, c.bytes = e.session.UnitBytes(c.unit)
	c.instructions, c.verified = 0, 0
	_ = e.session.EachProgram(c.unit, func(p *ebpf.Program, spec *object.Program) error {
		c.instructions += len(c.obj.Spec.Programs[spec.Name].Instructions)
		c.verified += verificationTime(p.VerifierLog)
		return nil
	})
}

// verificationTime reads "verification time 312 usec" in a verifier's log.
func verificationTime(log string) time.Duration {
	m := regexp.MustCompile(`verification time (\d+) usec`).FindStringSubmatch(log)
	if m == nil {
		return 0
	}
	usec, _ := strconv.Atoi(m[1])
	return time.Duration(usec) * time.Microsecond
}

// detach takes a clause off its hooks; its maps stay.
func (e *engine) detach(ctx context.Context, c *clause) error {
	if !c.on {
		return nil
	}
	c.lost = addLosses(c.lost, e.session.UnitLosses(c.unit))
	c.on = false
	return e.session.Remove(ctx, c.unit)
}

// add compiles and attaches an entry of one action block.
func (e *engine) add(ctx context.Context, text string) (*clause, error) {
	id := fmt.Sprintf("p%d", e.lastID+1)
	text, pid := e.filter.apply(text)
	b, err := e.compile(id, text)
	if err != nil {
		return nil, err
	}
	b.pid = pid
	c := &clause{id: id, text: text, built: *b}
	if err := e.attach(ctx, c); err != nil {
		return nil, err
	}
	e.lastID++
	e.clauses = append(e.clauses, c)
	return c, nil
}

// replace puts a new text in a clause's place: it is attached before the old one
// goes, so that nothing in between is missed.
func (e *engine) replace(ctx context.Context, old *clause, text string) (*clause, error) {
	b, err := e.compile(old.id, text)
	if err != nil {
		return nil, err
	}
	b.pid = old.pid
	c := &clause{id: old.id, text: text, built: *b, lost: old.lost}
	if old.on || old.done {
		if err := e.attach(ctx, c); err != nil {
			return nil, err
		}
	}
	e.clauses[slices.Index(e.clauses, old)] = c
	return c, e.detach(ctx, old)
}

// drop detaches a clause and takes it off the list.
func (e *engine) drop(ctx context.Context, c *clause) error {
	err := e.detach(ctx, c)
	if len(c.lost) > 0 {
		e.gone = append(e.gone, lossOf{c.id, c.lost})
		c.lost = nil
	}
	e.clauses = slices.DeleteFunc(e.clauses, func(have *clause) bool { return have == c })
	return err
}

// restore puts a clause that was dropped back.
func (e *engine) restore(ctx context.Context, c *clause, at int) error {
	if err := e.attach(ctx, c); err != nil {
		return err
	}
	e.clauses = slices.Insert(e.clauses, min(at, len(e.clauses)), c)
	return nil
}

// once runs an entry of begin blocks and takes it away again.
func (e *engine) once(ctx context.Context, b *built) error {
	if err := e.sharable(b); err != nil {
		return err
	}
	unit, err := e.session.AddLive(ctx, b.obj, runtime.UnitOptions{Sources: b.set, MaxStrlen: b.prog.Config.MaxStrlen}, func(int) {})
	if err != nil {
		e.forget(b)
		return placed(b.set, err)
	}
	e.settle("a statement", b, unit)
	return e.session.Remove(ctx, unit)
}

// addLosses adds counters up by cause and place.
func addLosses(have, more []runtime.LossCount) []runtime.LossCount {
	for _, m := range more {
		i := slices.IndexFunc(have, func(l runtime.LossCount) bool { return l.Loss == m.Loss })
		if i < 0 {
			have = append(have, m)
			continue
		}
		have[i].N += m.N
	}
	return have
}

// losses returns all that a clause lost so far.
func (e *engine) losses(c *clause) []runtime.LossCount {
	list := slices.Clone(c.lost)
	if c.on {
		list = addLosses(list, e.session.UnitLosses(c.unit))
	}
	return list
}
