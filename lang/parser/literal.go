package parser

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"

	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// within returns the span of the bytes [from, to) of a token.
func within(t plex.Token, from, to int) source.Span {
	s := spanOf(t)
	return source.Span{File: s.File, Off: s.Off + int32(from), End: s.Off + int32(to)}
}

// param parses "$1" or "$#".
func (p *exprParser) param() ast.Expr {
	t := p.next()
	n := &ast.Param{Span: p.last}
	if t.Value == "$#" {
		return n
	}
	v, err := strconv.ParseUint(t.Value[1:], 10, 31)
	if err != nil || v == 0 {
		p.fail(n.Span, "bad-param", "no positional parameter "+quote(t.Value), "they count from $1; $# is their number")
	}
	n.Number = int(v)
	return n
}

// elementNumber decodes the "0" of "x.0".
func (p *exprParser) elementNumber(t plex.Token) int {
	v, err := strconv.ParseUint(t.Value, 10, 16)
	if err != nil {
		p.fail(spanOf(t), "bad-number", "element number "+quote(t.Value)+" is out of range", "")
	}
	return int(v)
}

// number decodes an integer literal: an optional base prefix, digits with
// underscores between them, an exponent, and a suffix of C or of a duration.
func (p *exprParser) number(t plex.Token) uint64 {
	text := t.Value
	const code = "bad-number"
	if i := strings.IndexByte(text, '.'); i >= 0 {
		p.fail(spanOf(t), code, "fractions are not supported", "write a whole number, of a smaller unit if need be: 1500ms for 1.5s")
		return 0
	}
	base, digits := uint64(10), text
	switch {
	case len(text) > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'):
		base, digits = 16, text[2:]
	case len(text) > 1 && text[0] == '0' && (isDigit(text[1]) || text[1] == '_'):
		base, digits = 8, text[1:]
	case len(text) > 1 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B'):
		p.fail(spanOf(t), code, "binary numbers are not supported", "write it in hexadecimal: 0x1f")
		return 0
	}
	n := 0
	for n < len(digits) && (digits[n] == '_' || digitOf(digits[n]) < base || base == 8 && isDigit(digits[n])) {
		n++
	}
	start := len(text) - len(digits)
	v, ok := p.digits(t, start, start+n, base)
	if !ok {
		return 0
	}
	return p.suffix(t, start+n, v, base)
}

// digitOf returns the value of a digit in any base, or a large number.
func digitOf(c byte) uint64 {
	switch {
	case isDigit(c):
		return uint64(c - '0')
	case 'a' <= c && c <= 'f':
		return uint64(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return uint64(c-'A') + 10
	}
	return 99
}

// digits decodes the bytes [from, to) of a literal.
func (p *exprParser) digits(t plex.Token, from, to int, base uint64) (uint64, bool) {
	text := t.Value[from:to]
	if text == "" || text[len(text)-1] == '_' {
		msg, span := "number has no digits", spanOf(t)
		if text != "" {
			msg, span = "number ends with an underscore", within(t, to-1, to)
		}
		p.fail(span, "bad-number", msg, "underscores stand between digits: 1_000")
		return 0, false
	}
	var v uint64
	for i := 0; i < len(text); i++ {
		if text[i] == '_' {
			continue
		}
		d := digitOf(text[i])
		if d >= base {
			p.fail(within(t, from+i, from+i+1), "bad-number", "digit "+quote(text[i:i+1])+" in an octal number",
				"a number that starts with 0 is octal: remove the 0 for a decimal one")
			return 0, false
		}
		hi, lo := bits.Mul64(v, base)
		sum, carry := bits.Add64(lo, d, 0)
		if hi != 0 || carry != 0 {
			p.overflow(t)
			return 0, false
		}
		v = sum
	}
	return v, true
}

func (p *exprParser) overflow(t plex.Token) {
	p.fail(spanOf(t), "number-overflow", "number "+quote(t.Value)+" does not fit in 64 bits", "the largest is 18446744073709551615")
}

// suffix applies what follows the digits of a literal, from byte at on.
func (p *exprParser) suffix(t plex.Token, at int, v, base uint64) uint64 {
	rest := t.Value[at:]
	if base == 10 && rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		n := 1
		for n < len(rest) && (isDigit(rest[n]) || rest[n] == '_') {
			n++
		}
		if n == 1 {
			p.fail(spanOf(t), "bad-number", "exponent has no digits", "write 1e6; negative exponents would make fractions")
			return 0
		}
		exp, ok := p.digits(t, at+1, at+n, 10)
		if !ok {
			return 0
		}
		for ; exp > 0 && v > 0; exp-- {
			v = p.times(t, v, 10)
		}
		at, rest = at+n, rest[n:]
	}
	switch rest {
	case "", "u", "U", "l", "L", "ll", "LL", "ul", "uL", "Ul", "UL", "ull", "uLL", "Ull", "ULL":
		return v
	}
	if unit := duration(rest); unit > 0 && base != 16 {
		return p.times(t, v, unit)
	}
	p.fail(within(t, at, len(t.Value)), "bad-number", "unknown number suffix "+quote(rest),
		"durations are ns, us, ms, s, m, h, d; C suffixes are u, l, ul, ll, ull")
	return 0
}

func (p *exprParser) times(t plex.Token, v, by uint64) uint64 {
	hi, lo := bits.Mul64(v, by)
	if hi != 0 {
		p.overflow(t)
		return 0
	}
	return lo
}

// duration returns a unit of time in nanoseconds, or zero.
func duration(unit string) uint64 {
	switch unit {
	case "ns":
		return 1
	case "us":
		return 1e3
	case "ms":
		return 1e6
	case "s":
		return 1e9
	case "m":
		return 60e9
	case "h":
		return 3600e9
	case "d":
		return 86400e9
	}
	return 0
}

// char decodes a character literal.
func (p *exprParser) char(t plex.Token) uint64 {
	text := p.unquote(t)
	if r, n := utf8.DecodeRuneInString(text); n == len(text) && n > 0 && (r != utf8.RuneError || n > 1) {
		return uint64(r)
	}
	if len(text) == 1 {
		return uint64(text[0])
	}
	p.fail(spanOf(t), "bad-character", "a character literal holds one character", `strings are written with double quotes: "text"`)
	return 0
}

// unquote decodes the escapes of a string or character literal.
func (p *exprParser) unquote(t plex.Token) string {
	text := t.Value
	if len(text) < 2 || text[len(text)-1] != text[0] {
		return "" // the scanner has complained
	}
	if strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	var b strings.Builder
	for i := 1; i < len(text)-1; {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			i++
			continue
		}
		c, n := escape(text[i : len(text)-1])
		if n == 0 {
			end := min(i+2, len(text)-1)
			hint := `escapes are \n \t \r \" \\ \0nn (octal) and \xnn`
			p.fail(within(t, i, end), "bad-escape", "unknown escape "+quote(text[i:end]), hint)
			return ""
		}
		b.WriteByte(c)
		i += n
	}
	return b.String()
}

// escape decodes the escape that text starts with and returns how many bytes
// it takes, zero if it is none.
func escape(text string) (byte, int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; {
	case c == 'n':
		return '\n', 2
	case c == 't':
		return '\t', 2
	case c == 'r':
		return '\r', 2
	case c == '"' || c == '\\' || c == '\'':
		return c, 2
	case '0' <= c && c <= '7':
		v, n := 0, 1
		for n < len(text) && n < 4 && '0' <= text[n] && text[n] <= '7' {
			v = v*8 + int(text[n]-'0')
			n++
		}
		if v > 255 {
			return 0, 0
		}
		return byte(v), n
	case c == 'x' || c == 'X':
		v, n := uint64(0), 2
		for n < len(text) && n < 4 && isHex(text[n]) {
			v = v*16 + digitOf(text[n])
			n++
		}
		if n == 2 {
			return 0, 0
		}
		return byte(v), n
	}
	return 0, 0
}
