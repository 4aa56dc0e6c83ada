// Package parser turns script text into the tree of package ast.
//
// A scanner of our own splits the text into tokens, because what "/", "<" and
// ">" mean depends on where they stand; it also finds where each top-level
// item begins. participle then matches the rules of grammar.go on the tokens
// of one item at a time, so that every broken item reports its own first
// error and the others parse all the same. Expressions and types are hooks
// that climb precedences by hand. The structs that participle fills are
// converted into the tree at the end; nothing of participle leaves the
// package.
package parser

import (
	"math"
	"sort"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2"
	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// maxSource is the largest script read: far more than a person writes, and
// little enough to parse in well under a second.
const maxSource = 1 << 20

// Parse parses a file of the set. The tree holds what could be parsed and is
// never nil; it is fit for use only if the list has no errors.
func Parse(set *source.Set, id source.FileID) (*ast.File, *source.List) {
	text := set.File(id).Text
	file := &ast.File{Span: source.Span{File: id, End: int32(min(len(text), math.MaxInt32))}}
	list := &source.List{}
	if tooLarge(text, id, list) || binary(text, id, list) {
		return file, list
	}
	s := scan(text, scanOptions{})
	if s.open() {
		if healed := scan(text, scanOptions{heal: true}); len(healed.items) > len(s.items) {
			s = healed
		}
	}
	for _, t := range s.trivia {
		switch t.Kind {
		case KindShebang:
			file.Shebang = text[t.Off:t.End]
		case KindComment:
			file.Comments = append(file.Comments, ast.Comment{
				Span: source.Span{File: id, Off: t.Off, End: t.End}, Text: text[t.Off:t.End],
			})
		}
	}
	addScanErrors(s, id, list)
	p := fileParser{s: s, id: id, list: list}
	for i := range s.items {
		if p.broken > maxScanErrors {
			break // nobody reads that many errors
		}
		if item := p.item(i); item != nil {
			file.Items = append(file.Items, item)
		}
	}
	p.checkWhole(file)
	return file, list
}

// ParseExpr parses a text that is one expression.
func ParseExpr(set *source.Set, id source.FileID) (ast.Expr, *source.List) {
	text := set.File(id).Text
	list := &source.List{}
	if tooLarge(text, id, list) {
		return nil, list
	}
	s := scan(text, scanOptions{lone: true})
	addScanErrors(s, id, list)
	if list.HasErrors() {
		return nil, list
	}
	tokens := s.grammarTokens(id, 0, len(s.tokens))
	x, err := parseLoneExpr(tokens)
	if err != nil {
		list.Add(explain(err, tokens, true))
		return nil, list
	}
	return x, list
}

func parseLoneExpr(tokens []plex.Token) (ast.Expr, error) {
	lex, err := plex.Upgrade(&tokenLexer{tokens: tokens})
	if err != nil {
		return nil, err
	}
	p := newExprParser(lex)
	x := p.expr()
	p.accept(";")
	if t := p.tok(); p.err == nil && !t.EOF() {
		p.fail(spanOf(*t), "syntax", "unexpected "+found(*t)+" after the expression", "")
	}
	return x, p.err
}

func tooLarge(text string, id source.FileID, list *source.List) bool {
	if len(text) <= maxSource {
		return false
	}
	list.Errorf(source.Span{File: id}, "too-large", "script of %d bytes is too large", len(text)).
		WithHint("at most %d bytes are read: is this a script?", maxSource)
	return true
}

// binary reports a file that is no text at all, in one error in place of one for
// each of its bytes.
func binary(text string, id source.FileID, list *source.List) bool {
	head := text[:min(len(text), 512)]
	strange, first := 0, -1
	for i, r := range head {
		if r == 0 || r == utf8.RuneError {
			strange++
			if first < 0 {
				first = i
			}
		}
	}
	if strange <= len(head)/16 {
		return false
	}
	list.Errorf(source.Span{File: id, Off: int32(first), End: int32(first + 1)}, "binary", "this file is not a script: it holds bytes that are not text").
		WithHint("was a program given in place of a script? -c COMMAND runs one")
	return true
}

func addScanErrors(s *scanner, id source.FileID, list *source.List) {
	for _, d := range s.errs {
		d.Span.File = id
		list.Add(d)
	}
}

// fileParser parses the items of one file.
type fileParser struct {
	s      *scanner
	id     source.FileID
	list   *source.List
	broken int // items that did not parse
}

// item parses an item, or reports why it could not.
func (p *fileParser) item(i int) ast.Item {
	from, to := p.s.items[i], len(p.s.tokens)
	if i+1 < len(p.s.items) {
		to = p.s.items[i+1]
	}
	if from == to {
		return nil
	}
	tokens := p.s.grammarTokens(p.id, from, to)
	node, err := parseItem(tokens)
	if err == nil {
		var b builder
		item := b.item(node)
		if b.err == nil {
			return item
		}
		err = b.err
	}
	p.broken++
	if last := to == len(p.s.tokens); !p.badTokens(tokens, last) {
		p.list.Add(explain(err, tokens, last))
	}
	return nil
}

// badTokens reports whether the scanner complained of something in an item,
// which explains whatever else is wrong with it.
func (p *fileParser) badTokens(tokens []plex.Token, last bool) bool {
	first, end := spanOf(tokens[0]).Off, spanOf(tokens[len(tokens)-1]).End
	i := sort.Search(len(p.s.errs), func(i int) bool { return p.s.errs[i].Span.Off >= first })
	return i < len(p.s.errs) && (p.s.errs[i].Span.Off <= end || last)
}

func parseItem(tokens []plex.Token) (itemNode, error) {
	g, err := buildGrammar()
	if err != nil {
		return nil, err
	}
	lex, err := plex.Upgrade(&tokenLexer{tokens: tokens})
	if err != nil {
		return nil, err
	}
	node, err := g.item.ParseFromLexer(lex)
	if err != nil {
		return nil, err
	}
	return *node, nil
}

// parseBlock parses the block that starts at the next token.
func parseBlock(lex *plex.PeekingLexer) (*blockNode, error) {
	g, err := buildGrammar()
	if err != nil {
		return nil, err
	}
	return g.block.ParseFromLexer(lex, participle.AllowTrailing(true))
}

// checkWhole reports what is only seen in the file as a whole.
func (p *fileParser) checkWhole(file *ast.File) {
	if len(p.s.items) == 0 && !p.list.HasErrors() {
		p.list.Errorf(source.Span{File: p.id}, CodeEmpty, "script has no probes").
			WithHint("write for example: %s", `begin { printf("hello\n"); }`)
	}
	var config *ast.Config
	for _, it := range file.Items {
		c, ok := it.(*ast.Config)
		if !ok {
			continue
		}
		if config != nil {
			p.list.Errorf(c.Span, "duplicate-config", "second config block").
				WithHint("put all settings into one block").
				WithRelated(config.Span, "the first one is here")
		}
		config = c
	}
}
