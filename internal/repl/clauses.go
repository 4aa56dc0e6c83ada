package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

func clauseCommands() []command {
	return []command{
		{name: "list", brief: "list the clauses with their state", run: cmdList,
			more: "on: attached; off: by .off; paused: by .pause; done: it called exit();\ndead: what it was attached to is gone."},
		{name: "drop", args: "ID...", brief: "detach clauses and forget them; @x forgets a map", arg: argClause, run: cmdDrop,
			more: "The maps of a clause stay until they are dropped themselves."},
		{name: "off", args: "ID...", brief: "detach clauses, but keep them", arg: argClause, run: cmdOff},
		{name: "on", args: "ID...", brief: "attach clauses again", arg: argClause, run: cmdOn},
		{name: "edit", args: "[ID [CLAUSE]]", brief: "change a clause in $EDITOR, or to what is given", arg: argClause, run: cmdEdit,
			more: "The new clause is attached before the old one goes. Without ID the last clause is edited."},
		{name: "undo", brief: "take back the last change of the clauses", run: cmdUndo},
		{name: "pause", brief: "detach all clauses for now", run: cmdPause},
		{name: "resume", brief: "attach the paused clauses, and show the stream again", run: cmdResume},
		{name: "for", args: "DURATION", brief: "let the clauses run for so long, then pause them", run: cmdFor,
			more: "Ctrl-C ends the wait at once. Example: .for 10s"},
		{name: "run", args: "CMD", brief: "run a shell command and wait for it", run: cmdRun,
			more: "Its output is shown, its input is empty. Ctrl-C ends it."},
		{name: "target", args: "[pid N|comm NAME|cgroup DIR|off]", brief: "limit the clauses entered from now on", run: cmdTarget,
			more: "The condition becomes part of each clause's predicate. A process is of a control group if it is\nin it itself, not in one below it."},
	}
}

// undoStep takes a change back.
type undoStep struct {
	what string
	do   func(context.Context) error
}

// mostUndo is how many changes can be taken back.
const mostUndo = 100

func (c *console) pushUndo(what string, do func(context.Context) error) {
	if len(c.undo) == mostUndo {
		c.undo = slices.Delete(c.undo, 0, 1)
	}
	c.undo = append(c.undo, undoStep{what, do})
}

func cmdUndo(ctx context.Context, c *console, _ string) error {
	if len(c.undo) == 0 {
		return fail("there is nothing to take back")
	}
	step := c.undo[len(c.undo)-1]
	c.undo = c.undo[:len(c.undo)-1]
	if err := step.do(ctx); err != nil {
		return err
	}
	c.screen.Printf("taken back: %s\n", step.what)
	return nil
}

func cmdList(_ context.Context, c *console, _ string) error {
	if len(c.engine.clauses)+len(c.engine.defs) == 0 {
		c.screen.Print("no clauses yet; .examples shows some\n")
		return nil
	}
	var b strings.Builder
	for _, d := range c.engine.defs {
		fmt.Fprintf(&b, "%-4s %-7s %s\n", d.id, "def", c.paint.highlight(oneLine(d.text)))
	}
	for _, cl := range c.engine.clauses {
		fmt.Fprintf(&b, "%-4s %-7s %s\n", cl.id, cl.state(), c.paint.highlight(oneLine(cl.text)))
	}
	c.screen.Print(b.String())
	return nil
}

// pick returns the clauses of a list of ids.
func (c *console) pick(arg string) ([]*clause, error) {
	var list []*clause
	for _, id := range strings.FieldsFunc(arg, func(r rune) bool { return r == ' ' || r == ',' }) {
		if id == "all" || id == "*" {
			return slices.Clone(c.engine.clauses), nil
		}
		cl := c.engine.find(id)
		if cl == nil {
			cl = c.engine.find("p" + id)
		}
		if cl == nil {
			return nil, fail("there is no clause %s", id).withHint(".list shows them")
		}
		list = append(list, cl)
	}
	return list, nil
}

func cmdDrop(ctx context.Context, c *console, arg string) error {
	if name, ok := strings.CutPrefix(arg, "@"); ok {
		return c.dropMap(name)
	}
	if i := slices.IndexFunc(c.engine.defs, func(d *definition) bool { return d.id == arg }); i >= 0 {
		return c.dropDefinition(i)
	}
	list, err := c.pick(arg)
	if err != nil {
		return err
	}
	for _, cl := range list {
		at := slices.Index(c.engine.clauses, cl)
		was := cl.on
		if err := c.engine.drop(ctx, cl); err != nil {
			return err
		}
		c.pushUndo("drop "+cl.id, func(ctx context.Context) error {
			if was {
				return c.engine.restore(ctx, cl, at)
			}
			c.engine.clauses = slices.Insert(c.engine.clauses, min(at, len(c.engine.clauses)), cl)
			return nil
		})
		c.screen.Printf("%s  dropped\n", cl.id)
	}
	return nil
}

func (c *console) dropMap(name string) error {
	if c.engine.maps[name] == nil {
		return c.engine.noMap(name)
	}
	for _, cl := range c.engine.clauses {
		for _, m := range cl.prog.Maps {
			if m.Name == name {
				return fail("map @%s is used by %s", name, cl.id).withHint(".drop %s first", cl.id)
			}
		}
	}
	if err := c.engine.session.Forget(name); err != nil {
		return err
	}
	delete(c.engine.maps, name)
	c.screen.Printf("@%s  dropped\n", name)
	return nil
}

func (c *console) dropDefinition(i int) error {
	d := c.engine.defs[i]
	c.engine.defs = slices.Delete(c.engine.defs, i, i+1)
	c.pushUndo("drop "+d.id, func(context.Context) error {
		c.engine.defs = slices.Insert(c.engine.defs, min(i, len(c.engine.defs)), d)
		return nil
	})
	c.screen.Printf("%s  dropped\n", d.id)
	return nil
}

func cmdOff(ctx context.Context, c *console, arg string) error {
	list, err := c.pick(arg)
	if err != nil {
		return err
	}
	for _, cl := range list {
		if !cl.on {
			c.screen.Printf("%s  is off already\n", cl.id)
			continue
		}
		if err := c.engine.detach(ctx, cl); err != nil {
			return err
		}
		c.pushUndo("off "+cl.id, func(ctx context.Context) error { return c.engine.attach(ctx, cl) })
		c.screen.Printf("%s  off\n", cl.id)
	}
	return nil
}

func cmdOn(ctx context.Context, c *console, arg string) error {
	list, err := c.pick(arg)
	if err != nil {
		return err
	}
	for _, cl := range list {
		if cl.on {
			c.screen.Printf("%s  is on already\n", cl.id)
			continue
		}
		if err := c.attachHeld(ctx, cl); err != nil {
			return err
		}
		c.pushUndo("on "+cl.id, func(ctx context.Context) error { return c.engine.detach(ctx, cl) })
	}
	return nil
}

// attachHeld attaches a clause and says so before the clause says anything.
func (c *console) attachHeld(ctx context.Context, cl *clause) error {
	c.screen.hold(true)
	defer c.screen.hold(false)
	if err := c.engine.attach(ctx, cl); err != nil {
		return err
	}
	c.screen.Print(attachedLine(cl))
	return nil
}

func cmdEdit(ctx context.Context, c *console, arg string) error {
	if len(c.engine.clauses) == 0 {
		return fail("there is no clause to edit")
	}
	old := c.engine.clauses[len(c.engine.clauses)-1]
	id, text := cutWord(arg)
	if id != "" {
		list, err := c.pick(id)
		if err != nil {
			return err
		}
		old = list[0]
	}
	if text == "" {
		edited, err := c.inEditor(old.text)
		if err != nil {
			return err
		}
		text = edited
	}
	if strings.TrimSpace(text) == strings.TrimSpace(old.text) {
		c.screen.Printf("%s  unchanged\n", old.id)
		return nil
	}
	c.screen.hold(true)
	defer c.screen.hold(false)
	cl, err := c.engine.replace(ctx, old, text)
	if err != nil {
		return err
	}
	c.pushUndo("edit "+cl.id, func(ctx context.Context) error {
		_, err := c.engine.replace(ctx, c.engine.find(cl.id), old.text)
		return err
	})
	c.screen.Print(c.paint.warning(cl.warnings))
	c.screen.Print(attachedLine(cl))
	return nil
}

// inEditor lets the user change a text in the editor of the environment.
func (c *console) inEditor(text string) (string, error) {
	file, err := os.CreateTemp("", "gotrace-*.bt")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(text + "\n"); err != nil {
		return "", errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	command := c.opts.Editor
	if command == "" {
		command = "vi"
	}
	cmd := exec.Command("/bin/sh", "-c", command+` "$1"`, "sh", file.Name())
	cmd.Stdout, cmd.Stderr = c.opts.Stdout, c.opts.Stdout
	if ed, ok := c.lines.(*editor); ok { // else the input is the session's
		cmd.Stdin = c.opts.Stdin
		ed.release()
		defer ed.grab()
	}
	if err := cmd.Run(); err != nil {
		return "", fail("the editor %q failed: %v", command, err).withHint("set EDITOR, or write .edit ID CLAUSE")
	}
	changed, err := os.ReadFile(file.Name())
	return strings.TrimSpace(string(changed)), err
}

func cmdPause(ctx context.Context, c *console, _ string) error {
	n := 0
	for _, cl := range c.engine.clauses {
		if !cl.on {
			continue
		}
		if err := c.engine.detach(ctx, cl); err != nil {
			return err
		}
		cl.held = true
		n++
	}
	c.screen.Printf("%s paused\n", plural(n, "clause"))
	return nil
}

func cmdResume(ctx context.Context, c *console, _ string) error {
	if hushed := c.screen.mute(false); hushed > 0 {
		c.screen.Printf("%s not shown meanwhile\n", plural(hushed, "line"))
	}
	n := 0
	for _, cl := range c.engine.clauses {
		if !cl.held {
			continue
		}
		if err := c.engine.attach(ctx, cl); err != nil {
			return err
		}
		n++
	}
	c.screen.Printf("%s resumed\n", plural(n, "clause"))
	return nil
}

func cmdFor(ctx context.Context, c *console, arg string) error {
	d, err := duration(arg)
	if err != nil {
		return err
	}
	began := time.Now()
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	c.screen.Flush()
	c.screen.Printf("ran for %.1f s: ", time.Since(began).Seconds())
	return cmdPause(context.WithoutCancel(ctx), c, "")
}

// duration reads "10s", "500ms", or a number of seconds.
func duration(arg string) (time.Duration, error) {
	if arg != "" && strings.Trim(arg, "0123456789.") == "" {
		arg += "s"
	}
	d, err := time.ParseDuration(arg)
	if err != nil || d <= 0 {
		return 0, fail("%q is not a duration", arg).withHint("write 10s, 500ms or 2m")
	}
	return d, nil
}

func cmdRun(ctx context.Context, c *console, arg string) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", arg)
	cmd.Stdout, cmd.Stderr = c.screen, c.screen
	// All that the shell started goes with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = time.Second
	began := time.Now()
	err := cmd.Run()
	c.screen.Flush()
	state := "ended"
	if cmd.ProcessState != nil && !cmd.ProcessState.Success() {
		state = cmd.ProcessState.String()
	} else if err != nil {
		return fail("cannot run %q: %v", arg, err)
	}
	c.screen.Print(c.paint.dim(fmt.Sprintf("%s after %.1f s\n", state, time.Since(began).Seconds())))
	return nil
}

func cmdTarget(_ context.Context, c *console, arg string) error {
	kind, value := cutWord(arg)
	switch kind {
	case "":
	case "off":
		c.engine.filter = filter{}
	default:
		f, err := newFilter(kind, value)
		if err != nil {
			return err
		}
		c.engine.filter = f
	}
	c.screen.Printf("clauses trace %s\n", c.engine.filter)
	return nil
}

// clauseIDs returns the ids of all clauses; it may be called from anywhere.
func (c *console) clauseIDs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.ids)
}

// noteIDs keeps a copy of the clauses' ids for the completion.
func (c *console) noteIDs() {
	var ids []string
	for _, cl := range c.engine.clauses {
		ids = append(ids, cl.id)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids = ids
}
