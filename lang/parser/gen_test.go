package parser

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// gen draws random trees of the shapes that the parser can make.
type gen struct {
	*rapid.T
}

func (g gen) pick(words ...string) string { return rapid.SampledFrom(words).Draw(g.T, "word") }

func (g gen) n(limit int) int { return rapid.IntRange(0, limit-1).Draw(g.T, "n") }

func (g gen) flip() bool { return rapid.Bool().Draw(g.T, "flip") }

func (g gen) exprs(depth, limit int) []ast.Expr {
	var xs []ast.Expr
	for range g.n(limit + 1) {
		xs = append(xs, g.expr(depth))
	}
	return xs
}

func (g gen) leaf() ast.Expr {
	switch g.n(9) {
	case 0:
		return &ast.Ident{Name: g.pick("pid", "comm", "foo", "arg0", "GREEN", "unroll_")}
	case 1:
		return &ast.Var{Name: g.pick("x", "y_1")}
	case 2:
		return &ast.Map{Name: g.pick("", "m")}
	case 3:
		return &ast.Param{Number: g.n(3)}
	case 4:
		return &ast.Bool{Value: g.flip()}
	case 5:
		return &ast.String{Value: rapid.String().Draw(g.T, "text")}
	case 6:
		return &ast.String{Value: string(rapid.SliceOf(rapid.Byte()).Draw(g.T, "bytes"))}
	case 7:
		return &ast.Int{Text: "0x1f", Value: 31}
	}
	return &ast.Int{Text: "5m", Value: 300e9}
}

func (g gen) expr(depth int) ast.Expr {
	if depth <= 0 {
		return g.leaf()
	}
	d := depth - 1
	switch g.n(18) {
	case 0:
		return &ast.Call{Name: g.pick("f", "print", "comptime_"), Args: g.exprs(d, 3)}
	case 1:
		return &ast.Unary{Op: g.pick("-", "!", "~", "*", "+"), X: g.expr(d)}
	case 2:
		return &ast.Unary{Op: "&", X: &ast.Var{Name: "x"}}
	case 3, 4, 5:
		op := g.pick("||", "&&", "|", "^", "&", "==", "!=", "<", ">", "<=", ">=", "<<", ">>", "+", "-", "*", "/", "%")
		return &ast.Binary{Op: op, X: g.expr(d), Y: g.expr(d)}
	case 6:
		return &ast.Ternary{Cond: g.expr(d), Then: g.expr(d), Else: g.expr(d)}
	case 7:
		x := g.expr(d)
		return &ast.Ternary{Cond: x, Then: x, Else: g.expr(d)}
	case 8:
		return &ast.Cast{Type: g.typ(d), X: g.expr(d)}
	case 9:
		return &ast.Field{X: g.expr(d), Name: g.pick("a", "if", "struct"), Arrow: g.flip()}
	case 10:
		return &ast.Element{X: g.expr(d), Number: g.n(10)}
	case 11:
		if g.flip() {
			return &ast.Index{X: &ast.Map{Name: "m"}, Args: append(g.exprs(d, 2), g.expr(d))}
		}
		return &ast.Index{X: g.notMap(d), Args: []ast.Expr{g.expr(d)}}
	case 12:
		return &ast.Tuple{Elems: g.exprs(d, 3)}
	case 13:
		return &ast.Record{Fields: []ast.RecordField{{Name: "a", Value: g.expr(d)}, {Name: "b", Value: g.expr(d)}}}
	case 14:
		return &ast.BlockExpr{Block: g.valueBlock(d)}
	case 15:
		return &ast.IncDec{Op: g.pick("++", "--"), Prefix: g.flip(), X: &ast.Var{Name: "x"}}
	}
	return g.special(d)
}

// special draws the operands that contain types.
func (g gen) special(d int) ast.Expr {
	switch g.n(4) {
	case 0:
		return &ast.Sizeof{Type: g.typ(d)}
	case 1:
		return &ast.Sizeof{X: g.expr(d)}
	case 2:
		return &ast.Offsetof{Type: g.typ(d), Path: []string{"a", "b"}}
	}
	return &ast.Call{Name: "comptime", Args: []ast.Expr{g.expr(d)}}
}

func (g gen) notMap(d int) ast.Expr {
	x := g.expr(d)
	if _, ok := x.(*ast.Map); ok {
		return &ast.Ident{Name: "pid"}
	}
	return x
}

func (g gen) typ(d int) *ast.TypeExpr {
	t := &ast.TypeExpr{Name: g.pick("uint32", "struct foo", "enum e", "unsigned long", "name")}
	if d > 0 && g.n(4) == 0 {
		t.Name, t.Typeof = "typeof", g.expr(d)
		if _, ok := t.Typeof.(*ast.Ident); ok {
			t.Typeof = &ast.TypeExpr{Name: "name"}
		}
	}
	for range g.n(3) {
		s := ast.TypeSuffix{Pointer: g.flip()}
		if !s.Pointer && g.flip() {
			s.Len = &ast.Int{Text: "4", Value: 4}
		}
		t.Suffixes = append(t.Suffixes, s)
	}
	return t
}

func (g gen) valueBlock(d int) *ast.Block {
	return &ast.Block{Stmts: g.stmts(d), Result: g.expr(d)}
}

func (g gen) body(d int) *ast.Block { return &ast.Block{Stmts: g.stmts(d)} }

func (g gen) stmts(d int) []ast.Stmt {
	var out []ast.Stmt
	for range g.n(3) {
		out = append(out, g.stmt(d))
	}
	return out
}

func (g gen) stmt(d int) ast.Stmt {
	switch g.n(10) {
	case 0:
		return &ast.ExprStmt{X: g.expr(d)}
	case 1:
		op := g.pick("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")
		return &ast.Assign{Target: &ast.Map{Name: "m"}, Op: op, Value: g.expr(d)}
	case 2:
		return &ast.Assign{Target: &ast.Discard{}, Op: "=", Value: g.expr(d)}
	case 3:
		return &ast.Let{Var: &ast.Var{Name: "x"}, Type: g.typ(d), Value: g.expr(d)}
	case 4:
		return g.ifStmt(d)
	case 5:
		return &ast.While{Cond: g.expr(d), Body: g.body(d - 1)}
	case 6:
		return &ast.Unroll{Count: g.expr(d), Body: g.body(d - 1)}
	case 7:
		return &ast.ForMap{Var: &ast.Var{Name: "kv"}, Over: g.expr(d), Body: g.body(d - 1)}
	case 8:
		return &ast.ForRange{Var: &ast.Var{Name: "i"}, Lo: g.expr(d), Hi: g.expr(d), Body: g.body(d - 1)}
	}
	if g.flip() {
		return &ast.Jump{Kind: g.pick("break", "continue", "return")}
	}
	return &ast.Jump{Kind: "return", Value: g.expr(d)}
}

func (g gen) ifStmt(d int) ast.Stmt {
	s := &ast.If{Cond: g.expr(d), Then: g.body(d - 1)}
	switch g.n(3) {
	case 0:
		s.Else = g.body(d - 1)
	case 1:
		if d > 0 {
			s.Else = g.ifStmt(d - 1)
		}
	}
	return s
}

// TestPrintParse prints random trees and expects to parse the same ones back.
func TestPrintParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := gen{t}
		point := &ast.AttachPoint{Text: "kprobe:f", Parts: []ast.Part{{Text: "kprobe"}, {Text: "f"}}}
		probe := &ast.Probe{Points: []*ast.AttachPoint{point}, Body: g.body(3)}
		if g.flip() {
			probe.Pred = g.expr(3)
		}
		macro := &ast.Macro{Name: "m", HasParens: true, Body: g.body(2)}
		if g.flip() {
			macro.Body.Result = g.expr(2)
		}
		file := &ast.File{Items: []ast.Item{macro, probe}}
		out := ast.Print(file, nil)
		var set source.Set
		id := set.Add("x.bt", out)
		again, list := Parse(&set, id)
		if list.HasErrors() {
			t.Fatalf("%s\n%s", out, render(&set, list))
		}
		if a, b := ast.Dump(file), ast.Dump(again); a != b {
			t.Fatalf("%s\nis not this tree:\n%s\nbut this:\n%s", out, a, b)
		}
		if second := ast.Print(again, set.File(id)); second != out {
			t.Fatalf("prints as\n%s\nand then as\n%s", out, second)
		}
	})
}
