package repl

import (
	"context"
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/stdlib"
)

func cmdHelp(_ context.Context, c *console, arg string) error {
	if arg != "" {
		cmd, err := lookupCommand(strings.TrimPrefix(arg, "."))
		if err != nil {
			return err
		}
		c.screen.Print(c.paint.head(cmd.usage()) + "\n" + capital(cmd.brief) + ".\n")
		if cmd.more != "" {
			c.screen.Print(cmd.more + "\n")
		}
		return nil
	}
	var b strings.Builder
	b.WriteString("Type a clause to trace, an expression to ask, a command to do. Names end with ? for their documentation.\n")
	for _, f := range families() {
		b.WriteString("\n" + c.paint.head(f.title) + "\n")
		for _, cmd := range f.commands {
			fmt.Fprintf(&b, "  %-40s %s\n", cmd.usage(), cmd.brief)
		}
	}
	c.screen.Print(b.String())
	return nil
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// nearestName suggests a name for a misspelt one.
func nearestName(name string) string {
	names := stdlib.Names()
	for _, f := range queryFunctions() {
		names = append(names, f.name)
	}
	return suggest.Nearest(name, names)
}
