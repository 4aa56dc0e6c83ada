package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPosition(t *testing.T) {
	f := &File{Name: "x", Text: "ab\ncd\r\n\nlast"}
	tests := []struct {
		off  int32
		want Position
	}{
		{0, Position{1, 1}}, {1, Position{1, 2}}, {2, Position{1, 3}}, {3, Position{2, 1}},
		{7, Position{3, 1}}, {8, Position{4, 1}}, {12, Position{4, 5}}, {99, Position{4, 92}}, {-1, Position{1, 0}},
	}
	for _, tt := range tests {
		if got := f.Position(tt.off); got != tt.want {
			t.Errorf("%d: %v, want %v", tt.off, got, tt.want)
		}
	}
	var lines []string
	for n := range 6 {
		lines = append(lines, f.Line(n))
	}
	if diff := cmp.Diff([]string{"", "ab", "cd", "", "last", ""}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestSetText(t *testing.T) {
	var set Set
	id := set.Add("x", "hello")
	for span, want := range map[Span]string{
		{File: id, Off: 1, End: 3}:   "el",
		{File: id, Off: 4, End: 99}:  "o",
		{File: id, Off: -1, End: 1}:  "h",
		{File: id, Off: 3, End: 2}:   "",
		{File: 7, Off: 0, End: 2}:    "",
		{File: -1, Off: 0, End: 2}:   "",
		{File: id, Off: 50, End: 60}: "",
	} {
		if got := set.Text(span); got != want {
			t.Errorf("%+v: %q, want %q", span, got, want)
		}
	}
	if (*Set)(nil).File(0).Name != "?" {
		t.Error("a nil set has a file")
	}
}

func TestRender(t *testing.T) {
	const text = "one\n\tprint(“x”, \x1b[2J);\n" + "0123456789"
	long := strings.Repeat("a", 300) + "here" + strings.Repeat("b", 300)
	var set Set
	x, y := set.Add("x.bt", text), set.Add("long.bt", long)
	var l List
	l.Errorf(Span{x, 11, 18}, "code", "bad %s", "quotes").WithHint("write %s", `"`).
		WithRelated(Span{x, 0, 3}, "see here")
	l.Warnf(Span{x, 27, 500}, "code", "too much")
	l.Errorf(Span{x, 3, 3}, "code", "behind the line")
	l.Errorf(Span{y, 300, 304}, "code", "in a long line")
	var b strings.Builder
	for _, d := range l.Sorted() {
		b.WriteString(set.Render(d))
	}
	want := `x.bt:1:4: error: behind the line
  one
     ^
x.bt:2:8: error: bad quotes
  	print(“x”, ?[2J);
  	      ^~~
x.bt:1:1: note: see here
  one
  ^~~
  hint: write "
x.bt:3:1: warning: too much
  0123456789
  ^~~~~~~~~~
long.bt:1:301: error: in a long line
  ` + long[220:380] + `
  ` + strings.Repeat(" ", 80) + `^~~~
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestSorted(t *testing.T) {
	var l List
	if l.HasErrors() {
		t.Error("an empty list has errors")
	}
	l.Warnf(Span{0, 50, 51}, "w", "warning")
	if l.HasErrors() {
		t.Error("a warning is an error")
	}
	for i := range int32(30) {
		l.Errorf(Span{0, 30 - i, 31 - i}, "e", "error")
		l.Errorf(Span{0, 30 - i, 31 - i}, "e", "error") // a repeat
	}
	got := l.Sorted()
	if len(got) != 11 || got[0].Span.Off != 1 || got[9].Span.Off != 10 || got[10].Severity != Warning {
		t.Errorf("%d diagnostics: %+v", len(got), got)
	}
}
