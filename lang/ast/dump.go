package ast

import (
	"fmt"
	"strings"
)

// Dump writes a tree as indented text, one node a line with the fields that
// matter and without places. Equal dumps mean equal scripts.
func Dump(n Node) string {
	var b strings.Builder
	dump(&b, n, 0)
	return b.String()
}

func dump(b *strings.Builder, n Node, depth int) {
	for range depth {
		b.WriteString("  ")
	}
	b.WriteString(describe(n))
	b.WriteByte('\n')
	switch n := n.(type) {
	case *Config:
		dumpNamed(b, depth, len(n.Entries), func(i int) (string, Expr) { return n.Entries[i].Name, n.Entries[i].Value })
		return
	case *Record:
		dumpNamed(b, depth, len(n.Fields), func(i int) (string, Expr) { return n.Fields[i].Name, n.Fields[i].Value })
		return
	case *Block:
		for _, s := range n.Stmts {
			dump(b, s, depth+1)
		}
		if n.Result != nil {
			fmt.Fprintf(b, "%sResult\n", strings.Repeat("  ", depth+1))
			dump(b, n.Result, depth+2)
		}
		return
	case *Probe:
		for _, p := range n.Points {
			dump(b, p, depth+1)
		}
		if n.Pred != nil {
			fmt.Fprintf(b, "%sPred\n", strings.Repeat("  ", depth+1))
			dump(b, n.Pred, depth+2)
		}
		dump(b, n.Body, depth+1)
		return
	}
	eachChild(n, func(c Node) { dump(b, c, depth+1) })
}

func dumpNamed(b *strings.Builder, depth, n int, at func(int) (string, Expr)) {
	for i := range n {
		name, value := at(i)
		fmt.Fprintf(b, "%s%s =\n", strings.Repeat("  ", depth+1), name)
		dump(b, value, depth+2)
	}
}

// describe returns a node's type and own fields.
func describe(n Node) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast.")
	if fields := fields(n); fields != "" {
		return name + " " + fields
	}
	return name
}

func fields(n Node) string {
	switch n := n.(type) {
	case *File:
		return n.Shebang
	case *Directive:
		return fmt.Sprintf("#%s %q", n.Name, n.Text)
	case *CDefinition:
		return fmt.Sprintf("%s %s %q", n.Kind, n.Name, n.Text)
	case *Import:
		return fmt.Sprintf("%q", n.Path)
	case *MapDecl:
		return fmt.Sprintf("@%s = %s", n.Name, n.Kind)
	case *Macro:
		return n.Name + macroParams(n)
	case *AttachPoint:
		return pointFields(n)
	case Stmt:
		return stmtFields(n)
	case Expr:
		return exprFields(n)
	}
	return ""
}

func pointFields(n *AttachPoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", n.Text)
	if n.Label != "" {
		fmt.Fprintf(&b, " label %s", n.Label)
	}
	for _, p := range n.Parts {
		if p.Quoted {
			fmt.Fprintf(&b, " quoted(%s)", p.Text)
		} else {
			fmt.Fprintf(&b, " [%s]", p.Text)
		}
	}
	return b.String()
}

func stmtFields(n Stmt) string {
	switch n := n.(type) {
	case *Assign:
		return n.Op
	case *Jump:
		return n.Kind
	}
	return ""
}

func exprFields(n Expr) string {
	switch n := n.(type) {
	case *Int:
		return fmt.Sprintf("%s = %d", n.Text, n.Value)
	case *Bool:
		return fmt.Sprint(n.Value)
	case *String:
		return fmt.Sprintf("%q", n.Value)
	case *Ident:
		return n.Name
	case *Param:
		return paramText(n)
	case *Var:
		return "$" + n.Name
	case *Map:
		return "@" + n.Name
	case *Call:
		return n.Name
	case *Unary:
		return n.Op
	case *IncDec:
		if n.Prefix {
			return "prefix " + n.Op
		}
		return "postfix " + n.Op
	case *Binary:
		return n.Op
	case *Ternary:
		if n.Then == n.Cond {
			return "?:"
		}
	case *Field:
		if n.Arrow {
			return "->" + n.Name
		}
		return "." + n.Name
	case *Element:
		return fmt.Sprintf(".%d", n.Number)
	case *Offsetof:
		return strings.Join(n.Path, ".")
	case *TypeExpr:
		return typeFields(n)
	}
	return ""
}

// typeFields shows the suffixes of a type; lengths follow as children.
func typeFields(n *TypeExpr) string {
	out := n.Name
	for _, s := range n.Suffixes {
		switch {
		case s.Pointer:
			out += "*"
		case s.Len == nil:
			out += "[]"
		default:
			out += "[n]"
		}
	}
	return out
}
