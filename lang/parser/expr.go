package parser

import (
	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// maxChain bounds the operators of one expression. A long chain makes a tree
// as deep as it is long, and later stages walk it recursively.
const maxChain = 5000

// exprParser reads one expression by precedence climbing. Its error is
// sticky: once set, every token is the end of the input, so the methods need
// not check after each step; what they return then is not used.
type exprParser struct {
	lex      *plex.PeekingLexer
	start    plex.RawCursor
	err      error
	end      plex.Token // what tok returns after an error
	last     source.Span
	depth    int
	chain    int
	noRecord bool // the next "(" opens no record
}

func newExprParser(lex *plex.PeekingLexer) *exprParser {
	return &exprParser{lex: lex, start: lex.RawCursor(), end: plex.Token{Type: plex.EOF}}
}

// finish returns the error, having moved on so that participle commits to it.
func (p *exprParser) finish() error {
	if p.err != nil && p.lex.RawCursor() == p.start {
		p.lex.Next()
	}
	return p.err
}

// tok returns the next token without consuming it.
func (p *exprParser) tok() *plex.Token {
	if p.err != nil {
		return &p.end
	}
	return p.lex.Peek()
}

// next consumes a token.
func (p *exprParser) next() plex.Token {
	if p.err != nil {
		return p.end
	}
	t := *p.lex.Next()
	p.last = spanOf(t)
	return t
}

// is reports whether the next token is this operator or keyword.
func (p *exprParser) is(text string) bool { return p.tok().Value == text }

// accept consumes the next token if it is this operator.
func (p *exprParser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.next()
	return true
}

// after returns the token n places ahead; 0 is the next one.
func (p *exprParser) after(n int) plex.Token {
	if p.err != nil {
		return p.end
	}
	at := p.lex.MakeCheckpoint()
	for ; n > 0; n-- {
		p.lex.Next()
	}
	t := *p.lex.Peek()
	p.lex.LoadCheckpoint(at)
	return t
}

func (p *exprParser) fail(span source.Span, code, msg, hint string) {
	if p.err == nil {
		p.err = syntaxErr(span, code, msg, hint)
	}
}

// expect consumes an operator that must come next; within names the construct
// it belongs to.
func (p *exprParser) expect(text, within string) {
	if p.accept(text) || p.err != nil {
		return
	}
	t := p.tok()
	code, span := "syntax", spanOf(*t)
	if t.EOF() {
		code = CodeIncomplete
	}
	msg := "expected " + quote(text) + " " + within + ", found " + found(*t)
	if t.Value == "=" {
		p.fail(span, code, msg, "to compare, write ==")
		return
	}
	p.fail(span, code, msg, "")
}

// enter guards a recursion; it fails when nesting is too deep.
func (p *exprParser) enter() bool {
	p.depth++
	if p.depth > maxNesting {
		p.fail(spanOf(*p.tok()), "too-deep", "expression is nested too deeply",
			"more than 200 levels are not supported: use variables for its parts")
	}
	return p.err == nil
}

func (p *exprParser) leave() { p.depth-- }

// link counts an operator of the expression.
func (p *exprParser) link() {
	if p.chain++; p.chain > maxChain {
		p.fail(spanOf(*p.tok()), "too-long", "expression has too many operators", "use variables for its parts")
	}
}

// expr parses a whole expression: a ternary or less.
func (p *exprParser) expr() ast.Expr {
	start := spanOf(*p.tok())
	return p.ternary(p.binary(p.unary(), start, 1), start)
}

// ternary parses the rest of "cond ? a : b" behind cond, which starts at
// start: its own span leaves out parentheses around it.
func (p *exprParser) ternary(cond ast.Expr, start source.Span) ast.Expr {
	if !p.is("?") || !p.enter() {
		return cond
	}
	defer p.leave()
	p.next()
	then := cond // "a ?: b" has a itself as its value
	if !p.is(":") {
		then = p.expr()
	}
	p.expect(":", "of the conditional expression")
	other := p.expr()
	return &ast.Ternary{Span: start.To(p.last), Cond: cond, Then: then, Else: other}
}

// precedence returns how tightly an infix operator binds, or zero for any
// other token.
func precedence(t *plex.Token) int {
	if Kind(t.Type) != KindOp {
		return 0
	}
	return ast.Precedence(t.Value)
}

// binary parses the rest of an infix expression behind its first operand,
// taking operators that bind at least as tightly as floor.
func (p *exprParser) binary(left ast.Expr, start source.Span, floor int) ast.Expr {
	for {
		t := p.tok()
		prec := precedence(t)
		if prec == 0 || prec < floor {
			return left
		}
		op := p.next()
		p.link()
		at := spanOf(*p.tok())
		right := p.binary(p.unary(), at, prec+1)
		left = &ast.Binary{
			Span: start.To(p.last), Op: op.Value, OpSpan: spanOf(op), X: left, Y: right,
		}
	}
}

// unary parses prefix operators and their operand.
func (p *exprParser) unary() ast.Expr {
	t := p.tok()
	if Kind(t.Type) == KindOp {
		switch t.Value {
		case "-", "!", "~", "*", "&", "+", "++", "--":
			return p.prefix()
		}
	}
	start := spanOf(*t)
	return p.postfix(p.primary(), start)
}

func (p *exprParser) prefix() ast.Expr {
	p.noRecord = false
	if !p.enter() {
		return &ast.Discard{}
	}
	defer p.leave()
	op := p.next()
	p.link()
	x := p.unary()
	span := spanOf(op).To(p.last)
	switch op.Value {
	case "++", "--":
		p.checkCounter(x)
		return &ast.IncDec{Span: span, Op: op.Value, Prefix: true, X: x}
	case "&":
		switch x.(type) {
		case *ast.Var, *ast.Map:
		default:
			p.fail(span, "bad-address", "only a variable or a map has an address", "write &$x or &@x")
		}
	}
	return &ast.Unary{Span: span, Op: op.Value, X: x}
}

// checkCounter wants an operand of "++" or "--" that can be written to.
func (p *exprParser) checkCounter(x ast.Expr) {
	switch x := x.(type) {
	case *ast.Var, *ast.Map:
		return
	case *ast.Index:
		if _, ok := x.X.(*ast.Map); ok {
			return
		}
	}
	p.fail(x.Pos(), "bad-increment", "++ and -- need a variable or a map", "write $x++ or @x[key]++")
}

// postfix parses what follows an operand: fields, elements, indexes, ++, --.
func (p *exprParser) postfix(x ast.Expr, start source.Span) ast.Expr {
	for {
		t := p.tok()
		if Kind(t.Type) != KindOp {
			return x
		}
		switch t.Value {
		case ".", "->":
			x = p.member(x, start)
		case "[":
			x = p.index(x, start)
		case "++", "--":
			p.checkCounter(x)
			op := p.next()
			x = &ast.IncDec{Span: start.To(p.last), Op: op.Value, X: x}
		default:
			return x
		}
		p.link()
	}
}

func (p *exprParser) member(x ast.Expr, start source.Span) ast.Expr {
	op := p.next()
	t := p.tok()
	switch Kind(t.Type) {
	case KindIdent, KindKeyword:
		name := p.next()
		return &ast.Field{
			Span: start.To(p.last), X: x, Name: name.Value, NameSpan: p.last, Arrow: op.Value == "->",
		}
	case KindInt:
		if op.Value == "." {
			n := p.next()
			return &ast.Element{Span: start.To(p.last), X: x, Number: p.elementNumber(n)}
		}
	}
	p.failExpected("a field name after "+quote(op.Value), "write a name, or a number for an element of a tuple")
	return x
}

func (p *exprParser) index(x ast.Expr, start source.Span) ast.Expr {
	p.next()
	args := []ast.Expr{p.expr()}
	_, isMap := x.(*ast.Map)
	for p.is(",") {
		if !isMap {
			p.fail(spanOf(*p.tok()), "bad-index", "only a map takes several keys", "write one index per pair of brackets: x[1][2]")
		}
		p.next()
		args = append(args, p.expr())
	}
	p.expect("]", "to close the index")
	return &ast.Index{Span: start.To(p.last), X: x, Args: args}
}

// failExpected complains of the next token.
func (p *exprParser) failExpected(what, hint string) {
	t := p.tok()
	code := "syntax"
	if t.EOF() {
		code = CodeIncomplete
	}
	p.fail(spanOf(*t), code, "expected "+what+", found "+found(*t), hint)
}

func (p *exprParser) failAssignInCondition(t *plex.Token) {
	p.fail(spanOf(*t), "assign-in-condition", "a condition cannot assign with '='", "to compare, write ==")
}
