package parser

import (
	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/alecthomas/participle/v2"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// The hooks below are the rules that participle leaves to code. A hook that
// cannot start at the next token says NextMatch; one that fails later has
// moved on by a token at least, which commits participle to its error.

// exprNode is an expression; Span includes parentheses around it.
type exprNode struct {
	X    ast.Expr
	Span source.Span
}

// Parse implements participle.Parseable.
func (n *exprNode) Parse(lex *plex.PeekingLexer) error {
	if endsExpr(lex.Peek()) {
		return participle.NextMatch
	}
	p := newExprParser(lex)
	start := spanOf(*lex.Peek())
	n.X = p.expr()
	n.Span = start.To(p.last)
	return p.finish()
}

// operandNode is an end of a range, or the map of a loop: an expression
// without infix operators, so that ".." and "{" stay outside.
type operandNode struct{ X ast.Expr }

// Parse implements participle.Parseable.
func (n *operandNode) Parse(lex *plex.PeekingLexer) error {
	if endsExpr(lex.Peek()) {
		return participle.NextMatch
	}
	p := newExprParser(lex)
	n.X = p.unary()
	if t := p.tok(); p.err == nil && precedence(t) > 0 {
		p.fail(spanOf(*t), "range-operand", "the ends of a range take no operators", "write parentheses around the expression")
	}
	return p.finish()
}

// condNode is the condition of if, while and unroll. Its parentheses are
// optional, and "(a = b)" in it is a slip rather than a record.
type condNode struct{ X ast.Expr }

// Parse implements participle.Parseable.
func (n *condNode) Parse(lex *plex.PeekingLexer) error {
	if t := lex.Peek(); endsExpr(t) || t.Value == "{" {
		return participle.NextMatch
	}
	p := newExprParser(lex)
	p.noRecord = true
	n.X = p.expr()
	if t := p.tok(); p.err == nil && t.Value == "=" {
		p.failAssignInCondition(t)
	}
	return p.finish()
}

// typeNode is a type as written.
type typeNode struct{ T *ast.TypeExpr }

// Parse implements participle.Parseable.
func (n *typeNode) Parse(lex *plex.PeekingLexer) error {
	p := newExprParser(lex)
	n.T = p.typeExpr()
	return p.finish()
}

// endNode is the end of a statement: a semicolon, or the end of the block.
type endNode struct{}

// Parse implements participle.Parseable.
func (n *endNode) Parse(lex *plex.PeekingLexer) error {
	t := lex.Peek()
	switch {
	case t.Value == ";" && Kind(t.Type) == KindOp:
		lex.Next()
		return nil
	case Kind(t.Type) == KindClose || t.EOF():
		return nil
	}
	return missingSemicolon(lex, nil)
}

// simpleNode is an assignment or an expression in the place of a statement.
type simpleNode struct {
	Stmt ast.Stmt
	Semi bool // a semicolon followed
}

// Parse implements participle.Parseable.
func (n *simpleNode) Parse(lex *plex.PeekingLexer) error {
	t := lex.Peek()
	switch Kind(t.Type) {
	case KindOpen, KindClose:
		return participle.NextMatch
	case KindKeyword:
		switch t.Value {
		case "let", "if", "for", "while", "unroll", "break", "continue", "return":
			return participle.NextMatch
		}
	case KindOp:
		if t.Value == ";" {
			return participle.NextMatch
		}
	}
	if t.EOF() {
		return participle.NextMatch
	}
	p := newExprParser(lex)
	n.Stmt = p.simple()
	if err := p.finish(); err != nil {
		return err
	}
	switch t := lex.Peek(); {
	case t.Value == ";" && Kind(t.Type) == KindOp:
		lex.Next()
		n.Semi = true
	case Kind(t.Type) == KindClose || t.EOF():
	default:
		return missingSemicolon(lex, n.Stmt)
	}
	return nil
}

// endsExpr reports whether a token cannot be part of an expression at all.
func endsExpr(t *plex.Token) bool {
	switch Kind(t.Type) {
	case KindClose, KindPredClose:
		return true
	case KindOp:
		return t.Value == ";" || t.Value == ")" || t.Value == "]" || t.Value == ","
	}
	return t.EOF()
}
