package typecheck

import (
	"fmt"
	"reflect"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/stdlib"
)

// Macros are expanded before anything is typed: a call becomes a block
// expression, a copy of the macro's body in which the parameters are replaced
// by the arguments. Scratch variables of the body that are no parameters get
// names that a script cannot write, so that they never meet the caller's; maps
// that are no parameters are errors. The copies are made once, and the rounds
// of the checker see the same nodes every time.

// macros are the macros of a script by name; one name may take several lists of
// parameters.
type macros struct {
	byName map[string][]*ast.Macro
}

func newMacros() *macros { return &macros{byName: map[string][]*ast.Macro{}} }

// names returns the names of all macros.
func (m *macros) names() []string {
	var out []string
	for name := range m.byName {
		out = append(out, name)
	}
	return out
}

// add takes a definition.
func (m *macros) add(c *checker, def *ast.Macro) {
	seen := map[string]bool{}
	for _, p := range def.Params {
		key := fmt.Sprint(p.Kind, p.Name)
		if seen[key] {
			c.errorf(p.Span, "duplicate", "macro %s has two parameters %s", def.Name, quote(p.Name))
			return
		}
		seen[key] = true
	}
	for _, other := range m.byName[def.Name] {
		if sameParams(def, other) {
			c.errorf(def.Span, "duplicate", "macro %s is defined twice", quote(def.Name)).
				WithRelated(other.Span, "the first definition is here")
			return
		}
	}
	m.byName[def.Name] = append(m.byName[def.Name], def)
}

func sameParams(a, b *ast.Macro) bool {
	if len(a.Params) != len(b.Params) {
		return false
	}
	for i := range a.Params {
		if a.Params[i].Kind != b.Params[i].Kind {
			return false
		}
	}
	return true
}

// maxExpansion bounds how deep macros may use each other.
const maxExpansion = 32

// maxExpanded bounds how many expansions one script may have in all.
const maxExpanded = 10000

// expandProbe returns a block with all macros expanded.
func (m *macros) expandProbe(c *checker, p *ast.Probe) *ast.Probe {
	if len(m.byName) == 0 && len(c.cdefs.macros) == 0 {
		return p
	}
	x := &expander{c: c, macros: m, count: new(int)}
	return x.copyOf(reflect.ValueOf(p)).Interface().(*ast.Probe)
}

// expander copies a tree. Inside a macro's body it holds the arguments.
type expander struct {
	c      *checker
	macros *macros
	count  *int
	depth  int

	// plain marks the text of a #define: its variables and maps are those of
	// the place where it is used.
	plain   bool
	inMacro bool
	exprs   map[string]ast.Expr
	vars    map[string]*ast.Var
	maps    map[string]*ast.Map
	suffix  string
}

// copyOf copies a value of the tree.
func (x *expander) copyOf(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		if e, ok := v.Interface().(ast.Expr); ok {
			return reflect.ValueOf(x.expr(e))
		}
		return x.copyOf(v.Elem())
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		if e, ok := v.Interface().(ast.Expr); ok {
			if y := reflect.ValueOf(x.expr(e)); y.Type() == v.Type() {
				return y
			}
		}
		return x.fields(v)
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := 0; i < v.Len(); i++ {
			out.Index(i).Set(x.copyOf(v.Index(i)))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		for i := 0; i < v.NumField(); i++ {
			out.Field(i).Set(x.copyOf(v.Field(i)))
		}
		return out
	}
	return v
}

// fields copies what a pointer points at.
func (x *expander) fields(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type().Elem())
	out.Elem().Set(x.copyOf(v.Elem()))
	return out
}

// expr copies an expression, expanding macros and replacing parameters.
func (x *expander) expr(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.Ident:
		if arg, ok := x.exprs[e.Name]; ok && x.inMacro {
			return arg
		}
		if x.macros.byName[e.Name] != nil {
			return x.expand(&ast.Call{Span: e.Span, Name: e.Name, NameSpan: e.Span})
		}
		if y, ok := x.expandC(e.Name, e.Span, nil, false); ok {
			return y
		}
	case *ast.Call:
		if x.macros.byName[e.Name] != nil {
			return x.expand(e)
		}
		if y, ok := x.expandC(e.Name, e.Span, e.Args, true); ok {
			return y
		}
	case *ast.TypeExpr:
		if arg, ok := x.exprs[e.Name]; ok && x.inMacro && e.Typeof == nil {
			return x.substType(e, arg)
		}
	case *ast.Var:
		if x.inMacro && !x.plain {
			if arg, ok := x.vars[e.Name]; ok {
				return &ast.Var{Span: e.Span, Name: arg.Name}
			}
			return &ast.Var{Span: e.Span, Name: e.Name + x.suffix}
		}
	case *ast.Map:
		if x.inMacro && !x.plain {
			arg, ok := x.maps[e.Name]
			if !ok {
				x.c.errorf(e.Span, "macro-map", "a macro may only use maps that are its parameters, not @%s", e.Name).
					WithHint("add @%s to the macro's parameters", e.Name)
				return e
			}
			return &ast.Map{Span: e.Span, Name: arg.Name}
		}
	}
	return x.fields(reflect.ValueOf(e)).Interface().(ast.Expr)
}

// substType replaces the name of a type that is a parameter by the argument.
func (x *expander) substType(e *ast.TypeExpr, arg ast.Expr) ast.Expr {
	out := *e
	if t, ok := arg.(*ast.TypeExpr); ok {
		out.Name, out.Typeof = t.Name, t.Typeof
		out.Suffixes = append(append([]ast.TypeSuffix(nil), t.Suffixes...), e.Suffixes...)
		return &out
	}
	out.Typeof = arg
	return &out
}

// expand makes the block expression that a call of a macro means.
func (x *expander) expand(call *ast.Call) ast.Expr {
	if !x.mayExpand(call) {
		return wrong(call)
	}
	args := make([]ast.Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = x.expr(a)
	}
	def := x.pick(call, args)
	if def == nil && stdlib.Lookup(call.Name) != nil { // a macro that adds to a function
		out := *call
		out.Args = args
		return &out
	}
	if def == nil {
		return wrong(call)
	}
	inner := &expander{
		c: x.c, macros: x.macros, count: x.count, depth: x.depth + 1, inMacro: true,
		exprs: map[string]ast.Expr{}, vars: map[string]*ast.Var{}, maps: map[string]*ast.Map{},
		suffix: fmt.Sprintf("#%d", *x.count),
	}
	for i, p := range def.Params {
		switch p.Kind {
		case ast.ParamExpr:
			inner.exprs[p.Name] = args[i]
		case ast.ParamVar:
			inner.vars[p.Name] = args[i].(*ast.Var)
		case ast.ParamMap:
			inner.maps[p.Name] = args[i].(*ast.Map)
		}
	}
	body := inner.fields(reflect.ValueOf(def.Body)).Interface().(*ast.Block)
	return &ast.BlockExpr{Span: call.Span, Block: body}
}

// mayExpand counts an expansion, and reports the first that is one too many.
func (x *expander) mayExpand(call *ast.Call) bool {
	*x.count++
	if x.depth < maxExpansion && *x.count <= maxExpanded {
		return true
	}
	if x.depth == maxExpansion || *x.count == maxExpanded+1 {
		x.c.errorf(call.Span, "macro-recursion", "macro %s uses itself", quote(call.Name)).
			WithHint("macros cannot be recursive")
	}
	return false
}

// wrong stands for a call that an error was reported for already.
func wrong(call *ast.Call) ast.Expr { return &ast.Ident{Span: call.Span} }

// pick finds the definition whose parameters suit the arguments.
func (x *expander) pick(call *ast.Call, args []ast.Expr) *ast.Macro {
	var near *ast.Macro
	var best *ast.Macro
	exact := -1
	for _, def := range x.macros.byName[call.Name] {
		near = def
		if n, ok := suitsParams(def, args); ok && n > exact {
			best, exact = def, n
		}
	}
	if best != nil || stdlib.Lookup(call.Name) != nil {
		return best
	}
	d := x.c.errorf(call.Span, "macro-arguments", "macro %s does not take these arguments", quote(call.Name)).
		WithRelated(near.Span, "it is defined here")
	d.Hint = "write " + near.Name + "(" + paramList(near) + ")"
	if len(near.Params) == 0 {
		d.Hint = "write " + near.Name
	}
	return nil
}

// suitsParams reports whether arguments fit a macro, and how many of them in
// more than the general way.
func suitsParams(def *ast.Macro, args []ast.Expr) (exact int, ok bool) {
	if len(def.Params) != len(args) {
		return 0, false
	}
	for i, p := range def.Params {
		switch p.Kind {
		case ast.ParamVar:
			if _, ok := args[i].(*ast.Var); !ok {
				return 0, false
			}
			exact++
		case ast.ParamMap:
			if _, ok := args[i].(*ast.Map); !ok {
				return 0, false
			}
			exact++
		}
	}
	return exact, true
}

func paramList(def *ast.Macro) string {
	out := ""
	for i, p := range def.Params {
		if i > 0 {
			out += ", "
		}
		switch p.Kind {
		case ast.ParamVar:
			out += "$"
		case ast.ParamMap:
			out += "@"
		}
		out += p.Name
	}
	return out
}
