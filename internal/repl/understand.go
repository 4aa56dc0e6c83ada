package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/object"
)

func understandCommands() []command {
	return []command{
		{name: "plan", args: "CLAUSE", brief: "tell what a clause would load, without attaching it", run: cmdPlan},
		{name: "bpf", args: "ID", brief: "show the instructions of a clause, with its lines", arg: argClause, run: cmdBPF},
		{name: "jit", args: "ID", brief: "show the machine code of a clause, with its lines", arg: argClause, run: cmdJIT},
		{name: "verifier", args: "ID", brief: "show the verifier's log of a clause, with its lines", arg: argClause, run: cmdVerifier},
		{name: "cost", brief: "tell the time each clause takes: runs, ns per run, share of a CPU", run: cmdCost,
			more: "From the kernel's statistics, which are on while the console runs, since each clause was attached."},
		{name: "loss", brief: "tell what each clause lost, and why", run: cmdLoss},
	}
}

func cmdPlan(_ context.Context, c *console, arg string) error {
	text, _ := c.engine.filter.apply(arg)
	b, err := c.engine.compile("plan", text)
	if err != nil {
		return err
	}
	var w strings.Builder
	w.WriteString(c.paint.warning(b.warnings))
	total := 0
	for i := range b.obj.Manifest.Programs {
		p := &b.obj.Manifest.Programs[i]
		n := len(b.obj.Spec.Programs[p.Name].Instructions)
		total += n
		fmt.Fprintf(&w, "%-10s %-14s %s  %s\n", "program", p.Context, plural(len(p.Points), "hook"), plural(n, "instruction"))
		for j, at := range p.Points {
			if j == 5 {
				fmt.Fprintf(&w, "%-10s ... and %d more\n", "", len(p.Points)-j)
				break
			}
			fmt.Fprintf(&w, "%-10s %s\n", "", at.Name)
		}
	}
	for i := range b.obj.Manifest.Maps {
		m := &b.obj.Manifest.Maps[i]
		kept := "new"
		if have := c.engine.maps[m.Name]; have != nil {
			kept = "shared, settled by " + have.by
		}
		spec := b.obj.Spec.Maps[m.Spec]
		fmt.Fprintf(&w, "%-10s @%s %s  up to %s keys, %s  %s\n", "map", m.Name, spec.Type, number(float64(spec.MaxEntries)), size(mostBytes(spec)), kept)
	}
	if b.obj.Manifest.Ring != "" {
		fmt.Fprintf(&w, "%-10s for %s\n", "ring", plural(len(b.obj.Manifest.Events), "kind")+" of event")
	}
	fmt.Fprintf(&w, "in all %s; nothing was attached\n", plural(total, "instruction"))
	c.screen.Print(w.String())
	return nil
}

// mostBytes is what a map takes when it is full.
func mostBytes(spec *ebpf.MapSpec) uint64 {
	value := uint64(spec.ValueSize+7) &^ 7
	switch spec.Type {
	case ebpf.PerCPUArray, ebpf.PerCPUHash, ebpf.LRUCPUHash:
		if n, err := ebpf.PossibleCPU(); err == nil {
			value *= uint64(n)
		}
	}
	return uint64(spec.MaxEntries) * (uint64(spec.KeySize) + value)
}

// one returns the clause of an id.
func (c *console) one(arg string) (*clause, error) {
	list, err := c.pick(arg)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, fail("one clause, please")
	}
	return list[0], nil
}

func cmdBPF(_ context.Context, c *console, arg string) error {
	cl, err := c.one(arg)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := range cl.obj.Manifest.Programs {
		p := &cl.obj.Manifest.Programs[i]
		b.WriteString(c.paint.head(programTitle(p)) + "\n")
		c.listInstructions(&b, cl, cl.obj.Spec.Programs[p.Name].Instructions)
	}
	c.screen.Print(b.String())
	return nil
}

// programTitle names a program for people.
func programTitle(p *object.Program) string {
	if len(p.Points) == 0 {
		return p.Name
	}
	title := p.Points[0].Name
	if n := len(p.Points); n > 1 {
		title += fmt.Sprintf(" and %d more", n-1)
	}
	return title
}

// listInstructions writes instructions with the script's lines between them.
func (c *console) listInstructions(b *strings.Builder, cl *clause, list asm.Instructions) {
	last := ""
	iter := list.Iterate()
	for iter.Next() {
		ins := iter.Ins
		if src := ins.Source(); src != nil && src.String() != last {
			last = src.String()
			b.WriteString(c.paint.dim("; "+cl.place(last)) + "\n")
		}
		if sym := ins.Symbol(); sym != "" {
			b.WriteString(sym + ":\n")
		}
		fmt.Fprintf(b, "%5d  %v\n", iter.Offset, ins)
	}
}

func cmdVerifier(_ context.Context, c *console, arg string) error {
	cl, err := c.one(arg)
	if err != nil {
		return err
	}
	spec := cl.obj.Spec.Copy()
	if ring := spec.Maps[cl.obj.Manifest.Ring]; ring != nil {
		ring.MaxEntries = uint32(os.Getpagesize())
	}
	coll, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{
		Programs: ebpf.ProgramOptions{LogLevel: ebpf.LogLevelInstruction | ebpf.LogLevelStats, LogSizeStart: 1 << 20},
	})
	var refused *ebpf.VerifierError
	if errors.As(err, &refused) {
		c.screen.Print(strings.Join(refused.Log, "\n") + "\n")
		return nil
	}
	if err != nil {
		return err
	}
	defer coll.Close()
	var b strings.Builder
	for i := range cl.obj.Manifest.Programs {
		p := &cl.obj.Manifest.Programs[i]
		b.WriteString(c.paint.head(programTitle(p)) + "\n")
		b.WriteString(cl.explain(strings.TrimSpace(coll.Programs[p.Name].VerifierLog)) + "\n")
	}
	c.screen.Print(b.String())
	return nil
}

func cmdCost(_ context.Context, c *console, _ string) error {
	if c.engine.stats == nil {
		return fail("the kernel does not count run times").withHint("it needs CAP_SYS_ADMIN and Linux 5.8")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-4s %12s %10s %8s  %s\n", "", "runs", "ns/run", "% CPU", "clause")
	for _, cl := range c.engine.clauses {
		if !cl.on {
			continue
		}
		var spent time.Duration
		var runs uint64
		err := c.engine.session.EachProgram(cl.unit, func(p *ebpf.Program, _ *object.Program) error {
			stats, err := p.Stats()
			if err == nil {
				spent, runs = spent+stats.Runtime, runs+stats.RunCount
			}
			return err
		})
		if err != nil {
			return err
		}
		each := 0.0
		if runs > 0 {
			each = float64(spent.Nanoseconds()) / float64(runs)
		}
		share := 100 * spent.Seconds() / time.Since(cl.since).Seconds()
		fmt.Fprintf(&b, "%-4s %12d %10.0f %8.3f  %s\n", cl.id, runs, each, share, oneLine(cl.text))
	}
	c.screen.Print(b.String())
	return nil
}

func cmdLoss(_ context.Context, c *console, _ string) error {
	report := lossReport(c.engine, true)
	if report == "" {
		report = "nothing lost\n"
	}
	c.screen.Print(report)
	return nil
}

// lossReport tells what was lost, by clause and cause; nothing if nothing was.
// With live set that of the clauses now attached is in it.
func lossReport(e *engine, live bool) string {
	all := slices.Clone(e.gone)
	for _, cl := range e.clauses {
		lost := cl.lost
		if live {
			lost = e.losses(cl)
		}
		all = append(all, lossOf{cl.id, lost})
	}
	var b strings.Builder
	for _, of := range all {
		for _, l := range of.lost {
			what := ""
			if l.Map != "" {
				what = " " + l.Map
			}
			fmt.Fprintf(&b, "%-4s lost %d: %s%s, in %s\n", of.id, l.N, l.Cause, what, l.Probe)
		}
	}
	return b.String()
}

// explain puts the script's text behind the places in a verifier's log.
func (c *clause) explain(log string) string {
	places := regexp.MustCompile(`(?m)^; (\d+:\d+) @.*$`)
	return places.ReplaceAllStringFunc(log, func(line string) string {
		return "; " + c.place(places.FindStringSubmatch(line)[1])
	})
}

// place writes a place "line:column", as the instructions carry it, with the
// text that is there.
func (c *clause) place(at string) string {
	var line, column int
	if n, err := fmt.Sscanf(at, "%d:%d", &line, &column); n != 2 || err != nil {
		return at
	}
	text := c.set.Files[0].Line(line)
	if column < 1 || column > len(text) {
		return at
	}
	return at + "  " + text[column-1:]
}
