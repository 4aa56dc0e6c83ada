package typecheck

import (
	"strconv"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// index types x[args]: an element of a map, an array, a tuple or the memory
// behind a pointer.
func (c *checker) index(e *ast.Index) typed.Expr {
	if m, ok := e.X.(*ast.Map); ok {
		return c.readMap(m, e)
	}
	x := c.place(e.X)
	if isBad(x) {
		c.exprs(e.Args)
		return bad(e.Span)
	}
	if len(e.Args) != 1 {
		c.errorf(e.Span, "argument-count", "only maps take more than one key")
		return bad(e.Span)
	}
	i := c.expr(e.Args[0])
	if isBad(i) {
		return bad(e.Span)
	}
	if t := i.Type(); !isNumber(t) {
		c.errorf(i.Pos(), "bad-index", "an index is an integer, this is %s", describe(t))
		return bad(e.Span)
	}
	k, isConst := i.(*typed.Const)
	t := x.Type()
	switch t.Kind {
	case types.Tuple:
		if !isConst {
			c.errorf(i.Pos(), "not-constant", "the index of a tuple must be a constant")
			return bad(e.Span)
		}
		return c.tupleElement(x, k.Value, e.Span)
	case types.Pointer:
		p := c.pointerArith(e.Span, e.Span, typed.Add, x, i)
		if isBad(p) {
			return p
		}
		return c.follow(p, e.Span)
	case types.Array, types.String:
		return c.arrayElement(e, x, i)
	}
	c.errorf(e.Span, "bad-index", "%s cannot be indexed", describe(t)).
		WithHint("arrays, pointers, tuples and maps can")
	return bad(e.Span)
}

// arrayElement types an element of an array or a character of a string.
func (c *checker) arrayElement(e *ast.Index, x, i typed.Expr) typed.Expr {
	t := x.Type()
	elem, n := types.Int8(), t.Size
	if t.Kind == types.Array {
		elem, n = inSpace(*t.Elem, t.Space, false), t.Len
		if elem.Kind == types.Record && elem.Incomplete {
			full, ok := c.complete(e.Span, elem)
			if !ok {
				return bad(e.Span)
			}
			elem = inSpace(full, t.Space, false)
		}
	}
	if k, ok := i.(*typed.Const); ok {
		if k.Value < 0 || n > 0 && k.Value >= int64(n) {
			c.errorf(i.Pos(), "out-of-range", "index %d is outside %s", k.Value, t).
				WithHint("elements are counted from zero")
			return bad(e.Span)
		}
	}
	return &typed.Element{Base: base(e.Span, elem), X: x, Index: c.settled(i)}
}

// exprs checks expressions for the errors in them.
func (c *checker) exprs(es []ast.Expr) {
	for _, e := range es {
		c.expr(e)
	}
}

// readMap types a map or an element of it as a value. A nil index is a map
// without keys.
func (c *checker) readMap(e *ast.Map, index *ast.Index) typed.Expr {
	m := c.mapNamed(e.Name, e.Span)
	span := e.Span
	if index != nil {
		span = index.Span
	}
	key, ok := c.mapKey(m, e, index)
	if !ok {
		return bad(span)
	}
	t := asRead(m.value)
	switch {
	case isBadType(m.value):
		return bad(span)
	case m.value.Kind == types.Agg:
		var ok bool
		if t, ok = aggValue(m.value); !ok {
			c.errorf(span, "aggregation-as-value", "a %s cannot be read as a value", m.value.Agg).
				WithRelated(m.valueSpan, "%s is one here", m.title()).
				WithHint("print the whole map: print(%s)", m.title())
			return bad(span)
		}
	case m.value.Kind == types.Int && isFlexible(m.value):
	default:
		t = m.valueType()
	}
	if c.quiet == 0 {
		m.typed.ReadInKernel = true
	}
	return &typed.MapRead{Base: base(span, t), Map: m.typed, Key: key}
}

// aggValue is the integer that an aggregation is read as.
func aggValue(t types.Type) (types.Type, bool) {
	switch t.Agg {
	case types.Count:
		return types.Uint64(), true
	case types.Sum, types.Avg, types.Min, types.Max:
		return types.IntOf(8, t.Signed), true
	}
	return t, false
}

// mapKey checks the keys of an element and converts them to the map's key type.
func (c *checker) mapKey(m *mapState, e *ast.Map, index *ast.Index) (typed.Expr, bool) {
	if index == nil {
		return nil, c.useShape(m, scalarMap, e.Span)
	}
	var key typed.Expr
	if len(index.Args) == 1 {
		key = c.storable(index.Args[0], "a key")
	} else {
		key = c.tuple(&ast.Tuple{Span: index.Args[0].Pos().To(index.Args[len(index.Args)-1].Pos()), Elems: index.Args})
	}
	return c.useKey(m, key, index)
}

// useKey converts a key to the map's key type.
func (c *checker) useKey(m *mapState, key typed.Expr, at ast.Node) (typed.Expr, bool) {
	if !c.useShape(m, keyedMap, at.Pos()) || isBad(key) {
		return key, false
	}
	if t := key.Type(); !keyable(t) || t.Size == 0 && t.Kind != types.Tuple {
		c.errorf(key.Pos(), "bad-key", "%s cannot be a key", describe(t))
		return key, false
	}
	if !c.learnKey(m, key.Type(), key.Pos()) {
		return key, false
	}
	out, ok := c.coerce(key, m.keyType())
	if !ok {
		c.mismatch(key.Pos(), "the key of map "+m.title(), key.Type(), m.keyType())
	}
	return out, ok
}

// keyable reports whether values of a type can be compared byte by byte, as the
// kernel compares keys.
func keyable(t types.Type) bool {
	switch t.Kind {
	case types.Agg, types.Void, types.Func, types.Invalid:
		return false
	case types.Tuple:
		for _, m := range t.Members {
			if !keyable(m.Type) {
				return false
			}
		}
		return len(t.Members) > 0
	}
	return true
}
