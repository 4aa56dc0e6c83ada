package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// containerOfCall writes container_of(pointer, type, member) out: the address
// less the member's offset, as a pointer to the type.
func (c *checker) containerOfCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	spec, ok := typeArg(e.Args[1])
	if !ok {
		if !isBad(x) {
			c.errorf(e.Args[1].Pos(), "bad-argument", "container_of() takes a type here").
				WithHint("write container_of(pointer, struct name, member)")
		}
		return bad(e.Span)
	}
	t, ok := c.typeOf(spec)
	if !ok || isBad(x) {
		return bad(e.Span)
	}
	if from := x.Type(); from.Kind != types.Pointer && from.Kind != types.Int {
		c.badArg(e, 0, from, "a pointer")
		return bad(e.Span)
	}
	if t.Kind != types.Record {
		c.errorf(spec.Span, "not-a-struct", "%s has no members", t)
		return bad(e.Span)
	}
	path := memberPath(e.Args[2])
	if path == nil {
		c.errorf(e.Args[2].Pos(), "bad-argument", "this is not the name of a member")
		return bad(e.Span)
	}
	offset, ok := c.offsetof(&ast.Offsetof{Span: e.Args[2].Pos(), Type: spec, Path: path}).(*typed.Const)
	if !ok {
		return bad(e.Span)
	}
	space := c.spaceOf(x)
	at := &typed.Binary{
		Base: base(e.Span, types.Uint64()), Op: typed.Sub,
		X: c.widen(x, types.Uint64()), Y: constant(e.Span, types.Uint64(), offset.Value),
	}
	return convert(at, types.PointerTo(shallow(t), space))
}

// typeArg takes an argument as a type.
func typeArg(e ast.Expr) (*ast.TypeExpr, bool) {
	switch e := e.(type) {
	case *ast.TypeExpr:
		return e, true
	case *ast.Ident:
		return &ast.TypeExpr{Span: e.Span, Name: e.Name}, true
	}
	return nil, false
}

// memberPath takes an argument as the name of a member, or of a member of one.
func memberPath(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.Ident:
		return []string{e.Name}
	case *ast.Field:
		if outer := memberPath(e.X); outer != nil {
			return append(outer, e.Name)
		}
	}
	return nil
}

// allArgs is args as a whole: a record of the probe's arguments.
func (c *checker) allArgs(span source.Span) typed.Expr {
	pt := c.cl.point()
	if pt.Args == nil {
		c.errorf(span, "no-args", "the arguments of %s have no names here", pt.Name).
			WithHint("use arg0, arg1 and so on")
		return bad(span)
	}
	var elems []typed.Expr
	var ts []types.Type
	var names []string
	for _, m := range pt.Args.Members {
		if m.Name == "" || pt.Context == point.Tracepoint && m.Offset < commonFields {
			continue
		}
		field := &ast.Field{Span: span, X: &ast.Ident{Span: span, Name: "args"}, Name: m.Name, NameSpan: span}
		x := c.value(c.argsField(field))
		if isBad(x) {
			return x
		}
		elems, ts, names = append(elems, x), append(ts, x.Type()), append(names, m.Name)
	}
	if len(elems) == 0 {
		c.errorf(span, "no-args", "%s has no arguments", pt.Name)
		return bad(span)
	}
	return &typed.TupleExpr{Base: base(span, types.TupleOf(ts, names)), Elems: elems}
}

// typeinfoCall types typeinfo(x): a record of constants that describes a type.
func (c *checker) typeinfoCall(e *ast.Call) typed.Expr {
	t, ok := c.operandType(nil, e.Args[0])
	if spec, isType := e.Args[0].(*ast.TypeExpr); isType {
		t, ok = c.typeOf(spec)
	}
	if !ok || isBadType(t) {
		return bad(e.Span)
	}
	t = settle(t)
	id := int64(0)
	if t.Kind == types.Record {
		id = t.ID
	}
	elems := []typed.Expr{
		constant(e.Span, types.Uint64(), id), stringConst(e.Span, baseType(t)), stringConst(e.Span, t.String()),
	}
	var ts []types.Type
	for _, x := range elems {
		ts = append(ts, x.Type())
	}
	return &typed.TupleExpr{
		Base: base(e.Span, types.TupleOf(ts, []string{"btf_id", "base_type", "full_type"})), Elems: elems,
	}
}

// baseType is the sort of a type, as typeinfo names it.
func baseType(t types.Type) string {
	switch t.Kind {
	case types.Agg:
		return string(t.Agg) + "_t"
	case types.Stack:
		return t.String()
	}
	return string(t.Kind)
}
