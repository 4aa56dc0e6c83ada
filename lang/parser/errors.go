package parser

import (
	"errors"
	"strconv"
	"unicode/utf8"

	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/source"
)

// CodeIncomplete is the code of every error that more input could cure: a
// block, bracket or comment that is still open at the end of the text.
const CodeIncomplete = "incomplete"

// CodeEmpty is the code of the error for a script without any item.
const CodeEmpty = "empty-script"

// Incomplete reports whether the only thing wrong with a text is that it ends
// too early, so that a prompt should ask for another line.
func Incomplete(l *source.List) bool {
	found := false
	for _, d := range l.Sorted() {
		if d.Severity != source.Error {
			continue
		}
		if d.Code != CodeIncomplete {
			return false
		}
		found = true
	}
	return found
}

// syntaxError carries a finished diagnostic through participle.
type syntaxError struct {
	source.Diagnostic
}

func (e *syntaxError) Error() string { return e.Msg }

// asSyntaxError returns the diagnostic inside an error, or nil for an error
// that participle made.
func asSyntaxError(err error) *syntaxError {
	var e *syntaxError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// syntaxErr makes an error over a span.
func syntaxErr(span source.Span, code, msg, hint string) *syntaxError {
	return &syntaxError{source.Diagnostic{
		Span: span, Severity: source.Error, Code: code, Msg: msg, Hint: hint,
	}}
}

// spanOf returns the place of a token. Tokens carry their file in
// Position.Line, because lines and columns are computed only when printed.
func spanOf(t plex.Token) source.Span {
	off := int32(t.Pos.Offset)
	return source.Span{File: source.FileID(t.Pos.Line), Off: off, End: off + int32(len(t.Value))}
}

// maxQuote is how much of a token a message repeats.
const maxQuote = 32

// quote puts script text in quotes for a message.
func quote(text string) string {
	if len(text) > maxQuote {
		n := maxQuote
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		text = text[:n] + "..."
	}
	if len(text) > 0 && text[0] != '"' && strconv.CanBackquote(text) && text[0] != '\'' {
		return "'" + text + "'"
	}
	return strconv.Quote(text)
}

// found names a token in "expected x, found y".
func found(t plex.Token) string {
	switch Kind(t.Type) {
	case KindString, KindChar:
		return "text " + quote(t.Value)
	}
	if t.EOF() {
		return "the end of the input"
	}
	return quote(t.Value)
}
