package codegen

import "fmt"

// The parts of the generator that are about values in memory, macros and blocks
// that are expressions.

// macros defines a few macros, of each sort of parameter, that called uses.
func (g *generator) macros() {
	g.line("macro mix(x, y) { ((int64)x * 3) ^ (int64)y }")
	g.line("macro grow($v, x) { $v = (typeof($v))((int64)$v + (int64)x); (int64)$v }")
	g.line("macro note(@m, x) { @m += (int64)1; (int64)x }")
	g.line("macro deep(x) { let $one : int64 = 1; mix($one + (int64)x, mix(x, 2)) }")
}

// called is an integer out of a macro, or of a block that is an expression.
func (g *generator) called(x, y string) string {
	switch g.pick(5) {
	case 0:
		return fmt.Sprintf("mix(%s, %s)", x, y)
	case 1:
		if len(g.ints) > 0 && g.loops == 0 {
			return fmt.Sprintf("grow(%s, %s)", g.ints[g.pick(len(g.ints))], x)
		}
	case 2:
		return fmt.Sprintf("note(@i, %s)", x)
	case 3:
		return fmt.Sprintf("deep(%s)", x)
	}
	v := g.name("b")
	return fmt.Sprintf("({ let %s : int64 = (int64)%s; %s + (int64)%s })", v, x, v, y)
}

// taken is an integer out of something in memory.
func (g *generator) taken(x, y string) string {
	switch g.pick(9) {
	case 0:
		return fmt.Sprintf("((int64)%s, (uint8)%s).%d", x, y, g.pick(2))
	case 1:
		return fmt.Sprintf("(first=(int64)%s, second=(int16)%s).%s", x, y, g.choose("first", "second"))
	case 2:
		return fmt.Sprintf("((uint8[8])(uint64)%s)[%d]", x, g.pick(8))
	case 3:
		return fmt.Sprintf("((uint16[4])(uint64)%s)[%d]", x, g.pick(4))
	case 4:
		return fmt.Sprintf("((int64)((uint8[8])(int64)%s))", x)
	case 5:
		return fmt.Sprintf("((int64)%s, ((int32)%s, (int8)%s)).1.%d", x, y, x, g.pick(2))
	case 6:
		return g.choose("@t.0", "@t.2", "@kt[(int64)1, \"aa\"]")
	case 7:
		if len(g.pairs) > 0 {
			return g.pairs[g.pick(len(g.pairs))] + ".0"
		}
	}
	a, b := g.literal(7), g.literal(7)
	return g.choose(
		fmt.Sprintf("strncmp(%s, %s, %d)", g.text(), a, g.pick(4)),
		fmt.Sprintf("strlen(str_concat(%s, %s))", g.text(), b),
		"strlen(@t.1)",
		fmt.Sprintf("strlen(%s ? %s : %s)", g.condition(0), a, b))
}

// compound declares, changes or stores a tuple.
func (g *generator) compound() {
	tuple := fmt.Sprintf("((int64)%s, (string[8])%s)", g.integer(2), g.literal(7))
	switch g.pick(6) {
	case 0:
		v := g.name("t")
		g.line("%s = %s;", v, tuple)
		g.pairs = append(g.pairs, v)
	case 1:
		if len(g.pairs) > 0 {
			g.line("%s = %s;", g.pairs[g.pick(len(g.pairs))], tuple)
		}
	case 2:
		g.line("@t = ((int64)%s, %s, (uint8)%s);", g.integer(2), g.literal(7), g.integer(1))
	case 3:
		g.line("@kt[(int64)%s, %s] %s (int64)%s;", g.integer(1), g.literal(7), g.choose("=", "+="), g.integer(2))
	case 4:
		g.line("@s = str_concat(%s, %s)[0] == 97 ? %s : %s;", g.literal(3), g.literal(4), g.literal(7), g.literal(7))
	case 5:
		if len(g.pairs) > 0 {
			g.line("@s = %s.1;", g.pairs[g.pick(len(g.pairs))])
		}
	}
}

// tupleCondition compares tuples.
func (g *generator) tupleCondition() string {
	tuple := fmt.Sprintf("((int64)%s, (string[8])%s)", g.integer(0), g.literal(2))
	op := g.choose("==", "!=")
	if len(g.pairs) > 0 {
		return fmt.Sprintf("(%s %s %s)", g.pairs[g.pick(len(g.pairs))], op, tuple)
	}
	return fmt.Sprintf("((1, %s) %s (1, %s))", g.literal(2), op, g.literal(2))
}

// while counts a variable of its own up to a few.
func (g *generator) while() {
	if g.loops == 2 {
		return
	}
	v := g.name("w")
	g.line("%s = (int64)0;", v)
	g.line("while (%s < %d) { %s++;", v, g.pick(5), v)
	g.loops++
	g.block()
	g.loops--
	g.line("}")
}
