package repl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/codegen"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/probes/attach"
	"github.com/gotrace/gotrace/runtime"
)

// userError is an error to be told in one line, with what to do.
type userError struct {
	msg, hint string
}

func (e *userError) Error() string { return e.msg }

// fail makes an error for the user.
func fail(format string, args ...any) *userError {
	return &userError{msg: fmt.Sprintf(format, args...)}
}

// withHint adds what to do.
func (e *userError) withHint(format string, args ...any) *userError {
	e.hint = fmt.Sprintf(format, args...)
	return e
}

// scriptError carries what was found wrong in an entry.
type scriptError struct {
	set  *source.Set
	list *source.List
}

func (e *scriptError) Error() string { return strings.TrimSpace(e.render()) }

func (e *scriptError) render() string {
	var b strings.Builder
	for _, d := range e.list.Sorted() {
		b.WriteString(e.set.Render(d))
	}
	return b.String()
}

// describe makes the text of an error for the screen.
func describe(err error) string {
	var script *scriptError
	if errors.As(err, &script) {
		return script.render()
	}
	msg, hint := err.Error(), ""
	var user *userError
	var failed *attach.Error
	var load *runtime.LoadError
	switch {
	case errors.As(err, &user):
		hint = user.hint
	case errors.As(err, &failed):
		msg, hint = failed.Error(), failed.Hint
	case errors.As(err, &load):
		hint = load.Hint
	}
	text := "error: " + oneLine(msg) + "\n"
	if hint != "" {
		text += "  hint: " + hint + "\n"
	}
	return text
}

// placed gives an error of compilation or loading its place in the entry.
func placed(set *source.Set, err error) error {
	var unsupported *codegen.Unsupported
	var load *runtime.LoadError
	list := &source.List{}
	switch {
	case errors.As(err, &unsupported):
		list.Errorf(unsupported.Span, "unsupported", "%s", unsupported.Msg).Hint = unsupported.Hint
	case errors.As(err, &load) && !load.Span.IsZero():
		list.Errorf(load.Span, "load", "%s", oneLine(load.Error())).Hint = load.Hint
	default:
		return err
	}
	return &scriptError{set: set, list: list}
}

// oneLine folds an error that a library spread over lines.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
