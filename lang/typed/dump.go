package typed

import (
	"fmt"
	"io"
	"strings"

	"github.com/gotrace/gotrace/lang/types"
)

// Dump writes a program as text for people: every map with its types, every
// clause with its points, variables and statements. Expressions are written
// like source, with a conversion as "type(x)" and the type of each statement's
// value after a colon. The text depends on nothing but the program.
func Dump(w io.Writer, p *Program) error {
	d := &dumper{}
	for _, m := range p.Maps {
		d.mapLine(m)
	}
	for _, cl := range p.Clauses {
		d.clause(cl)
	}
	_, err := io.WriteString(w, d.b.String())
	return err
}

type dumper struct {
	b     strings.Builder
	depth int
}

func (d *dumper) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

func (d *dumper) mapLine(m *Map) {
	var b strings.Builder
	fmt.Fprintf(&b, "map @%s", m.Name)
	if m.Key != nil {
		fmt.Fprintf(&b, "[%s]", typeName(*m.Key))
	}
	fmt.Fprintf(&b, ": %s", typeName(m.Value))
	if m.Kind != AutoMap {
		fmt.Fprintf(&b, " %s(%d)", m.Kind, m.MaxEntries)
	}
	for _, flag := range []struct {
		on   bool
		name string
	}{{m.ReadInKernel, "read"}, {m.Iterated, "iterated"}, {m.Deleted, "deleted"}, {m.AddressTaken, "addressed"}} {
		if flag.on {
			b.WriteString(" " + flag.name)
		}
	}
	d.line("%s", b.String())
}

// maxPoints is how many points of a clause are named.
const maxPoints = 3

func (d *dumper) clause(cl *Clause) {
	var names []string
	for i, pt := range cl.Points {
		if i == maxPoints {
			names = append(names, fmt.Sprintf("and %d more", len(cl.Points)-i))
			break
		}
		names = append(names, pt.Name)
	}
	d.line("clause %d %s space=%s: %s", cl.Index, cl.Context, cl.Space, strings.Join(names, ", "))
	d.depth++
	for _, v := range cl.Vars {
		flag := ""
		if v.AddressTaken {
			flag = " addressed"
		}
		d.line("var %s: %s%s", varName(v), typeName(v.Type), flag)
	}
	if cl.Pred != nil {
		d.line("if not %s: return", text(cl.Pred))
	}
	d.stmts(cl.Body)
	d.depth--
}

func (d *dumper) stmts(list []Stmt) {
	for _, s := range list {
		d.stmt(s)
	}
}

func (d *dumper) body(list []Stmt) {
	d.depth++
	d.stmts(list)
	d.depth--
}

func (d *dumper) stmt(s Stmt) {
	switch s := s.(type) {
	case *ExprStmt:
		if s.X.Type().Kind == types.Void {
			d.line("%s", text(s.X))
			return
		}
		d.line("_ = %s: %s", text(s.X), typeName(s.X.Type()))
	case *SetVar:
		d.line("%s = %s: %s", varName(s.Var), text(s.Value), typeName(s.Value.Type()))
	case *SetMap:
		d.line("%s = %s: %s", element(s.Map, s.Key), text(s.Value), typeName(s.Value.Type()))
	case *AddMap:
		d.line("%s += %s: %s", element(s.Map, s.Key), text(s.Delta), typeName(s.Delta.Type()))
	case *Aggregate:
		d.line("%s <- %s(%s)", element(s.Map, s.Key), s.Map.Value.Agg, texts(s.Args))
	case *Store:
		d.line("%s := %s: %s", text(s.Target), text(s.Value), typeName(s.Value.Type()))
	case *If:
		d.line("if %s", text(s.Cond))
		d.body(s.Then)
		if len(s.Else) > 0 {
			d.line("else")
			d.body(s.Else)
		}
	case *While:
		d.line("while %s", text(s.Cond))
		d.body(s.Body)
	case *Unroll:
		d.line("unroll %d", s.Count)
		d.body(s.Body)
	case *ForRange:
		d.line("for %s in %s..%s", varName(s.Var), text(s.Lo), text(s.Hi))
		d.body(s.Body)
	case *ForMap:
		d.line("for %s in @%s", varName(s.Var), s.Map.Name)
		d.body(s.Body)
	case *Break:
		d.line("break")
	case *Continue:
		d.line("continue")
	case *Return:
		if s.Value != nil {
			d.line("return %s", text(s.Value))
			return
		}
		d.line("return")
	}
}

func varName(v *Var) string {
	name := v.Name
	if name == "" {
		name = "tmp"
	}
	return fmt.Sprintf("$%s.%d", name, v.Index)
}

func element(m *Map, key Expr) string {
	if key == nil {
		return "@" + m.Name
	}
	return fmt.Sprintf("@%s[%s]", m.Name, text(key))
}

func texts(xs []Expr) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = text(x)
	}
	return strings.Join(parts, ", ")
}

// typeName is a type with what its own name leaves out.
func typeName(t types.Type) string {
	switch t.Kind {
	case types.Pointer:
		if t.Space == types.NoSpace {
			return t.String()
		}
		return fmt.Sprintf("%s %s", t.Space, t)
	case types.Stack:
		return fmt.Sprintf("%s(%s, %d)", t, t.Mode, t.Depth)
	case types.Agg:
		switch {
		case t.Agg == types.Count:
			return "count()"
		case t.Agg == types.Hist:
			return fmt.Sprintf("hist(%d)", t.Bits)
		case t.Agg == types.LHist:
			return fmt.Sprintf("lhist(%d, %d, %d)", t.Min, t.Max, t.Step)
		case t.Agg == types.TSeries:
			return fmt.Sprintf("tseries(%s, %d, %d, %q)", types.IntOf(8, t.Signed), t.Step, t.Len, t.By)
		}
		return fmt.Sprintf("%s(%s)", t.Agg, types.IntOf(8, t.Signed))
	}
	return t.String()
}
