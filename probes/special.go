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

// namedPoints resolves "test:NAME" and "bench:NAME", which gotrace runs itself
// when it is asked to by --test or --bench.
func namedPoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	kind, _ := KindByName(spec.Parts[0].Text)
	usage := "write " + kind.Name + ":NAME"
	if err := shape(spec, 1, 1, usage); err != nil {
		return nil, err
	}
	name := spec.Parts[1].Text
	if name == "" {
		return nil, hint(1, usage, "%s needs a name", kind.Name)
	}
	return []point.Point{{
		Provider: kind.Name, Name: kind.Name + ":" + name, Context: kind.Context, Attach: point.Attach{Event: name},
	}}, nil
}
