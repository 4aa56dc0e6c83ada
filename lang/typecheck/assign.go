package typecheck

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib"
)

// assign checks "target op value".
func (c *checker) assign(s *ast.Assign) []typed.Stmt {
	switch target := s.Target.(type) {
	case *ast.Discard:
		x := c.expr(s.Value)
		if isBad(x) {
			return nil
		}
		return []typed.Stmt{&typed.ExprStmt{Span: s.Span, X: c.settled(x)}}
	case *ast.Var:
		return c.assignVar(s, target)
	case *ast.Map:
		return c.assignMap(s, target, nil)
	case *ast.Index:
		if m, ok := target.X.(*ast.Map); ok {
			return c.assignMap(s, m, target)
		}
	case *ast.Field:
		return c.assignField(s, target)
	}
	c.expr(s.Value)
	c.errorf(s.Target.Pos(), "bad-target", "this cannot be assigned to").
		WithHint("variables, maps and elements of maps can")
	return nil
}

func (c *checker) assignVar(s *ast.Assign, target *ast.Var) []typed.Stmt {
	if call, ok := s.Value.(*ast.Call); ok && s.Op == "=" && isAggregation(call.Name) {
		c.errorf(call.Span, "aggregation-as-value", "%s() can only be assigned to a map", call.Name).
			WithHint("write @%s = %s", target.Name, c.shown(call.Span, call.Name+"(...)"))
		return nil
	}
	if s.Op != "=" {
		return c.compoundVar(s, target)
	}
	x := c.storable(s.Value, "assigned")
	v := c.cl.scope.find(target.Name)
	if v == nil {
		v = c.declare(target.Name, target, 0, target.Span)
	}
	return c.setVar(v, target.Name, x, s.Span)
}

// compoundVar checks "$x op= value".
func (c *checker) compoundVar(s *ast.Assign, target *ast.Var) []typed.Stmt {
	old := c.variable(target)
	value := c.expr(s.Value)
	v := c.cl.scope.find(target.Name)
	if v == nil || isBad(value) {
		return nil
	}
	if isBad(old) {
		if !c.closed || isBadType(v.state.t) {
			c.learnVar(v, target.Name, literalType(0, false), s.Span)
		}
		return nil
	}
	x := c.arith(s.Span, s.Span, typed.Op(strings.TrimSuffix(s.Op, "=")), old, value)
	return c.setVar(v, target.Name, x, s.Span)
}

// assignMap checks an assignment to a map or an element of one.
func (c *checker) assignMap(s *ast.Assign, target *ast.Map, index *ast.Index) []typed.Stmt {
	m := c.mapNamed(target.Name, target.Span)
	if call, ok := s.Value.(*ast.Call); ok && s.Op == "=" && isAggregation(call.Name) {
		return c.aggregate(s, m, target, index, call)
	}
	if b, ok := s.Value.(*ast.BlockExpr); ok && s.Op == "=" && aggregationResult(b) {
		return c.aggregateBlock(s, b)
	}
	if s.Op != "=" {
		return c.compoundMap(s, m, target, index)
	}
	key, okKey := c.mapKey(m, target, index)
	x := c.storable(s.Value, "stored in a map")
	if isBad(x) {
		m.assigned = true
		return nil
	}
	if !c.learnValue(m, x.Type(), x.Pos()) || !okKey {
		return nil
	}
	y, ok := c.coerce(x, m.valueType())
	if !ok {
		c.mismatch(x.Pos(), "the value of map "+m.title(), x.Type(), m.valueType())
		return nil
	}
	return []typed.Stmt{&typed.SetMap{Span: s.Span, Map: m.typed, Key: key, Value: y}}
}

// aggregationResult reports whether the value of a block is an aggregation.
func aggregationResult(b *ast.BlockExpr) bool {
	switch r := b.Block.Result.(type) {
	case *ast.Call:
		return isAggregation(r.Name)
	case *ast.BlockExpr:
		return aggregationResult(r)
	}
	return false
}

// aggregateBlock checks "@x = { ...; sum($y) }": the statements come first.
func (c *checker) aggregateBlock(s *ast.Assign, b *ast.BlockExpr) []typed.Stmt {
	c.push()
	defer c.pop()
	out := c.stmts(b.Block.Stmts)
	inner := *s
	inner.Value = b.Block.Result
	return append(out, c.assign(&inner)...)
}

// compoundMap checks "@x op= value": an atomic addition for += and -=,
// otherwise a read, the operation and a store.
func (c *checker) compoundMap(s *ast.Assign, m *mapState, target *ast.Map, index *ast.Index) []typed.Stmt {
	m.assigned = true
	key, okKey := c.mapKey(m, target, index)
	x := c.expr(s.Value)
	if !okKey || isBad(x) {
		return nil
	}
	if m.value.Kind == types.Agg {
		d := c.errorf(s.Span, "map-value-type", "map %s is assigned a value here", m.title())
		c.relate(d, m, m.valueSpan, "it is "+describe(m.value)+" here")
		return nil
	}
	op := typed.Op(strings.TrimSuffix(s.Op, "="))
	cur := m.value
	if isBadType(cur) {
		cur = literalType(0, false)
	}
	if isNumber(cur) && isNumber(x.Type()) && (op == typed.Add || op == typed.Sub) {
		t := arithType(op, number(cur), number(x.Type()))
		if isFlexible(cur) && isFlexible(number(x.Type())) && op == typed.Add {
			t.Name = literalName
		}
		if !c.learnSum(m, t, op, s.Span) || m.valueType().Kind != types.Int {
			return nil
		}
		delta := c.widen(x, m.valueType())
		if op == typed.Sub {
			delta = negate(delta)
		}
		return []typed.Stmt{&typed.AddMap{Span: s.Span, Map: m.typed, Key: key, Delta: delta}}
	}
	var pre []typed.Stmt
	if key != nil && !pure(key) {
		v, set := c.temp(key, s)
		pre = append(pre, set)
		key = &typed.VarRef{Base: base(key.Pos(), v.Type), Var: v}
	}
	m.typed.ReadInKernel = true
	read := &typed.MapRead{Base: base(target.Span, asRead(cur)), Map: m.typed, Key: key}
	if !isFlexible(cur) {
		read.T = m.valueType()
	}
	y := c.arith(s.Span, s.Span, op, read, x)
	if isBad(y) || !c.learnValue(m, y.Type(), s.Span) {
		return nil
	}
	read.T = m.valueType()
	y, ok := c.coerce(y, m.valueType())
	if !ok {
		return nil
	}
	return append(pre, &typed.SetMap{Span: s.Span, Map: m.typed, Key: key, Value: y})
}

// learnSum records that a map is added to or subtracted from. Subtracting makes
// an unsigned balance a signed one, which is what its author wants and not worth
// a warning; a settled type stays, as the sum is the same in both.
func (c *checker) learnSum(m *mapState, t types.Type, op typed.Op, span source.Span) bool {
	if have := m.value; have.Kind == types.Int && !isLiteral(have) {
		if m.fixedBy != "" {
			return true
		}
		if op == typed.Sub && !have.Signed {
			c.grow(&m.value, types.Int64())
		}
	}
	return c.learnValue(m, t, span)
}

// negate makes -x.
func negate(x typed.Expr) typed.Expr {
	if k, ok := x.(*typed.Const); ok {
		return &typed.Const{Base: k.Base, Value: -k.Value}
	}
	return &typed.Unary{Base: base(x.Pos(), x.Type()), Op: typed.Neg, X: x}
}

// assignField explains why fields are not assigned to.
func (c *checker) assignField(s *ast.Assign, target *ast.Field) []typed.Stmt {
	c.expr(s.Value)
	if x := c.field(target); isBad(x) {
		return nil
	}
	c.errorf(target.Span, "bad-target", "fields cannot be assigned to").
		WithHint("tracing reads the system's memory and does not change it")
	return nil
}

// isAggregation reports whether a call makes an aggregation of a map.
func isAggregation(name string) bool {
	f := stdlib.Lookup(name)
	return f != nil && f.Group == stdlib.Aggregation
}

// incDec types ++ and --.
func (c *checker) incDec(e *ast.IncDec) typed.Expr {
	delta := int64(1)
	if e.Op == "--" {
		delta = -1
	}
	switch target := e.X.(type) {
	case *ast.Var:
		v := c.cl.scope.find(target.Name)
		if v == nil {
			c.undefinedVar(target)
			return bad(e.Span)
		}
		return c.incDecVar(e, target, v, delta)
	case *ast.Map:
		return c.incDecMap(e, target, nil, delta)
	case *ast.Index:
		if m, ok := target.X.(*ast.Map); ok {
			return c.incDecMap(e, m, target, delta)
		}
	}
	c.expr(e.X)
	c.errorf(e.X.Pos(), "bad-target", "%s works on variables and maps only", e.Op)
	return bad(e.Span)
}

// stepType is what ++ or -- makes of the type of its operand: counting down
// gives negative numbers.
func stepType(t types.Type, delta int64) types.Type {
	if delta < 0 && (isBadType(t) || isFlexible(t)) {
		return types.Int64()
	}
	if isBadType(t) {
		return literalType(0, false)
	}
	if t.Kind == types.Pointer && t.Space == types.BTF {
		t.Space = types.Kernel // the verifier does not follow computed pointers
	}
	return t
}

func (c *checker) incDecVar(e *ast.IncDec, target *ast.Var, v *variable, delta int64) typed.Expr {
	t := v.state.t
	if !isBadType(t) && t.Kind != types.Int && t.Kind != types.Pointer {
		c.errorf(e.Span, "bad-operand", "%s does not work on %s", e.Op, describe(t))
		return bad(e.Span)
	}
	if !c.learnVar(v, target.Name, stepType(t, delta), e.Span) {
		return bad(e.Span)
	}
	t = v.typed.Type
	step, ok := c.stepSize(e, t, delta)
	if !ok {
		return bad(e.Span)
	}
	ref := &typed.VarRef{Base: base(target.Span, t), Var: v.typed}
	return &typed.IncDec{Base: base(e.Span, t), Target: ref, Delta: step, Prefix: e.Prefix}
}

func (c *checker) incDecMap(e *ast.IncDec, target *ast.Map, index *ast.Index, delta int64) typed.Expr {
	m := c.mapNamed(target.Name, target.Span)
	m.assigned = true
	key, ok := c.mapKey(m, target, index)
	if !ok {
		return bad(e.Span)
	}
	t := m.value
	switch t.Kind {
	case types.Invalid, types.Int, types.Pointer, types.Enum, types.Bool:
	default:
		d := c.errorf(e.Span, "map-value-type", "map %s is counted with %s here", m.title(), e.Op)
		c.relate(d, m, m.valueSpan, "it is "+describe(m.value)+" here")
		return bad(e.Span)
	}
	t = stepType(t, delta)
	if isNumber(t) && t.Kind != types.Int {
		t = types.Int64()
	}
	if !c.learnValue(m, t, e.Span) {
		return bad(e.Span)
	}
	t = m.valueType()
	step, ok := c.stepSize(e, t, delta)
	if !ok {
		return bad(e.Span)
	}
	at := target.Span
	if index != nil {
		at = index.Span
	}
	ref := &typed.MapRead{Base: base(at, t), Map: m.typed, Key: key}
	out := t
	if isFlexible(m.value) {
		out = asRead(m.value)
	}
	return &typed.IncDec{Base: base(e.Span, out), Target: ref, Delta: step, Prefix: e.Prefix}
}

// stepSize is by how much ++ or -- changes a value.
func (c *checker) stepSize(e *ast.IncDec, t types.Type, delta int64) (int64, bool) {
	if t.Kind != types.Pointer {
		return delta, true
	}
	elem, ok := c.complete(e.Span, *t.Elem)
	if !ok {
		return 0, false
	}
	return delta * int64(max(1, elem.Size)), true
}
