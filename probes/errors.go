package probes

import (
	"fmt"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
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

// unsupported is points of the kinds of bpftrace that gotrace does not have.
func unsupported(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	kind, _ := KindByName(spec.Parts[0].Text)
	return nil, &typecheck.Unsupported{Part: 0, Msg: fmt.Sprintf("%s probes are not supported yet", kind.Name)}
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
