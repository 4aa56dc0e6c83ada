package parser

import (
	"strings"

	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/ast"
)

// builtinName reports whether a bare name is a value of the language, so that
// "(pid) - 1" subtracts. Any other bare name in parentheses is a type when an
// operand follows it.
func builtinName(name string) bool {
	switch name {
	case "uid", "gid", "euid", "egid", "comm", "cpu", "ncpus", "cpid", "elapsed", "jiffies", "func",
		"probe", "probetype", "retval", "curtask", "cgroup", "numaid", "rand", "username", "usermode",
		"ppid", "pcomm":
		return true
	}
	return reservedName(name)
}

// reservedName reports whether a bare name is a builtin that nothing may hide.
func reservedName(name string) bool {
	switch name {
	case "args", "ctx", "pid", "tid", "nsecs", "kstack", "ustack":
		return true
	}
	if strings.HasPrefix(name, "__builtin_") {
		return true
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(name, "s"), "arg")
	return len(digits) < len(name)-2 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// intWord reports whether a word is part of C's names of several words.
func intWord(word string) bool {
	switch word {
	case "unsigned", "signed", "long", "short", "int", "char":
		return true
	}
	return false
}

// startsOperand reports whether a token may be the first of an operand.
func startsOperand(t *plex.Token) bool {
	switch Kind(t.Type) {
	case KindIdent, KindVar, KindMap, KindParam, KindInt, KindChar, KindString:
		return true
	case KindKeyword:
		switch t.Value {
		case "sizeof", "offsetof", "typeof", "true", "false":
			return true
		}
	case KindOp:
		switch t.Value {
		case "(", "-", "!", "~", "*", "&", "++", "--", "+":
			return true
		}
	}
	return false
}

// castAhead reports whether "(" here opens a cast: a type up to ")" and then
// an operand. It only looks at tokens, so nested casts cost nothing extra.
func (p *exprParser) castAhead() bool {
	at := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(at)
	p.lex.Next()
	if t := p.lex.Peek(); Kind(t.Type) == KindKeyword && (t.Value == "struct" || t.Value == "union" || t.Value == "enum") {
		return true
	}
	if !p.skipType() || p.lex.Peek().Value != ")" {
		return false
	}
	p.lex.Next()
	next := p.lex.Peek()
	if next.Value == "++" || next.Value == "--" { // of what stands before or behind it
		p.lex.Next()
		after := Kind(p.lex.Peek().Type)
		return after == KindVar || after == KindMap
	}
	return startsOperand(next)
}

// skipType moves over a type and reports whether there was one. A single name
// counts, unless it is a builtin.
func (p *exprParser) skipType() bool {
	t := p.lex.Next()
	switch {
	case Kind(t.Type) == KindKeyword && t.Value == "typeof":
		if !p.skipGroup() {
			return false
		}
	case Kind(t.Type) == KindKeyword && (t.Value == "struct" || t.Value == "union" || t.Value == "enum"):
		if Kind(p.lex.Next().Type) != KindIdent {
			return false
		}
	case Kind(t.Type) == KindIdent && !builtinName(t.Value):
		for intWord(t.Value) && intWord(p.lex.Peek().Value) {
			t = p.lex.Next()
		}
	default:
		return false
	}
	for {
		switch p.lex.Peek().Value {
		case "*":
			p.lex.Next()
			continue
		case "[":
			p.lex.Next()
			if k := Kind(p.lex.Peek().Type); k == KindInt || k == KindIdent || k == KindParam {
				p.lex.Next()
			}
			if p.lex.Next().Value != "]" {
				return false
			}
			continue
		}
		return true
	}
}

// skipGroup moves over "( ... )".
func (p *exprParser) skipGroup() bool {
	depth := 0
	for {
		t := p.lex.Next()
		switch {
		case t.EOF():
			return false
		case t.Value == "(":
			depth++
		case t.Value == ")":
			depth--
		}
		if depth <= 0 {
			return t.Value == ")"
		}
	}
}

// cast parses "(type)x".
func (p *exprParser) cast() ast.Expr {
	open := spanOf(p.next())
	typ := p.typeExpr()
	p.expect(")", "after the type of the cast")
	p.link()
	x := p.unary()
	return &ast.Cast{Span: open.To(p.last), Type: typ, X: x}
}

// typeOrExpr parses the operand of sizeof, offsetof, typeof and typeinfo:
// exactly one of its results is set. A bare name, with or without suffixes, is
// a type there.
func (p *exprParser) typeOrExpr() (*ast.TypeExpr, ast.Expr) {
	if p.err != nil {
		return nil, &ast.Discard{}
	}
	at := p.lex.MakeCheckpoint()
	isType := p.skipType()
	if isType {
		v := p.lex.Peek().Value
		isType = v == ")" || v == ","
	}
	p.lex.LoadCheckpoint(at)
	if isType {
		return p.typeExpr(), nil
	}
	return nil, p.expr()
}

// typeExpr parses a type.
func (p *exprParser) typeExpr() *ast.TypeExpr {
	t := p.tok()
	n := &ast.TypeExpr{Span: spanOf(*t), Name: t.Value}
	switch {
	case t.Value == "typeof":
		if !p.enter() {
			return n
		}
		defer p.leave()
		p.next()
		p.expect("(", "after typeof")
		typ, x := p.typeOrExpr()
		if n.Typeof = x; typ != nil {
			n.Typeof = typ
		}
		p.expect(")", "to close typeof")
	case Kind(t.Type) == KindKeyword && (t.Value == "struct" || t.Value == "union" || t.Value == "enum"):
		p.next()
		if Kind(p.tok().Type) != KindIdent {
			p.failExpected("the name of the "+t.Value, "")
			return n
		}
		n.Name += " " + p.next().Value
	case Kind(t.Type) == KindIdent:
		p.next()
		for intWord(t.Value) && intWord(p.tok().Value) {
			n.Name += " " + p.next().Value
		}
	default:
		p.failExpected("a type", "write a name such as uint32 or struct task_struct *")
		return n
	}
	p.typeSuffixes(n)
	n.Span = n.Span.To(p.last)
	return n
}

func (p *exprParser) typeSuffixes(n *ast.TypeExpr) {
	for p.err == nil {
		p.link()
		switch {
		case p.accept("*"):
			n.Suffixes = append(n.Suffixes, ast.TypeSuffix{Span: p.last, Pointer: true})
		case p.accept("["):
			s := ast.TypeSuffix{Span: p.last}
			if !p.is("]") {
				s.Len = p.expr()
			}
			p.expect("]", "to close the array length")
			s.Span = s.Span.To(p.last)
			n.Suffixes = append(n.Suffixes, s)
		default:
			return
		}
	}
}
