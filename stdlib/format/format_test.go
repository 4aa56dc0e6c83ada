package format

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	lit := func(s string, off, end int) Piece { return Piece{Literal: s, Off: off, End: end} }
	dir := func(d Directive, off, end int) Piece { return Piece{Directive: &d, Off: off, End: end} }
	tests := []struct {
		in   string
		want []Piece
	}{
		{"", nil},
		{"hi\n", []Piece{lit("hi\n", 0, 3)}},
		{"100%\n", []Piece{lit("100%\n", 0, 5)}},
		{"%%|%5%", []Piece{lit("%|%5%", 0, 6)}},
		{"%y", []Piece{lit("%y", 0, 2)}},
		{"%l", []Piece{lit("%l", 0, 2)}},
		{"%d", []Piece{dir(Directive{Verb: "d"}, 0, 2)}},
		{"a %-16s|", []Piece{
			lit("a ", 0, 2), dir(Directive{Flags: "-", Width: 16, Verb: "s"}, 2, 7), lit("|", 7, 8),
		}},
		{"%06d", []Piece{dir(Directive{Flags: "0", Width: 6, Verb: "d"}, 0, 4)}},
		{"%0-+6d", []Piece{dir(Directive{Flags: "-+0", Width: 6, Verb: "d"}, 0, 6)}},
		{"%5.2s", []Piece{dir(Directive{Width: 5, Precision: 2, HasPrecision: true, Verb: "s"}, 0, 5)}},
		{"%.d", []Piece{dir(Directive{HasPrecision: true, Verb: "d"}, 0, 3)}},
		{"%*.*d", []Piece{dir(Directive{WidthArg: true, PrecisionArg: true, HasPrecision: true, Verb: "d"}, 0, 5)}},
		{"%llx", []Piece{dir(Directive{Length: "ll", Verb: "x"}, 0, 4)}},
		{"%lllld", []Piece{dir(Directive{Length: "ll", Verb: "d"}, 0, 6)}},
		{"%hhu%hu%zu%ju%tu%lu", []Piece{
			dir(Directive{Length: "hh", Verb: "u"}, 0, 4), dir(Directive{Length: "h", Verb: "u"}, 4, 7),
			dir(Directive{Length: "z", Verb: "u"}, 7, 10), dir(Directive{Length: "j", Verb: "u"}, 10, 13),
			dir(Directive{Length: "t", Verb: "u"}, 13, 16), dir(Directive{Length: "l", Verb: "u"}, 16, 19),
		}},
		{"%t|%-8.3t|%B", []Piece{
			dir(Directive{Verb: "t"}, 0, 2), lit("|", 2, 3),
			dir(Directive{Flags: "-", Width: 8, Precision: 3, HasPrecision: true, Verb: "t"}, 3, 9), lit("|", 9, 10),
			dir(Directive{Verb: "B"}, 10, 12),
		}},
		{"%.2f", []Piece{dir(Directive{Precision: 2, HasPrecision: true, Verb: "f"}, 0, 4)}},
		{"%r%rx%rh%gr", []Piece{
			dir(Directive{Verb: "r"}, 0, 2), dir(Directive{Verb: "rx"}, 2, 5),
			dir(Directive{Verb: "rh"}, 5, 8), dir(Directive{Verb: "gr"}, 8, 11),
		}},
	}
	for _, tt := range tests {
		got, err := Parse(tt.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Parse(%q):\n%s", tt.in, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for in, want := range map[string]Error{
		"a %g":       {Off: 2, Msg: "unsupported format specifier: %g"},
		"%n":         {Off: 0, Msg: "unsupported format specifier: %n"},
		"%9999d":     {Off: 0, Msg: "width or precision of a format specifier is too large"},
		"%d%.99999s": {Off: 2, Msg: "width or precision of a format specifier is too large"},
	} {
		_, err := Parse(in)
		if err == nil || err.Off != want.Off || err.Msg != want.Msg || err.Hint == "" {
			t.Errorf("Parse(%q) = %+v, want %+v", in, err, want)
		}
	}
}

func TestArgs(t *testing.T) {
	pieces, err := Parse("%d %*d %*.*s %%")
	if err != nil {
		t.Fatal(err)
	}
	if got := Args(pieces); got != 6 {
		t.Errorf("Args = %d, want 6", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "%", "%%", "%-16s %06d", "%*.*lld", "%rx%rh%r%gr", "%f", "\xff%\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pieces, err := Parse(s)
		if err != nil {
			if err.Off < 0 || err.Off >= len(s) || s[err.Off] != '%' {
				t.Fatalf("Parse(%q): error at %d", s, err.Off)
			}
			return
		}
		at := 0
		for _, p := range pieces {
			if p.Off != at || p.End <= p.Off {
				t.Fatalf("Parse(%q): piece [%d,%d) after %d", s, p.Off, p.End, at)
			}
			at = p.End
			if p.Directive == nil {
				if want := strings.ReplaceAll(s[p.Off:p.End], "%%", "%"); p.Literal != want {
					t.Fatalf("Parse(%q): literal %q, want %q", s, p.Literal, want)
				}
				continue
			}
			again, err := Parse(p.Directive.String())
			if err != nil || len(again) != 1 || *again[0].Directive != *p.Directive {
				t.Fatalf("Parse(%q): %+v does not survive a round trip", s, *p.Directive)
			}
		}
		if at != len(s) {
			t.Fatalf("Parse(%q): pieces end at %d", s, at)
		}
	})
}
