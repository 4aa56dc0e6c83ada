package typed

import (
	"fmt"

	"github.com/gotrace/gotrace/lang/types"
)

// Verify asserts what this package's comments promise of a program: that every
// node has a type, that operands have the types their operators work in, that
// what is stored has exactly the type of the place. An error is a mistake in
// the type checker, never in a script.
func Verify(p *Program) error {
	v := &verifier{maps: map[*Map]bool{}}
	for i, m := range p.Maps {
		v.maps[m] = true
		v.check(m.Index == i, "map @%s has index %d at %d", m.Name, m.Index, i)
		v.check(m.Value.Kind != types.Invalid && m.Value.Kind != types.Void, "map @%s has no value type", m.Name)
		v.check(m.Value.Kind != types.Int || m.Value.Size == 8, "values of map @%s are %s", m.Name, m.Value)
		if m.Key != nil {
			v.check(m.Key.Size > 0 && m.Key.Kind != types.Agg, "map @%s has key %s", m.Name, m.Key)
			v.clean(*m.Key)
		}
		v.clean(m.Value)
	}
	for i, cl := range p.Clauses {
		v.check(cl.Index == i, "clause has index %d at %d", cl.Index, i)
		v.clause(cl)
	}
	return v.err
}

type verifier struct {
	err  error
	maps map[*Map]bool
	vars map[*Var]bool
}

// check records the first assertion that does not hold.
func (v *verifier) check(ok bool, format string, args ...any) {
	if !ok && v.err == nil {
		v.err = fmt.Errorf("gotrace: internal error: typed program: "+format, args...)
	}
}

func (v *verifier) clause(cl *Clause) {
	v.check(len(cl.Points) > 0, "clause %d has no points", cl.Index)
	for _, pt := range cl.Points {
		v.check(pt.Context == cl.Context, "clause %d mixes contexts %s and %s", cl.Index, cl.Context, pt.Context)
	}
	v.vars = map[*Var]bool{}
	for i, x := range cl.Vars {
		v.vars[x] = true
		v.check(x.Index == i, "variable $%s has index %d at %d", x.Name, x.Index, i)
		v.check(x.Type.Kind != types.Void, "variable $%s is void", x.Name)
		v.clean(x.Type)
	}
	if cl.Pred != nil {
		v.check(cl.Pred.Type().Kind == types.Bool, "a predicate is %s", cl.Pred.Type())
		WalkExpr(cl.Pred, v.expr)
	}
	v.stmts(cl.Body)
}

// clean asserts that a type is finished: no mark of inference is left in it.
func (v *verifier) clean(t types.Type) {
	v.check(t.Kind != types.Invalid, "there is an invalid type")
	v.check(t.Kind != types.Int || len(t.Name) == 0 || t.Name[0] != '+' && t.Name[0] != '-', "type %s is not settled", t)
	for _, m := range t.Members {
		if t.Kind == types.Tuple {
			v.clean(m.Type)
		}
	}
}

func (v *verifier) stmts(list []Stmt) {
	for _, s := range list {
		v.stmt(s)
		for _, x := range Operands(s) {
			WalkExpr(x, v.expr)
		}
		for _, body := range Bodies(s) {
			v.stmts(body)
		}
	}
}

// same asserts that an expression has exactly a type.
func (v *verifier) same(x Expr, t types.Type, what string) {
	if x == nil {
		v.check(false, "%s is missing", what)
		return
	}
	v.check(x.Type().Equal(t), "%s at %v is %s, want %s", what, x.Pos(), x.Type(), t)
}

func (v *verifier) key(m *Map, key Expr) {
	v.check(v.maps[m], "map @%s is not in the program", m.Name)
	switch {
	case m.Key == nil:
		v.check(key == nil, "map @%s without keys is given one", m.Name)
	default:
		v.same(key, *m.Key, "key of @"+m.Name)
	}
}

func (v *verifier) stmt(s Stmt) {
	switch s := s.(type) {
	case *SetVar:
		v.variable(s.Var)
		v.same(s.Value, s.Var.Type, "value of $"+s.Var.Name)
	case *SetMap:
		v.key(s.Map, s.Key)
		v.check(s.Map.Value.Kind != types.Agg, "aggregation @%s is assigned a value", s.Map.Name)
		v.same(s.Value, s.Map.Value, "value of @"+s.Map.Name)
	case *AddMap:
		v.key(s.Map, s.Key)
		v.check(s.Map.Value.Kind == types.Int, "@%s of %s is added to", s.Map.Name, s.Map.Value)
		v.same(s.Delta, s.Map.Value, "addition to @"+s.Map.Name)
	case *Aggregate:
		v.aggregate(s)
	case *Store:
		v.check(s.Target.Type().Scalar(), "store of %s", s.Target.Type())
		v.same(s.Value, s.Target.Type(), "stored value")
	case *If:
		v.same(s.Cond, types.BoolType(), "condition")
	case *While:
		v.same(s.Cond, types.BoolType(), "condition")
	case *Unroll:
		v.check(s.Count > 0, "unroll of %d", s.Count)
	case *ForRange:
		v.variable(s.Var)
		v.check(s.Var.Type.Kind == types.Int && s.Var.Type.Size == 8, "loop variable is %s", s.Var.Type)
		v.same(s.Lo, s.Var.Type, "lower bound")
		v.same(s.Hi, s.Var.Type, "upper bound")
	case *ForMap:
		v.variable(s.Var)
		v.check(v.maps[s.Map] && s.Map.Key != nil, "loop over @%s", s.Map.Name)
		v.check(s.Var.Type.Kind == types.Tuple && len(s.Var.Type.Members) == 2, "loop variable is %s", s.Var.Type)
		v.check(s.Map.Iterated, "@%s is not marked as iterated", s.Map.Name)
	}
}

func (v *verifier) variable(x *Var) { v.check(v.vars[x], "variable $%s is not in its clause", x.Name) }

func (v *verifier) aggregate(s *Aggregate) {
	v.key(s.Map, s.Key)
	v.check(s.Map.Value.Kind == types.Agg, "@%s of %s is aggregated", s.Map.Name, s.Map.Value)
	want := 1
	if s.Map.Value.Agg == types.Count {
		want = 0
	}
	v.check(len(s.Args) == want, "%s has %d arguments", s.Map.Value.Agg, len(s.Args))
	for _, x := range s.Args {
		v.same(x, types.IntOf(8, s.Map.Value.Signed), "argument of "+string(s.Map.Value.Agg))
	}
}

// expr asserts the invariants of one node.
func (v *verifier) expr(x Expr) {
	t := x.Type()
	v.check(t.Kind != types.Invalid, "%T at %v has no type", x, x.Pos())
	v.clean(t)
	switch x := x.(type) {
	case *Const:
		v.constant(x)
	case *Str:
		v.check(t.Kind == types.String && t.Size > len(x.Value) || t.Kind == types.Array && t.Size == len(x.Value),
			"string of %d bytes is %s", len(x.Value), t)
	case *VarRef:
		v.variable(x.Var)
		v.same(x, x.Var.Type, "reading $"+x.Var.Name)
	case *MapRead:
		v.mapRead(x)
	case *MapRef:
		v.check(v.maps[x.Map], "map @%s is not in the program", x.Map.Name)
		if x.Key != nil {
			v.key(x.Map, x.Key)
		}
	case *Register:
		v.check(x.Register != "", "register without a name")
	case *BlockExpr:
		v.same(x.Result, t, "value of a block")
		v.stmtsOnly(x.Stmts)
	case *TupleExpr:
		v.check(len(x.Elems) == len(t.Members), "tuple of %d elements is %s", len(x.Elems), t)
		for i, e := range x.Elems {
			if i < len(t.Members) {
				v.same(e, t.Members[i].Type, "element of a tuple")
			}
		}
	case *IncDec:
		v.same(x.Target, t, "target of ++")
		v.check(x.Delta != 0, "++ by zero")
	default:
		v.operator(x)
	}
}

// stmtsOnly checks statements whose expressions WalkExpr visits by itself.
func (v *verifier) stmtsOnly(list []Stmt) {
	for _, s := range list {
		v.stmt(s)
		for _, body := range Bodies(s) {
			v.stmtsOnly(body)
		}
	}
}

func (v *verifier) constant(x *Const) {
	v.check(x.T.Scalar(), "constant is %s", x.T)
	if x.T.Kind == types.Int && x.T.Size < 8 {
		limit := int64(1) << (8 * x.T.Size)
		if x.T.Signed {
			v.check(x.Value >= -limit/2 && x.Value < limit/2, "constant %d is %s", x.Value, x.T)
		} else {
			v.check(x.Value >= 0 && x.Value < limit, "constant %d is %s", x.Value, x.T)
		}
	}
}

func (v *verifier) mapRead(x *MapRead) {
	v.key(x.Map, x.Key)
	if x.Map.Value.Kind != types.Agg {
		v.same(x, x.Map.Value, "reading @"+x.Map.Name)
		return
	}
	v.check(x.T.Kind == types.Int && x.T.Size == 8, "aggregation @%s is read as %s", x.Map.Name, x.T)
	v.check(x.Map.ReadInKernel, "@%s is not marked as read", x.Map.Name)
}

// operator asserts the types of operands.
func (v *verifier) operator(x Expr) {
	t := x.Type()
	switch x := x.(type) {
	case *Unary:
		v.same(x.X, t, "operand of "+string(x.Op))
		v.check((x.Op == Not) == (t.Kind == types.Bool), "operator %s of %s", x.Op, t)
	case *Binary:
		v.check(t.Kind == types.Int, "operator %s of %s", x.Op, t)
		v.same(x.X, t, "left operand of "+string(x.Op))
		if x.Op == Shl || x.Op == Shr {
			v.check(x.Y.Type().Kind == types.Int, "shift by %s", x.Y.Type())
			return
		}
		v.same(x.Y, t, "right operand of "+string(x.Op))
	case *PtrAdd:
		v.check(t.Kind == types.Pointer && t.Elem.Size > 0, "pointer arithmetic on %s", t)
		v.same(x.X, t, "pointer")
		v.check(x.Index.Type().Kind == types.Int && x.Index.Type().Size == 8, "index is %s", x.Index.Type())
	case *Compare:
		v.compare(x)
	case *Logical:
		v.same(x.X, types.BoolType(), "operand of "+string(x.Op))
		v.same(x.Y, types.BoolType(), "operand of "+string(x.Op))
	case *Ternary:
		v.same(x.Cond, types.BoolType(), "condition")
		v.same(x.Then, t, "branch")
		v.same(x.Else, t, "branch")
	case *Convert:
		v.check(Convertible(x.X.Type(), t), "conversion of %s to %s at %v", x.X.Type(), t, x.Span)
	case *Deref:
		p := x.X.Type()
		v.check(p.Kind == types.Pointer, "dereference of %s", p)
		v.check(p.Kind != types.Pointer || p.Space != types.NoSpace, "pointer %s has no address space", p)
		v.check(t.Kind != types.Record || !t.Incomplete, "%s is incomplete", t)
	case *Member:
		in := x.X.Type()
		v.check(in.Kind == types.Record || in.Kind == types.Tuple, "member of %s", in)
		v.check(x.Member.Offset+x.Member.Type.Size <= in.Size || in.Size == 0, "member %s at %d is outside %s", x.Member.Name, x.Member.Offset, in)
	case *Element:
		in := x.X.Type()
		v.check(in.Kind == types.Array || in.Kind == types.String, "element of %s", in)
		v.check(x.Index.Type().Kind == types.Int || x.Index.Type().Kind == types.Enum || x.Index.Type().Kind == types.Bool, "index is %s", x.Index.Type())
	case *AddressOf:
		v.check(t.Kind == types.Pointer && (t.Space == types.Stk || t.Space == types.MapMem), "address is %s", t)
	}
}

func (v *verifier) compare(x *Compare) {
	a, b := x.X.Type(), x.Y.Type()
	v.check(x.T.Kind == types.Bool, "comparison is %s", x.T)
	if a.Kind == types.String && b.Kind == types.String {
		v.check(x.Op == Eq || x.Op == Ne, "strings are compared by %s", x.Op)
		return
	}
	v.check(a.Equal(b), "comparison of %s with %s at %v", a, b, x.Span)
	v.check(a.Scalar() || x.Op == Eq || x.Op == Ne, "%s are compared by %s", a, x.Op)
}

// Convertible reports whether a Convert node may make the one type of the other.
func Convertible(from, to types.Type) bool {
	number := func(t types.Type) bool { return t.Scalar() }
	switch {
	case number(from) && number(to):
		return true
	case from.Kind == types.String && to.Kind == types.String:
		return true
	case from.Kind == types.Buffer && to.Kind == types.Buffer:
		return from.Len <= to.Len
	case from.Kind == types.Array && to.Kind == types.String:
		return from.Elem.Size == 1
	case to.Kind == types.Array:
		return from.Size == to.Size && (number(from) || from.Kind == types.Array || from.Kind == types.String)
	case from.Kind == types.Array:
		return from.Size == to.Size && number(to)
	case from.Kind == types.Tuple && to.Kind == types.Tuple && len(from.Members) == len(to.Members):
		for i := range from.Members {
			a, b := from.Members[i].Type, to.Members[i].Type
			if !a.Equal(b) && !Convertible(a, b) {
				return false
			}
		}
		return true
	}
	return false
}
