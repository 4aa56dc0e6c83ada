package ast

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is "kprobe:f /pid/ { $x = f(1) ?: 2; print($x); }".
func sample() *File {
	call := &Call{Name: "f", Args: []Expr{&Int{Text: "1", Value: 1}}}
	return &File{Items: []Item{&Probe{
		Points: []*AttachPoint{{Text: "kprobe:f"}},
		Pred:   &Ident{Name: "pid"},
		Body: &Block{Stmts: []Stmt{
			&Assign{Target: &Var{Name: "x"}, Op: "=", Value: &Ternary{Cond: call, Then: call, Else: &Int{Value: 2}}},
			&ExprStmt{X: &Call{Name: "print", Args: []Expr{&Var{Name: "x"}}}},
		}},
	}}}
}

func TestWalk(t *testing.T) {
	var got []string
	Walk(sample(), func(n Node) bool {
		got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."))
		_, skip := n.(*ExprStmt)
		return !skip
	})
	// The call is in the tree twice and is visited once.
	want := strings.Fields("File Probe AttachPoint Ident Block Assign Var Ternary Call Int Int ExprStmt")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrintNode(t *testing.T) {
	tests := []struct {
		n    Node
		want string
	}{
		{sample(), "kprobe:f\n/pid/ {\n\t$x = f(1) ?: 2;\n\tprint($x);\n}\n"},
		{sample().Items[0], "kprobe:f\n/pid/ {\n\t$x = f(1) ?: 2;\n\tprint($x);\n}"},
		{&Jump{Kind: "return"}, "return;"},
		{&Binary{Op: "*", X: &Binary{Op: "+", X: &Var{Name: "a"}, Y: &Var{Name: "b"}}, Y: &Param{}}, "($a + $b) * $#"},
		{&TypeExpr{Name: "struct foo", Suffixes: []TypeSuffix{{Pointer: true}, {Pointer: true}}}, "struct foo **"},
		{&String{Value: "a\"\\\n\x00\xff é"}, `"a\"\\\n\x00\xff é"`},
		{&Block{}, "{}"},
		{&AttachPoint{Label: "l", Text: "t:a:b"}, "l=t:a:b"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, PrintNode(tt.n)); diff != "" {
			t.Error(diff)
		}
	}
}
