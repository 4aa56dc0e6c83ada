package typecheck

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

func (c *checker) strlenCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if t := x.Type(); t.Kind == types.Pointer && t.Elem.Kind == types.Int && t.Elem.Size == 1 {
		x = c.readString(e.Args[0].Pos(), x, nil, c.config.MaxStrlen)
	} else if !isBad(x) && t.Kind != types.String {
		c.badArg(e, 0, t, "a string").WithHint("read the string at an address with str()")
		return bad(e.Span)
	}
	if isBad(x) {
		return x
	}
	return c.strlen(e, x)
}

// strlen makes the call that measures a string.
func (c *checker) strlen(e *ast.Call, x typed.Expr) typed.Expr {
	t := types.Uint64()
	if e.Name == "len" {
		t = types.Int64()
	}
	if s, ok := x.(*typed.Str); ok {
		return constant(e.Span, t, int64(len(cstring(s.Value))))
	}
	call := &typed.Call{Base: base(e.Span, types.Uint64()), Name: "strlen", Args: []typed.Expr{x}}
	return c.widen(call, t)
}

// cstring is a literal up to its first NUL, as C sees it.
func cstring(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

func (c *checker) strcapCall(e *ast.Call) typed.Expr {
	x := c.lookAt(e.Args[0])
	switch t := x.Type(); t.Kind {
	case types.Invalid:
		return x
	case types.String, types.Array:
		return constant(e.Span, types.Int64(), int64(t.Size))
	case types.Pointer:
		return constant(e.Span, types.Int64(), int64(c.config.MaxStrlen))
	default:
		c.badArg(e, 0, t, "a string")
		return bad(e.Span)
	}
}

// strncmpCall writes strncmp out as a comparison limited to n characters, whose
// truth is the number zero or one.
func (c *checker) strncmpCall(e *ast.Call) typed.Expr {
	x, okX := c.textArg(e, 0)
	y, okY := c.textArg(e, 1)
	n, ok := c.constArg(e, 2)
	if !ok || !okX || !okY {
		return bad(e.Span)
	}
	if n < 0 {
		c.errorf(e.Args[2].Pos(), "out-of-range", "strncmp() cannot compare %d characters", n)
		return bad(e.Span)
	}
	if n == 0 {
		return constant(e.Span, types.Uint64(), 0)
	}
	a, okA := x.(*typed.Str)
	b, okB := y.(*typed.Str)
	if okA && okB {
		same := clip(cstring(a.Value), n) == clip(cstring(b.Value), n)
		return c.widen(boolConst(e.Span, !same), types.Uint64())
	}
	cmp := &typed.Compare{Base: base(e.Span, types.BoolType()), Op: typed.Ne, X: x, Y: y, N: int(min(n, 1<<16))}
	return convert(cmp, types.Uint64())
}

func clip(s string, n int64) string { return s[:min(int64(len(s)), n)] }

// searchCall types strcontains and strstr.
func (c *checker) searchCall(e *ast.Call) typed.Expr {
	x, okX := c.textArg(e, 0)
	y, okY := c.textArg(e, 1)
	if !okX || !okY {
		return bad(e.Span)
	}
	a, okA := x.(*typed.Str)
	b, okB := y.(*typed.Str)
	at := -1
	if okA && okB {
		at = strings.Index(cstring(a.Value), cstring(b.Value))
	}
	if e.Name == "strcontains" {
		if okA && okB {
			return boolConst(e.Span, at >= 0)
		}
		return makeCall(e, types.BoolType(), x, y)
	}
	if okA && okB {
		return constant(e.Span, types.Int64(), int64(at))
	}
	return makeCall(e, types.Int64(), x, y)
}

// symbolCall types ksym and usym.
func (c *checker) symbolCall(e *ast.Call) typed.Expr {
	x, ok := c.wordArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	if e.Name == "usym" {
		return makeCall(e, types.Type{Kind: types.USym, Size: 16}, x)
	}
	return makeCall(e, types.Type{Kind: types.KSym, Size: 8}, x)
}

func (c *checker) kaddrCall(e *ast.Call) typed.Expr {
	name, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	addr, err := c.world.KernelSymbol(name.Value)
	if err != nil {
		c.worldError(e.Args[0].Pos(), "unknown-symbol", err)
		return bad(e.Span)
	}
	return constant(e.Span, types.Uint64(), int64(addr))
}

// uaddrCall types uaddr: a pointer to a variable of the traced binary.
func (c *checker) uaddrCall(e *ast.Call) typed.Expr {
	name, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	addr, size, err := c.world.UserSymbol(c.cl.point().Attach.Path, name.Value)
	if err != nil {
		c.worldError(e.Args[0].Pos(), "unknown-symbol", err)
		return bad(e.Span)
	}
	elem := types.Uint64()
	switch size {
	case 1, 2, 4:
		elem = types.IntOf(int(size), false)
	}
	return &typed.Const{Base: base(e.Span, types.PointerTo(elem, types.User)), Value: int64(addr)}
}

// The address families of ntop.
const (
	afInet  = 2
	afInet6 = 10
)

// ntopCall types ntop([family,] address).
func (c *checker) ntopCall(e *ast.Call) typed.Expr {
	last := len(e.Args) - 1
	x := c.place(e.Args[last])
	var family typed.Expr
	if last == 1 {
		family = c.expr(e.Args[0])
		if !isBad(family) && !isNumber(family.Type()) {
			c.badArg(e, 0, family.Type(), "an address family")
			return bad(e.Span)
		}
	}
	if isBad(x) || family != nil && isBad(family) {
		return bad(e.Span)
	}
	t := x.Type()
	bytes := t.Kind == types.Array && isNumber(*t.Elem) || t.Kind == types.Record && t.Union
	switch {
	case isNumber(t):
		x, t = c.widen(x, types.Uint32()), types.Uint32()
	case bytes && t.Size == 4, bytes && t.Size == 16:
	default:
		c.badArg(e, last, t, "an integer or an array of 4 or 16 bytes").WithHint("IPv4 addresses have 4 bytes, IPv6 ones 16")
		return bad(e.Span)
	}
	if family == nil {
		family = constant(e.Span, types.Int32(), afInet)
		if t.Size == 16 {
			family = constant(e.Span, types.Int32(), afInet6)
		}
	}
	return makeCall(e, types.Type{Kind: types.Inet, Size: 20}, c.widen(family, types.Int32()), x)
}

// ptonCall types pton: the bytes of an address.
func (c *checker) ptonCall(e *ast.Call) typed.Expr {
	s, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	raw, ok := parseAddress(s.Value)
	if !ok {
		c.errorf(e.Args[0].Pos(), "bad-argument", "%q is not an IPv4 or IPv6 address", s.Value).
			WithHint("write it like 127.0.0.1 or ::1")
		return bad(e.Span)
	}
	t := types.ArrayOf(types.Uint8(), len(raw))
	t.Space = types.Stk
	return &typed.Str{Base: base(e.Span, t), Value: string(raw)}
}

// macaddrCall types macaddr of an array of six bytes or a pointer to one.
func (c *checker) macaddrCall(e *ast.Call) typed.Expr {
	x := c.place(e.Args[0])
	if isBad(x) {
		return x
	}
	t := x.Type()
	switch {
	case t.Kind == types.Array && t.Size >= 6, t.Kind == types.String && t.Size >= 6:
		if _, lit := x.(*typed.Str); lit && t.Kind == types.String {
			c.errorf(e.Args[0].Pos(), "bad-argument", "macaddr() takes six bytes, not text")
			return bad(e.Span)
		}
	case t.Kind == types.Pointer:
		t.Space = c.spaceOf(x)
		x = asPointer(x, t)
	case t.Kind == types.Int:
		x = asPointer(x, types.PointerTo(types.Uint8(), c.spaceOf(x)))
	default:
		c.badArg(e, 0, t, "an array of 6 bytes")
		return bad(e.Span)
	}
	return makeCall(e, types.Type{Kind: types.MAC, Size: 8}, x)
}

// signalNumbers are the signals by name, as Linux numbers them.
func signalNumbers() []string {
	return []string{"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
		"PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
		"VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"}
}

// signalCall types signal and signal_thread.
func (c *checker) signalCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	switch t := x.Type(); {
	case isBadType(t):
		return x
	case t.Kind == types.String:
		s, ok := c.stringArg(e, 0)
		if !ok {
			return bad(e.Span)
		}
		name := strings.TrimPrefix(strings.ToUpper(s.Value), "SIG")
		for n, known := range signalNumbers() {
			if known == name && n > 0 {
				return makeCall(e, types.VoidType(), constant(e.Args[0].Pos(), types.Uint32(), int64(n)))
			}
		}
		c.errorf(e.Args[0].Pos(), "bad-argument", "unknown signal %q", s.Value).
			Hint = suggest.Hint("SIG", name, signalNumbers())
		return bad(e.Span)
	case isNumber(t):
		if k, ok := x.(*typed.Const); ok && (k.Value < 1 || k.Value > 64) {
			c.errorf(k.Span, "out-of-range", "there is no signal %d", k.Value)
			return bad(e.Span)
		}
		return makeCall(e, types.VoidType(), c.widen(x, types.Uint32()))
	default:
		c.badArg(e, 0, t, "a signal's name or number")
		return bad(e.Span)
	}
}
