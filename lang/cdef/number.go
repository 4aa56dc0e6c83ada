package cdef

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is an integer of C: its bits, and what its type decides.
type number struct {
	bits     uint64
	unsigned bool
	// narrow marks the type int or unsigned int: results are cut to 32 bits.
	narrow bool
}

func signed(v int64) number { return number{bits: uint64(v), narrow: v == int64(int32(v))} }

// cut brings the bits into the range of the number's type.
func (n number) cut() number {
	switch {
	case n.narrow && n.unsigned:
		n.bits = uint64(uint32(n.bits))
	case n.narrow:
		n.bits = uint64(int64(int32(n.bits)))
	}
	return n
}

func (n number) int() int64   { return int64(n.bits) }
func (n number) isZero() bool { return n.bits == 0 }

// parseNumber reads an integer constant and gives it its type.
func parseNumber(text string) (number, bool) {
	digits := strings.TrimRight(text, "uUlL")
	suffix := strings.ToLower(text[len(digits):])
	switch suffix {
	case "", "u", "l", "ul", "lu", "ll", "ull", "llu":
	default:
		return number{}, false
	}
	if strings.HasPrefix(digits, "0o") || strings.HasPrefix(digits, "0O") || strings.Contains(digits, "_") {
		return number{}, false // Go's, not C's
	}
	v, err := strconv.ParseUint(digits, 0, 64)
	if err != nil {
		return number{}, false
	}
	n := number{bits: v, unsigned: strings.Contains(suffix, "u")}
	decimal := digits[0] != '0'
	switch long := strings.Contains(suffix, "l"); {
	case long:
	case v <= 1<<31-1:
		n.narrow = true
	case v <= 1<<32-1 && (n.unsigned || !decimal):
		n.narrow, n.unsigned = true, true
	}
	if v > 1<<63-1 {
		n.unsigned = true
	}
	return n, true
}

// parseChar reads a character constant such as 'a' or '\n'.
func parseChar(text string) (number, bool) {
	s, ok := unquote(text)
	if !ok || len(s) != 1 {
		return number{}, false
	}
	return signed(int64(int8(s[0]))), true
}

// unquote reads the value of a string or character literal.
func unquote(text string) (string, bool) {
	if len(text) < 2 || text[0] != text[len(text)-1] {
		return "", false
	}
	body := text[1 : len(text)-1]
	var b strings.Builder
	for body != "" {
		if body[0] != '\\' {
			b.WriteByte(body[0])
			body = body[1:]
			continue
		}
		if len(body) < 2 {
			return "", false
		}
		c, rest, ok := escape(body[1:])
		if !ok {
			return "", false
		}
		b.WriteString(c)
		body = rest
	}
	return b.String(), true
}

// escape reads what follows a backslash.
func escape(text string) (value, rest string, ok bool) {
	const names, values = `abfnrtv\'"?e`, "\a\b\f\n\r\t\v\\'\"?\x1b"
	if i := strings.IndexByte(names, text[0]); i >= 0 {
		return values[i : i+1], text[1:], true
	}
	switch text[0] {
	case 'x':
		return digits(text[1:], 16, len(text))
	case 'u', 'U':
		n := 4
		if text[0] == 'U' {
			n = 8
		}
		if len(text) <= n {
			return "", "", false
		}
		v, err := strconv.ParseUint(text[1:n+1], 16, 32)
		if err != nil || !utf8.ValidRune(rune(v)) {
			return "", "", false
		}
		return string(rune(v)), text[n+1:], true
	}
	return digits(text, 8, 3)
}

// digits reads the number of an escape in at most n digits.
func digits(text string, base, n int) (value, rest string, ok bool) {
	v, i := 0, 0
	for ; i < len(text) && i < n; i++ {
		d, err := strconv.ParseUint(text[i:i+1], base, 8)
		if err != nil {
			break
		}
		v = (v*base + int(d)) & 0xff
	}
	return string([]byte{byte(v)}), text[i:], i > 0
}
