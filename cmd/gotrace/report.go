package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/source"
)

// userError is an error about the command line or the environment: what is
// wrong in one line, and what to do.
type userError struct {
	msg     string
	hinting string
}

func (e *userError) Error() string { return e.msg }

func (e *userError) hint(format string, args ...any) *userError {
	e.hinting = fmt.Sprintf(format, args...)
	return e
}

func usageError(format string, args ...any) *userError {
	return &userError{msg: fmt.Sprintf(format, args...)}
}

// scriptError carries diagnostics that were found in a script.
type scriptError struct {
	set  *source.Set
	list *source.List
}

func (e *scriptError) Error() string { return "the script has errors" }

// hinter is an error that knows what to do about itself.
type hinter interface {
	Hint() string
}

// fail prints an error: diagnostics with their carets, others in one line.
func (a *app) fail(err error) {
	var script *scriptError
	if errors.As(err, &script) {
		a.printDiagnostics(script.set, script.list, false)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "gotrace: %s\n", oneLine(err.Error()))
	var user *userError
	var hinted hinter
	switch {
	case errors.As(err, &user) && user.hinting != "":
		fmt.Fprintf(&b, "  hint: %s\n", user.hinting)
	case errors.As(err, &hinted) && hinted.Hint() != "":
		fmt.Fprintf(&b, "  hint: %s\n", hinted.Hint())
	}
	fmt.Fprint(a.stderr, b.String())
}

// mostWarnings is how many warnings are shown; a script that is wrong in one way
// at a thousand places has said so by then.
const mostWarnings = 20

// printDiagnostics prints what a list holds; quiet leaves warnings out.
func (a *app) printDiagnostics(set *source.Set, list *source.List, quiet bool) {
	warnings := 0
	for _, d := range list.Sorted() {
		if d.Severity == source.Warning {
			if warnings++; quiet || warnings > mostWarnings {
				continue
			}
		}
		fmt.Fprint(a.stderr, set.Render(d))
	}
	if more := warnings - mostWarnings; more > 0 && !quiet {
		fmt.Fprintf(a.stderr, "gotrace: %d more warnings\n", more)
	}
}

// oneLine folds an error that a library spread over lines.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\n", " ")), " ")
}
