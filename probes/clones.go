package probes

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/kernel"
)

// The compiler makes copies of functions for some callers (foo.constprop.0,
// foo.isra.0) and splits the seldom part off that is to be called (foo.part.0).
// A call of the function in the source is a call of any of the copies, so they
// are traced together. A part is reached from the function itself, and is
// traced in its place only where nothing else is left of it.

// clones returns the copies of a function, or its parts, sorted.
func (k *kprobe) clones(name, module string, parts bool) []kernel.Function {
	functions, err := k.world.Functions.Traceable()
	if err != nil {
		return nil
	}
	prefix := name + "."
	at := sort.Search(len(functions), func(i int) bool { return functions[i].Name >= prefix })
	var found []kernel.Function
	for _, f := range functions[at:] {
		if !strings.HasPrefix(f.Name, prefix) {
			break
		}
		if isClone(f.Name[len(name):], parts) && (module == "" || f.Module == module) {
			if n := len(found); n == 0 || found[n-1].Name != f.Name {
				found = append(found, f)
			}
		}
	}
	return found
}

// isClone reports whether what follows a function's name makes it a copy, or a
// part.
func isClone(suffix string, parts bool) bool {
	if strings.HasPrefix(suffix, ".part.") {
		return parts
	}
	return !parts && (strings.HasPrefix(suffix, ".constprop.") || strings.HasPrefix(suffix, ".isra."))
}

// withClones returns the points of a function and of its copies.
func (k *kprobe) withClones(name, module string) []point.Point {
	points := []point.Point{k.point(kernel.Function{Name: name, Module: module})}
	if k.offset != 0 {
		return points
	}
	return k.note(points, k.clones(name, module, false), fmt.Sprintf("the compiler made copies of %s", name))
}

// clonesOnly returns the points of the copies of a function that is itself not
// there any more, or of its parts.
func (k *kprobe) clonesOnly(name, module string) []point.Point {
	if k.offset != 0 {
		return nil
	}
	if found := k.clones(name, module, false); len(found) > 0 {
		return k.note(nil, found, fmt.Sprintf("of %s there are only copies that the compiler made", name))
	}
	return k.note(nil, k.clones(name, module, true), fmt.Sprintf("%s is inlined but for a part of it", name))
}

// note adds the points of copies and says so in the first.
func (k *kprobe) note(points []point.Point, copies []kernel.Function, what string) []point.Point {
	if len(copies) == 0 {
		return points
	}
	var names []string
	for _, f := range copies {
		names = append(names, f.Name)
		points = append(points, k.point(f))
	}
	points[0].Note = what + ": tracing " + strings.Join(names, ", ")
	if points[0].Attach.Symbol != copies[0].Name {
		points[0].Note += ", too"
	}
	return points
}
