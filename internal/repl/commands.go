package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/lang/suggest"
)

// argKind says what a command's argument is, for completion.
type argKind int

const (
	argNone argKind = iota
	argClause
	argMap
	argProbe
	argCommand
	argFile
	argType
	argName
	argSetting
)

// command is a row of the table: .help, the completion and docs/repl.md are
// made from it.
type command struct {
	name, args string
	// brief is one line; more is the rest of what .help NAME tells.
	brief, more string
	arg         argKind
	run         func(ctx context.Context, c *console, arg string) error
}

// family is a group of commands.
type family struct {
	name, title string
	commands    []command
}

// families is the table of commands.
func families() []family {
	return []family{
		{"find", "Finding what to trace", findCommands()},
		{"clauses", "Clauses", clauseCommands()},
		{"data", "Data", dataCommands()},
		{"understand", "Understanding", understandCommands()},
		{"session", "The session", sessionCommands()},
	}
}

// allCommands returns the commands of all families in the order of the table.
func allCommands() []command {
	var list []command
	for _, f := range families() {
		list = append(list, f.commands...)
	}
	return list
}

// lookupCommand finds a command by its name or a prefix of it that no other
// has. Name is without the dot.
func lookupCommand(name string) (command, error) {
	var found []command
	var names []string
	for _, cmd := range allCommands() {
		if cmd.name == name {
			return cmd, nil
		}
		if strings.HasPrefix(cmd.name, name) {
			found = append(found, cmd)
		}
		names = append(names, cmd.name)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		err := fail("there is no command .%s", name)
		if near := suggest.Nearest(name, names); near != "" {
			return command{}, err.withHint("did you mean .%s?", near)
		}
		return command{}, err.withHint(".help lists the commands")
	}
	var which []string
	for _, cmd := range found {
		which = append(which, "."+cmd.name)
	}
	slices.Sort(which)
	return command{}, fail(".%s may be %s", name, strings.Join(which, " or "))
}

// command runs a line that is a command.
func (c *console) command(ctx context.Context, text string) error {
	name, arg := cutWord(text[1:])
	cmd, err := lookupCommand(name)
	if err != nil {
		return err
	}
	if cmd.args == "" && arg != "" {
		return fail(".%s takes no argument", cmd.name)
	}
	if arg == "" && cmd.args != "" && !strings.HasPrefix(cmd.args, "[") {
		return fail(".%s needs %s", cmd.name, cmd.args).withHint("%s", cmd.brief)
	}
	return cmd.run(ctx, c, arg)
}

// cutWord cuts the first word off.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	i := strings.IndexAny(text, " \t\n")
	if i < 0 {
		return text, ""
	}
	return text[:i], strings.TrimSpace(text[i:])
}

// usage is the command as it is written.
func (cmd command) usage() string {
	if cmd.args == "" {
		return "." + cmd.name
	}
	return fmt.Sprintf(".%s %s", cmd.name, cmd.args)
}
