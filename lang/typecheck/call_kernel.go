package typecheck

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// percpuKaddrCall writes percpu_kaddr(symbol[, cpu]) out: a per-CPU symbol is at
// its address plus the offset of the CPU, which the kernel keeps in an array.
// There is no such place on a CPU that does not exist.
func (c *checker) percpuKaddrCall(e *ast.Call) typed.Expr {
	name, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	symbol, err := c.world.KernelSymbol(name.Value)
	if err != nil {
		c.worldError(e.Args[0].Pos(), "unknown-symbol", err)
		return bad(e.Span)
	}
	offsets, err := c.world.KernelSymbol("__per_cpu_offset")
	if err != nil {
		c.worldError(e.Span, "unknown-symbol", err)
		return bad(e.Span)
	}
	u64 := types.Uint64()
	var cpu typed.Expr = &typed.Builtin{Base: base(e.Span, u64), Name: "cpu"}
	given := len(e.Args) == 2
	if given {
		if cpu, ok = c.wordArg(e, 1); !ok {
			return bad(e.Span)
		}
		cpu = c.widen(cpu, u64)
	}
	table := &typed.Const{Base: base(e.Span, types.PointerTo(u64, types.Kernel)), Value: int64(offsets)}
	slot := &typed.PtrAdd{Base: base(e.Span, table.T), X: table, Index: c.widen(cpu, types.Int64())}
	var at typed.Expr = &typed.Binary{
		Base: base(e.Span, u64), Op: typed.Add,
		X: &typed.Deref{Base: base(e.Span, u64), X: slot}, Y: constant(e.Span, u64, int64(symbol)),
	}
	if given {
		there := c.comparison(e.Span, typed.Lt, cpu, &typed.Builtin{Base: base(e.Span, u64), Name: "ncpus"}, u64)
		at = &typed.Ternary{Base: base(e.Span, u64), Cond: there, Then: at, Else: constant(e.Span, u64, 0)}
	}
	return convert(at, types.PointerTo(u64, types.Kernel))
}

// pathCall types path(p[, size]): the name of a file, by a struct path or a
// pointer to one that the kernel vouches for.
func (c *checker) pathCall(e *ast.Call) typed.Expr {
	x := c.place(e.Args[0])
	if isBad(x) {
		return x
	}
	for x.Type().Kind == types.Pointer && x.Type().Elem.Name == "struct path" {
		x = c.follow(x, e.Args[0].Pos())
	}
	if t := x.Type(); t.Name != "struct path" {
		if !isBad(x) {
			c.badArg(e, 0, t, "a struct path").WithHint("of a struct file* f it is f.f_path")
		}
		return bad(e.Span)
	}
	if x.Type().Space != types.BTF {
		c.errorf(e.Args[0].Pos(), "bad-argument", "the kernel does not vouch for this struct path").
			WithHint("take it from the arguments of an fentry or fexit probe: path(args.file.f_path)")
		return bad(e.Span)
	}
	size := int64(c.config.MaxStrlen)
	if len(e.Args) == 2 {
		n, ok := c.constArg(e, 1)
		if !ok {
			return bad(e.Span)
		}
		if n < 1 || n > size {
			c.errorf(e.Args[1].Pos(), "out-of-range", "a path of %d bytes is not possible", n).
				WithHint("it is 1 to %d, the setting max_strlen", size)
			return bad(e.Span)
		}
		size = n
	}
	return makeCall(e, types.StringOf(int(size)), x, constant(e.Span, types.Uint64(), size))
}

// socketCookieCall types socket_cookie(sk).
func (c *checker) socketCookieCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	t := x.Type()
	if t.Kind != types.Pointer || t.Elem.Kind != types.Record {
		c.badArg(e, 0, t, "a struct sock*")
		return bad(e.Span)
	}
	if t.Space != types.BTF {
		c.errorf(e.Args[0].Pos(), "bad-argument", "the kernel does not vouch for this %s", t).
			WithHint("take it from the arguments of an fentry or fexit probe: socket_cookie(args.sk)")
		return bad(e.Span)
	}
	return makeCall(e, types.Uint64(), x)
}

// kfuncCall types kfunc_exist and kfunc_allowed. Programs of gotrace call no
// kfuncs, so that none is allowed and scripts take their other way.
func (c *checker) kfuncCall(e *ast.Call) typed.Expr {
	name, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	if e.Name == "kfunc_allowed" {
		return boolConst(e.Span, false)
	}
	_, err := c.world.KernelSymbol(name.Value)
	return boolConst(e.Span, err == nil)
}

// cgroupidCall types cgroupid(path), whose value is that of now.
func (c *checker) cgroupidCall(e *ast.Call) typed.Expr {
	name, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	if c.opts.CgroupID == nil {
		c.unsupported(e.NameSpan, "cgroupid() here", "compare cgroup with the number from `stat -c %i PATH`")
		return bad(e.Span)
	}
	id, err := c.opts.CgroupID(name.Value)
	if err != nil {
		c.errorf(e.Args[0].Pos(), "no-cgroup", "there is no cgroup %s: %v", quote(name.Value), err)
		return bad(e.Span)
	}
	return constant(e.Span, types.Uint64(), int64(id))
}

// commCall types comm(pid). The name of another process is not at hand in the
// kernel without a kfunc; that of the current thread's own is.
func (c *checker) commCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	if b, ok := x.(*typed.Builtin); ok {
		switch b.Name {
		case "tid", "tid_init":
			return &typed.Builtin{Base: base(e.Span, types.StringOf(16)), Name: "comm"}
		case "pid", "pid_init":
			return c.relative("leader_comm", c.curtask(e.Span), e.Span)
		}
	}
	c.unsupported(e.Args[0].Pos(), "the name of another process by its number",
		"comm is that of the current thread, comm(pid) that of its process, and p.comm that of a struct task_struct* p")
	return bad(e.Span)
}

// writeUserCall types write_user(dst, src, length). The source is a value of
// the script: what its variable or map element holds is written.
func (c *checker) writeUserCall(e *ast.Call) typed.Expr {
	dst := c.expr(e.Args[0])
	src := c.expr(e.Args[1])
	n, ok := c.constArg(e, 2)
	if isBad(dst) || isBad(src) || !ok {
		return bad(e.Span)
	}
	if t := dst.Type(); t.Kind != types.Pointer && !isNumber(t) {
		c.badArg(e, 0, t, "an address")
		return bad(e.Span)
	}
	src = c.sourceOf(e, src)
	if isBad(src) {
		return src
	}
	if size := int64(src.Type().Size); n < 1 || n > size {
		c.errorf(e.Args[2].Pos(), "out-of-range", "%d bytes cannot be written of a value that has %d", n, size)
		return bad(e.Span)
	}
	call := makeCall(e, types.Int64(), c.word(dst, false), src, constant(e.Args[2].Pos(), types.Uint64(), n))
	return c.comparison(e.Span, typed.Eq, call, constant(e.Span, types.Int64(), 0), types.Int64())
}

// sourceOf is the value that write_user writes: that of a variable whose address
// is given, or one in memory.
func (c *checker) sourceOf(e *ast.Call, src typed.Expr) typed.Expr {
	if a, ok := src.(*typed.AddressOf); ok {
		return c.settled(a.X)
	}
	t := src.Type()
	if t.Kind == types.Pointer && (t.Space == types.Stk || t.Space == types.MapMem) {
		return c.settled(c.follow(src, src.Pos()))
	}
	if t.Kind == types.Pointer {
		c.badArg(e, 1, t, "a value of the script").WithHint("store it in a variable: write_user(p, &$x, 8)")
		return bad(src.Pos())
	}
	return c.settled(src)
}

// strConcatCall types str_concat(a, b).
func (c *checker) strConcatCall(e *ast.Call) typed.Expr {
	x, okX := c.textArg(e, 0)
	y, okY := c.textArg(e, 1)
	if !okX || !okY {
		return bad(e.Span)
	}
	a, isA := x.(*typed.Str)
	b, isB := y.(*typed.Str)
	if isA && isB {
		return stringConst(e.Span, cstring(a.Value)+cstring(b.Value))
	}
	size := min(x.Type().Size+y.Type().Size-1, c.config.MaxStrlen)
	return makeCall(e, types.StringOf(max(size, x.Type().Size)), x, y)
}

// assertStrCall types assert_str(x), which is nothing if x is a string.
func (c *checker) assertStrCall(e *ast.Call) typed.Expr {
	x := c.lookAt(e.Args[0])
	if isBad(x) {
		return x
	}
	t := x.Type()
	if t.Kind != types.String && !isCharArray(t) && (t.Kind != types.Pointer || !isChar(*t.Elem)) {
		c.badArg(e, 0, t, "a string")
		return bad(e.Span)
	}
	return &typed.Zero{Base: base(e.Span, types.VoidType())}
}
