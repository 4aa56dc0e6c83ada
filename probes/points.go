package probes

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel"
)

// Points implements typecheck.World.
func (w *World) Points(spec *ast.AttachPoint) ([]point.Point, error) {
	if len(spec.Parts) == 0 || spec.Parts[0].Text == "" {
		return nil, bad(0, "a probe has no provider")
	}
	var points []point.Point
	var err error
	if wildPart(spec.Parts[0]) {
		points, err = w.expandProvider(spec)
	} else {
		points, err = w.resolve(spec)
	}
	if err != nil {
		return nil, err
	}
	if spec.Label != "" {
		for i := range points {
			points[i].Name = spec.Label
		}
	}
	return points, nil
}

// resolve resolves an attach point whose provider is a plain name.
func (w *World) resolve(spec *ast.AttachPoint) ([]point.Point, error) {
	name := spec.Parts[0].Text
	kind, ok := KindByName(name)
	if !ok {
		return nil, hint(0, didYouMean(name, kindNames()), "there is no probe type %q", name)
	}
	return kind.points(w, spec)
}

// expandProvider resolves an attach point whose provider has wildcards: over
// the kinds of user space if there is a process or a path, else over those of
// the kernel. Kinds that the other parts do not suit are passed over.
func (w *World) expandProvider(spec *ast.AttachPoint) ([]point.Point, error) {
	listed := ListedKernel
	if w.Options.PID != 0 || len(spec.Parts) > 1 && strings.Contains(spec.Parts[1].Text, "/") {
		listed = ListedUser
	}
	match := matcher(spec.Parts[0])
	var points []point.Point
	for _, kind := range Kinds() {
		if kind.Listed != listed || !match(kind.Name) {
			continue
		}
		if kind.Context == point.Fentry || kind.Context == point.Iter {
			continue // kprobes are on the same functions; iterators are not events
		}
		one := *spec
		one.Parts = append([]ast.Part{{Span: spec.Parts[0].Span, Text: kind.Name}}, spec.Parts[1:]...)
		found, err := kind.points(w, &one)
		var missing *typecheck.NotFound
		var unsupported *typecheck.Unsupported
		if errors.As(err, &missing) || errors.As(err, &unsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		points = append(points, found...)
	}
	if len(points) == 0 {
		return nil, bad(0, "no probe matches %q", spec.Text)
	}
	return points, nil
}

// Record implements typecheck.World.
func (w *World) Record(t types.Type) (types.Type, error) {
	if found, ok, err := w.userRecord(t); ok {
		return found, err
	}
	if w.Types == nil {
		return types.Type{}, noTypes()
	}
	found, err := w.Types.Record(t)
	return found, w.typeError(t.Name, err)
}

// TypeByName implements typecheck.World.
func (w *World) TypeByName(name string) (types.Type, error) {
	if w.Types == nil {
		return types.Type{}, noTypes()
	}
	t, err := w.Types.ByName(name)
	return t, w.typeError(name, err)
}

func (w *World) typeError(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kernel.ErrNoBTF):
		return noTypes()
	case errors.Is(err, fs.ErrNotExist):
		names, listErr := w.Types.Names()
		if listErr != nil {
			names = nil
		}
		if !strings.Contains(name, " ") {
			// "task_struct" for "struct task_struct" is the usual slip.
			for _, keyword := range []string{"struct ", "union ", "enum "} {
				if _, err := w.Types.ByName(keyword + name); err == nil {
					return hint(-1, "did you mean \""+keyword+name+"\"?", "there is no type %q", name)
				}
			}
		}
		return hint(-1, didYouMean(name, names), "there is no type %q", name)
	}
	return err
}

func noTypes() error {
	return &typecheck.Unsupported{
		Part: -1,
		Msg:  kernel.ErrNoBTF.Error(),
		Hint: "run a kernel built with CONFIG_DEBUG_INFO_BTF",
	}
}

// Constant implements typecheck.World.
func (w *World) Constant(name string) (int64, types.Type, bool) {
	if w.Types == nil {
		return 0, types.Type{}, false
	}
	value, t, err := w.Types.Constant(name)
	return value, t, err == nil
}

// KernelSymbol implements typecheck.World.
func (w *World) KernelSymbol(name string) (uint64, error) {
	if w.Functions == nil {
		return 0, bad(-1, "the kernel has no symbol %q", name)
	}
	address, err := w.Functions.Symbol(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, bad(-1, "the kernel has no symbol %q", name)
	}
	return address, err
}

// UserSymbol implements typecheck.World.
func (w *World) UserSymbol(binary, name string) (addr, size uint64, err error) {
	if w.Binaries == nil {
		return 0, 0, bad(-1, "there is no file %q", binary)
	}
	paths, err := w.Binaries.Resolve(binary)
	if err != nil {
		return 0, 0, userError(-1, err)
	}
	addr, size, err = w.Binaries.Symbol(paths[0], name)
	return addr, size, userError(-1, err)
}
