package source

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Severity tells an error, which stops compilation, from a warning.
type Severity int

// The severities, in rising order.
const (
	Warning Severity = iota
	Error
)

// Diagnostic is one thing wrong with a script: where, what, and what to write
// instead.
type Diagnostic struct {
	Span     Span
	Severity Severity
	// Code is a stable, greppable name such as "unknown-field".
	Code string
	// Msg says what is wrong, in lower case and without a full stop.
	Msg string
	// Hint says what to write instead; it may be empty.
	Hint string
	// Related points at other places that explain the error, such as the
	// first use that fixed a map's type.
	Related []Related
}

// Related is a second place a diagnostic speaks of.
type Related struct {
	Span Span
	Msg  string
}

// maxErrors is how many errors a List keeps: after ten, the rest is noise.
const maxErrors = 10

// List collects diagnostics. The zero value is ready to use.
type List struct {
	items []Diagnostic
}

// Add appends a diagnostic.
func (l *List) Add(d Diagnostic) { l.items = append(l.items, d) }

// Errorf adds an error and returns it, so that a hint or a related place can
// be attached to it. The pointer is valid until the next addition.
func (l *List) Errorf(span Span, code, format string, args ...any) *Diagnostic {
	l.Add(Diagnostic{Span: span, Severity: Error, Code: code, Msg: fmt.Sprintf(format, args...)})
	return &l.items[len(l.items)-1]
}

// Warnf adds a warning, as Errorf does an error.
func (l *List) Warnf(span Span, code, format string, args ...any) *Diagnostic {
	l.Add(Diagnostic{Span: span, Severity: Warning, Code: code, Msg: fmt.Sprintf(format, args...)})
	return &l.items[len(l.items)-1]
}

// WithHint sets the hint and returns the diagnostic.
func (d *Diagnostic) WithHint(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// WithRelated adds a second place and returns the diagnostic.
func (d *Diagnostic) WithRelated(span Span, format string, args ...any) *Diagnostic {
	d.Related = append(d.Related, Related{Span: span, Msg: fmt.Sprintf(format, args...)})
	return d
}

// HasErrors reports whether any diagnostic is an error.
func (l *List) HasErrors() bool {
	for _, d := range l.items {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Sorted returns the diagnostics in order of place, without repeats, at most
// ten of them errors.
func (l *List) Sorted() []Diagnostic {
	items := append([]Diagnostic(nil), l.items...)
	sort.SliceStable(items, func(i, j int) bool {
		a, b := items[i].Span, items[j].Span
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Off < b.Off
	})
	var out []Diagnostic
	seen := map[string]bool{}
	errors := 0
	for _, d := range items {
		key := fmt.Sprint(d.Span, d.Severity, d.Msg)
		if seen[key] {
			continue
		}
		seen[key] = true
		if d.Severity == Error {
			if errors++; errors > maxErrors {
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

// Render formats one diagnostic as people see it:
//
//	script.bt:3:7: error: unknown field "filname"
//	  printf("%s", args.filname);
//	                    ^~~~~~~
//	  hint: did you mean "filename"?
func (s *Set) Render(d Diagnostic) string {
	var b strings.Builder
	word := "error"
	if d.Severity == Warning {
		word = "warning"
	}
	s.renderPlace(&b, d.Span, word+": "+d.Msg)
	for _, r := range d.Related {
		s.renderPlace(&b, r.Span, "note: "+r.Msg)
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "  hint: %s\n", d.Hint)
	}
	return b.String()
}

func (s *Set) renderPlace(b *strings.Builder, span Span, msg string) {
	file := s.File(span.File)
	pos := file.Position(span.Off)
	fmt.Fprintf(b, "%s:%d:%d: %s\n", file.Name, pos.Line, pos.Column, msg)
	line := file.Line(pos.Line)
	col := min(pos.Column-1, len(line))
	line, col = clip(line, col)
	var lead strings.Builder
	for _, r := range line[:col] {
		if r == '\t' {
			lead.WriteByte('\t')
		} else {
			lead.WriteByte(' ')
		}
	}
	end := max(col, min(col+int(span.End-span.Off), len(line)))
	width := max(1, utf8.RuneCountInString(line[col:end]))
	fmt.Fprintf(b, "  %s\n  %s^%s\n", printable(line), lead.String(), strings.Repeat("~", width-1))
}

// maxLine is the longest source line shown whole around a caret.
const maxLine = 160

// clip cuts a very long line to a window around the column.
func clip(line string, col int) (string, int) {
	if len(line) <= maxLine {
		return line, col
	}
	from := max(0, col-maxLine/2)
	to := min(len(line), from+maxLine)
	return line[from:to], col - from
}

// printable replaces control bytes, so that a binary file cannot drive the
// terminal through an error message.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f || r == '\ufffd') {
			return '?'
		}
		return r
	}, line)
}
