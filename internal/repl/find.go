package repl

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/features"
	"github.com/gotrace/gotrace/stdlib"
)

// mostLines is how many lines a search prints; the rest is counted.
const mostLines = 200

func findCommands() []command {
	return []command{
		{name: "probes", args: "GLOB", brief: "list the probes whose name matches", arg: argProbe, run: cmdProbes,
			more: "As gotrace -l: PROVIDER:REST with wildcards, or a part of any name.\nExample: .probes tracepoint:sched:*"},
		{name: "args", args: "PROBE", brief: "list the arguments of a probe", arg: argProbe, run: cmdArgs,
			more: "Example: .args tracepoint:syscalls:sys_enter_openat"},
		{name: "type", args: "struct X[.f]", brief: "show a type of the kernel, or a member of it", arg: argType, run: cmdType,
			more: "Example: .type struct task_struct.pid"},
		{name: "find", args: "WORDS", brief: "search probes, types, functions and examples", run: cmdFind,
			more: "All words must occur. Example: .find tcp retransmit"},
		{name: "doc", args: "NAME", brief: "tell what a function or builtin does; NAME? is the same", arg: argName, run: cmdDoc},
		{name: "examples", args: "[WORDS]", brief: "show clauses to begin with", run: cmdExamples},
		{name: "doctor", brief: "tell what this kernel and these privileges allow", run: cmdDoctor},
	}
}

func cmdProbes(_ context.Context, c *console, arg string) error { return c.listProbes(arg, false) }

func cmdArgs(_ context.Context, c *console, arg string) error { return c.listProbes(arg, true) }

func (c *console) listProbes(pattern string, verbose bool) error {
	var out bytes.Buffer
	n, err := c.engine.world.List(&out, pattern, verbose)
	if err != nil {
		return err
	}
	if n == 0 {
		return fail("no probe matches %q", pattern).withHint("patterns have wildcards, as in tracepoint:sched:* or *open*")
	}
	c.screen.Print(firstLines(out.String(), mostLines))
	return nil
}

// firstLines cuts a text off after n lines and says how many are left.
func firstLines(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) <= n+1 {
		return text
	}
	return strings.Join(lines[:n], "") + fmt.Sprintf("... and %d more lines\n", len(lines)-n-1)
}

func cmdType(_ context.Context, c *console, arg string) error {
	keyword, rest := cutWord(arg)
	name, path, _ := strings.Cut(rest, ".")
	if rest == "" {
		keyword, name = "", keyword
	}
	full := strings.TrimSpace(keyword + " " + name)
	if path == "" {
		if c.engine.world.Types == nil {
			return fail("there are no types here")
		}
		text, _, err := c.engine.world.Types.Define(full)
		if err != nil {
			return fail("there is no type %s", full).withHint("write struct x, union x or enum x; .find searches them")
		}
		c.screen.Print(strings.TrimSpace(text) + "\n")
		return nil
	}
	t, err := c.engine.world.TypeByName(full)
	if err != nil {
		return err
	}
	offset := 0
	for _, part := range strings.Split(path, ".") {
		m, err := c.member(t, part)
		if err != nil {
			return err
		}
		t, offset = m.Type, offset+m.Offset
	}
	c.screen.Printf("%s %s.%s  at offset %d, %d bytes\n", t, full, path, offset, t.Size)
	return nil
}

// member looks a member up in a record, which is completed if need be.
func (c *console) member(t types.Type, name string) (types.Member, error) {
	if t.Kind == types.Pointer && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind == types.Record {
		full, err := c.engine.world.Record(t)
		if err != nil {
			return types.Member{}, err
		}
		t = full
	}
	m, ok := t.Member(name)
	if !ok {
		return m, fail("%s has no member %s", t, name)
	}
	return m, nil
}

func cmdFind(ctx context.Context, c *console, arg string) error {
	words := strings.Fields(strings.ToLower(arg))
	var b strings.Builder
	for _, f := range stdlib.All() {
		if containsAll(f.Name+" "+f.Doc, words) {
			fmt.Fprintf(&b, "function  %-18s %s\n", f.Name, firstSentence(f.Doc))
		}
	}
	for _, r := range recipes() {
		if containsAll(r.title+" "+r.text, words) {
			fmt.Fprintf(&b, "example   %s\n          %s\n", r.title, r.text)
		}
	}
	found := 0
	for _, name := range c.engine.catalog().all() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if containsAll(name, words) {
			if found++; found <= mostLines {
				fmt.Fprintf(&b, "probe     %s\n", name)
			}
		}
	}
	for _, name := range c.engine.catalog().typeNames() {
		if containsAll(name, words) {
			if found++; found <= mostLines {
				fmt.Fprintf(&b, "type      %s\n", name)
			}
		}
	}
	if found > mostLines {
		fmt.Fprintf(&b, "... and %d more\n", found-mostLines)
	}
	if b.Len() == 0 {
		return fail("nothing has %s in its name", strings.Join(words, " and "))
	}
	c.screen.Print(b.String())
	return nil
}

func containsAll(text string, words []string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

func firstSentence(doc string) string {
	doc = oneLine(doc)
	if i := strings.Index(doc, ". "); i >= 0 {
		return doc[:i+1]
	}
	return doc
}

func cmdDoc(ctx context.Context, c *console, arg string) error {
	name := strings.TrimSuffix(strings.TrimSpace(arg), "()")
	if isCommand(name) {
		return cmdHelp(ctx, c, name[1:])
	}
	if f := stdlib.Lookup(name); f != nil {
		c.screen.Print(c.paint.head(functionSignature(f)) + "\n" + strings.TrimSpace(f.Doc) + "\n")
		if f.Example != "" {
			c.screen.Print("\n" + c.paint.highlight(strings.TrimSpace(f.Example)) + "\n")
		}
		return nil
	}
	for _, f := range queryFunctions() {
		if f.name == name {
			c.screen.Print(c.paint.head(f.usage) + "\nIn queries: " + f.doc + ".\n")
			return nil
		}
	}
	if _, ok := percentileName(name); ok {
		return cmdDoc(ctx, c, "pct")
	}
	err := fail("there is no function or builtin %s", name)
	if near := nearestName(name); near != "" {
		return err.withHint("did you mean %s?", near)
	}
	return err.withHint(".find searches")
}

func cmdExamples(_ context.Context, c *console, arg string) error {
	words := strings.Fields(strings.ToLower(arg))
	var b strings.Builder
	for _, r := range recipes() {
		if containsAll(r.title+" "+r.text, words) {
			fmt.Fprintf(&b, "%s\n    %s\n", c.paint.dim("# "+r.title), c.paint.highlight(r.text))
		}
	}
	if b.Len() == 0 {
		return fail("no example has %s", strings.Join(words, " and "))
	}
	c.screen.Print(b.String())
	return nil
}

func cmdDoctor(_ context.Context, c *console, _ string) error {
	var b strings.Builder
	section := ""
	for _, item := range features.Info(features.NewLive()) {
		if item.Section != section {
			section = item.Section
			b.WriteString(c.paint.head(section) + "\n")
		}
		mark := "yes"
		if !item.OK {
			mark = c.paint.problem("no")
		}
		fmt.Fprintf(&b, "  %-28s %-4s %s", item.Name, mark, item.Detail)
		if item.Consequence != "" {
			fmt.Fprintf(&b, " (%s)", item.Consequence)
		}
		b.WriteString("\n")
	}
	c.screen.Print(b.String())
	return nil
}
