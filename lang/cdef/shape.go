package cdef

import (
	"strings"

	"github.com/gotrace/gotrace/lang/source"
)

// The limits of a unit. cc recurses over what it parses, so that nesting is
// bounded before it sees the text.
const (
	// maxText bounds the C in a script itself.
	maxText = 256 << 10
	// maxNesting bounds brackets in brackets.
	maxNesting = 100
	// maxRun bounds the tokens between two separators: the length of an
	// expression.
	maxRun = 4000
	// maxWork bounds the expansion of macros, in tokens; with headers, whose
	// macros are many, more of them are allowed.
	maxWork       = 1 << 18
	maxHeaderWork = 1 << 22
	maxKernelWork = 1 << 24
	// maxExpandedLen bounds the preprocessor's output.
	maxExpandedLen = 64 << 20
)

// checkSize refuses a script with too much C in it.
func (u *unit) checkSize() bool {
	size := 0
	for _, d := range u.defs {
		size += len(d.Text)
	}
	if size <= maxText {
		return true
	}
	u.errorf(u.defs[0].Span, "too-large", "%d bytes of C are too many for a script", size).
		WithHint("put them into a header and #include it")
	return false
}

// checkShape refuses text that nests deeper than a person writes.
func (u *unit) checkShape(toks []token) bool {
	depth, run := 0, 0
	for _, t := range toks {
		run++
		if t.kind != punctToken {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		}
		switch t.text {
		case ";", ",", "{", "}":
			run = 0
		}
		if depth > maxNesting || run > maxRun {
			u.errorf(u.whole(), "too-large", "this C is nested too deeply")
			return false
		}
	}
	return true
}

// whole is a place for what is wrong with a unit as a whole: its first
// definition.
func (u *unit) whole() source.Span {
	for _, d := range u.defs {
		if !strings.HasPrefix(d.Text, "#") {
			return firstLine(d)
		}
	}
	if len(u.defs) > 0 {
		return firstLine(u.defs[0])
	}
	return source.Span{}
}

// firstLine is the place of the first line of a piece.
func firstLine(d Source) source.Span {
	line, _, _ := strings.Cut(d.Text, "\n")
	return source.Span{File: d.Span.File, Off: d.Span.Off, End: d.Span.Off + int32(len(line))}
}
