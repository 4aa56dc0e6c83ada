package parser

import (
	"errors"
	"strings"

	"github.com/alecthomas/participle/v2"
	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/source"
)

// explain words an error for people. tokens are those of the item, with the
// end token; last tells whether the item ends the file, so that more input
// could complete it.
func explain(err error, tokens []plex.Token, last bool) source.Diagnostic {
	e := explanation{tokens: tokens}
	d := e.diagnose(err)
	if d.Code == CodeIncomplete && !last {
		d.Code = "syntax"
		d.Msg = strings.Replace(d.Msg, ", found the end of the input", "", 1)
	}
	return d
}

type explanation struct {
	tokens []plex.Token
	at     int // index of the unexpected token
}

func (e *explanation) diagnose(err error) source.Diagnostic {
	if s := asSyntaxError(err); s != nil {
		if s.Code == CodeIncomplete {
			return e.unclosedOr(s.Diagnostic)
		}
		return s.Diagnostic
	}
	d := source.Diagnostic{Severity: source.Error, Code: "syntax", Msg: err.Error()}
	var unexpected *participle.UnexpectedTokenError
	if !errors.As(err, &unexpected) {
		d.Span = spanOf(e.tokens[0])
		return d
	}
	t := unexpected.Unexpected
	d.Span = spanOf(t)
	for e.at < len(e.tokens)-1 && e.tokens[e.at].Pos.Offset < t.Pos.Offset {
		e.at++
	}
	if t.EOF() {
		d.Code = CodeIncomplete
	}
	if first := e.tokens[0]; e.at > 0 && Kind(first.Type) == KindSpec && e.inHeader() && looksLikeCode(first.Value) {
		d.Span, d.Code, t, e.at = spanOf(first), "syntax", first, 0
	}
	d.Msg, d.Hint = e.words(t, expectation(unexpected.Message()))
	if t.EOF() {
		return e.unclosedOr(d)
	}
	return d
}

// unclosedOr replaces an error at the end of the input by one that points at
// the bracket that is still open, when there is one.
func (e *explanation) unclosedOr(d source.Diagnostic) source.Diagnostic {
	var open []plex.Token
	for _, t := range e.tokens {
		switch Kind(t.Type) {
		case KindOpen:
			open = append(open, t)
		case KindClose:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return d
	}
	t := open[len(open)-1]
	end := e.tokens[len(e.tokens)-1]
	d = source.Diagnostic{
		Span: spanOf(end), Severity: source.Error, Code: CodeIncomplete,
		Msg: "block is not closed", Hint: "add the missing }",
		Related: []source.Related{{Span: spanOf(t), Msg: "it opens here"}},
	}
	if t.Value == "<" {
		d.Hint = "add the missing > and write ; before it"
	}
	return d
}

// expectation cuts the first expected symbol out of participle's message.
func expectation(msg string) string {
	i := strings.LastIndex(msg, " (expected ")
	if i < 0 {
		return ""
	}
	want := strings.TrimLeft(msg[i+len(" (expected "):], "(")
	if len(want) > 1 && want[0] == '"' {
		return want[:strings.IndexByte(want[1:], '"')+2]
	}
	if i := strings.IndexAny(want, " )"); i > 0 {
		want = want[:i]
	}
	return strings.TrimRight(want, "?*+")
}

// words says what was expected and found, and what to do about it.
func (e *explanation) words(t plex.Token, want string) (msg, hint string) {
	first := e.tokens[0]
	switch Kind(first.Type) {
	case KindSpec, KindOpen, KindPredOpen:
		if e.inHeader() {
			return e.headerWords(t, want)
		}
	case KindKeyword:
		if first.Value != "macro" || !e.inBlock() {
			return e.declWords(t, want)
		}
	case KindOp:
		return "expected a probe, found " + found(t), "write for example: kprobe:vfs_read { ... }"
	}
	return e.blockWords(t, want)
}

func (e *explanation) inBlock() bool {
	depth := 0
	for _, t := range e.tokens[:e.at] {
		switch Kind(t.Type) {
		case KindOpen:
			depth++
		case KindClose:
			depth--
		}
	}
	return depth > 0
}

// inHeader reports whether the error is before the action of a probe.
func (e *explanation) inHeader() bool {
	pred := false
	for _, t := range e.tokens[:e.at] {
		switch Kind(t.Type) {
		case KindPredOpen:
			pred = true
		case KindPredClose:
			pred = false
		case KindOpen:
			if !pred {
				return false
			}
		}
	}
	return true
}

func (e *explanation) headerWords(t plex.Token, want string) (msg, hint string) {
	pred, closed := false, false
	for _, t := range e.tokens[:e.at] {
		pred = pred || Kind(t.Type) == KindPredOpen
		closed = closed || Kind(t.Type) == KindPredClose
	}
	prev := plex.Token{}
	if e.at > 0 {
		prev = e.tokens[e.at-1]
	}
	switch {
	case e.at == 0 && Kind(t.Type) == KindSpec:
		return "expected a probe, found " + quote(t.Value), "statements stand in a block: begin { ... }"
	case e.at == 0:
		return "expected a probe before " + quote(t.Value), "write for example: begin { ... } or kprobe:vfs_read { ... }"
	case pred && !closed && t.Value == "=":
		return "a predicate cannot assign with '='", "to compare, write =="
	case pred && !closed && Kind(t.Type) == KindPredClose:
		return "predicate is empty", "write a condition between the slashes, or leave them out"
	case pred && !closed:
		if t.EOF() {
			return "predicate is not closed", "write / behind the condition, then the action { ... }"
		}
		if t.Value == ";" {
			return "unexpected ';' in the predicate", "the action needs braces: /condition/ { ... }"
		}
		return "unexpected " + found(t) + " in the predicate", "the predicate ends with / before {"
	case prev.Value == ",":
		return "expected a probe after ',', found " + found(t), "write the next probe, or remove the comma"
	case closed && t.EOF():
		return "predicate has no action after it", "write { ... } behind the predicate"
	case t.EOF():
		return "probe has no action", "write { ... } behind " + quote(prev.Value)
	case closed:
		return "expected '{' after the predicate, found " + found(t), "write { ... } behind the predicate"
	}
	return "expected '{' after the probe, found " + found(t),
		"write the action in { }, and a probe without blanks; quote a part that needs them"
}

// looksLikeCode reports whether the text of an attach point is a statement
// that was written outside of any block.
func looksLikeCode(spec string) bool {
	if strings.HasPrefix(spec, "$") || strings.HasPrefix(spec, "@") {
		return true
	}
	switch spec {
	case "if", "for", "while", "unroll", "let", "return":
		return true
	}
	return strings.ContainsAny(spec, "(;") && !strings.Contains(spec, ":")
}

func (e *explanation) declWords(t plex.Token, want string) (msg, hint string) {
	word := e.tokens[0].Value
	switch word {
	case "config":
		hint = "write config = { name=value; other=value }"
		if want == "<close>" && Kind(t.Type) == KindIdent {
			return "missing ';' before the setting " + quote(t.Value), hint
		}
		if want == "<close>" {
			want = "<ident>"
		}
	case "import":
		hint = `write import "file.bt";`
	case "macro":
		hint = "write macro name(a, $b, @c) { ... }"
	case "let":
		hint = "only maps are declared outside of blocks: let @name = lruhash(100);"
	case "fn":
		return "functions are not supported", "write a macro: macro name(a, $b, @c) { ... }"
	}
	return "expected " + symbol(want) + " in " + word + ", found " + found(t), hint
}

func (e *explanation) blockWords(t plex.Token, want string) (msg, hint string) {
	if e.at > 0 && Kind(t.Type) != KindClose {
		switch prev := e.tokens[e.at-1]; {
		case want == "BlockNode" && prev.Value == "else":
			return "expected '{' or 'if' after else, found " + found(t), "a branch needs its braces: else { ... }"
		case want == "<open>" || want == "BlockNode":
			return "expected '{', found " + found(t), "a body needs its braces: { ... }"
		}
	}
	switch want {
	case "":
		return "unexpected " + found(t), ""
	case `":"`:
		return "expected ':', found " + found(t), "write for ($x : @map) { ... } or for ($i : 0..10) { ... }"
	case "<var>", "ForHeadNode":
		hint := "variables are written $x"
		if e.at > 0 && e.tokens[e.at-1].Value != "let" {
			hint = "write for ($x : @map) { ... } or for ($i : 0..10) { ... }"
		}
		return "expected " + symbol("<var>") + ", found " + found(t), hint
	}
	return "expected " + symbol(want) + ", found " + found(t), ""
}

// symbol names a symbol of the grammar for people.
func symbol(want string) string {
	switch want {
	case "":
		return "something else"
	case "<open>":
		return "'{'"
	case "<close>":
		return "'}'"
	case "<var>":
		return "a variable such as $x"
	case "<map>":
		return "a map such as @x"
	case "<ident>", "entryNode", "EntryNode":
		return "a name"
	case "<string>":
		return `a "string"`
	case "<int>":
		return "a value"
	case "exprNode", "condNode", "operandNode":
		return "an expression"
	case "BlockNode":
		return "'{'"
	case "<spec>", "PointNode":
		return "a probe"
	case "typeNode":
		return "a type"
	case "ParamNode":
		return "a parameter such as $a, a or @a"
	}
	if strings.HasPrefix(want, `"`) {
		return "'" + strings.Trim(want, `"`) + "'"
	}
	return want
}
