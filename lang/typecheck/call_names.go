package typecheck

import (
	"runtime"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib/uapi"
)

// nameTable returns the names that strerror and its like give to numbers, and
// what they call a number that has none.
func nameTable(function string) (what string, names []uapi.Name, other string) {
	switch function {
	case "strerror":
		return "error", uapi.Errors(), "Unknown error"
	case "signal_name":
		return "signal", uapi.Signals(), "N/A"
	}
	return "system call", uapi.Syscalls(runtime.GOARCH), "Unknown syscall"
}

// nameCall types strerror, signal_name and syscall_name. The value stays a
// number, of a type that prints as its name: nothing is looked up in the kernel.
func (c *checker) nameCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	if !isNumber(x.Type()) {
		c.badArg(e, 0, x.Type(), "an integer")
		return bad(e.Span)
	}
	what, names, other := nameTable(e.Name)
	t := types.NameOf(what, other)
	for _, n := range names {
		t.Enumerators = append(t.Enumerators, types.Enumerator{Name: n.Text, Value: n.Value})
	}
	return respan(convert(c.widen(x, types.Int64()), t), e.Span, t)
}

// compareNames compares the name of a number, or an enumerator, with a literal
// string, by comparing the numbers.
func (c *checker) compareNames(span source.Span, op typed.Op, x, y typed.Expr) (typed.Expr, bool) {
	text, ok := y.(*typed.Str)
	if !ok {
		text, ok = x.(*typed.Str)
		x = y
	}
	t := x.Type()
	if !ok || t.Kind != types.Enum || op != typed.Eq && op != typed.Ne {
		return nil, false
	}
	var names []string
	for _, e := range t.Enumerators {
		if e.Name == text.Value {
			return c.comparison(span, op, x, constant(text.Span, t, e.Value), t), true
		}
		names = append(names, e.Name)
	}
	c.errorf(text.Span, "unknown-name", "%s is never %q", describe(t), text.Value).
		Hint = suggest.Hint("", text.Value, names)
	return bad(span), true
}
