// Package source holds script text and places in it.
//
// A Span is a pair of byte offsets into one File of a Set; line and column are
// computed only when something is printed, so every later stage can carry
// spans by value at no cost. Diagnostics are collected in a List, which sorts,
// deduplicates and renders them with the source line and a caret.
package source

import (
	"sort"
	"strings"
)

// FileID names a file within a Set. The zero value is the first file added.
type FileID int32

// Span is a half-open range of bytes [Off, End) in one file.
type Span struct {
	File     FileID
	Off, End int32
}

// To returns the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{File: s.File, Off: s.Off, End: t.End} }

// IsZero reports whether the span points at nothing at all.
func (s Span) IsZero() bool { return s == Span{} }

// File is a named text with an index of its lines.
type File struct {
	// Name is how messages call the file: a path, or "-e" and "stdin" for text
	// that came from there.
	Name string
	Text string

	lines []int32 // offset of the first byte of each line, built on first use
}

// Position is a place as people read it; both numbers count from one, and
// columns count bytes.
type Position struct {
	Line, Column int
}

// Position returns the line and column of a byte offset.
func (f *File) Position(off int32) Position {
	f.index()
	i := sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > off }) - 1
	if i < 0 {
		i = 0
	}
	return Position{Line: i + 1, Column: int(off-f.lines[i]) + 1}
}

// Line returns the text of a line (counted from one) without its newline.
func (f *File) Line(n int) string {
	f.index()
	if n < 1 || n > len(f.lines) {
		return ""
	}
	text := f.Text[f.lines[n-1]:]
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(text, "\r")
}

func (f *File) index() {
	if f.lines != nil {
		return
	}
	f.lines = append(f.lines, 0)
	for i := 0; i < len(f.Text); i++ {
		if f.Text[i] == '\n' {
			f.lines = append(f.lines, int32(i+1))
		}
	}
}

// Set is the files of one compilation: the script and what it imports.
type Set struct {
	Files []*File
}

// Add puts a text into the set and returns its id.
func (s *Set) Add(name, text string) FileID {
	s.Files = append(s.Files, &File{Name: name, Text: text})
	return FileID(len(s.Files) - 1)
}

// File returns the file of an id, or an empty one for an id of another set.
func (s *Set) File(id FileID) *File {
	if s == nil || int(id) >= len(s.Files) || id < 0 {
		return &File{Name: "?"}
	}
	return s.Files[id]
}

// Text returns the script text that a span covers.
func (s *Set) Text(span Span) string {
	text := s.File(span.File).Text
	off, end := max(0, int(span.Off)), min(len(text), int(span.End))
	if off >= end {
		return ""
	}
	return text[off:end]
}
