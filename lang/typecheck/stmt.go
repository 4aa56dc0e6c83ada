package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// stmts checks statements in order.
func (c *checker) stmts(list []ast.Stmt) []typed.Stmt {
	var out []typed.Stmt
	for _, s := range list {
		out = append(out, c.stmt(s)...)
	}
	return out
}

// stmt checks one statement, which may become several.
func (c *checker) stmt(s ast.Stmt) []typed.Stmt {
	switch s := s.(type) {
	case *ast.Block:
		return c.block(s)
	case *ast.ExprStmt:
		return c.exprStmt(s)
	case *ast.Assign:
		return c.assign(s)
	case *ast.Let:
		return c.let(s)
	case *ast.If:
		return c.ifStmt(s)
	case *ast.While:
		return c.while(s)
	case *ast.Unroll:
		return c.unroll(s)
	case *ast.ForMap:
		return c.forMap(s)
	case *ast.ForRange:
		return c.forRange(s)
	case *ast.Jump:
		return c.jump(s)
	}
	c.unsupported(s.Pos(), "this statement", "")
	return nil
}

// block checks a block with a scope of its own.
func (c *checker) block(b *ast.Block) []typed.Stmt {
	if b == nil {
		return nil
	}
	c.push()
	defer c.pop()
	out := c.stmts(b.Stmts)
	if b.Result != nil {
		out = append(out, c.exprStmt(&ast.ExprStmt{Span: b.Result.Pos(), X: b.Result})...)
	}
	return out
}

// exprStmt checks an expression that stands for its effect.
func (c *checker) exprStmt(s *ast.ExprStmt) []typed.Stmt {
	if b, ok := s.X.(*ast.BlockExpr); ok && b.Block.Result == nil {
		return c.block(b.Block)
	}
	if call, ok := s.X.(*ast.Call); ok {
		if out, done := c.callStmt(call); done {
			return out
		}
	}
	x := c.expr(s.X)
	if isBad(x) {
		return nil
	}
	if discards(s.X, x) {
		c.warnf(s.Span, "discarded", "the value of this expression is not used").
			WithHint("write _ = ... if that is meant")
	}
	x = c.settled(x)
	if z, ok := x.(*typed.Zero); ok && z.T.Kind == types.Void {
		return nil
	}
	return []typed.Stmt{&typed.ExprStmt{Span: s.Span, X: x}}
}

// discards reports whether a value that somebody may have wanted is dropped.
func discards(e ast.Expr, x typed.Expr) bool {
	if x.Type().Kind == types.Void {
		return false
	}
	switch e := e.(type) {
	case *ast.IncDec:
		return false
	case *ast.BlockExpr:
		return e.Block.Result != nil && discards(e.Block.Result, x)
	case *ast.Call:
		return e.Name != "delete"
	}
	return true
}

func (c *checker) let(s *ast.Let) []typed.Stmt {
	name := s.Var.Name
	if old := c.cl.scope.find(name); old != nil {
		c.errorf(s.Var.Span, "duplicate", "variable $%s is declared twice", name).
			WithRelated(old.typed.Span, "it is declared here").
			WithHint("one name cannot hide another; choose a new one")
		return nil
	}
	var value typed.Expr
	if s.Value != nil {
		value = c.storable(s.Value, "assigned")
	}
	v := c.declare(name, s, 0, s.Var.Span)
	if s.Type != nil {
		c.declareType(v, s)
	}
	if s.Value == nil {
		t := settle(v.state.t)
		if isBadType(t) {
			return nil
		}
		v.typed.Type = t
		return []typed.Stmt{&typed.SetVar{Span: s.Span, Var: v.typed, Value: &typed.Zero{Base: base(s.Span, t)}}}
	}
	return c.setVar(v, name, value, s.Span)
}

// declareType fixes the type of a declared variable. A string or buffer without
// a size takes that of what is assigned.
func (c *checker) declareType(v *variable, s *ast.Let) {
	t, ok := c.typeOf(s.Type)
	if !ok {
		return
	}
	if t.Kind == types.Pointer && t.Space == types.NoSpace {
		t.Space = c.cl.typed.Space
	}
	unsized := (t.Kind == types.String || t.Kind == types.Buffer) && len(s.Type.Suffixes) == 0 && s.Type.Typeof == nil
	switch {
	case t.Kind == types.Void, t.Kind == types.Record && t.Incomplete:
		c.errorf(s.Type.Span, "bad-type", "a variable cannot be of type %s", t)
	case unsized && t.Kind == types.Buffer:
		return
	case unsized:
		if isBadType(v.state.t) {
			v.state.t, v.state.span = t, s.Type.Span
			c.changed = true
		}
	case !v.state.fixed || !v.state.t.Equal(t):
		v.state.t, v.state.fixed, v.state.span = t, true, s.Type.Span
		c.changed = true
	}
	v.typed.Type = settle(v.state.t)
}

// setVar assigns a checked value to a variable.
func (c *checker) setVar(v *variable, name string, x typed.Expr, span source.Span) []typed.Stmt {
	v.assigned = true
	if isBad(x) || !c.learnVar(v, name, x.Type(), x.Pos()) {
		return nil
	}
	y, ok := c.coerce(x, v.typed.Type)
	if !ok {
		d := c.errorf(x.Pos(), "variable-type", "$%s is %s, but this is %s", name, describeWant(v.typed.Type), describeWant(x.Type()))
		d.WithRelated(v.state.span, "its type is settled here")
		return nil
	}
	return []typed.Stmt{&typed.SetVar{Span: span, Var: v.typed, Value: y}}
}

func (c *checker) ifStmt(s *ast.If) []typed.Stmt {
	cond := c.condition(s.Cond)
	if k, ok := cond.(*typed.Const); ok { // a branch that cannot run is not looked at
		if k.Value != 0 {
			return c.block(s.Then)
		}
		if s.Else == nil {
			return nil
		}
		return c.stmt(s.Else)
	}
	out := &typed.If{Span: s.Span, Cond: cond, Then: c.block(s.Then)}
	if s.Else != nil {
		out.Else = c.stmt(s.Else)
	}
	if isBad(cond) {
		return nil
	}
	return []typed.Stmt{out}
}

func (c *checker) jump(s *ast.Jump) []typed.Stmt {
	switch s.Kind {
	case "break", "continue":
		if c.cl.loops == 0 {
			c.errorf(s.Span, "outside-loop", "%s outside of a loop", s.Kind)
			return nil
		}
		if s.Kind == "break" {
			return []typed.Stmt{&typed.Break{Span: s.Span}}
		}
		return []typed.Stmt{&typed.Continue{Span: s.Span}}
	}
	if s.Value != nil && c.cl.verdict() {
		return c.verdict(s)
	}
	if s.Value != nil {
		x := c.expr(s.Value)
		if !isBad(x) {
			c.warnf(s.Value.Pos(), "discarded", "the value of return is not used").
				WithHint("write return;")
		}
	}
	return []typed.Stmt{&typed.Return{Span: s.Span}}
}
