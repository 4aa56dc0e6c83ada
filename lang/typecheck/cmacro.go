package typecheck

import (
	"reflect"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/cdef"
	"github.com/gotrace/gotrace/lang/source"
)

// A #define whose text is no constant stands for an expression of the script:
// "#define TASK curtask", "#define KB(x) ((x) / 1024)". As bpftrace does, the
// text is parsed once and the expression put where the name stands; unlike a
// macro of the language it may use the maps and variables around it.

// cMacro is such a #define.
type cMacro struct {
	cdef.Macro
	body   ast.Expr
	parsed bool
}

// expression parses the text of a #define.
func (m *cMacro) expression(c *checker) ast.Expr {
	if m.parsed {
		return m.body
	}
	m.parsed = true
	if c.opts.ParseExpr == nil {
		c.unsupported(m.Span, "a #define of anything but a constant", "")
		return nil
	}
	var set source.Set
	body, list := c.opts.ParseExpr(&set, set.Add(m.Name, m.bareNames(c)))
	for _, d := range list.Sorted() {
		if d.Severity == source.Error {
			found := c.errorf(m.within(d.Span), d.Code, "%s", d.Msg)
			found.Hint = "only expressions can be given a name by #define; for statements write a macro"
			return nil
		}
	}
	m.relocate(reflect.ValueOf(body))
	m.body = body
	return body
}

// bareNames blanks the parentheses around names of values in the text, such as
// those of "((x) * 2)": the script's grammar takes "(x) *" for a cast.
func (m *cMacro) bareNames(c *checker) string {
	text := []byte(m.Body)
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '(':
			end := i + strings.IndexByte(m.Body[i:], ')')
			if end < i || isCall(m.Body[:i]) || !m.isValue(c, strings.TrimSpace(m.Body[i+1:end])) {
				continue
			}
			text[i], text[end] = ' ', ' '
		}
	}
	return string(text)
}

// isCall reports whether a parenthesis behind this text is that of a call.
func isCall(before string) bool {
	before = strings.TrimRight(before, " \t")
	if before == "" {
		return false
	}
	last := before[len(before)-1]
	return last == '_' || last|0x20 >= 'a' && last|0x20 <= 'z' || last >= '0' && last <= '9'
}

// isValue reports whether a name in the text is surely that of a value.
func (m *cMacro) isValue(c *checker, name string) bool {
	_, constant := c.defines[name]
	return constant || c.cdefs.macros[name] != nil || slices.Contains(m.Params, name)
}

// within moves a place in the text of the #define to where it is in the script.
func (m *cMacro) within(s source.Span) source.Span {
	if m.Span.IsZero() { // a header's
		return m.Span
	}
	return source.Span{File: m.Span.File, Off: m.Span.Off + s.Off, End: m.Span.Off + s.End}
}

// relocate moves all places of a tree.
func (m *cMacro) relocate(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			m.relocate(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			m.relocate(v.Index(i))
		}
	case reflect.Struct:
		if s, ok := v.Interface().(source.Span); ok && v.CanSet() {
			v.Set(reflect.ValueOf(m.within(s)))
			return
		}
		for i := range v.NumField() {
			m.relocate(v.Field(i))
		}
	}
}

// expandC makes the expression that a name or call of a #define means; false if
// it is none.
func (x *expander) expandC(name string, span source.Span, args []ast.Expr, isCall bool) (ast.Expr, bool) {
	m := x.c.cdefs.macros[name]
	if m == nil || m.HasParens != isCall {
		return nil, false
	}
	call := &ast.Call{Span: span, Name: name, NameSpan: span}
	if !x.mayExpand(call) {
		return wrong(call), true
	}
	if len(args) != len(m.Params) {
		x.c.errorf(span, "macro-arguments", "%s takes %d arguments, not %d", name, len(m.Params), len(args)).
			WithRelated(m.Span, "it is defined here")
		return wrong(call), true
	}
	body := m.expression(x.c)
	if body == nil {
		return wrong(call), true
	}
	inner := &expander{
		c: x.c, macros: x.macros, count: x.count, depth: x.depth + 1, plain: true, inMacro: true,
		exprs: map[string]ast.Expr{},
	}
	for i, p := range m.Params {
		inner.exprs[p] = x.expr(args[i])
	}
	return inner.expr(body), true
}
