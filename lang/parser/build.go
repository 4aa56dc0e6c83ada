package parser

import (
	"strings"

	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// builder turns what participle filled in into the tree. It remembers the
// first thing that the grammar is too coarse to refuse.
type builder struct {
	err error
}

func (b *builder) fail(span source.Span, code, msg, hint string) {
	if b.err == nil {
		b.err = syntaxErr(span, code, msg, hint)
	}
}

func (b *builder) item(n itemNode) ast.Item {
	switch n := n.(type) {
	case *probeNode:
		return b.probe(n)
	case *directiveNode:
		return b.directive(n)
	case *cDefinitionNode:
		return b.cDefinition(n)
	case *configNode:
		return b.config(n)
	case *importNode:
		str := exprParser{}
		path := str.unquote(n.Path)
		b.take(str.err)
		return &ast.Import{Span: spanOf(n.Start).To(spanOf(n.Path)), Path: path}
	case *mapDeclNode:
		d := &ast.MapDecl{Span: spanOf(n.Start).To(spanOf(n.End)), Name: n.Name.Value[1:], Kind: n.Kind.Value}
		for _, a := range n.Args {
			d.Args = append(d.Args, a.X)
		}
		return d
	case *macroNode:
		return b.macro(n)
	}
	return nil
}

func (b *builder) take(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

func (b *builder) probe(n *probeNode) *ast.Probe {
	p := &ast.Probe{Body: b.body(n.Body)}
	for _, pt := range n.Points {
		p.Points = append(p.Points, attachPoint(pt.Tok))
	}
	if n.Pred != nil {
		p.Pred = n.Pred.X
	}
	p.Span = p.Points[0].Span.To(p.Body.Span)
	return p
}

func (b *builder) directive(n *directiveNode) *ast.Directive {
	text := strings.TrimLeft(n.Tok.Value[1:], " \t")
	end := 0
	for end < len(text) && isWord(text[end]) {
		end++
	}
	name := text[:end]
	switch name {
	case "include", "define", "undef", "if", "ifdef", "ifndef", "elif", "else", "endif", "pragma", "error", "warning", "line":
	default:
		b.fail(spanOf(n.Tok), "bad-directive", "unknown directive "+quote("#"+name), "comments start with //")
	}
	return &ast.Directive{Span: spanOf(n.Tok), Name: name, Text: strings.TrimSpace(text[end:])}
}

func (b *builder) config(n *configNode) *ast.Config {
	c := &ast.Config{Span: spanOf(n.Start).To(spanOf(n.End))}
	for _, e := range n.Entries {
		p := exprParser{}
		var value ast.Expr
		span := spanOf(e.Value)
		switch Kind(e.Value.Type) {
		case KindInt:
			value = &ast.Int{Span: span, Text: e.Value.Value, Value: p.number(e.Value)}
		case KindString:
			value = &ast.String{Span: span, Value: p.unquote(e.Value)}
		case KindKeyword:
			value = &ast.Bool{Span: span, Value: e.Value.Value == "true"}
		default:
			value = &ast.Ident{Span: span, Name: e.Value.Value}
		}
		b.take(p.err)
		c.Entries = append(c.Entries, ast.ConfigEntry{
			Span: spanOf(e.Name).To(span), Name: e.Name.Value, Value: value,
		})
	}
	return c
}

func (b *builder) macro(n *macroNode) *ast.Macro {
	body := b.block(n.Body)
	b.value(body)
	m := &ast.Macro{
		Span: spanOf(n.Start).To(body.Span), Name: n.Name.Value, HasParens: n.Paren.Value != "", Body: body,
	}
	for _, p := range n.Params {
		param := ast.MacroParam{Span: spanOf(p.Tok), Name: p.Tok.Value}
		switch Kind(p.Tok.Type) {
		case KindVar:
			param.Kind, param.Name = ast.ParamVar, param.Name[1:]
		case KindMap:
			if param.Kind, param.Name = ast.ParamMap, param.Name[1:]; param.Name == "" {
				b.fail(param.Span, "bad-param", "a macro's map parameter needs a name", "write @name")
			}
		default:
			if reservedName(param.Name) {
				b.fail(param.Span, "bad-param", "builtin "+quote(param.Name)+" cannot name a macro's parameter", "choose another name")
			}
		}
		m.Params = append(m.Params, param)
	}
	return m
}

// cDefinition finds the kind and the name in the C text.
func (b *builder) cDefinition(n *cDefinitionNode) *ast.CDefinition {
	text := n.Tok.Value
	words := cWords(text)
	d := &ast.CDefinition{Span: spanOf(n.Tok), Text: text}
	if len(words) == 0 {
		return d
	}
	d.Kind = words[0]
	switch {
	case len(words) == 1:
	case d.Kind == "typedef":
		d.Name = words[len(words)-1]
	default:
		d.Name = words[1]
	}
	return d
}

// cWords returns the words of a C definition outside of all brackets; a
// function pointer's name counts although it is in parentheses.
func cWords(text string) []string {
	s := scanner{src: text}
	var words []string
	for pos := s.after(0); pos < len(text); pos = s.after(pos) {
		switch c := text[pos]; {
		case isWordStart(c):
			end := s.wordEnd(pos)
			if word := text[pos:end]; word == "__attribute__" {
				end = s.after(end)
				if s.at(end) == '(' {
					end = s.balanced(end)
				}
			} else {
				words = append(words, word)
			}
			pos = end
		case c == '(' && s.at(s.after(pos+1)) == '*':
			pos = s.after(s.after(pos+1) + 1)
		case c == '(' || c == '[' || c == '{':
			pos = s.balanced(pos)
		default:
			pos++
		}
	}
	return words
}

// attachPoint splits a specification at the colons outside of quotes.
func attachPoint(tok plex.Token) *ast.AttachPoint {
	text := tok.Value
	a := &ast.AttachPoint{Span: spanOf(tok)}
	start := 0
	if end := wordLen(text); end > 0 && end < len(text) && text[end] == '=' {
		a.Label, start = text[:end], end+1
	}
	a.Text = text[start:]
	part := partBuilder{tok: tok, from: start}
	for i := start; i < len(text); i++ {
		switch {
		case text[i] == '"':
			part.quoted = true
			part.inside = !part.inside
		case part.inside && text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			part.text = append(part.text, text[i])
		case text[i] == ':' && !part.inside:
			a.Parts = append(a.Parts, part.done(i))
		default:
			part.text = append(part.text, text[i])
		}
	}
	a.Parts = append(a.Parts, part.done(len(text)))
	return a
}

func wordLen(text string) int {
	n := 0
	if text != "" && isWordStart(text[0]) {
		for n < len(text) && isWord(text[n]) {
			n++
		}
	}
	return n
}

// partBuilder collects one part of an attach point.
type partBuilder struct {
	tok            plex.Token
	from           int
	text           []byte
	quoted, inside bool
}

func (p *partBuilder) done(end int) ast.Part {
	part := ast.Part{Span: within(p.tok, p.from, end), Text: string(p.text), Quoted: p.quoted}
	p.from, p.text, p.quoted = end+1, p.text[:0], false
	return part
}
