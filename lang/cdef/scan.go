package cdef

import "strings"

// tokenKind is the sort of a token of C.
type tokenKind int

const (
	endToken tokenKind = iota
	identToken
	numberToken
	stringToken
	charToken
	punctToken
)

// token is a token of C with its place in the text it was read from.
type token struct {
	kind tokenKind
	text string
	off  int
}

// tokens splits C into tokens; comments and space vanish. What is no token at
// all becomes punctuation of one byte, for the parser to refuse.
func tokens(text string) []token {
	var out []token
	for pos := 0; pos < len(text); {
		start, kind := pos, punctToken
		switch c := text[pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			pos++
			continue
		case c == '\\' && pos+1 < len(text) && (text[pos+1] == '\n' || text[pos+1] == '\r'):
			pos += 2
			continue
		case strings.HasPrefix(text[pos:], "//"):
			pos = endOf(text, pos, "\n")
			continue
		case strings.HasPrefix(text[pos:], "/*"):
			pos = endOf(text, pos+2, "*/")
			continue
		case isLetter(c):
			kind = identToken
			for pos < len(text) && (isLetter(text[pos]) || isDigit(text[pos])) {
				pos++
			}
		case isDigit(c) || c == '.' && pos+1 < len(text) && isDigit(text[pos+1]):
			kind = numberToken
			for pos < len(text) && (isLetter(text[pos]) || isDigit(text[pos]) || text[pos] == '.') {
				pos++
			}
		case c == '"' || c == '\'':
			kind = stringToken
			if c == '\'' {
				kind = charToken
			}
			pos = quoteEnd(text, pos)
		default:
			pos += len(operator(text[pos:]))
		}
		out = append(out, token{kind: kind, text: text[start:pos], off: start})
	}
	return out
}

func isLetter(c byte) bool { return c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// endOf returns the position behind the next stop, or the end of the text.
func endOf(text string, pos int, stop string) int {
	if i := strings.Index(text[min(pos, len(text)):], stop); i >= 0 {
		return pos + i + len(stop)
	}
	return len(text)
}

// quoteEnd returns the position behind the literal that starts at pos.
func quoteEnd(text string, pos int) int {
	quote := text[pos]
	for pos++; pos < len(text) && text[pos] != '\n'; pos++ {
		switch text[pos] {
		case '\\':
			pos++
		case quote:
			return pos + 1
		}
	}
	return min(pos, len(text))
}

// operator returns the operator that a text starts with.
func operator(text string) string {
	for _, op := range [...]string{"...", "<<=", ">>=", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "##"} {
		if strings.HasPrefix(text, op) {
			return op
		}
	}
	return text[:1]
}
