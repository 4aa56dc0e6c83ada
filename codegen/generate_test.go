package codegen

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// generator writes random scripts that the type checker accepts and whose
// result does not depend on the machine: one begin clause over variables and
// maps of integers and strings.
type generator struct {
	t     *rapid.T
	b     strings.Builder
	ints  []string // variables in scope
	texts []string
	pairs []string // tuples of an int64 and a string of 8
	depth int
	loops int
	next  int
}

// script draws a script.
func script(t *rapid.T) string {
	g := &generator{t: t}
	g.macros()
	g.b.WriteString("begin {\n")
	// Maps get their types at once, so that reads of them are typed.
	g.b.WriteString("@i = (int64)0; @u = (uint64)0; @k[(int64)0] = (int64)0; @s = \"\"; @by[\"\"] = (int64)0;\n")
	g.b.WriteString("@t = ((int64)0, \"abcdefg\", (uint8)0); @kt[(int64)0, \"abcdefg\"] = (int64)0;\n")
	for range g.pick(4) + 1 {
		g.declare()
	}
	for range g.pick(8) + 1 {
		g.stmt()
	}
	g.b.WriteString("}\n")
	return g.b.String()
}

func (g *generator) pick(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "pick") }

func (g *generator) choose(options ...string) string { return options[g.pick(len(options))] }

func (g *generator) line(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

func (g *generator) name(prefix string) string {
	g.next++
	return fmt.Sprintf("$%s%d", prefix, g.next)
}

// cast is an integer type.
func (g *generator) cast() string {
	return g.choose("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
}

func (g *generator) declare() {
	if g.pick(3) == 0 {
		v := g.name("s")
		g.line("let %s : string[%d] = %s;", v, []int{8, 16, 40, 64, 100, 300}[g.pick(6)], g.literal(7))
		g.texts = append(g.texts, v)
		return
	}
	v := g.name("i")
	g.line("%s = (%s)%s;", v, g.cast(), g.integer(2))
	g.ints = append(g.ints, v)
}

// block writes statements in a scope of their own.
func (g *generator) block() {
	ints, texts, pairs := g.ints, g.texts, g.pairs
	g.depth++
	g.b.WriteString("{\n")
	for range g.pick(3) + 1 {
		g.stmt()
	}
	g.b.WriteString("}\n")
	g.depth--
	g.ints, g.texts, g.pairs = ints, texts, pairs
}

func (g *generator) stmt() {
	n := 16
	if g.depth > 2 {
		n = 8 // no further nesting
	}
	switch g.pick(n) {
	case 0:
		g.declare()
	case 1:
		g.line("@i = (int64)%s;", g.integer(3))
	case 2:
		g.line("@u = (uint64)%s;", g.integer(3))
	case 3:
		g.line("@k[(int64)%s] %s (int64)%s;", g.integer(1), g.choose("=", "+=", "-="), g.integer(2))
	case 4:
		g.line("@by[%s] %s (int64)%s;", g.text(), g.choose("=", "+="), g.integer(1))
	case 5:
		g.line("@s = %s;", g.text())
	case 6:
		g.change()
	case 7:
		g.line("%s;", g.choose("@i++", "@u--", "++@k[(int64)1]", "delete(@k, (int64)1)", "@i = @k[(int64)2]++"))
	case 8:
		g.line("if (%s)", g.condition(2))
		g.block()
		if g.pick(2) == 0 {
			g.b.WriteString("else ")
			g.block()
		}
	case 9:
		g.loop()
	case 10:
		g.line("unroll(%d)", g.pick(3)+1)
		g.block()
	case 12:
		g.line("%s", g.choose("for ($kv : @k) { @i += (int64)$kv.0 + (int64)$kv.1; }",
			"for ($kv : @by) { @u += (uint64)strlen($kv.0) + (uint64)$kv.1; }",
			"$c = 0; for ($kv : @k) { $c++; if ($c == 100) { return; } } @i = (int64)$c;"))
	case 13, 14:
		g.compound()
	case 15:
		g.while()
	case 11:
		if g.loops > 0 {
			g.line("if (%s) { %s; }", g.condition(1), g.choose("break", "continue", "return"))
		}
	}
}

// change assigns to a variable.
func (g *generator) change() {
	if len(g.texts) > 0 && g.pick(3) == 0 {
		g.line("%s = %s;", g.texts[g.pick(len(g.texts))], g.literal(7))
		return
	}
	if len(g.ints) == 0 {
		return
	}
	v := g.ints[g.pick(len(g.ints))]
	if g.pick(3) == 0 {
		g.line("%s%s;", v, g.choose("++", "--"))
		return
	}
	g.line("%s = (typeof(%s))%s;", v, v, g.integer(3))
}

// loop counts over a range, of constants or not; it is short, and loops nest
// only twice.
func (g *generator) loop() {
	if g.loops == 2 {
		return
	}
	v := g.name("n")
	lo := g.pick(5) - 2
	hi := fmt.Sprint(lo + g.pick(6))
	if len(g.ints) > 0 && g.pick(2) == 0 {
		hi = fmt.Sprintf("((int64)%s & 7)", g.ints[g.pick(len(g.ints))])
	}
	g.line("for (%s : (int64)%d..(int64)%s)", v, lo, hi)
	g.loops++
	ints := g.ints
	g.ints = append(ints[:len(ints):len(ints)], v)
	g.block()
	g.ints = ints
	g.loops--
}

func (g *generator) integer(depth int) string {
	if depth == 0 || g.pick(4) == 0 {
		return g.atom()
	}
	x, y := g.integer(depth-1), g.integer(depth-1)
	switch g.pick(11) {
	case 8, 9:
		return g.taken(x, y)
	case 10:
		return g.called(x, y)
	case 0, 1, 2:
		t := g.choose("int64", "uint64", "int64", g.cast())
		return fmt.Sprintf("((%s)%s %s (%s)%s)", t, x, g.choose("+", "-", "*", "&", "|", "^", "/", "%"), t, y)
	case 3:
		return fmt.Sprintf("((%s)%s %s %d)", g.cast(), x, g.choose("<<", ">>"), g.pick(16))
	case 4:
		return fmt.Sprintf("(%s(%s)%s)", g.choose("-", "~"), g.choose("int64", "int32", "int8"), x)
	case 5:
		return fmt.Sprintf("(%s ? (int64)%s : (int64)%s)", g.condition(depth-1), x, y)
	case 6:
		return fmt.Sprintf("((%s)%s)", g.cast(), x)
	}
	return fmt.Sprintf("bswap((%s)%s)", g.choose("uint16", "uint32", "uint64"), x)
}

func (g *generator) atom() string {
	switch g.pick(6) {
	case 0, 1:
		if len(g.ints) > 0 {
			return g.ints[g.pick(len(g.ints))]
		}
	case 2:
		return g.choose("@i", "@u", "@k[(int64)1]", "@by[\"a\"]")
	case 3:
		if len(g.texts) > 0 {
			form := g.choose("strlen(%s)", "strstr(%s, \"b\")", "(int64)strcontains(%s, \"aa\")", "(int64)(%s == @s)")
			return fmt.Sprintf(form, g.texts[g.pick(len(g.texts))])
		}
	}
	return rapid.SampledFrom([]string{"0", "1", "2", "7", "63", "127", "128", "255", "256", "32767", "65535", "1000000",
		"2147483647", "2147483648", "4294967295", "9223372036854775807"}).Draw(g.t, "constant")
}

func (g *generator) condition(depth int) string {
	if depth > 0 && g.pick(3) == 0 {
		return fmt.Sprintf("(%s %s %s)", g.condition(depth-1), g.choose("&&", "||"), g.condition(depth-1))
	}
	switch g.pick(5) {
	case 4:
		return g.tupleCondition()
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.text(), g.choose("==", "!="), g.text())
	case 1:
		return fmt.Sprintf("has_key(@by, %s)", g.text())
	case 2:
		return fmt.Sprintf("!(%s == 0)", g.integer(1))
	}
	t := g.choose("int64", "uint64", "int32", "uint8")
	return fmt.Sprintf("((%s)%s %s (%s)%s)", t, g.integer(1), g.choose("==", "!=", "<", "<=", ">", ">="), t, g.integer(1))
}

// text is a string expression.
func (g *generator) text() string {
	if len(g.texts) > 0 && g.pick(2) == 0 {
		return g.texts[g.pick(len(g.texts))]
	}
	return g.literal(7)
}

// literal is a short string over few letters, so that equal ones occur.
func (g *generator) literal(most int) string {
	n := g.pick(most + 1)
	var b strings.Builder
	for range n {
		b.WriteString(g.choose("a", "b"))
	}
	return `"` + b.String() + `"`
}
