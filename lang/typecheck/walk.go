package typecheck

import (
	"reflect"

	"github.com/gotrace/gotrace/lang/ast"
)

// walk calls f for a node and, while f returns true, for the nodes below it, in
// the order they were written. It goes by the fields of the node types, so that
// a new kind of node needs no word here.
func walk(n ast.Node, f func(ast.Node) bool) {
	if n == nil {
		return
	}
	v := reflect.ValueOf(n)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return
	}
	if !f(n) {
		return
	}
	walkFields(v.Elem(), f)
}

func walkFields(v reflect.Value, f func(ast.Node) bool) {
	for i := 0; i < v.NumField(); i++ {
		walkValue(v.Field(i), f)
	}
}

func walkValue(v reflect.Value, f func(ast.Node) bool) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(ast.Node); ok {
			walk(n, f)
		}
	case reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			walkValue(v.Index(i), f)
		}
	case reflect.Struct:
		walkFields(v, f)
	}
}
