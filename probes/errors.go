package probes

import (
	"fmt"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/typecheck"
)

// bad reports what is wrong with part i of an attach point.
func bad(i int, format string, args ...any) *typecheck.NotFound {
	return &typecheck.NotFound{Part: i, Msg: fmt.Sprintf(format, args...)}
}

// hint is bad with advice.
func hint(i int, advice, format string, args ...any) *typecheck.NotFound {
	return &typecheck.NotFound{Part: i, Msg: fmt.Sprintf(format, args...), Hint: advice}
}

// shape checks how many parts an attach point has after its provider.
func shape(spec *ast.AttachPoint, least, most int, usage string) error {
	n := len(spec.Parts) - 1
	if n >= least && n <= most {
		return nil
	}
	part := 0
	if n > most {
		part = most + 1
	}
	if n == 0 {
		return hint(part, usage, "%s needs more than its name", spec.Parts[0].Text)
	}
	return hint(part, usage, "%s cannot have %d %s", spec.Parts[0].Text, n, plural(n, "part", "parts"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
