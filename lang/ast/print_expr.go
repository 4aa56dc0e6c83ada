package ast

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Levels of binding for printing, looser first. Infix operators have the
// levels 1 to 10 in between.
const (
	levelAny     = 0
	levelUnary   = 11
	levelPostfix = 12
	levelOperand = 13
)

// level returns how tightly the outermost operator of an expression binds. A
// block counts as the loosest, so that as an operand it gets parentheses: a
// bare brace there would read as the start of an action or a statement.
func level(x Expr) int {
	switch x := x.(type) {
	case *Ternary, *BlockExpr:
		return levelAny
	case *Binary:
		return Precedence(x.Op)
	case *Unary, *Cast:
		return levelUnary
	case *IncDec:
		if x.Prefix {
			return levelUnary
		}
	case *Call:
		if x.Name == "comptime" {
			return levelUnary
		}
	case *Int: // a dot behind a number would be a fraction
		return levelUnary
	}
	return levelOperand
}

// expr prints an expression, in parentheses if it binds looser than floor.
func (p *printer) expr(x Expr, floor int) {
	if level(x) < floor {
		p.text("(")
		p.bare(x)
		p.text(")")
		return
	}
	p.bare(x)
}

func (p *printer) bare(x Expr) {
	switch x := x.(type) {
	case *Call:
		p.call(x)
	case *Unary:
		p.unary(x)
	case *IncDec:
		if x.Prefix {
			p.text(x.Op)
			p.expr(x.X, levelPostfix)
		} else {
			p.expr(x.X, levelPostfix)
			p.text(x.Op)
		}
	case *Binary:
		l := Precedence(x.Op)
		p.expr(x.X, l)
		p.text(" " + x.Op + " ")
		p.expr(x.Y, l+1)
	case *Ternary:
		if p.noIf || !ifForm(x) {
			p.ternary(x)
			return
		}
		p.text("if (")
		p.expr(x.Cond, levelAny)
		p.text(") ")
		p.bare(x.Then)
		p.text(" else ")
		p.bare(x.Else)
	case *Cast:
		p.text("(")
		p.typeExpr(x.Type)
		p.text(")")
		p.expr(x.X, levelUnary)
	case *Tuple, *Record, *Sizeof, *Offsetof:
		p.group(x)
	case *BlockExpr:
		p.block(x.Block)
	case *TypeExpr:
		p.typeExpr(x)
	default:
		p.operand(x)
	}
}

// ifForm reports whether a conditional expression chooses between blocks, so
// that it reads better as an if.
func ifForm(x *Ternary) bool {
	for {
		then, ok := x.Then.(*BlockExpr)
		if !ok || then.Block.Result == nil || x.Then == x.Cond {
			return false
		}
		switch other := x.Else.(type) {
		case *BlockExpr:
			return other.Block.Result != nil
		case *Ternary:
			x = other
			continue
		}
		return false
	}
}

func (p *printer) ternary(x *Ternary) {
	p.expr(x.Cond, 1)
	if x.Then == x.Cond {
		p.text(" ?: ")
	} else {
		p.text(" ? ")
		p.expr(x.Then, levelAny)
		p.text(" : ")
	}
	p.expr(x.Else, levelAny)
}

// startsWithStar reports whether an expression is printed with "*" first.
func startsWithStar(x Expr) bool {
	switch x := x.(type) {
	case *Unary:
		return x.Op == "*"
	case *Binary:
		return level(x.X) >= Precedence(x.Op) && startsWithStar(x.X)
	case *Ternary:
		return level(x.Cond) >= 1 && startsWithStar(x.Cond)
	}
	return false
}

// operand prints names, literals, and what hangs on an operand by a dot or
// brackets.
func (p *printer) operand(x Expr) {
	switch x := x.(type) {
	case *Int:
		if x.Text == "" {
			p.text(strconv.FormatUint(x.Value, 10))
		}
		p.text(x.Text)
	case *Bool:
		p.text(strconv.FormatBool(x.Value))
	case *String:
		p.text(quote(x.Value))
	case *Ident:
		p.text(x.Name)
	case *Param:
		p.text(paramText(x))
	case *Var:
		p.text("$" + x.Name)
	case *Map:
		p.text("@" + x.Name)
	case *Discard:
		p.text("_")
	case *Field:
		p.expr(x.X, levelPostfix)
		if x.Arrow {
			p.text("->" + x.Name)
		} else {
			p.text("." + x.Name)
		}
	case *Element:
		p.expr(x.X, levelPostfix)
		p.text("." + strconv.Itoa(x.Number))
	case *Index:
		p.expr(x.X, levelPostfix)
		p.text("[")
		p.list(x.Args)
		p.text("]")
	}
}

func (p *printer) list(xs []Expr) {
	for i, x := range xs {
		if i > 0 {
			p.text(", ")
		}
		p.expr(x, levelAny)
	}
}

func (p *printer) call(x *Call) {
	if x.Name == "comptime" && len(x.Args) == 1 {
		p.text("comptime ")
		p.expr(x.Args[0], levelUnary)
		return
	}
	p.text(x.Name + "(")
	if x.Name == "typeinfo" && len(x.Args) == 1 {
		p.typeContext(x.Args[0])
	} else {
		p.list(x.Args)
	}
	p.text(")")
}

func (p *printer) unary(x *Unary) {
	p.text(x.Op)
	inner := ""
	switch y := x.X.(type) {
	case *Unary:
		inner = y.Op
	case *IncDec:
		if y.Prefix {
			inner = y.Op
		}
	}
	if inner != "" && inner[0] == x.Op[0] && x.Op != "!" && x.Op != "~" && x.Op != "*" {
		p.text(" ") // "--" would be another operator
	}
	p.expr(x.X, levelUnary)
}

func (p *printer) group(x Expr) {
	switch x := x.(type) {
	case *Tuple:
		p.text("(")
		p.list(x.Elems)
		if len(x.Elems) == 1 {
			p.text(",")
		}
		p.text(")")
	case *Record:
		p.text("(")
		for i, f := range x.Fields {
			if i > 0 {
				p.text(", ")
			}
			p.text(f.Name + "=")
			p.expr(f.Value, levelAny)
		}
		p.text(")")
	case *Sizeof:
		p.text("sizeof(")
		p.typeOrExpr(x.Type, x.X)
		p.text(")")
	case *Offsetof:
		p.text("offsetof(")
		p.typeOrExpr(x.Type, x.X)
		p.text(", " + strings.Join(x.Path, ".") + ")")
	}
}

func (p *printer) typeOrExpr(t *TypeExpr, x Expr) {
	if t != nil {
		p.typeExpr(t)
		return
	}
	p.typeContext(x)
}

// typeContext prints an operand where a type might stand as well: names and
// their elements would read as types without parentheses.
func (p *printer) typeContext(x Expr) {
	switch x.(type) {
	case *Ident, *Index:
		p.text("(")
		p.bare(x)
		p.text(")")
		return
	}
	p.expr(x, levelAny)
}

func (p *printer) typeExpr(t *TypeExpr) {
	p.text(t.Name)
	if t.Typeof != nil {
		p.text("(")
		p.typeContext(t.Typeof)
		p.text(")")
	}
	for i, s := range t.Suffixes {
		switch {
		case s.Pointer && i == 0:
			p.text(" *")
		case s.Pointer:
			p.text("*")
		default:
			p.text("[")
			if s.Len != nil {
				p.expr(s.Len, levelAny)
			}
			p.text("]")
		}
	}
}

func paramText(x *Param) string {
	if x.Number == 0 {
		return "$#"
	}
	return "$" + strconv.Itoa(x.Number)
}

// quote writes a string literal with the escapes of the language.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 || !strconv.IsPrint(r) {
				fmt.Fprintf(&b, `\x%02x`, c)
				i++
				continue
			}
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
		i++
	}
	b.WriteByte('"')
	return b.String()
}
