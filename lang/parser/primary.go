package parser

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// primary parses an operand without its prefix and postfix operators.
func (p *exprParser) primary() ast.Expr {
	noRecord := p.noRecord
	p.noRecord = false
	t := p.tok()
	switch Kind(t.Type) {
	case KindIdent:
		return p.name()
	case KindKeyword:
		return p.keyword()
	case KindVar:
		t := p.next()
		return &ast.Var{Span: p.last, Name: t.Value[1:]}
	case KindMap:
		t := p.next()
		return &ast.Map{Span: p.last, Name: t.Value[1:]}
	case KindParam:
		return p.param()
	case KindInt:
		t := p.next()
		return &ast.Int{Span: p.last, Text: t.Value, Value: p.number(t)}
	case KindChar:
		t := p.next()
		return &ast.Int{Span: p.last, Text: t.Value, Value: p.char(t)}
	case KindString:
		t := p.next()
		return &ast.String{Span: p.last, Value: p.unquote(t)}
	case KindOpen:
		return p.block()
	case KindOp:
		if t.Value == "(" {
			return p.paren(noRecord)
		}
	}
	p.failOperand()
	return &ast.Discard{Span: spanOf(*t)}
}

// failOperand complains of a token where an operand should be.
func (p *exprParser) failOperand() {
	t := p.tok()
	hint := ""
	switch t.Value {
	case "=":
		hint = "to compare, write =="
	case ">":
		hint = "if it closes the action, write ; before it"
	case ")":
		hint = "remove it, or write the missing ( or operand"
	case "<":
		hint = "only an action right after its probes may be written < ... >"
	case ".":
		hint = "numbers are whole: there are no fractions"
	}
	p.failExpected("an expression", hint)
}

// name parses an identifier, a call, or one of the prefix words.
func (p *exprParser) name() ast.Expr {
	t := p.next()
	span := p.last
	switch {
	case t.Value == "comptime" && startsOperand(p.tok()) && p.enter():
		x := p.unary()
		p.leave()
		return &ast.Call{Span: span.To(p.last), Name: t.Value, NameSpan: span, Args: []ast.Expr{x}}
	case t.Value == "typeinfo" && p.is("("):
		p.next()
		typ, x := p.typeOrExpr()
		p.expect(")", "to close typeinfo")
		if typ != nil {
			x = typ
		}
		return &ast.Call{Span: span.To(p.last), Name: t.Value, NameSpan: span, Args: []ast.Expr{x}}
	case p.is("(") || p.is("!") && p.after(1).Value == "(":
		p.accept("!") // "name!(...)" marks a macro call; it means the same
		return p.call(t.Value, span)
	case t.Value == "_":
		return &ast.Discard{Span: span}
	}
	return &ast.Ident{Span: span, Name: t.Value}
}

func (p *exprParser) call(name string, span source.Span) ast.Expr {
	open := p.next()
	var args []ast.Expr
	for !p.is(")") && p.err == nil {
		args = append(args, p.argument(name, len(args)))
		if !p.accept(",") {
			break
		}
		if p.is(")") {
			p.failExpected("an argument after ','", "remove the comma")
		}
	}
	if t := p.tok(); !p.is(")") && p.err == nil && !t.EOF() && precedence(t) == 0 {
		code, hint := "syntax", "separate arguments with commas"
		switch {
		case t.Value == "=":
			hint = "to compare, write =="
		case t.Value == ";" || Kind(t.Type) == KindClose:
			hint = "close the call with )"
		}
		p.fail(spanOf(*t), code, "expected ',' or ')' in the call of "+name+", found "+found(*t), hint)
		d := asSyntaxError(p.err)
		d.WithRelated(spanOf(open), "the call opens here")
	}
	p.expect(")", "to close the call of "+name)
	return &ast.Call{Span: span.To(p.last), Name: name, NameSpan: span, Args: args}
}

// argument parses argument i of a call. The second one of container_of is a type.
func (p *exprParser) argument(name string, i int) ast.Expr {
	if name == "container_of" && i == 1 {
		typ, x := p.typeOrExpr()
		if typ != nil {
			return typ
		}
		return x
	}
	return p.expr()
}

// keyword parses the operands that start with a reserved word.
func (p *exprParser) keyword() ast.Expr {
	t := p.tok()
	span := spanOf(*t)
	switch t.Value {
	case "true", "false":
		p.next()
		return &ast.Bool{Span: span, Value: t.Value == "true"}
	case "sizeof":
		p.next()
		p.expect("(", "after sizeof")
		typ, x := p.typeOrExpr()
		p.expect(")", "to close sizeof")
		return &ast.Sizeof{Span: span.To(p.last), Type: typ, X: x}
	case "offsetof":
		return p.offsetof()
	case "typeof":
		return p.typeExpr()
	case "struct", "union", "enum":
		if Kind(p.after(1).Type) == KindIdent {
			typ := p.typeExpr()
			p.fail(typ.Span, "type-as-value", "a type is not a value", "write (type)x for a cast, typeof(type) to pass a type to a macro")
			return typ
		}
	case "if":
		return p.ifExpr()
	case "else":
		p.fail(span, "syntax", "else without an if before it", "remove the ; or the statement between } and else")
	case "import":
		p.fail(span, "syntax", "an import stands at the top of a script, not in a block", "move it above the first probe")
	case "macro":
		p.fail(span, "syntax", "a macro is defined outside of blocks", "move it out, or look for a missing } above")
	}
	p.failOperand()
	return &ast.Discard{Span: span}
}

func (p *exprParser) offsetof() ast.Expr {
	span := spanOf(p.next())
	n := &ast.Offsetof{}
	p.expect("(", "after offsetof")
	n.Type, n.X = p.typeOrExpr()
	p.expect(",", "between the type and the field of offsetof")
	for p.err == nil {
		if k := Kind(p.tok().Type); k != KindIdent && k != KindKeyword {
			p.failExpected("a field name", "write offsetof(struct task_struct, comm)")
			break
		}
		n.Path = append(n.Path, p.next().Value)
		if !p.accept(".") {
			break
		}
	}
	p.expect(")", "to close offsetof")
	n.Span = span.To(p.last)
	return n
}

// ifExpr parses an if in the place of a value. It becomes a conditional
// expression over blocks, which is what it means.
func (p *exprParser) ifExpr() ast.Expr {
	if !p.enter() {
		return &ast.Discard{}
	}
	defer p.leave()
	span := spanOf(p.next())
	p.noRecord = true
	cond := p.expr()
	then := p.block()
	if !p.accept("else") {
		p.failExpected("else: an if that is a value needs both branches", "write if cond { a } else { b }")
		return cond
	}
	var other ast.Expr
	if p.is("if") {
		other = p.ifExpr()
	} else {
		other = p.block()
	}
	return &ast.Ternary{Span: span.To(p.last), Cond: cond, Then: then, Else: other}
}

// block parses "{ statements; expression }" with the statement grammar.
func (p *exprParser) block() ast.Expr {
	if p.err != nil {
		return &ast.Discard{}
	}
	if t := p.tok(); Kind(t.Type) != KindOpen {
		p.failExpected("'{'", "")
		return &ast.Discard{Span: spanOf(*t)}
	}
	node, err := parseBlock(p.lex)
	if err != nil {
		p.err = err
		return &ast.Discard{}
	}
	p.last = spanOf(node.Close)
	var b builder
	block := b.block(node)
	b.value(block)
	if b.err != nil {
		p.err = b.err
	}
	return &ast.BlockExpr{Span: block.Span, Block: block}
}

// paren parses what "(" starts: a cast, a record, a tuple or a group.
func (p *exprParser) paren(noRecord bool) ast.Expr {
	if !p.enter() {
		return &ast.Discard{}
	}
	defer p.leave()
	if p.castAhead() {
		return p.cast()
	}
	open := spanOf(p.next())
	if p.accept(")") {
		return &ast.Tuple{Span: open.To(p.last)}
	}
	if !noRecord && Kind(p.tok().Type) == KindIdent && p.after(1).Value == "=" && !builtinName(p.tok().Value) {
		return p.record(open)
	}
	first := p.expr()
	if !p.is(",") {
		p.expect(")", "to close the parenthesis")
		return first
	}
	elems := []ast.Expr{first}
	for p.accept(",") && !p.is(")") {
		elems = append(elems, p.expr())
	}
	p.expect(")", "to close the tuple")
	return &ast.Tuple{Span: open.To(p.last), Elems: elems}
}

func (p *exprParser) record(open source.Span) ast.Expr {
	n := &ast.Record{}
	seen := map[string]bool{}
	for p.err == nil {
		if Kind(p.tok().Type) != KindIdent {
			p.failExpected("a field name in the record", "write (name=value, other=value)")
			break
		}
		name := p.next()
		span := p.last
		if seen[name.Value] {
			p.fail(span, "duplicate-field", "record has two fields "+quote(name.Value), "give each field its own name")
		}
		seen[name.Value] = true
		p.expect("=", "after the field name "+name.Value)
		x := p.expr()
		n.Fields = append(n.Fields, ast.RecordField{Span: span.To(p.last), Name: name.Value, Value: x})
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "to close the record")
	n.Span = open.To(p.last)
	return n
}
