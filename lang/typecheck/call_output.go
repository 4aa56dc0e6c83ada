package typecheck

import (
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib/format"
)

// formatCall types printf and the functions that format like it.
func (c *checker) formatCall(e *ast.Call) typed.Expr {
	text, ok := c.stringArg(e, 0)
	args := c.formatArgs(e)
	if !ok || args == nil {
		return bad(e.Span)
	}
	if !c.checkFormat(e, text, args) {
		return bad(e.Span)
	}
	return makeCall(e, types.VoidType(), append([]typed.Expr{text}, args...)...)
}

// formatArgs checks the arguments after the format; nil if one is bad.
func (c *checker) formatArgs(e *ast.Call) []typed.Expr {
	args := make([]typed.Expr, 0, len(e.Args))
	ok := true
	for i := range e.Args[1:] {
		x := c.printable(e, i+1)
		ok = ok && !isBad(x)
		args = append(args, x)
	}
	if !ok {
		return nil
	}
	return args
}

// printable checks an argument whose value is printed.
func (c *checker) printable(e *ast.Call, i int) typed.Expr {
	x := c.storable(e.Args[i], "printed")
	if t := x.Type(); t.Kind == types.Record && t.Space == types.Context {
		c.errorf(e.Args[i].Pos(), "bad-argument", "%s cannot be printed as a whole", describe(t))
		return bad(e.Args[i].Pos())
	}
	return c.settled(x)
}

// checkFormat holds the arguments against the directives.
func (c *checker) checkFormat(e *ast.Call, text *typed.Str, args []typed.Expr) bool {
	pieces, err := format.Parse(text.Value)
	if err != nil {
		c.errorf(c.insideString(e.Args[0], text.Value, err.Off, err.Off+1), "bad-format", "%s", err.Msg).Hint = err.Hint
		return false
	}
	next, ok := 0, true
	take := func() typed.Expr {
		next++
		if next > len(args) {
			return nil
		}
		return args[next-1]
	}
	for _, p := range pieces {
		d := p.Directive
		if d == nil {
			continue
		}
		at := c.insideString(e.Args[0], text.Value, p.Off, p.End)
		for i := 1; i < d.Args(); i++ {
			if x := take(); x != nil && !isNumber(x.Type()) {
				c.errorf(x.Pos(), "bad-format", "the width of %s is an integer, this is %s", d, describe(x.Type()))
				ok = false
			}
		}
		if x := take(); x != nil && !c.suits(d, at, x) {
			ok = false
		} else if x != nil {
			args[next-1] = c.forDirective(d, e.Args[next], x)
		}
		if next > len(args) {
			c.errorf(at, "bad-format", "there is no argument for %s", d).
				WithHint("the format has more directives than there are arguments, of which there are %d", len(args))
			return false
		}
	}
	if next < len(args) {
		c.errorf(args[next].Pos(), "bad-format", "there is no directive for this argument").
			WithHint("the format uses %s; add %%d or %%s for the rest, or drop it", plural(next, "argument"))
		return false
	}
	return ok
}

// forDirective converts what prints as an integer though it is not one.
func (c *checker) forDirective(d *format.Directive, e ast.Expr, x typed.Expr) typed.Expr {
	if d.Verb == format.Float {
		return c.quotient(e, x)
	}
	if (d.IsInteger() || d.Verb == format.Char) && x.Type().Kind == types.Bool {
		return convert(x, types.Uint64())
	}
	return x
}

// quotient keeps both sides of a division that %f prints, as a tuple: user space
// divides them, with the digits behind the point that the kernel's integers do
// not have.
func (c *checker) quotient(e ast.Expr, x typed.Expr) typed.Expr {
	division, ok := e.(*ast.Binary)
	if !ok || division.Op != "/" {
		return x
	}
	num, den := c.expr(division.X), c.expr(division.Y)
	if !isNumber(num.Type()) || !isNumber(den.Type()) {
		return x
	}
	num, den = c.settled(num), c.settled(den)
	t := types.TupleOf([]types.Type{num.Type(), den.Type()}, nil)
	return &typed.TupleExpr{Base: base(x.Pos(), t), Elems: []typed.Expr{num, den}}
}

// suits reports whether a value can be printed by a directive, and says so if
// not, at the directive.
func (c *checker) suits(d *format.Directive, at source.Span, x typed.Expr) bool {
	t := x.Type()
	number := isNumber(t) || t.Kind == types.Pointer
	ok, want := false, ""
	switch {
	case d.IsInteger(), d.Verb == format.Char, d.Verb == format.Ptr:
		ok, want = number, "an integer"
	case d.Verb == format.GFPFlags, d.IsAmount():
		ok, want = isNumber(t), "an integer"
	case d.IsBuffer():
		ok, want = t.Kind == types.Buffer || t.Kind == types.String, "a buffer"
	default:
		ok = t.Kind == types.String || t.Kind == types.Enum || t.Kind == types.Bool || t.Kind == types.Buffer || asText(t)
		want = "a string"
	}
	if ok {
		return true
	}
	diag := c.errorf(at, "bad-format", "%s prints %s, but the argument is %s", d, want, describe(t)).
		WithRelated(x.Pos(), "this is the argument")
	switch {
	case want == "a string" && t.Kind == types.Pointer:
		diag.Hint = "read the string with str(), or print the address with %p"
	case want == "a string" && isNumber(t):
		diag.Hint = "print it with %d"
	case want == "a buffer":
		diag.Hint = "read the bytes with buf()"
	case t.Kind == types.String || t.Kind == types.Stack || asText(t):
		diag.Hint = "print it with %s"
	case t.Kind == types.Buffer:
		diag.Hint = "print it with %r"
	case t.Kind == types.Tuple || t.Kind == types.Record || t.Kind == types.Array:
		diag.Hint = "print it with print(), or its elements one by one"
	}
	return false
}

// insideString is the place of bytes of a string's value, if the string was
// written without escapes; otherwise that of the whole string.
func (c *checker) insideString(e ast.Expr, value string, off, end int) source.Span {
	span := e.Pos()
	text := c.set.Text(span)
	if _, ok := e.(*ast.String); !ok || len(text) < 2 || text[0] != '"' {
		return span
	}
	at, escaped := rawOffset(text[1:], off)
	to, also := rawOffset(text[1:], end)
	if !escaped || !also || end > len(value) {
		return span
	}
	return source.Span{File: span.File, Off: span.Off + 1 + int32(at), End: span.Off + 1 + int32(to)}
}

// rawOffset finds the n-th byte of a string's value in its source text. It
// knows escapes of one letter, and gives up at octal and hexadecimal ones.
func rawOffset(raw string, n int) (int, bool) {
	i := 0
	for ; n > 0 && i < len(raw); n-- {
		if raw[i] == '\\' {
			if i+1 >= len(raw) || !strings.ContainsRune(`ntr"\`, rune(raw[i+1])) {
				return 0, false
			}
			i++
		}
		i++
	}
	return i, n == 0
}

// printCall types print(value) and print(@map, top, div).
func (c *checker) printCall(e *ast.Call) typed.Expr {
	if m, ok := e.Args[0].(*ast.Map); ok {
		s := c.mapNamed(m.Name, m.Span)
		ref := &typed.MapRef{Base: base(m.Span, types.VoidType()), Map: s.typed}
		args := []typed.Expr{ref}
		if len(e.Args) > 1 {
			if _, text := e.Args[1].(*ast.String); text {
				return c.printPercentiles(e, s, ref)
			}
		}
		if len(e.Args) > 3 {
			c.errorf(e.Span, "argument-count", "print() of a map takes 1 to 3 arguments, not %d", len(e.Args))
			return bad(e.Span)
		}
		for i := range e.Args[1:] {
			n, ok := c.constArg(e, i+1)
			if !ok {
				return bad(e.Span)
			}
			if n < 0 || i == 1 && n == 0 {
				c.errorf(e.Args[i+1].Pos(), "out-of-range", "%d is not a number that print() can use here", n)
				return bad(e.Span)
			}
			args = append(args, constant(e.Args[i+1].Pos(), types.Uint64(), n))
		}
		if s.shape == scalarMap && len(args) > 1 {
			c.warnf(e.Args[1].Pos(), "ignored", "map %s has no keys, so that there is nothing to choose from", s.title())
		}
		return makeCall(e, types.VoidType(), args...)
	}
	if len(e.Args) > 1 {
		c.errorf(e.Span, "argument-count", "print() of a value takes 1 argument, not %d", len(e.Args)).
			WithHint("only maps are printed with top and div")
		return bad(e.Span)
	}
	x := c.printable(e, 0)
	if isBad(x) {
		return x
	}
	return makeCall(e, types.VoidType(), x)
}

// printPercentiles types print(@hist, "p50", "p99").
func (c *checker) printPercentiles(e *ast.Call, m *mapState, ref typed.Expr) typed.Expr {
	if kind := m.value.Agg; c.closed && kind != types.Hist && kind != types.LHist {
		c.errorf(e.Args[0].Pos(), "bad-argument", "map %s is no histogram, and has no percentiles", m.title()).
			WithHint("assign hist() or lhist() to it")
		return bad(e.Span)
	}
	args := []typed.Expr{ref}
	for i := range e.Args[1:] {
		s, ok := c.stringArg(e, i+1)
		if !ok {
			return bad(e.Span)
		}
		percent, err := strconv.ParseFloat(strings.TrimPrefix(s.Value, "p"), 64)
		if err != nil || !strings.HasPrefix(s.Value, "p") || !(percent > 0 && percent <= 100) {
			c.errorf(s.Span, "bad-argument", "%q is not a percentile", s.Value).
				WithHint(`write "p50" for the median, "p99.9" for what one in a thousand is above`)
			return bad(e.Span)
		}
		args = append(args, s)
	}
	return makeCall(e, types.VoidType(), args...)
}

func (c *checker) joinCall(e *ast.Call) typed.Expr {
	x := c.place(e.Args[0])
	sep := " "
	if len(e.Args) == 2 {
		s, ok := c.stringArg(e, 1)
		if !ok {
			return bad(e.Span)
		}
		sep = s.Value
	}
	if isBad(x) {
		return x
	}
	t := x.Type()
	if t.Kind != types.Pointer && t.Kind != types.Int {
		c.badArg(e, 0, t, "an array of strings")
		return bad(e.Span)
	}
	space := c.spaceOf(x)
	str := types.PointerTo(types.Int8(), space)
	return makeCall(e, types.VoidType(), asPointer(x, types.PointerTo(str, space)), stringConst(e.Span, sep))
}

func (c *checker) exitCall(e *ast.Call) typed.Expr {
	if len(e.Args) == 0 {
		return makeCall(e, types.VoidType(), constant(e.Span, types.Int64(), 0))
	}
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	if !isNumber(x.Type()) {
		c.badArg(e, 0, x.Type(), "an integer")
		return bad(e.Span)
	}
	return makeCall(e, types.VoidType(), c.widen(x, types.Int64()))
}
