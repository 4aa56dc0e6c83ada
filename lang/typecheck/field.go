package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// field types x.name: a member of args, of a struct or union, or of a record.
// Pointers are followed.
func (c *checker) field(e *ast.Field) typed.Expr {
	if id, ok := e.X.(*ast.Ident); ok && id.Name == "args" {
		return c.argsField(e)
	}
	if id, ok := e.X.(*ast.Ident); ok && id.Name == "ctx" && c.cl.typed.Context == point.Iter {
		return c.namedArg(e)
	}
	if u, ok := e.X.(*ast.Unary); ok && u.Op == "*" { // (*args).x, of old scripts
		if id, ok := u.X.(*ast.Ident); ok && id.Name == "args" {
			return c.argsField(e)
		}
	}
	x := c.place(e.X)
	for x.Type().Kind == types.Pointer {
		x = c.follow(x, e.X.Pos())
	}
	if isBad(x) {
		return bad(e.Span)
	}
	return c.member(x, e.Name, e.NameSpan, e.Span)
}

// follow dereferences a pointer.
func (c *checker) follow(p typed.Expr, span source.Span) typed.Expr {
	t := *p.Type().Elem
	switch t.Kind {
	case types.Void, types.Func:
		c.errorf(span, "bad-pointer", "%s points at nothing that can be read", describe(p.Type())).
			WithHint("cast it first: (struct name*)x")
		return bad(span)
	case types.Record:
		full, ok := c.complete(span, t)
		if !ok {
			return bad(span)
		}
		t = full
	}
	return &typed.Deref{Base: base(span, inSpace(t, p.Type().Space, true)), X: p}
}

// inSpace marks a type as read from an address space: what it points at is in
// the same one. Direct says that a pointer to it was at hand, which is as far
// as the verifier's trust goes.
func inSpace(t types.Type, space types.Space, direct bool) types.Type {
	switch t.Kind {
	case types.Pointer:
		switch {
		case t.Space == types.User:
		case space == types.User:
			t.Space = types.User
		case space == types.BTF && direct && t.Elem.Kind == types.Record:
			t.Space = types.BTF
		default:
			t.Space = types.Kernel
		}
	case types.Record, types.Array:
		t.Space = space
	}
	return t
}

// member types a member of a place.
func (c *checker) member(x typed.Expr, name string, nameSpan, span source.Span) typed.Expr {
	t := x.Type()
	if t.Kind != types.Record && t.Kind != types.Tuple {
		d := c.errorf(nameSpan, "not-a-struct", "%s has no field %s", describe(t), quote(name))
		if t.Kind == types.Int {
			d.Hint = "cast the address first: ((struct name*)x)." + name
		}
		return bad(span)
	}
	if t.Kind == types.Record && t.Incomplete {
		full, ok := c.complete(span, t)
		if !ok {
			return bad(span)
		}
		full.Space, t = t.Space, full
	}
	m, ok := t.Member(name)
	if !ok || name == "" {
		what := describe(t)
		if t.Kind == types.Tuple {
			if what = "record " + t.String(); len(what) > 80 {
				what = "this record"
			}
		}
		c.errorf(nameSpan, "unknown-field", "%s has no field %s", what, quote(name)).
			Hint = suggest.Hint("", name, t.MemberNames())
		return bad(span)
	}
	return c.memberPlace(x, t, m, span)
}

// memberPlace makes the node of a member that was found.
func (c *checker) memberPlace(x typed.Expr, t types.Type, m types.Member, span source.Span) typed.Expr {
	mt := m.Type
	if t.Kind == types.Record {
		if mt.Kind == types.Record && mt.Incomplete {
			full, ok := c.complete(span, mt)
			if !ok {
				return bad(span)
			}
			mt = full
		}
		mt = inSpace(mt, t.Space, true)
	}
	m.Type = mt
	return &typed.Member{Base: base(span, mt), X: x, Member: m}
}

// complete asks the world for the members of a record.
func (c *checker) complete(span source.Span, t types.Type) (types.Type, bool) {
	if t.Kind != types.Record || !t.Incomplete && t.Members != nil {
		return t, true
	}
	key := recordKey(t)
	full, ok := c.records[key]
	if !ok {
		var err error
		if full, err = c.world.Record(t); err != nil {
			c.worldError(span, "unknown-type", err)
			return t, false
		}
		c.records[key] = full
	}
	return full, true
}

// recordKey is the name that c.records has a record by.
func recordKey(t types.Type) string {
	if t.ID == 0 {
		return t.Name
	}
	return t.Name + "#" + itoa(t.ID)
}

// shallow leaves the members of a record out, for use behind a pointer.
func shallow(t types.Type) types.Type {
	if t.Kind == types.Record {
		t.Members, t.Incomplete, t.Space = nil, true, ""
	}
	return t
}

// argsField types args.name.
func (c *checker) argsField(e *ast.Field) typed.Expr {
	if !c.allowed("args", e.X.Pos()) {
		return bad(e.Span)
	}
	return c.namedArg(e)
}

// namedArg types an argument by its name: args.name, or ctx.name of an iterator.
func (c *checker) namedArg(e *ast.Field) typed.Expr {
	pt := c.cl.point()
	if pt.Args == nil {
		c.errorf(e.X.Pos(), "no-args", "the arguments of %s have no names here", pt.Name).
			WithHint("use arg0, arg1 and so on")
		return bad(e.Span)
	}
	m, ok := pt.Args.Member(e.Name)
	if !ok || e.Name == "" {
		d := c.errorf(e.NameSpan, "unknown-field", "%s has no argument %s", pt.Name, quote(e.Name))
		d.Hint = suggest.Hint("", e.Name, pt.Args.MemberNames())
		if d.Hint == "" && len(c.cl.block.groups) > 1 {
			d.Hint = "other probes of this block have it; give this one a block of its own"
		}
		return bad(e.Span)
	}
	if pt.Context == point.Tracepoint {
		return c.tracepointField(e, m)
	}
	index := -1
	for i, other := range pt.Args.Members {
		if other.Name == e.Name {
			index = i
		}
	}
	t := m.Type
	if !t.Scalar() {
		c.unsupported(e.Span, "an argument that is a "+describe(t)+" by value", "")
		return bad(e.Span)
	}
	if t.Kind == types.Pointer {
		space := c.cl.typed.Space
		if pt.Context.Trusted() {
			space = types.BTF
		}
		t = inSpace(t, space, true)
	}
	return &typed.ContextArg{Base: base(e.Span, t), Index: index}
}

// commonFields is the size of what all tracepoint records begin with, which the
// verifier forbids to read.
const commonFields = 8

// tracepointField types a field of a tracepoint's record.
func (c *checker) tracepointField(e *ast.Field, m types.Member) typed.Expr {
	if m.Offset < commonFields {
		c.errorf(e.NameSpan, "unreadable-field", "the kernel does not let programs read %s", quote(e.Name)).
			WithHint("pid, tid and cpu are builtins")
		return bad(e.Span)
	}
	t := m.Type
	if t.Kind == types.Record && t.Incomplete {
		full, ok := c.complete(e.Span, t)
		if !ok {
			return bad(e.Span)
		}
		t = full
	}
	switch {
	case m.DataLoc && t.Kind == types.Array && isChar(*t.Elem):
		// Text of a length that only the record knows.
		t = types.StringOf(c.config.MaxStrlen)
	case t.Kind == types.Pointer:
		t = inSpace(t, argSpace(c.cl.point()), true)
	default:
		t = inSpace(t, types.Context, false)
	}
	m.Type = t
	return &typed.ContextField{Base: base(e.Span, t), Member: m}
}

// element types x.0.
func (c *checker) element(e *ast.Element) typed.Expr {
	x := c.expr(e.X)
	if isBad(x) {
		return x
	}
	return c.tupleElement(x, int64(e.Number), e.Span)
}

func (c *checker) tupleElement(x typed.Expr, n int64, span source.Span) typed.Expr {
	t := x.Type()
	if t.Kind != types.Tuple {
		c.errorf(span, "not-a-tuple", "%s has no element %d", describe(t), n).
			WithHint("only tuples have numbered elements")
		return bad(span)
	}
	if n < 0 || n >= int64(len(t.Members)) {
		c.errorf(span, "out-of-range", "the tuple has %d elements, there is no number %d", len(t.Members), n).
			WithHint("elements are counted from zero")
		return bad(span)
	}
	if lit, ok := x.(*typed.TupleExpr); ok && pure(lit) {
		return lit.Elems[n]
	}
	x = c.settled(x)
	m := x.Type().Members[n]
	return &typed.Member{Base: base(span, m.Type), X: x, Member: m}
}
