package typed

import (
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
)

func num(t types.Type, v int64) *Const { return &Const{Base: Base{T: t}, Value: v} }

// program wraps statements in a clause.
func program(vars []*Var, maps []*Map, body ...Stmt) *Program {
	return &Program{Maps: maps, Clauses: []*Clause{{
		Context: point.Timer, Points: []point.Point{{Context: point.Timer}}, Vars: vars, Body: body,
	}}}
}

// TestVerify gives the verifier a program that is right and several that each
// break one promise.
func TestVerify(t *testing.T) {
	x := &Var{Name: "x", Type: types.Int64()}
	key := types.Uint32()
	m := &Map{Name: "m", Key: &key, Value: types.Uint64()}
	agg := &Map{Index: 1, Name: "a", Value: types.Type{Kind: types.Agg, Size: 8, Agg: types.Sum, Signed: true}}
	vars, maps := []*Var{x}, []*Map{m, agg}
	literal := types.Int64()
	literal.Name = "+literal"
	ref := &VarRef{Base: Base{T: types.Int64()}, Var: x}
	for _, test := range []struct {
		name, want string
		stmt       Stmt
	}{
		{"right", "", &SetVar{Var: x, Value: num(types.Int64(), 1)}},
		{"map", "", &SetMap{Map: m, Key: num(key, 1), Value: num(types.Uint64(), 1)}},
		{"aggregation", "", &Aggregate{Map: agg, Args: []Expr{ref}}},
		{"wrong value", "value of $x", &SetVar{Var: x, Value: num(types.Uint64(), 1)}},
		{"foreign variable", "not in its clause", &SetVar{Var: &Var{Type: types.Int64()}, Value: num(types.Int64(), 1)}},
		{"wrong key", "key of @m", &SetMap{Map: m, Key: num(types.Int64(), 1), Value: num(types.Uint64(), 1)}},
		{"no key", "is missing", &SetMap{Map: m, Value: num(types.Uint64(), 1)}},
		{"value of aggregation", "aggregation", &SetMap{Map: agg, Value: num(types.Int64(), 1)}},
		{"no argument", "0 arguments", &Aggregate{Map: agg}},
		{"condition", "condition", &If{Cond: ref}},
		{"operands", "right operand", &ExprStmt{X: &Binary{Base: Base{T: types.Int64()}, Op: Add, X: ref, Y: num(types.Int8(), 1)}}},
		{"comparison", "comparison", &ExprStmt{X: &Compare{Base: Base{T: types.BoolType()}, Op: Eq, X: ref, Y: num(types.Int8(), 1)}}},
		{"constant", "constant 300", &ExprStmt{X: num(types.Uint8(), 300)}},
		{"no type", "no type", &ExprStmt{X: &Zero{}}},
		{"literal", "not settled", &ExprStmt{X: num(literal, 1)}},
		{"conversion", "conversion", &ExprStmt{X: &Convert{Base: Base{T: types.StringOf(4)}, X: ref}}},
		{"read of aggregation", "is read as", &ExprStmt{X: &MapRead{Base: Base{T: types.StringOf(2)}, Map: agg}}},
		{"nested", "condition", &Unroll{Count: 1, Body: []Stmt{&While{Cond: ref}}}},
	} {
		err := Verify(program(vars, maps, test.stmt))
		switch {
		case err == nil && test.want != "":
			t.Errorf("%s: accepted", test.name)
		case err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}
