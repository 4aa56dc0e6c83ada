package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// varKey names a variable across rounds: the clause and the syntax node that
// first mentions it. Variables that the checker makes use n.
type varKey struct {
	clause int
	node   ast.Node
	n      int
}

// varState is what is known of a variable's type.
type varState struct {
	t     types.Type
	span  source.Span
	fixed bool // declared with a type
}

// variable is a variable in scope.
type variable struct {
	typed    *typed.Var
	state    *varState
	assigned bool
}

// scope is the variables of one block.
type scope struct {
	parent *scope
	vars   map[string]*variable
}

func (c *checker) push() { c.cl.scope = &scope{parent: c.cl.scope, vars: map[string]*variable{}} }
func (c *checker) pop()  { c.cl.scope = c.cl.scope.parent }

// find returns the variable of a name, or nil.
func (s *scope) find(name string) *variable {
	for ; s != nil; s = s.parent {
		if v := s.vars[name]; v != nil {
			return v
		}
	}
	return nil
}

// names returns all names in scope.
func (s *scope) names() []string {
	var out []string
	for ; s != nil; s = s.parent {
		for name := range s.vars {
			out = append(out, name)
		}
	}
	return out
}

// declare makes a variable in the innermost scope. The node is what the
// variable is remembered by from round to round.
func (c *checker) declare(name string, node ast.Node, n int, span source.Span) *variable {
	key := varKey{clause: c.cl.typed.Index, node: node, n: n}
	state := c.vars[key]
	if state == nil {
		state = &varState{span: span}
		c.vars[key] = state
		c.changed = true
	}
	v := &variable{state: state}
	v.typed = &typed.Var{Index: len(c.cl.typed.Vars), Name: name, Type: settle(state.t), Span: span}
	c.cl.typed.Vars = append(c.cl.typed.Vars, v.typed)
	c.cl.scope.vars[name] = v
	return v
}

// learnVar joins the type of an assigned value into a variable's.
func (c *checker) learnVar(v *variable, name string, t types.Type, span source.Span) bool {
	s := v.state
	if t.Kind == types.Record || t.Kind == types.Array {
		t = stored(t) // a copy is not what the verifier trusted
	}
	switch {
	case isBadType(t), s.fixed:
		return true
	case isBadType(s.t):
		s.t, s.span = t, span
		c.changed = true
		v.typed.Type = settle(t)
		return true
	}
	next, how := join(s.t, t)
	if how == conflict {
		c.errorf(span, "variable-type", "$%s is %s here", name, describe(t)).
			WithRelated(s.span, "it is %s here", describe(s.t))
		return false
	}
	if how == mixed && s.span != span {
		c.warnMixed(span, "$"+name, s.span)
	}
	c.grow(&s.t, next)
	v.typed.Type = settle(s.t)
	return true
}

// temp stores a value in a fresh variable, so that it can be used twice.
func (c *checker) temp(x typed.Expr, at ast.Node) (*typed.Var, typed.Stmt) {
	v := &typed.Var{Index: len(c.cl.typed.Vars), Name: "", Type: settle(x.Type()), Span: at.Pos()}
	c.cl.typed.Vars = append(c.cl.typed.Vars, v)
	return v, &typed.SetVar{Span: at.Pos(), Var: v, Value: c.settled(x)}
}

// variable reads a variable.
func (c *checker) variable(e *ast.Var) typed.Expr {
	v := c.cl.scope.find(e.Name)
	if v == nil {
		c.undefinedVar(e)
		return bad(e.Span)
	}
	if !v.assigned && c.quiet == 0 {
		c.warnf(e.Span, "unassigned", "$%s is used before anything is assigned to it; it is zero", e.Name)
	}
	return &typed.VarRef{Base: base(e.Span, asRead(v.state.t)), Var: v.typed}
}

func (c *checker) undefinedVar(e *ast.Var) {
	d := c.errorf(e.Span, "undefined-variable", "undefined variable $%s", e.Name)
	d.Hint = suggest.Hint("$", e.Name, c.cl.scope.names())
	if d.Hint == "" {
		d.Hint = "assign to it first, in the same block or an outer one"
	}
}

// base makes the common part of a typed expression.
func base(span source.Span, t types.Type) typed.Base { return typed.Base{Span: span, T: t} }

// bad is the value of an expression that is wrong: whatever is made of it is
// silently wrong too.
func bad(span source.Span) typed.Expr { return &typed.Zero{Base: base(span, types.Type{})} }

func isBad(x typed.Expr) bool { return isBadType(x.Type()) }
