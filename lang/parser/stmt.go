package parser

import (
	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// simple parses an assignment or an expression that stands as a statement.
func (p *exprParser) simple() ast.Stmt {
	start := spanOf(*p.tok())
	x := p.expr()
	t := p.tok()
	if !assignOp(t) {
		return &ast.ExprStmt{Span: start.To(p.last), X: x}
	}
	p.checkTarget(x, t)
	op := p.next()
	value := p.expr()
	return &ast.Assign{Span: start.To(p.last), Target: x, Op: op.Value, Value: value}
}

func assignOp(t *plex.Token) bool {
	if Kind(t.Type) != KindOp {
		return false
	}
	switch t.Value {
	case "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=":
		return true
	}
	return false
}

// checkTarget wants something that can stand left of an assignment.
func (p *exprParser) checkTarget(x ast.Expr, op *plex.Token) {
	const code = "bad-target"
	switch x := x.(type) {
	case *ast.Var, *ast.Map, *ast.Field:
	case *ast.Discard:
		if op.Value != "=" {
			p.fail(spanOf(*op), code, "'_' only takes '='", "write _ = expression")
		}
	case *ast.Index:
		if _, ok := x.X.(*ast.Map); !ok {
			p.fail(x.Span, code, "an element of an array cannot be written to", "only @maps[key] and $variables can be assigned")
		}
	case *ast.Param:
		p.fail(x.Span, code, "a positional parameter cannot be assigned", "copy it first: $x = $1")
	case *ast.Unary:
		p.fail(x.Span, code, "memory cannot be written through a pointer", "only @maps and $variables can be assigned")
	case *ast.Element:
		p.fail(x.Span, code, "an element of a tuple cannot be changed", "build a new tuple and assign that")
	case *ast.Ident:
		p.fail(x.Span, code, "cannot assign to "+quote(x.Name), "variables are written $"+x.Name+", maps @"+x.Name)
	default:
		p.fail(x.Pos(), code, "cannot assign to this expression", "only @maps and $variables can be assigned; to compare, write ==")
	}
}

// missingSemicolon makes the error for a statement that goes on where it
// should have ended. stmt is what was read of it, or nil.
func missingSemicolon(lex *plex.PeekingLexer, stmt ast.Stmt) error {
	at := lex.RawCursor()
	prev := spanOf(lex.Range(at-1, at)[0])
	t := lex.Next()
	span := spanOf(*t)
	if word, better := misspelled(stmt); better != "" {
		return syntaxErr(word.Span, "unknown-statement", "unknown statement "+quote(word.Name), "did you mean "+better+"?")
	}
	switch t.Value {
	case ")", "]", ",":
		return syntaxErr(span, "syntax", "unexpected "+quote(t.Value)+" after the statement", "remove it, or look for the missing bracket before it")
	case ":":
		return syntaxErr(span, "syntax", "unexpected ':' after the statement", "a variable with a type is declared with let: let $x: uint32 = 1;")
	case "=":
		return syntaxErr(span, "syntax", "unexpected '=' after the expression", "to compare, write ==")
	}
	if Kind(t.Type) == KindInvalid {
		return syntaxErr(span, "syntax", "unexpected "+quote(t.Value), "")
	}
	place := source.Span{File: prev.File, Off: prev.End, End: prev.End}
	hint := "end each statement with ;"
	if Kind(t.Type) == KindString {
		hint = "end each statement with ; and separate arguments with ,"
	}
	return syntaxErr(place, "missing-semicolon", "missing ';' before "+found(*t), hint)
}

// statementWords are the words that start a statement, and what people write
// by mistake for them is compared against.
var statementWords = [...]string{"if", "else", "while", "for", "unroll", "return", "break", "continue", "let"}

// misspelled finds the leading name of a broken statement and the keyword that
// was probably meant by it.
func misspelled(stmt ast.Stmt) (*ast.Ident, string) {
	s, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return nil, ""
	}
	var word *ast.Ident
	switch x := s.X.(type) {
	case *ast.Ident:
		word = x
	case *ast.Call:
		word = &ast.Ident{Span: x.NameSpan, Name: x.Name}
	default:
		return nil, ""
	}
	switch word.Name {
	case "elseif", "elif", "elsif":
		return word, "else if"
	case "foreach":
		return word, "for ($x : @map)"
	case "fn", "func", "function", "def":
		return word, "macro name(args) { ... } outside of the block"
	}
	for _, k := range statementWords {
		if k != word.Name && oneSlip(word.Name, k) {
			return word, k
		}
	}
	return nil, ""
}

// oneSlip reports whether a turns into b by one typing error: a letter too
// many, one too few, a wrong one, or two swapped.
func oneSlip(a, b string) bool {
	if len(a) > len(b)+1 || len(b) > len(a)+1 {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	ra, rb := a[i:], b[i:]
	switch {
	case len(ra) == len(rb)+1:
		return len(b) > 2 && ra[1:] == rb
	case len(rb) == len(ra)+1:
		return len(b) > 2 && rb[1:] == ra
	case len(ra) == 0:
		return false
	case len(ra) > 1 && ra[0] == rb[1] && ra[1] == rb[0] && ra[2:] == rb[2:]:
		return true
	}
	return len(b) > 2 && ra[1:] == rb[1:]
}
