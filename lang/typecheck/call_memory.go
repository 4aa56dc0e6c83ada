package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// strCall types str(x[, length]).
func (c *checker) strCall(e *ast.Call) typed.Expr {
	if x, ok := c.strOfParam(e); ok {
		return x
	}
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	size := c.config.MaxStrlen
	var length typed.Expr
	if len(e.Args) == 2 {
		n := c.expr(e.Args[1])
		if isBad(n) {
			return n
		}
		if !isNumber(n.Type()) {
			c.badArg(e, 1, n.Type(), "an integer")
			return bad(e.Span)
		}
		if k, ok := n.(*typed.Const); ok {
			if k.Value < 0 && k.T.Signed {
				c.errorf(k.Span, "out-of-range", "a string cannot have %d characters", k.Value)
				return bad(e.Span)
			}
			// The length counts the NUL, as bpftrace has it.
			if uint64(k.Value) > uint64(size) {
				c.warnf(k.Span, "too-long", "the length is shortened to %d bytes", size).
					WithHint("raise the setting max_strlen to read more")
			} else {
				size = max(1, int(k.Value))
			}
			if _, literal := x.(*typed.Str); literal {
				size++ // but that of a literal does not
			}
		} else {
			length = c.widen(n, types.Uint64())
		}
	}
	if t := x.Type(); t.Kind == types.String {
		if length == nil && size < t.Size {
			return convert(x, types.StringOf(size))
		}
		return x
	}
	return c.readString(e.Span, x, length, size)
}

// strOfParam types str($1) and str($1 + 2): the text of a parameter.
func (c *checker) strOfParam(e *ast.Call) (typed.Expr, bool) {
	skip := int64(0)
	arg := e.Args[0]
	if sum, ok := arg.(*ast.Binary); ok && sum.Op == "+" {
		if p, isParam := sum.X.(*ast.Param); isParam && p.Number > 0 {
			n, isConst := c.constInt(sum.Y)
			if !isConst {
				c.errorf(sum.Y.Pos(), "not-constant", "only a constant can be added to a parameter")
				return bad(e.Span), true
			}
			skip, arg = n, p
		}
	}
	p, ok := arg.(*ast.Param)
	if !ok || p.Number == 0 {
		return nil, false
	}
	text := c.paramText(p.Number)
	if skip < 0 || skip > int64(len(text)) {
		c.errorf(e.Args[0].Pos(), "out-of-range", "parameter $%d has %s", p.Number, plural(len(text), "character"))
		return bad(e.Span), true
	}
	text = text[skip:]
	if len(e.Args) == 2 {
		if n, ok := c.constInt(e.Args[1]); ok && n >= 0 && n < int64(len(text)) {
			text = text[:n]
		}
	}
	return stringConst(e.Span, text), true
}

// readString makes the call that reads a string at an address. A nil length is
// the whole of it.
func (c *checker) readString(span source.Span, x, length typed.Expr, size int) typed.Expr {
	t := x.Type()
	if !isNumber(t) && t.Kind != types.Pointer && t.Kind != types.Array {
		c.errorf(x.Pos(), "bad-argument", "str() takes the address of a string, this is %s", describe(t))
		return bad(span)
	}
	if t.Kind == types.Array {
		if t.Elem.Kind != types.Int || t.Elem.Size != 1 {
			c.errorf(x.Pos(), "bad-argument", "str() takes an array of char, this is %s", t)
			return bad(span)
		}
		return convert(x, types.StringOf(max(1, t.Len)))
	}
	p := asPointer(x, types.PointerTo(types.Int8(), c.spaceOf(x)))
	if length == nil {
		length = constant(span, types.Uint64(), int64(size))
	}
	return &typed.Call{Base: base(span, types.StringOf(size)), Name: "str", Args: []typed.Expr{p, length}}
}

// bufCall types buf(x[, length]).
func (c *checker) bufCall(e *ast.Call) typed.Expr {
	x := c.place(e.Args[0])
	if isBad(x) {
		return x
	}
	var length typed.Expr
	size := c.config.MaxStrlen
	if len(e.Args) == 2 {
		n := c.expr(e.Args[1])
		if isBad(n) {
			return n
		}
		if !isNumber(n.Type()) {
			c.badArg(e, 1, n.Type(), "an integer")
			return bad(e.Span)
		}
		length = c.widen(n, types.Uint64())
		if k, ok := n.(*typed.Const); ok {
			if k.Value < 0 && k.T.Signed {
				c.errorf(k.Span, "out-of-range", "a buffer cannot have %d bytes", k.Value)
				return bad(e.Span)
			}
			size = int(min(uint64(size), uint64(k.Value)))
			length = nil
		}
	} else if t := x.Type(); t.Kind != types.Array && t.Kind != types.String {
		c.errorf(e.Span, "argument-count", "buf() of %s needs a length", describe(t)).
			WithHint("write buf(x, 16)")
		return bad(e.Span)
	}
	if t := x.Type(); t.Kind == types.Array && t.Len > 0 || t.Kind == types.String {
		size = min(size, t.Size)
	}
	return c.readBuffer(e.Span, x, length, size)
}

// readBuffer makes the call that reads bytes at an address or of a place.
func (c *checker) readBuffer(span source.Span, x, length typed.Expr, size int) typed.Expr {
	t := x.Type()
	switch {
	case t.Kind == types.Array, t.Kind == types.String:
	case isNumber(t), t.Kind == types.Pointer:
		x = asPointer(x, types.PointerTo(types.Uint8(), c.spaceOf(x)))
	default:
		c.errorf(x.Pos(), "bad-argument", "buf() takes an address, an array or a string, this is %s", describe(t))
		return bad(span)
	}
	if length == nil {
		length = constant(span, types.Uint64(), int64(size))
	}
	return &typed.Call{Base: base(span, types.BufferOf(size)), Name: "buf", Args: []typed.Expr{x, length}}
}

// spaceCall types kptr and uptr.
func (c *checker) spaceCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	space := types.Kernel
	if e.Name == "uptr" {
		space = types.User
	}
	t := x.Type()
	switch {
	case t.Kind == types.Pointer:
		t.Space = space
	case t.Kind == types.Int:
		t = types.PointerTo(types.Uint64(), space)
	default:
		c.badArg(e, 0, t, "a pointer")
		return bad(e.Span)
	}
	return asPointer(x, t)
}

func (c *checker) bswapCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	t := x.Type()
	if t.Kind != types.Int {
		c.badArg(e, 0, t, "an integer")
		return bad(e.Span)
	}
	t = types.IntOf(t.Size, false)
	if k, ok := x.(*typed.Const); ok {
		return constant(e.Span, t, swapBytes(k.Value, t.Size))
	}
	return makeCall(e, t, c.widen(x, t))
}

// swapBytes reverses the low bytes of a word.
func swapBytes(v int64, size int) int64 {
	var out uint64
	for i := 0; i < size; i++ {
		out = out<<8 | uint64(v)>>(8*uint(i))&0xff
	}
	return int64(out)
}

// isErrCall writes is_err(p) out: the last 4095 addresses are error codes.
func (c *checker) isErrCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	if t := x.Type(); t.Kind != types.Pointer && !isNumber(t) {
		c.badArg(e, 0, t, "a pointer")
		return bad(e.Span)
	}
	t := types.Uint64()
	return c.comparison(e.Span, typed.Ge, c.word(x, false), constant(e.Span, t, -4095), t)
}
