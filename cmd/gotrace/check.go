package main

import (
	"encoding/json"

	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

// finding is a diagnostic as "gotrace check" prints it for editors. Lines and
// columns count from one, columns in bytes; the end is the place behind the
// last byte.
type finding struct {
	File      string    `json:"file"`
	Line      int       `json:"line"`
	Column    int       `json:"column"`
	EndLine   int       `json:"endLine"`
	EndColumn int       `json:"endColumn"`
	Severity  string    `json:"severity,omitempty"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message"`
	Hint      string    `json:"hint,omitempty"`
	Related   []finding `json:"related,omitempty"`
}

// checkFile is "gotrace check FILE": it prints what is wrong with a script as a
// JSON array and fails if any of it is an error. It needs no privileges: where
// the kernel does not let us look, the snapshot that is compiled in answers.
func (a *app) checkFile(f *flags, args []string) (int, error) {
	s, err := a.scriptNamed(args[0])
	if err != nil {
		return exitError, err
	}
	f.args = args
	u := &unit{set: &source.Set{}}
	file, list := parser.Parse(u.set, u.set.Add(s.name, withIncludes(f, s).text))
	u.file = file
	if !list.HasErrors() {
		world, err := dumpWorld(f)
		if err != nil {
			return exitError, err
		}
		_, checked := a.typecheck(f, u, world)
		for _, d := range checked.Sorted() {
			list.Add(d)
		}
	}
	findings := []finding{}
	for _, d := range list.Sorted() {
		findings = append(findings, findingOf(u.set, d))
	}
	out := json.NewEncoder(a.stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(findings); err != nil {
		return exitError, err
	}
	if list.HasErrors() {
		return exitError, nil
	}
	return exitOK, nil
}

// findingOf writes a diagnostic for editors.
func findingOf(set *source.Set, d source.Diagnostic) finding {
	out := place(set, d.Span, d.Msg)
	out.Severity, out.Code, out.Hint = "error", d.Code, d.Hint
	if d.Severity == source.Warning {
		out.Severity = "warning"
	}
	for _, r := range d.Related {
		out.Related = append(out.Related, place(set, r.Span, r.Msg))
	}
	return out
}

func place(set *source.Set, span source.Span, msg string) finding {
	file := set.File(span.File)
	from, to := file.Position(span.Off), file.Position(span.End)
	return finding{
		File: file.Name, Line: from.Line, Column: from.Column,
		EndLine: to.Line, EndColumn: to.Column, Message: msg,
	}
}
