package cdef

import "strings"

// The evaluator works out constant expressions: what a macro stands for, what
// an #if asks. It climbs precedences over the tokens of a text whose macros are
// expanded.

// maxDepth bounds the nesting of an expression.
const maxDepth = 200

// Names tells the evaluator what an identifier is worth.
type Names func(name string) (int64, bool)

// Eval returns the value of a constant expression of C, a string or an integer;
// false if it is none.
func Eval(text string, names Names) (Const, bool) {
	toks := tokens(text)
	if len(toks) > maxRun {
		return Const{}, false
	}
	if s, ok := stringValue(toks); ok {
		return Const{IsString: true, String: s}, true
	}
	e := &evaluator{toks: toks, names: names}
	n := e.conditional()
	if e.failed || e.peek().kind != endToken {
		return Const{}, false
	}
	return Const{Int: n.int()}, true
}

// stringValue joins string literals, perhaps in parentheses.
func stringValue(toks []token) (string, bool) {
	for len(toks) > 2 && toks[0].text == "(" && toks[len(toks)-1].text == ")" {
		toks = toks[1 : len(toks)-1]
	}
	var b strings.Builder
	for _, t := range toks {
		s, ok := unquote(t.text)
		if t.kind != stringToken || !ok {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), len(toks) > 0
}

// evaluator reads an expression from left to right. After a failure it only
// returns zeros.
type evaluator struct {
	toks   []token
	names  Names
	failed bool
	depth  int
}

func (e *evaluator) peek() token {
	if len(e.toks) == 0 || e.failed {
		return token{}
	}
	return e.toks[0]
}

func (e *evaluator) next() token {
	t := e.peek()
	if len(e.toks) > 0 {
		e.toks = e.toks[1:]
	}
	return t
}

func (e *evaluator) accept(text string) bool {
	if t := e.peek(); t.kind != punctToken || t.text != text {
		return false
	}
	e.next()
	return true
}

func (e *evaluator) expect(text string) {
	if !e.accept(text) {
		e.failed = true
	}
}

func (e *evaluator) fail() number {
	e.failed = true
	return number{}
}

// conditional reads "a ? b : c" and everything that binds tighter.
func (e *evaluator) conditional() number {
	if e.depth++; e.depth > maxDepth {
		return e.fail()
	}
	defer func() { e.depth-- }()
	cond := e.binary(1)
	if !e.accept("?") {
		return cond
	}
	yes := e.conditional()
	e.expect(":")
	no := e.conditional()
	if cond.isZero() {
		return no
	}
	return yes
}

// precedence is how tight a binary operator binds; zero if it is none.
func precedence(op string) int {
	for i, level := range [...]string{"||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >>", "+ -", "* / %"} {
		for _, known := range strings.Fields(level) {
			if op == known {
				return i + 1
			}
		}
	}
	return 0
}

func (e *evaluator) binary(least int) number {
	x := e.unary()
	for {
		op := e.peek()
		p := precedence(op.text)
		if op.kind != punctToken || p < least {
			return x
		}
		e.next()
		y := e.binary(p + 1)
		x = e.apply(op.text, x, y)
	}
}

// apply works an operator out, after C's usual conversions.
func (e *evaluator) apply(op string, x, y number) number {
	switch op {
	case "<<", ">>":
		if y.bits > 63 {
			return e.fail()
		}
		return shift(op, x, uint(y.bits))
	}
	r := number{narrow: x.narrow && y.narrow}
	r.unsigned = x.unsigned && x.narrow == r.narrow || y.unsigned && y.narrow == r.narrow
	x.narrow, x.unsigned, y.narrow, y.unsigned = r.narrow, r.unsigned, r.narrow, r.unsigned
	x, y = x.cut(), y.cut()
	if v, ok := compare(op, x, y); ok {
		return signed(v)
	}
	switch op {
	case "+":
		r.bits = x.bits + y.bits
	case "-":
		r.bits = x.bits - y.bits
	case "*":
		r.bits = x.bits * y.bits
	case "&":
		r.bits = x.bits & y.bits
	case "|":
		r.bits = x.bits | y.bits
	case "^":
		r.bits = x.bits ^ y.bits
	default:
		if y.isZero() {
			return e.fail()
		}
		r.bits = divide(op, x, y)
	}
	return r.cut()
}

func shift(op string, x number, by uint) number {
	switch {
	case op == "<<":
		x.bits <<= by
	case x.unsigned:
		x.bits >>= by
	default:
		x.bits = uint64(int64(x.bits) >> by)
	}
	return x.cut()
}

func divide(op string, x, y number) uint64 {
	switch {
	case x.unsigned && op == "/":
		return x.bits / y.bits
	case x.unsigned:
		return x.bits % y.bits
	case y.int() == -1: // the one quotient that does not fit
		if op == "/" {
			return -x.bits
		}
		return 0
	case op == "/":
		return uint64(x.int() / y.int())
	}
	return uint64(x.int() % y.int())
}

// compare works a comparison or a logical operator out.
func compare(op string, x, y number) (int64, bool) {
	less := x.int() < y.int()
	if x.unsigned {
		less = x.bits < y.bits
	}
	var v bool
	switch op {
	case "==":
		v = x.bits == y.bits
	case "!=":
		v = x.bits != y.bits
	case "<":
		v = less
	case ">=":
		v = !less
	case ">":
		v = !less && x.bits != y.bits
	case "<=":
		v = less || x.bits == y.bits
	case "&&":
		v = !x.isZero() && !y.isZero()
	case "||":
		v = !x.isZero() || !y.isZero()
	default:
		return 0, false
	}
	if v {
		return 1, true
	}
	return 0, true
}
