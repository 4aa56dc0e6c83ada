package typecheck

import (
	"errors"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// basicTypes are the types that scripts name without the kernel's help: those
// of the language, and C's as they are on 64-bit Linux.
func basicTypes() map[string]types.Type {
	charType := types.Int8()
	charType.Name = "char"
	return map[string]types.Type{
		"void": types.VoidType(), "bool": types.BoolType(),
		"int8": types.Int8(), "int16": types.Int16(), "int32": types.Int32(), "int64": types.Int64(),
		"uint8": types.Uint8(), "uint16": types.Uint16(), "uint32": types.Uint32(), "uint64": types.Uint64(),
		"int8_t": types.Int8(), "int16_t": types.Int16(), "int32_t": types.Int32(), "int64_t": types.Int64(),
		"uint8_t": types.Uint8(), "uint16_t": types.Uint16(), "uint32_t": types.Uint32(), "uint64_t": types.Uint64(),
		"s8": types.Int8(), "s16": types.Int16(), "s32": types.Int32(), "s64": types.Int64(),
		"u8": types.Uint8(), "u16": types.Uint16(), "u32": types.Uint32(), "u64": types.Uint64(),
		"__s8": types.Int8(), "__s16": types.Int16(), "__s32": types.Int32(), "__s64": types.Int64(),
		"__u8": types.Uint8(), "__u16": types.Uint16(), "__u32": types.Uint32(), "__u64": types.Uint64(),
		"char": charType, "signed char": types.Int8(), "unsigned char": types.Uint8(),
		"short": types.Int16(), "short int": types.Int16(), "unsigned short": types.Uint16(), "unsigned short int": types.Uint16(),
		"int": types.Int32(), "signed int": types.Int32(), "signed": types.Int32(), "unsigned": types.Uint32(), "unsigned int": types.Uint32(),
		"long": types.Int64(), "long int": types.Int64(), "unsigned long": types.Uint64(), "unsigned long int": types.Uint64(),
		"long long": types.Int64(), "long long int": types.Int64(), "unsigned long long": types.Uint64(),
		"unsigned long long int": types.Uint64(),
		"size_t":                 types.Uint64(), "ssize_t": types.Int64(), "uintptr_t": types.Uint64(), "_Bool": types.BoolType(),
		"string": types.StringOf(1), "buffer": types.BufferOf(1),
		"inet":        {Kind: types.Inet, Size: 20},
		"mac_address": {Kind: types.MAC, Size: 8},
		"ksym_t":      {Kind: types.KSym, Size: 8},
		"usym_t":      {Kind: types.USym, Size: 16},
		"username":    {Kind: types.Username, Size: 8},
		"timestamp":   {Kind: types.Timestamp, Size: 16},
	}
}

// typeOf resolves a type as written.
func (c *checker) typeOf(e *ast.TypeExpr) (types.Type, bool) {
	if e == nil {
		return types.Type{}, false
	}
	var t types.Type
	var ok bool
	switch inner := e.Typeof.(type) {
	case nil:
		t, ok = c.namedType(e.Name, e.Span)
	case *ast.TypeExpr:
		t, ok = c.typeOf(inner)
	default:
		t, ok = c.operandType(nil, inner)
	}
	if !ok {
		return t, false
	}
	t = settle(t)
	if e.Typeof != nil && t.Kind == types.Void && len(e.Suffixes) == 0 {
		c.errorf(e.Span, "no-value", "the operand of typeof has no value")
		return t, false
	}
	return c.suffixes(e, t)
}

// lookAt checks an expression only for its type: nothing is learnt from it and
// nothing of it is compiled.
func (c *checker) lookAt(e ast.Expr) typed.Expr {
	c.quiet++
	defer func() { c.quiet-- }()
	if m, ok := e.(*ast.Map); ok {
		if s := c.maps[m.Name]; s != nil && s.shape == keyedMap {
			if isBadType(s.key) {
				return bad(m.Span)
			}
			return &typed.Zero{Base: base(m.Span, s.keyType())}
		}
	}
	return c.place(e)
}

// suffixes applies "*" and "[N]" left to right.
func (c *checker) suffixes(e *ast.TypeExpr, t types.Type) (types.Type, bool) {
	for i, s := range e.Suffixes {
		if s.Pointer {
			t = types.PointerTo(shallow(t), types.NoSpace)
			continue
		}
		n := int64(0)
		if s.Len != nil {
			var ok bool
			if n, ok = c.constInt(s.Len); !ok {
				c.errorf(s.Len.Pos(), "not-constant", "the length of an array must be a constant")
				return t, false
			}
			if n < 0 || n > 1<<20 {
				c.errorf(s.Len.Pos(), "out-of-range", "an array cannot have %d elements", n)
				return t, false
			}
		}
		switch {
		case i == 0 && t.Kind == types.String && e.Typeof == nil:
			t = types.StringOf(int(n))
		case i == 0 && t.Kind == types.Buffer && e.Typeof == nil:
			t = types.BufferOf(int(n))
		case t.Kind == types.Void || t.Kind == types.Func:
			c.errorf(e.Span, "bad-type", "there are no arrays of %s", t)
			return t, false
		default:
			if t.Size > 0 && n*int64(t.Size) > 1<<20 {
				c.errorf(e.Span, "out-of-range", "the array is too large")
				return t, false
			}
			t = types.ArrayOf(t, int(n))
		}
	}
	return t, true
}

// namedType resolves the name of a type.
func (c *checker) namedType(name string, span source.Span) (types.Type, bool) {
	for _, qualifier := range []string{"const ", "volatile "} { // no difference here
		name = strings.TrimPrefix(name, qualifier)
	}
	if t, ok := c.cdefs.types[name]; ok {
		return t, true
	}
	if t, ok := basicTypes()[name]; ok {
		return t, true
	}
	t, err := c.world.TypeByName(name)
	if err == nil {
		return t, true
	}
	if t, ok := c.headerType(name); ok {
		return t, true
	}
	if c.knownIdent(name) { // sizeof(pid): not a type, but surely not a mistake
		x := c.lookAt(&ast.Ident{Span: span, Name: name})
		return x.Type(), !isBad(x)
	}
	if c.cdefs.broken { // it may be what could not be read
		return types.Type{}, false
	}
	var missing *NotFound
	if errors.As(err, &missing) && missing.Hint == "" {
		var names []string
		for known := range basicTypes() {
			names = append(names, known)
		}
		if hint := suggest.Hint("", name, names); hint != "" {
			missing = &NotFound{Part: -1, Msg: missing.Msg, Hint: hint}
			err = missing
		} else if !strings.Contains(name, " ") {
			err = &NotFound{Part: -1, Msg: missing.Msg, Hint: "structs are written with their keyword: struct " + name}
		}
	}
	c.worldError(span, "unknown-type", err)
	return types.Type{}, false
}

// worldError reports an error of the World at a place of the script.
func (c *checker) worldError(span source.Span, code string, err error) {
	var missing *NotFound
	var refused *Unsupported
	switch {
	case errors.As(err, &missing):
		c.errorf(span, code, "%s", missing.Msg).Hint = missing.Hint
	case errors.As(err, &refused):
		c.errorf(span, "unsupported", "%s", refused.Msg).Hint = refused.Hint
	default:
		c.errorf(span, "environment", "%v", err)
	}
}

// sizeof types "sizeof(type)" and "sizeof(expr)".
func (c *checker) sizeof(e *ast.Sizeof) typed.Expr {
	t, ok := c.operandType(e.Type, e.X)
	if !ok {
		return bad(e.Span)
	}
	switch {
	case t.Kind == types.Void, t.Kind == types.Func, t.Kind == types.Agg:
		c.errorf(e.Span, "bad-type", "%s has no size", describe(t))
		return bad(e.Span)
	case t.Kind == types.Record && t.Incomplete:
		if t, ok = c.complete(e.Span, t); !ok {
			return bad(e.Span)
		}
	}
	return literal(e.Span, int64(t.Size))
}

// operandType is the type that sizeof and offsetof are about. An identifier in
// parentheses may be either an expression or the name of a type.
func (c *checker) operandType(te *ast.TypeExpr, x ast.Expr) (types.Type, bool) {
	if te != nil {
		return c.typeOf(te)
	}
	if id, ok := x.(*ast.Ident); ok && !c.knownIdent(id.Name) {
		return c.namedType(id.Name, id.Span)
	}
	v := c.lookAt(x)
	return v.Type(), !isBad(v)
}

// offsetof types "offsetof(type, a.b)".
func (c *checker) offsetof(e *ast.Offsetof) typed.Expr {
	t, ok := c.operandType(e.Type, e.X)
	if !ok {
		return bad(e.Span)
	}
	offset := 0
	for _, name := range e.Path {
		if t.Kind != types.Record && t.Kind != types.Tuple {
			c.errorf(e.Span, "not-a-struct", "%s has no field %s", describe(t), quote(name))
			return bad(e.Span)
		}
		if t, ok = c.complete(e.Span, t); !ok {
			return bad(e.Span)
		}
		m, ok := t.Member(name)
		if !ok {
			c.errorf(e.Span, "unknown-field", "%s has no field %s", describe(t), quote(name)).
				Hint = suggest.Hint("", name, t.MemberNames())
			return bad(e.Span)
		}
		if m.BitSize > 0 {
			c.errorf(e.Span, "bad-operand", "bit-field %s has no offset in bytes", quote(name))
			return bad(e.Span)
		}
		offset, t = offset+m.Offset, m.Type
	}
	return literal(e.Span, int64(offset))
}

// constInt checks an expression that must be a constant integer.
func (c *checker) constInt(e ast.Expr) (int64, bool) {
	x := c.expr(e)
	k, ok := x.(*typed.Const)
	if !ok || !isNumber(k.T) {
		return 0, false
	}
	return k.Value, true
}
