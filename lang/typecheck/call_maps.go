package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// mapArg takes the map that an argument names; the argument may also be an
// element of it, whose index is returned then.
func (c *checker) mapArg(e *ast.Call, i int) (*mapState, *ast.Map, *ast.Index) {
	switch a := e.Args[i].(type) {
	case *ast.Map:
		return c.mapNamed(a.Name, a.Span), a, nil
	case *ast.Index:
		if m, ok := a.X.(*ast.Map); ok {
			return c.mapNamed(m.Name, m.Span), m, a
		}
	}
	x := c.place(e.Args[i])
	if !isBad(x) {
		c.errorf(e.Args[i].Pos(), "bad-argument", "%s() takes a map here, this is %s", e.Name, describe(x.Type())).
			WithHint("write @name")
	}
	return nil, nil, nil
}

// mapRef makes the argument that names a map.
func mapRef(m *mapState, at ast.Node, key typed.Expr) typed.Expr {
	return &typed.MapRef{Base: base(at.Pos(), types.VoidType()), Map: m.typed, Key: key}
}

// wholeMapCall types clear and zero.
func (c *checker) wholeMapCall(e *ast.Call) typed.Expr {
	m, at, index := c.mapArg(e, 0)
	if m == nil {
		return bad(e.Span)
	}
	if index != nil {
		c.errorf(index.Span, "bad-argument", "%s() takes a whole map", e.Name).
			WithHint("write %s(%s), or delete(%s, key) for one element", e.Name, m.title(), m.title())
		return bad(e.Span)
	}
	m.typed.Deleted = true
	return makeCall(e, types.VoidType(), mapRef(m, at, nil))
}

// lenCall types len of a map, a stack or a string.
func (c *checker) lenCall(e *ast.Call) typed.Expr {
	if at, ok := e.Args[0].(*ast.Map); ok {
		m := c.mapNamed(at.Name, at.Span)
		if !c.useShape(m, keyedMap, at.Span) {
			return bad(e.Span)
		}
		return makeCall(e, types.Int64(), mapRef(m, at, nil))
	}
	x := c.expr(e.Args[0])
	switch t := x.Type(); t.Kind {
	case types.Invalid:
		return x
	case types.Stack:
		return makeCall(e, types.Int64(), x)
	case types.String:
		return c.strlen(e, x)
	case types.Array:
		return literal(e.Span, int64(t.Len))
	default:
		c.badArg(e, 0, t, "a map, a stack or a string")
		return bad(e.Span)
	}
}

// keyArg checks a key that is an argument of its own.
func (c *checker) keyArg(m *mapState, e *ast.Call, i int) (typed.Expr, bool) {
	return c.useKey(m, c.storable(e.Args[i], "a key"), e.Args[i])
}

// deleteCall types delete(@m, key), delete(@m[key]) and, for a map without
// keys, delete(@m).
func (c *checker) deleteCall(e *ast.Call) typed.Expr {
	m, at, index := c.mapArg(e, 0)
	if m == nil {
		return bad(e.Span)
	}
	m.typed.Deleted = true
	var key typed.Expr
	ok := true
	switch {
	case index != nil && len(e.Args) == 2:
		c.errorf(e.Args[1].Pos(), "argument-count", "the key is given twice").
			WithHint("write delete(%s, key)", m.title())
		return bad(e.Span)
	case index != nil:
		key, ok = c.mapKey(m, at, index)
	case len(e.Args) == 2:
		key, ok = c.keyArg(m, e, 1)
	case m.shape == keyedMap:
		d := c.errorf(e.Span, "map-shape", "delete() needs to know which element of %s", m.title())
		d.Hint = "write delete(" + m.title() + ", key), or clear(" + m.title() + ") for all of them"
		return bad(e.Span)
	default:
		ok = !c.closed || c.useShape(m, scalarMap, at.Span)
	}
	if !ok {
		return bad(e.Span)
	}
	return makeCall(e, types.BoolType(), mapRef(m, at, key))
}

func (c *checker) hasKeyCall(e *ast.Call) typed.Expr {
	m, at, index := c.mapArg(e, 0)
	if m == nil {
		return bad(e.Span)
	}
	if index != nil {
		c.errorf(index.Span, "bad-argument", "has_key() takes the map and the key apart").
			WithHint("write has_key(%s, key)", m.title())
		return bad(e.Span)
	}
	key, ok := c.keyArg(m, e, 1)
	if !ok {
		return bad(e.Span)
	}
	return makeCall(e, types.BoolType(), mapRef(m, at, key))
}

// findCall writes find(@m, key, $v) out: if there is an element, its value is
// stored in the variable.
func (c *checker) findCall(e *ast.Call) typed.Expr {
	m, at, index := c.mapArg(e, 0)
	target, isVar := e.Args[2].(*ast.Var)
	if m == nil || index != nil || !isVar {
		if m != nil {
			c.errorf(e.Span, "bad-argument", "find() takes a map, a key and a variable").
				WithHint("write find(%s, key, $value)", m.title())
		}
		return bad(e.Span)
	}
	key, ok := c.keyArg(m, e, 1)
	v := c.cl.scope.find(target.Name)
	if v == nil {
		c.undefinedVar(target)
		return bad(e.Span)
	}
	v.assigned = true
	if !ok || isBadType(m.value) {
		return bad(e.Span)
	}
	t, readable := m.valueType(), true
	if m.value.Kind == types.Agg {
		t, readable = aggValue(m.value)
	}
	if !readable {
		c.errorf(at.Span, "aggregation-as-value", "a %s cannot be read as a value", m.value.Agg)
		return bad(e.Span)
	}
	tmp, set := c.temp(key, e)
	found := &typed.Var{Index: len(c.cl.typed.Vars), Type: types.BoolType(), Span: e.Span}
	c.cl.typed.Vars = append(c.cl.typed.Vars, found)
	ref := func() typed.Expr { return &typed.VarRef{Base: base(key.Pos(), tmp.Type), Var: tmp} }
	m.typed.ReadInKernel = true
	then := c.setVar(v, target.Name, &typed.MapRead{Base: base(e.Span, t), Map: m.typed, Key: ref()}, e.Span)
	has := &typed.Call{Base: base(e.Span, types.BoolType()), Name: "has_key", Args: []typed.Expr{mapRef(m, at, ref())}}
	answer := &typed.VarRef{Base: base(e.Span, types.BoolType()), Var: found}
	return &typed.BlockExpr{Base: base(e.Span, types.BoolType()), Result: answer, Stmts: []typed.Stmt{
		set,
		&typed.SetVar{Span: e.Span, Var: found, Value: has},
		&typed.If{Span: e.Span, Cond: answer, Then: then},
	}}
}
