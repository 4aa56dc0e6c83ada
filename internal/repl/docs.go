package repl

import (
	"fmt"
	"strings"
)

// Manual returns docs/repl.md: the commands are the table that .help prints, and
// recorded is a session as it looks on the terminal.
func Manual(recorded string) string {
	var b strings.Builder
	b.WriteString(manualHead)
	b.WriteString("## A session\n\n" + fenced(recorded))
	b.WriteString(manualModel)
	for _, f := range families() {
		fmt.Fprintf(&b, "### %s\n\n| command | what it does |\n|---|---|\n", f.title)
		for _, cmd := range f.commands {
			text := capital(cmd.brief) + "."
			if cmd.more != "" {
				text += " " + oneLine(cmd.more)
			}
			fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(cmd.usage(), "|", `\|`), strings.ReplaceAll(text, "|", `\|`))
		}
		b.WriteString("\n")
	}
	b.WriteString("## Functions of queries\n\n| function | what it gives |\n|---|---|\n")
	for _, f := range queryFunctions() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.usage, f.doc)
	}
	b.WriteString(manualKeys)
	return b.String()
}

// fenced indents a text as Markdown wants code.
func fenced(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
	}
	return b.String() + "\n"
}

const manualHead = `# The console

` + "`gotrace`" + ` on a terminal without arguments, or ` + "`gotrace repl`" + `, opens a live console. This page is made from the
same table as its ` + "`.help`" + `; ` + "`go test ./internal/repl -run TestManual -update`" + ` rewrites it.

`

const manualModel = `## The model

- **A clause is a live, numbered snippet.** Enter parses, checks, compiles, verifies and attaches it; the prompt is back
  at once. ` + "`.drop`" + ` detaches it, ` + "`.edit`" + ` replaces it: the new one is attached before the old one goes.
- **All clauses share one map space.** The first clause that uses a map settles its types. Maps stay when their clauses
  go, and are then *frozen*, until ` + "`.drop @name`" + `.
- **An expression is a query.** ` + "`@n`" + `, ` + "`@n[\"nginx\"] / elapsed`" + ` or ` + "`p99(@lat)`" + ` is evaluated on what the maps hold now, with
  floats, sorting and percentiles. An operator applies to each value of a map, and joins two maps by their keys. In
  queries ` + "`/`" + ` is true division and ` + "`elapsed`" + ` is in seconds. What only the kernel knows (` + "`comm`" + `, ` + "`curtask->pid`" + `) is asked
  by a program that runs once.
- **Statements run once:** ` + "`@x = 5`" + `, ` + "`clear(@n)`" + `, ` + "`printf(...)`" + `.
- **Definitions** (macros, ` + "`let @m = hash(n)`" + `, ` + "`config`" + ` blocks) are part of every later entry.
- **What clauses print** is drawn above the line being typed, at most twenty times a second. A flood that the terminal
  cannot take loses its oldest lines on the screen, and says how many; the maps lose nothing.
- **exit()** ends its clause and not the session.
- Counts and sums are kept in one copy for all CPUs with atomic adds, as a later clause may read them.

## Commands

A command may be cut to any prefix that no other command has.

`

const manualKeys = `
## Keys

- Tab completes commands, probes, arguments after ` + "`args.`" + `, members of structures after ` + "`->`" + ` and ` + "`.`" + `, functions, maps
  and variables. The first Tab on a provider or a type begins to read the names, in the background.
- Ctrl-C gives up the line, stops the command under way (` + "`.watch`, `.for`, `.run`" + `), or with nothing typed the stream of
  events; ` + "`.resume`" + ` shows that again. It never stops a clause.
- Ctrl-D on an empty line, or ` + "`.quit`" + `, detaches everything, prints the maps and what was lost.
- Ctrl-R searches the history, which is kept in ~/.gotrace_history (or $GOTRACE_HISTORY).
- An open brace or bracket goes on in the next line. A paste of several lines is one entry; its line breaks show as ⏎.
- Ctrl-L clears the screen, Ctrl-Z suspends. ` + "`.set vi on`" + ` gives the keys of vi.
- In a view (` + "`.watch`, `--live`" + `): space pauses, c clears the maps, s sorts by value, rate or key, q leaves.

## Without a terminal

` + "`gotrace repl < session.txt`" + ` enters the lines of a file, prints no prompts and no colours, and leaves at its end.
` + "`gotrace --live script.bt`" + ` runs a script and shows its maps as they change.
`
