package format

import (
	"fmt"
	"strings"
)

const (
	flagBytes = "-+ #0"
	// The other floating-point verbs and %n are C's and have no meaning here.
	refused = "aAeEFgGn"
)

// Parse cuts a format string into pieces. Adjacent literals are one piece, and
// the pieces cover the string without gaps. On an error the pieces are nil.
func Parse(s string) ([]Piece, *Error) {
	var pieces []Piece
	var literal []byte
	start := 0
	flush := func(end int) {
		if end > start {
			pieces = append(pieces, Piece{Literal: string(literal), Off: start, End: end})
		}
		literal = literal[:0]
	}
	for i := 0; i < len(s); {
		if s[i] != '%' {
			literal = append(literal, s[i])
			i++
			continue
		}
		if i+1 < len(s) && s[i+1] == '%' {
			literal = append(literal, '%')
			i += 2
			continue
		}
		d, end, err := directive(s, i)
		if err != nil {
			return nil, err
		}
		if d == nil { // a percent sign that begins nothing
			literal = append(literal, '%')
			i++
			continue
		}
		flush(i)
		pieces = append(pieces, Piece{Directive: d, Off: i, End: end})
		i, start = end, end
	}
	flush(len(s))
	return pieces, nil
}

// scanner walks over one directive.
type scanner struct {
	s   string
	off int // of the percent sign
	pos int
}

// directive reads the directive at off. It returns nil if there is none.
func directive(s string, off int) (*Directive, int, *Error) {
	sc := &scanner{s: s, off: off, pos: off + 1}
	d := &Directive{Flags: sc.flags()}
	var err *Error
	if d.Width, d.WidthArg, _, err = sc.number(); err != nil {
		return nil, 0, err
	}
	if sc.accept(".") {
		d.HasPrecision = true
		// As in C, a missing precision is zero.
		if d.Precision, d.PrecisionArg, _, err = sc.number(); err != nil {
			return nil, 0, err
		}
	}
	before := sc.pos
	d.Length = sc.length()
	if d.Verb = sc.verb(); d.Verb != "" {
		return d, sc.pos, nil
	}
	// What C has as a length ("%td") is a verb where no other follows.
	if sc.pos = before; sc.accept(Duration) {
		d.Length, d.Verb = "", Duration
		return d, sc.pos, nil
	}
	sc.length()
	if sc.pos < len(s) && strings.IndexByte(refused, s[sc.pos]) >= 0 {
		return nil, 0, sc.refuse(s[sc.pos])
	}
	return nil, 0, nil
}

func (sc *scanner) refuse(verb byte) *Error {
	e := &Error{Off: sc.off, Msg: fmt.Sprintf("unsupported format specifier: %%%c", verb)}
	if verb == 'n' {
		e.Hint = `for a new line write \n`
	} else {
		e.Hint = "use %f to print a quotient of integers as a decimal, as in %.2f"
	}
	return e
}

func (sc *scanner) flags() string {
	var seen [len(flagBytes)]bool
	for sc.pos < len(sc.s) {
		i := strings.IndexByte(flagBytes, sc.s[sc.pos])
		if i < 0 {
			break
		}
		seen[i] = true
		sc.pos++
	}
	var flags []byte
	for i, ok := range seen {
		if ok {
			flags = append(flags, flagBytes[i])
		}
	}
	return string(flags)
}

// number reads digits or a star.
func (sc *scanner) number() (n int, arg, ok bool, err *Error) {
	if sc.accept("*") {
		return 0, true, true, nil
	}
	for sc.pos < len(sc.s) && sc.s[sc.pos] >= '0' && sc.s[sc.pos] <= '9' {
		if n = n*10 + int(sc.s[sc.pos]-'0'); n > MaxWidth {
			return 0, false, false, &Error{
				Off:  sc.off,
				Msg:  "width or precision of a format specifier is too large",
				Hint: fmt.Sprintf("the greatest is %d", MaxWidth),
			}
		}
		sc.pos++
		ok = true
	}
	return n, false, ok, nil
}

func (sc *scanner) length() string {
	switch {
	case sc.accept("hh"):
		return "hh"
	case sc.accept("ll"):
		// "%llld" is taken as "%lld", as bpftrace does.
		for sc.accept("l") {
		}
		return "ll"
	}
	for _, l := range []string{"h", "l", "j", "z", "t", "L"} {
		if sc.accept(l) {
			return l
		}
	}
	return ""
}

func (sc *scanner) verb() string {
	// The two-letter verbs come before the one they begin with.
	for _, v := range []string{BufferHex, BufferRaw, Buffer, GFPFlags,
		Decimal, DecimalI, Unsigned, Hex, HexUpper, Octal, Char, Str, Ptr, Bytes, Float} {
		if sc.accept(v) {
			return v
		}
	}
	return ""
}

func (sc *scanner) accept(word string) bool {
	if !strings.HasPrefix(sc.s[sc.pos:], word) {
		return false
	}
	sc.pos += len(word)
	return true
}
