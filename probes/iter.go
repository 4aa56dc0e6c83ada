package probes

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes/kernel"
)

// iterators are those of the kernel's iterators that need nothing but a name.
func iterators() []string { return []string{"task", "task_file", "task_vma"} }

// iterFunction is the function whose arguments those of an iterator are.
func iterFunction(name string) string { return "bpf_iter_" + name }

// iterPoints resolves "iter:task", which runs once for each task that there is
// when the trace begins.
func iterPoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	const usage = "write iter:task, iter:task_file or iter:task_vma"
	if err := shape(spec, 1, 2, usage); err != nil {
		return nil, err
	}
	part := spec.Parts[1]
	name := part.Text
	switch {
	case len(spec.Parts) == 3:
		return nil, &typecheck.Unsupported{Part: 2, Msg: "pinned iterators are not supported yet", Hint: "without the last part it runs once"}
	case wildPart(part):
		return nil, &typecheck.Unsupported{Part: 1, Msg: "iter takes no wildcards", Hint: usage}
	case !slices.Contains(iterators(), name):
		advice := didYouMean(name, iterators())
		if advice == "" {
			advice = usage
		}
		return nil, hint(1, advice, "there is no iterator %q", name)
	case w.Types == nil:
		return nil, noTypes()
	}
	fn, err := w.Types.Function("", iterFunction(name))
	switch {
	case errors.Is(err, kernel.ErrNoBTF):
		return nil, noTypes()
	case errors.Is(err, fs.ErrNotExist):
		return nil, bad(1, "this kernel has no iterator %q", name)
	case err != nil:
		return nil, err
	}
	return []point.Point{{
		Provider: "iter", Name: "iter:" + name, Context: point.Iter, Args: &fn.Args, Attach: point.Attach{Event: name},
	}}, nil
}

// listIter lists the iterators that the kernel has.
func listIter(w *World, q query, yield func(entry)) error {
	if w.Types == nil {
		return noTypes()
	}
	for _, name := range iterators() {
		function := iterFunction(name)
		if _, err := w.Types.Function("", function); err == nil && q.match(name) {
			yield(entry{name: name, params: func() []string { return w.prototype(function, false) }})
		}
	}
	return nil
}
