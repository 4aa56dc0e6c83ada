package repl

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

func sessionCommands() []command {
	return []command{
		{name: "load", args: "F", brief: "enter all clauses of a script", arg: argFile, run: cmdLoad},
		{name: "save", args: "F", brief: "write the clauses as a script that gotrace F runs", arg: argFile, run: cmdSave,
			more: "Clauses that are not on are written as comments."},
		{name: "history", args: "[WORDS]", brief: "list what was entered", run: cmdHistory},
		{name: "set", args: "NAME VALUE", brief: "change a setting for the clauses entered from now on", arg: argSetting, run: cmdSet,
			more: "The settings are those of config blocks, such as max_map_keys and max_strlen; and\nvi on|off for the keys of vi."},
		{name: "show", brief: "show the settings and the state of the session", run: cmdShow},
		{name: "color", args: "[on|off]", brief: "turn colours on or off", run: cmdColor},
		{name: "time", brief: "tell, or no longer tell, how long each entry takes", run: cmdTime},
		{name: "help", args: "[NAME]", brief: "list the commands, or explain one", arg: argCommand, run: cmdHelp},
		{name: "quit", brief: "detach all, print the maps, and leave; Ctrl-D is the same", run: cmdQuit},
	}
}

func cmdLoad(ctx context.Context, c *console, arg string) error {
	text, err := os.ReadFile(arg)
	if err != nil {
		return fileError("read", arg, err)
	}
	set := &source.Set{}
	file, list := parser.Parse(set, set.Add(arg, string(text)))
	if list.HasErrors() {
		return &scriptError{set: set, list: list}
	}
	if len(file.Items) == 1 {
		return c.enter(ctx, set.Text(file.Items[0].Pos()), set, file)
	}
	return c.enter(ctx, string(text), set, file)
}

func cmdSave(_ context.Context, c *console, arg string) error {
	var b strings.Builder
	b.WriteString("#!/usr/bin/env gotrace\n")
	if names := c.engine.ownSettings(); len(names) > 0 {
		b.WriteString("config = {\n")
		for _, name := range names {
			fmt.Fprintf(&b, "  %s = %s;\n", name, c.engine.settings[settingVariable(name)])
		}
		b.WriteString("}\n")
	}
	for _, d := range c.engine.defs {
		b.WriteString("\n" + ended(d.text) + "\n")
	}
	n := 0
	for _, cl := range c.engine.clauses {
		if !cl.on && !cl.held {
			b.WriteString("\n// off: " + strings.ReplaceAll(cl.text, "\n", "\n// ") + "\n")
			continue
		}
		n++
		b.WriteString("\n" + cl.text + "\n")
	}
	if err := os.WriteFile(arg, []byte(b.String()), 0o644); err != nil {
		return fileError("write", arg, err)
	}
	c.screen.Printf("%s: %s\n", arg, plural(n, "clause"))
	return nil
}

// ended puts the semicolon behind a definition that needs one in a script.
func ended(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "let") || strings.HasPrefix(text, "import") {
		return strings.TrimSuffix(text, ";") + ";"
	}
	if kind, _ := cutWord(text); slices.Contains([]string{"struct", "union", "enum", "typedef"}, kind) {
		return strings.TrimSuffix(text, ";") + ";"
	}
	return text
}

func cmdHistory(_ context.Context, c *console, arg string) error {
	words := strings.Fields(strings.ToLower(arg))
	var b strings.Builder
	for i, entry := range c.history {
		if containsAll(entry, words) {
			fmt.Fprintf(&b, "%4d  %s\n", i+1, oneLine(entry))
		}
	}
	c.screen.Print(b.String())
	return nil
}

// settingVariable is the variable of the environment that a setting is read of.
func settingVariable(name string) string { return "BPFTRACE_" + strings.ToUpper(name) }

// ownSettings returns the names of the settings made by .set, sorted.
func (e *engine) ownSettings() []string {
	var names []string
	for variable, v := range e.settings {
		if e.opts.Env[variable] != v {
			names = append(names, strings.ToLower(strings.TrimPrefix(variable, "BPFTRACE_")))
		}
	}
	slices.Sort(names)
	return names
}

func cmdSet(_ context.Context, c *console, arg string) error {
	name, value := cutWord(arg)
	if name == "vi" {
		return c.setVi(value)
	}
	if value == "" {
		return fail(".set takes a name and a value").withHint("as in .set max_map_keys 10000")
	}
	word := value
	if _, err := strconv.ParseInt(value, 0, 64); err != nil && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz_") != "" {
		word = strconv.Quote(strings.Trim(value, `"`))
	}
	if _, err := c.engine.compile("setting", "config = { "+name+" = "+word+"; }\nbegin { }"); err != nil {
		return err
	}
	c.engine.settings[settingVariable(name)] = value
	c.screen.Printf("%s = %s\n", name, value)
	return nil
}

func (c *console) setVi(value string) error {
	on, err := onOff(value)
	if err != nil {
		return err
	}
	ed, ok := c.lines.(*editor)
	if !ok {
		return fail("there is no line editor without a terminal")
	}
	ed.vi.Store(on)
	c.screen.Printf("vi = %s\n", value)
	return nil
}

func onOff(value string) (bool, error) {
	switch value {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fail("%q is neither on nor off", value)
}

func cmdShow(_ context.Context, c *console, _ string) error {
	var b strings.Builder
	on := 0
	for _, cl := range c.engine.clauses {
		if cl.on {
			on++
		}
	}
	fmt.Fprintf(&b, "%-14s %d, %d of them on\n", "clauses", len(c.engine.clauses), on)
	fmt.Fprintf(&b, "%-14s %d\n", "maps", len(c.engine.maps))
	fmt.Fprintf(&b, "%-14s %s\n", "target", c.engine.filter)
	fmt.Fprintf(&b, "%-14s %t\n", "color", c.paint.on.Load())
	fmt.Fprintf(&b, "%-14s %t\n", "time", c.timing)
	for _, name := range c.engine.ownSettings() {
		fmt.Fprintf(&b, "%-14s %s\n", name, c.engine.settings[settingVariable(name)])
	}
	c.screen.Print(b.String())
	return nil
}

func cmdColor(_ context.Context, c *console, arg string) error {
	on := !c.paint.on.Load()
	if arg != "" {
		var err error
		if on, err = onOff(arg); err != nil {
			return err
		}
	}
	c.paint.on.Store(on)
	c.screen.Printf("color = %t\n", on)
	return nil
}

func cmdTime(_ context.Context, c *console, _ string) error {
	c.timing = !c.timing
	c.screen.Printf("time = %t\n", c.timing)
	return nil
}

func cmdQuit(_ context.Context, c *console, _ string) error {
	c.quit = true
	return nil
}

// printKept prints the maps that no clause uses any more: the session prints
// those of its units when it ends.
func (c *console) printKept() {
	for _, info := range c.engine.session.MapInfos() {
		if info.Units > 0 {
			continue
		}
		if s, err := c.engine.shoot(info.Described.Name); err == nil && len(s.rows) > 0 {
			c.screen.Print(s.show(0))
		}
	}
}
