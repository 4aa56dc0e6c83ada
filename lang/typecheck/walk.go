package typecheck

import (
	"reflect"

	"github.com/gotrace/gotrace/lang/ast"
)

// walk calls f for a node and for the nodes below it, in the order they were
// written, for each node once: macros may use one node in several places. It
// goes by the fields of the node types, so that a new kind of node needs no
// word here.
func walk(n ast.Node, f func(ast.Node)) {
	w := walker{seen: map[ast.Node]bool{}, visit: f}
	w.node(n)
}

type walker struct {
	seen  map[ast.Node]bool
	visit func(ast.Node)
}

func (w *walker) node(n ast.Node) {
	if n == nil {
		return
	}
	v := reflect.ValueOf(n)
	if v.Kind() != reflect.Pointer || v.IsNil() || w.seen[n] {
		return
	}
	w.seen[n] = true
	w.visit(n)
	w.fields(v.Elem())
}

func (w *walker) fields(v reflect.Value) {
	for i := 0; i < v.NumField(); i++ {
		w.value(v.Field(i))
	}
}

func (w *walker) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(ast.Node); ok {
			w.node(n)
		}
	case reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			w.value(v.Index(i))
		}
	case reflect.Struct:
		w.fields(v)
	}
}
