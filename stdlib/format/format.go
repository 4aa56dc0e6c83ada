// Package format parses the format strings of printf and its kin.
//
// A format string is cut into pieces: literal text, with "%%" already decoded,
// and directives of C's shape
//
//	%[flags][width][.precision][length]verb
//
// What is not a directive is text: "100%\n" prints a percent sign, as it does
// in bpftrace. Only the directives that C has and the language leaves out, the
// floating-point ones and %n, are errors. Parsing looks at nothing but the
// string; whether a verb suits its argument is the type checker's business.
package format

import (
	"strconv"
	"strings"
)

// MaxWidth is the greatest width or precision a directive may ask for.
const MaxWidth = 4096

// The verbs, as Directive.Verb holds them.
const (
	Decimal   = "d" // also i
	DecimalI  = "i"
	Unsigned  = "u"
	Hex       = "x"
	HexUpper  = "X"
	Octal     = "o"
	Char      = "c"
	Str       = "s"
	Ptr       = "p"
	Buffer    = "r"  // printable ASCII as it is, other bytes as \x00
	BufferHex = "rx" // every byte as \x00
	BufferRaw = "rh" // every byte as 00, with blanks between
	GFPFlags  = "gr" // an allocation's flags by name
	Duration  = "t"  // nanoseconds in the unit that suits them: 1.2 ms
	Bytes     = "B"  // a number of bytes in the unit that suits it: 3.4 MiB
	Float     = "f"  // a quotient of integers as a decimal
)

// Piece is either literal text or a directive.
type Piece struct {
	// Literal is text to print as it is; it is not used when Directive is set.
	Literal   string
	Directive *Directive
	// Off and End delimit the piece in the format string.
	Off, End int
}

// Directive is one conversion.
type Directive struct {
	// Flags are those of "-+ #0" that were given, each once, in that order.
	Flags string
	// Width is the least number of bytes to print; WidthArg says that it is
	// taken from an argument ("*") instead.
	Width    int
	WidthArg bool
	// Precision is meaningful if HasPrecision is set and PrecisionArg is not.
	Precision    int
	PrecisionArg bool
	HasPrecision bool
	// Length is one of "", "hh", "h", "l", "ll", "j", "z", "t" and "L".
	Length string
	// Verb is one of the constants above.
	Verb string
}

// Args returns how many arguments the directive takes.
func (d *Directive) Args() int {
	n := 1
	if d.WidthArg {
		n++
	}
	if d.PrecisionArg {
		n++
	}
	return n
}

// Has reports whether a flag was given.
func (d *Directive) Has(flag byte) bool { return strings.IndexByte(d.Flags, flag) >= 0 }

// IsInteger reports whether the verb prints an integer as digits.
func (d *Directive) IsInteger() bool {
	switch d.Verb {
	case Decimal, DecimalI, Unsigned, Hex, HexUpper, Octal:
		return true
	}
	return false
}

// IsAmount reports whether the verb prints a number as an amount of something:
// all 64 bits of it count.
func (d *Directive) IsAmount() bool {
	return d.Verb == Duration || d.Verb == Bytes || d.Verb == Float
}

// IsBuffer reports whether the verb takes a buffer only.
func (d *Directive) IsBuffer() bool {
	return d.Verb == Buffer || d.Verb == BufferHex || d.Verb == BufferRaw
}

// Bytes returns how many low bytes of an integer the length keeps: one for hh,
// two for h, four for none, eight for all others.
func (d *Directive) Bytes() int {
	switch d.Length {
	case "hh":
		return 1
	case "h":
		return 2
	case "":
		return 4
	}
	return 8
}

// String writes the directive back.
func (d *Directive) String() string {
	var b strings.Builder
	b.WriteByte('%')
	b.WriteString(d.Flags)
	switch {
	case d.WidthArg:
		b.WriteByte('*')
	case d.Width > 0:
		b.WriteString(strconv.Itoa(d.Width))
	}
	if d.HasPrecision {
		b.WriteByte('.')
		if d.PrecisionArg {
			b.WriteByte('*')
		} else {
			b.WriteString(strconv.Itoa(d.Precision))
		}
	}
	b.WriteString(d.Length)
	b.WriteString(d.Verb)
	return b.String()
}

// Error is a directive that cannot be used.
type Error struct {
	// Off is the offset in the format string of the directive's percent sign.
	Off  int
	Msg  string
	Hint string
}

// Error implements error.
func (e *Error) Error() string { return e.Msg }

// Args returns how many arguments the pieces take together.
func Args(pieces []Piece) int {
	n := 0
	for _, p := range pieces {
		if p.Directive != nil {
			n += p.Directive.Args()
		}
	}
	return n
}
