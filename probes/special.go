package probes

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
)

// beginPoints resolves "begin" and "end", which user space runs before and
// after everything else.
func beginPoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	kind, _ := KindByName(spec.Parts[0].Text)
	if n := len(spec.Parts); n > 2 || n == 2 && spec.Parts[1].Text != "*" {
		return nil, bad(1, "%s has nothing after it", spec.Parts[0].Text)
	}
	return []point.Point{{Provider: kind.Name, Name: kind.Name, Context: kind.Context}}, nil
}
