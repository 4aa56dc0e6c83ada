package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

// isCommand reports whether an entry is a word with a dot before it.
func isCommand(text string) bool {
	return len(text) > 1 && text[0] == '.' && (text[1] >= 'a' && text[1] <= 'z' || text[1] == '?')
}

// unfinished reports whether an entry goes on in the next line.
func unfinished(text string) bool {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || strings.HasSuffix(trimmed, "?") {
		return false
	}
	if isCommand(trimmed) {
		name, arg, _ := strings.Cut(trimmed, " ")
		switch name {
		case ".plan", ".edit":
			return strings.Contains(arg, "{") && unfinished(arg[strings.IndexByte(arg, ' ')+1:])
		}
		return false
	}
	set := &source.Set{}
	if _, list := parser.ParseExpr(set, set.Add("", text)); !list.HasErrors() {
		return false
	} else if !strings.ContainsAny(text, "{:") && parser.Incomplete(list) {
		return true
	}
	_, list := parser.Parse(set, set.Add("", text))
	if !list.HasErrors() {
		return false
	}
	return parser.Incomplete(list) && strings.ContainsAny(text, "{(/")
}

// dispatch finds out what an entry is and does it: a command, a question about
// a name, an expression, clauses and definitions, or a statement.
func (c *console) dispatch(ctx context.Context, text string) error {
	switch {
	case isCommand(text) && strings.HasSuffix(text, "?") && !strings.Contains(text, " "):
		return cmdHelp(ctx, c, strings.TrimSuffix(text, "?"))
	case isCommand(text):
		return c.command(ctx, text)
	case strings.HasSuffix(text, "?") && !strings.ContainsAny(text, " {"):
		return cmdDoc(ctx, c, strings.TrimSuffix(text, "?"))
	}
	set := &source.Set{}
	expr, exprErrors := parser.ParseExpr(set, set.Add("query", text))
	if !exprErrors.HasErrors() && !changes(expr) {
		return c.query(ctx, set, expr)
	}
	file, list := parser.Parse(set, set.Add("entry", text))
	if !list.HasErrors() {
		return c.enter(ctx, text, set, file)
	}
	statement := &source.Set{}
	if _, errs := parser.Parse(statement, statement.Add("", "begin { "+text+"\n}")); !errs.HasErrors() {
		return c.statement(ctx, text)
	}
	if strings.ContainsAny(text, "{:") {
		return &scriptError{set: set, list: list}
	}
	return &scriptError{set: set, list: exprErrors}
}

// changes reports whether an expression is there for what it does.
func changes(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.IncDec:
		return true
	case *ast.Call:
		return slices.Contains([]string{
			"print", "printf", "clear", "zero", "delete", "exit", "time", "join", "cat", "system",
			"errorf", "warnf", "signal",
		}, x.Name)
	}
	return false
}

// statement runs statements once, as the block of a begin.
func (c *console) statement(ctx context.Context, text string) error {
	b, err := c.engine.compile("entry", "begin { "+text+"\n}")
	if err != nil {
		return err
	}
	c.screen.Print(c.paint.warning(b.warnings))
	return c.engine.once(ctx, b)
}

// enter takes a script apart: each action block is a clause of its own, and the
// rest are definitions.
func (c *console) enter(ctx context.Context, text string, set *source.Set, file *ast.File) error {
	for _, item := range file.Items {
		span := item.Pos()
		part := strings.TrimSpace(set.Text(span))
		if len(file.Items) == 1 {
			part = strings.TrimSpace(text)
		}
		if _, ok := item.(*ast.Probe); !ok {
			if err := c.defineEntry(part); err != nil {
				return err
			}
			continue
		}
		if err := c.addClause(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (c *console) defineEntry(text string) error {
	d, err := c.engine.addDefinition(text)
	if err != nil {
		return err
	}
	c.pushUndo("define "+d.id, func(context.Context) error {
		c.engine.defs = slices.DeleteFunc(c.engine.defs, func(have *definition) bool { return have == d })
		return nil
	})
	c.screen.Printf("%s  defined\n", d.id)
	return nil
}

func (c *console) addClause(ctx context.Context, text string) error {
	// What it prints at its beginning comes after the word that it is there.
	c.screen.hold(true)
	defer c.screen.hold(false)
	cl, err := c.engine.add(ctx, text)
	if err != nil {
		return err
	}
	c.pushUndo("add "+cl.id, func(ctx context.Context) error { return c.engine.drop(ctx, cl) })
	c.screen.Print(c.paint.warning(cl.warnings))
	c.screen.Print(attachedLine(cl))
	return nil
}

// attachedLine tells what attaching a clause came to.
func attachedLine(c *clause) string {
	parts := []string{
		c.id + "  attached", plural(c.hooks, "hook"), plural(c.maps, "map"), size(c.bytes),
		plural(c.instructions, "instruction"),
	}
	if c.verified > 0 {
		parts = append(parts, fmt.Sprintf("verified in %.1f ms", float64(c.verified.Microseconds())/1000))
	}
	return strings.Join(parts, "  ") + "\n"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// size writes a number of bytes for people.
func size(n uint64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 10<<20:
		return fmt.Sprintf("%d KiB", (n+1023)>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
