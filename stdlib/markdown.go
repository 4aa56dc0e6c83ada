package stdlib

import (
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/point"
)

// Markdown writes the table as docs/stdlib.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# The gotrace standard library\n\n")
	b.WriteString("This page is generated from the table in package stdlib; `go test ./stdlib -update` rewrites it.\n\n")
	b.WriteString("A function without arguments may be written with or without parentheses: `pid` and `pid()` are the same.\n")
	b.WriteString("**async** functions act in user space, some time after the event; **compile time** ones are constants of the\n")
	b.WriteString("compiled script; **unsafe** ones change the system and need `--unsafe`.\n")
	for _, group := range []struct {
		group Group
		title string
		intro string
	}{
		{Helper, "Builtins and functions", ""},
		{Aggregation, "Aggregations", "These are only ever assigned to a map or to an element of one: `@ = count()`.\n"},
	} {
		fmt.Fprintf(&b, "\n## %s\n%s", group.title, prefixed("\n", group.intro))
		for _, f := range All() {
			if f.Group == group.group && f.Unsupported == "" {
				f.markdown(&b)
			}
		}
	}
	b.WriteString("\n## Not supported yet\n\n| Name | Meaning | Instead |\n| --- | --- | --- |\n")
	for _, f := range All() {
		if f.Unsupported != "" {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Doc, f.Unsupported)
		}
	}
	return b.String()
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// markdown writes the section of one function.
func (f *Function) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n", f.Name)
	for _, sig := range f.Signatures() {
		fmt.Fprintf(b, "- `%s`\n", sig)
	}
	var marks []string
	for _, mark := range []struct {
		on   bool
		name string
	}{{f.Async, "async"}, {f.CompileTime, "compile time"}, {f.Unsafe, "unsafe"}} {
		if mark.on {
			marks = append(marks, "**"+mark.name+"**")
		}
	}
	if len(marks) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(marks, ", "))
	}
	fmt.Fprintf(b, "\n%s\n", f.Doc)
	if names := contextNames(f.Contexts); names != "" {
		fmt.Fprintf(b, "\nProbes: %s.\n", names)
	}
	if len(f.Aliases) > 0 {
		fmt.Fprintf(b, "\nAlso: `%s`.\n", strings.Join(f.Aliases, "`, `"))
	}
	fmt.Fprintf(b, "\n```\n%s\n```\n", f.Example)
}

// Signatures returns the forms that a function may be written in.
func (f *Function) Signatures() []string {
	var forms []string
	if f.Bare {
		forms = append(forms, f.Result+" "+f.Name)
		if len(f.Params) == 0 {
			return forms
		}
	}
	var args []string
	for _, p := range f.Params {
		arg := p.Type + " " + p.Name
		if p.Variadic {
			arg = p.Type + " " + p.Name + "..."
		}
		if p.Optional {
			arg = "[" + arg + "]"
		}
		args = append(args, arg)
	}
	return append(forms, fmt.Sprintf("%s %s(%s)", f.Result, f.Name, strings.Join(args, ", ")))
}

// contextNames lists contexts as the probe kinds that have them.
func contextNames(contexts []point.Context) string {
	var names []string
	for _, ctx := range contexts {
		name := string(ctx)
		switch ctx {
		case point.BTFTracepoint:
			continue // no provider of its own
		case point.PerfEvent:
			name = "profile, software, hardware"
		case point.Timer:
			name = "begin, end, interval"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
