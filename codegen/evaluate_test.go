package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// value is an integer, a bool or a string of the evaluator. A tuple, a record or
// an array is a string of the bytes that it has in memory; see encode.
type value struct {
	n int64
	s string
}

// evaluator runs typed statements directly: what the compiled code must agree
// with. It knows integers, strings, variables and maps without keys or with one.
type evaluator struct {
	vars map[*typed.Var]value
	maps map[string]value
	keys map[string]value // of the elements of maps
}

func newEvaluator() *evaluator {
	return &evaluator{
		vars: map[*typed.Var]value{}, maps: map[string]value{}, keys: map[string]value{},
	}
}

// flow is how a list of statements ended.
type flow int

const (
	onward flow = iota
	breaks
	continues
	returns
)

func (e *evaluator) stmts(list []typed.Stmt) flow {
	for _, s := range list {
		if f := e.stmt(s); f != onward {
			return f
		}
	}
	return onward
}

func (e *evaluator) stmt(s typed.Stmt) flow {
	switch s := s.(type) {
	case *typed.ExprStmt:
		if s.X.Type().Kind != types.Void {
			e.expr(s.X)
		}
	case *typed.SetVar:
		e.vars[s.Var] = e.expr(s.Value)
	case *typed.SetMap:
		v := e.expr(s.Value)
		e.maps[e.element(s.Map, s.Key)] = v
	case *typed.AddMap:
		delta := e.expr(s.Delta)
		e.add(s.Map, s.Key, delta.n)
	case *typed.If:
		if e.expr(s.Cond).n != 0 {
			return e.stmts(s.Then)
		}
		return e.stmts(s.Else)
	case *typed.Unroll:
		for range s.Count {
			if f := e.stmts(s.Body); f != onward {
				return f
			}
		}
	case *typed.While:
		for e.expr(s.Cond).n != 0 {
			if f := e.stmts(s.Body); f == breaks {
				break
			} else if f == returns {
				return f
			}
		}
	case *typed.ForRange:
		hi := e.expr(s.Hi).n
		for i := e.expr(s.Lo).n; i < hi; i++ {
			e.vars[s.Var] = value{n: i}
			if f := e.stmts(s.Body); f == breaks {
				break
			} else if f == returns {
				return f
			}
		}
	case *typed.ForMap:
		return e.forMap(s)
	case *typed.Break:
		return breaks
	case *typed.Continue:
		return continues
	case *typed.Return:
		return returns
	default:
		panic(fmt.Sprintf("evaluator: %T", s))
	}
	return onward
}

// element names a map's element.
func (e *evaluator) element(m *typed.Map, key typed.Expr) string {
	if key == nil {
		return m.Name
	}
	k := e.expr(key)
	name := fmt.Sprintf("%s[%d,%q]", m.Name, k.n, k.s)
	e.keys[name] = k
	return name
}

// forMap walks the elements in the order of their names; bodies are such that
// the order does not matter.
func (e *evaluator) forMap(s *typed.ForMap) flow {
	var names []string
	for name := range e.maps {
		if strings.HasPrefix(name, s.Map.Name+"[") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		e.vars[s.Var] = tupleValue(s.Var.Type, e.keys[name], e.maps[name])
		if f := e.stmts(s.Body); f == breaks {
			break
		} else if f == returns {
			return f
		}
	}
	return onward
}

func (e *evaluator) add(m *typed.Map, key typed.Expr, delta int64) (before int64) {
	name := e.element(m, key)
	old := e.maps[name]
	e.maps[name] = value{n: fitInt(old.n+delta, m.Value)}
	return old.n
}

// fitInt cuts a number to a type.
func fitInt(n int64, t types.Type) int64 {
	switch {
	case t.Kind == types.Bool && n != 0:
		return 1
	case t.Size >= 8 || t.Size == 0:
		return n
	case t.Signed:
		shift := 64 - 8*t.Size
		return n << shift >> shift
	}
	return n & (1<<(8*t.Size) - 1)
}

func (e *evaluator) expr(x typed.Expr) value {
	switch x := x.(type) {
	case *typed.Const:
		return value{n: x.Value}
	case *typed.Str:
		return value{s: x.Value}
	case *typed.Zero:
		return decode(make([]byte, x.T.Size), x.T)
	case *typed.VarRef:
		return e.vars[x.Var]
	case *typed.MapRead:
		v, ok := e.maps[e.element(x.Map, x.Key)]
		if !ok {
			return decode(make([]byte, x.T.Size), x.T)
		}
		return value{n: fitInt(v.n, x.T), s: v.s}
	case *typed.Unary:
		return value{n: e.unary(x)}
	case *typed.Binary:
		a := e.expr(x.X).n
		return value{n: fitInt(arithmetic(x.Op, a, e.expr(x.Y).n, x.T), x.T)}
	case *typed.Compare:
		return value{n: e.compare(x)}
	case *typed.Logical:
		left := e.expr(x.X).n != 0
		if left == (x.Op == typed.LogOr) {
			return value{n: truth(left)}
		}
		return e.expr(x.Y)
	case *typed.Ternary:
		if e.expr(x.Cond).n != 0 {
			return e.expr(x.Then)
		}
		return e.expr(x.Else)
	case *typed.Convert:
		return e.convert(x)
	case *typed.Member, *typed.Element, *typed.TupleExpr, *typed.Deref, *typed.AddressOf:
		return e.memory(x)
	case *typed.IncDec:
		return value{n: e.incDec(x)}
	case *typed.BlockExpr:
		e.stmts(x.Stmts)
		return e.expr(x.Result)
	case *typed.Call:
		return e.call(x)
	}
	panic(fmt.Sprintf("evaluator: %T", x))
}

func (e *evaluator) unary(x *typed.Unary) int64 {
	n := e.expr(x.X).n
	switch x.Op {
	case typed.Neg:
		return fitInt(-n, x.T)
	case typed.BitNot:
		return fitInt(^n, x.T)
	}
	return truth(n == 0)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func arithmetic(op typed.Op, a, b int64, t types.Type) int64 {
	switch op {
	case typed.Add:
		return a + b
	case typed.Sub:
		return a - b
	case typed.Mul:
		return a * b
	case typed.And:
		return a & b
	case typed.Or:
		return a | b
	case typed.Xor:
		return a ^ b
	case typed.Shl:
		return a << (uint64(b) & 63)
	case typed.Shr:
		return int64(uint64(a) >> (uint64(b) & 63))
	case typed.Div, typed.Mod:
		return quotient(op, a, b, t)
	}
	panic("evaluator: " + string(op))
}

func quotient(op typed.Op, a, b int64, t types.Type) int64 {
	switch {
	case b == 0:
		return 1
	case !t.Signed && op == typed.Div:
		return int64(uint64(a) / uint64(b))
	case !t.Signed:
		return int64(uint64(a) % uint64(b))
	case b == -1 && op == typed.Div:
		return -a
	case b == -1:
		return 0
	case op == typed.Div:
		return a / b
	}
	return a % b
}

func (e *evaluator) compare(x *typed.Compare) int64 {
	a, b := e.expr(x.X), e.expr(x.Y)
	if x.X.Type().Kind == types.String {
		s, t := a.s, b.s
		if x.N > 0 {
			s, t = s[:min(len(s), x.N)], t[:min(len(t), x.N)]
		}
		return truth((s == t) == (x.Op == typed.Eq))
	}
	if !x.X.Type().Scalar() {
		return truth((a.s == b.s) == (x.Op == typed.Eq))
	}
	order := 0
	switch t := x.X.Type(); {
	case a.n == b.n:
	case t.Signed && a.n < b.n, !t.Signed && uint64(a.n) < uint64(b.n):
		order = -1
	default:
		order = 1
	}
	switch x.Op {
	case typed.Eq:
		return truth(order == 0)
	case typed.Ne:
		return truth(order != 0)
	case typed.Lt:
		return truth(order < 0)
	case typed.Le:
		return truth(order <= 0)
	case typed.Gt:
		return truth(order > 0)
	}
	return truth(order >= 0)
}

func (e *evaluator) convert(x *typed.Convert) value {
	v := e.expr(x.X)
	from := x.X.Type()
	if !from.Scalar() && from.Kind != types.String || !x.T.Scalar() && x.T.Kind != types.String {
		return convertMemory(v, from, x.T)
	}
	switch {
	case x.T.Kind == types.String:
		v.s = v.s[:min(len(v.s), x.T.Size-1)]
		return v
	case x.T.Kind == types.Bool && from.Kind == types.String:
		return value{n: truth(v.s != "")}
	case x.T.Kind == types.Bool:
		return value{n: truth(v.n != 0)}
	}
	return value{n: fitInt(v.n, x.T)}
}

func (e *evaluator) incDec(x *typed.IncDec) int64 {
	var before int64
	t := x.Target.Type()
	switch target := x.Target.(type) {
	case *typed.VarRef:
		before = e.vars[target.Var].n
		e.vars[target.Var] = value{n: fitInt(before+x.Delta, t)}
	case *typed.MapRead:
		before = e.add(target.Map, target.Key, x.Delta)
	}
	if x.Prefix {
		return fitInt(before+x.Delta, t)
	}
	return fitInt(before, t)
}

func (e *evaluator) call(x *typed.Call) value {
	switch x.Name {
	case "strlen":
		return value{n: int64(len(e.expr(x.Args[0]).s))}
	case "strcontains":
		return value{n: truth(strings.Contains(e.expr(x.Args[0]).s, e.expr(x.Args[1]).s))}
	case "strstr":
		return value{n: int64(strings.Index(e.expr(x.Args[0]).s, e.expr(x.Args[1]).s))}
	case "str_concat":
		s := e.expr(x.Args[0]).s + e.expr(x.Args[1]).s
		return value{s: s[:min(len(s), x.T.Size-1)]}
	case "bswap":
		n, out := uint64(e.expr(x.Args[0]).n), uint64(0)
		for range x.T.Size {
			out, n = out<<8|n&0xff, n>>8
		}
		return value{n: int64(out)}
	case "has_key":
		ref := x.Args[0].(*typed.MapRef)
		_, ok := e.maps[e.element(ref.Map, ref.Key)]
		return value{n: truth(ok)}
	case "delete":
		ref := x.Args[0].(*typed.MapRef)
		name := e.element(ref.Map, ref.Key)
		_, ok := e.maps[name]
		delete(e.maps, name)
		return value{n: truth(ok)}
	}
	panic("evaluator: " + x.Name + "()")
}
