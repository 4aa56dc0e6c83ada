package typecheck

import (
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib"
)

// knownIdent reports whether a bare name means a value.
func (c *checker) knownIdent(name string) bool {
	if stdlib.Lookup(name) != nil {
		return true
	}
	if _, ok := c.defines[name]; ok {
		return true
	}
	if _, _, ok := c.world.Constant(name); ok {
		return true
	}
	if _, err := c.world.TypeByName(name); err == nil {
		return false // no need to look through headers
	}
	_, ok := c.headerConstant(name)
	return ok
}

// ident types a bare name: a builtin, a #define or an enumerator.
func (c *checker) ident(e *ast.Ident) typed.Expr {
	if e.Name == "" { // stands for what was reported already
		return bad(e.Span)
	}
	if d, ok := c.defines[e.Name]; ok {
		return d.value(e.Span)
	}
	// What bpftrace's own library calls __builtin_x is x here.
	name := strings.TrimPrefix(e.Name, "__builtin_")
	if f := stdlib.Lookup(name); f != nil {
		if f.Bare {
			return c.builtin(name, f, e.Span)
		}
		c.errorf(e.Span, "not-a-value", "%s is a function", quote(e.Name)).
			WithHint("call it: %s(...)", e.Name)
		return bad(e.Span)
	}
	if v, t, ok := c.world.Constant(e.Name); ok {
		if t.Kind != types.Enum && t.Kind != types.Int {
			return literal(e.Span, v)
		}
		return &typed.Const{Base: base(e.Span, t), Value: cut(v, t)}
	}
	if d, ok := c.headerConstant(e.Name); ok {
		return d.value(e.Span)
	}
	if c.cdefs.broken { // it may be what could not be read
		return bad(e.Span)
	}
	c.errorf(e.Span, "unknown-name", "unknown name %s", quote(e.Name)).Hint = c.nameHint(e.Name)
	return bad(e.Span)
}

// nameHint suggests what an unknown bare name may have been meant to be.
func (c *checker) nameHint(name string) string {
	var names []string
	for _, f := range stdlib.Builtins() {
		names = append(names, f.Name)
	}
	for d := range c.defines {
		names = append(names, d)
	}
	if hint := suggest.Hint("", name, names); hint != "" {
		return hint
	}
	if c.cl != nil && c.cl.scope.find(name) != nil {
		return "variables are written with a dollar sign: $" + name
	}
	if _, ok := c.maps[name]; ok {
		return "maps are written with an at sign: @" + name
	}
	return c.includeHint(name)
}

// allowed reports whether a row of stdlib may be used in this clause, and says
// so if not.
func (c *checker) allowed(name string, span source.Span) bool {
	f := stdlib.Lookup(name)
	if f == nil {
		return true
	}
	if f.Unsupported != "" {
		c.unsupported(span, name, f.Unsupported)
		return false
	}
	ctx := c.cl.typed.Context
	if !f.AllowedIn(ctx) {
		pt := c.cl.point()
		d := c.errorf(span, "wrong-probe", "%s means nothing in a %s probe", name, pt.Provider)
		switch {
		case strings.HasPrefix(name, "arg") && name != "args" && ctx == point.Tracepoint:
			d.Hint = "the arguments of tracepoints have names: args.x"
		case strings.HasPrefix(name, "arg") && (ctx == point.Kretprobe || ctx == point.Uretprobe):
			d.Hint = "the arguments are gone when a function returns; keep them in a map at its entry"
		case name == "args" && ctx == point.Iter:
			d.Hint = "the fields of an iterator are those of ctx: ctx.x"
		case name == "retval" && ctx == point.Tracepoint:
			d.Hint = "the return value of a system call is args.ret"
		case name == "retval":
			d.Hint = "use kretprobe, fexit or uretprobe"
		default:
			d.Hint = "it is for " + contextNames(f.Contexts)
		}
		return false
	}
	if f.Unsafe {
		c.prog.Unsafe = append(c.prog.Unsafe, span)
		if !c.opts.Unsafe {
			c.errorf(span, "unsafe", "%s() changes the system and is off by default", name).
				WithHint("run gotrace with --unsafe to allow it")
			return false
		}
	}
	return true
}

// contextNames lists contexts as probe kinds.
func contextNames(contexts []point.Context) string {
	var names []string
	for _, ctx := range contexts {
		name := string(ctx)
		switch ctx {
		case point.BTFTracepoint:
			continue // no provider of its own
		case point.PerfEvent:
			name = "profile"
		case point.Timer:
			name = "interval"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// builtin types a builtin without arguments.
func (c *checker) builtin(name string, f *stdlib.Function, span source.Span) typed.Expr {
	if !c.allowed(name, span) {
		return bad(span)
	}
	if n, ok := numbered(name, "arg"); ok {
		if pt := c.cl.point(); pt.Context == point.USDT && n >= len(pt.Operands) {
			c.errorf(span, "out-of-range", "%s has %d arguments, there is no %s", pt.Name, len(pt.Operands), name).
				WithHint("gotrace -lv shows them")
			return bad(span)
		}
		return &typed.ContextArg{Base: base(span, types.Uint64()), Index: n}
	}
	if n, ok := numbered(name, "sarg"); ok {
		return c.stackArg(n, span)
	}
	switch f.Name {
	case "retval":
		return c.retval(span)
	case "args":
		return c.allArgs(span)
	case "kstack", "ustack":
		return c.stack(f.Name, nil, span)
	case "curtask":
		return c.curtask(span)
	case "usermode":
		return c.usermode(span)
	case "ctx":
		return &typed.Builtin{Base: base(span, types.PointerTo(types.VoidType(), types.Context)), Name: "ctx"}
	case "config":
		return c.settings(span)
	case "probetype":
		return stringConst(span, probeType(c.cl.point()))
	case "has_cpid":
		return boolConst(span, c.opts.HaveChild)
	case "cpid":
		if !c.opts.HaveChild {
			c.warnf(span, "no-child", "cpid is zero without a command to run").
				WithHint("give one with -c")
			return constant(span, types.Uint32(), 0)
		}
	case "default_str_length":
		return literal(span, int64(c.config.MaxStrlen))
	case "func":
		if ctx := c.cl.point().Context; ctx == point.Uprobe || ctx == point.Uretprobe {
			// A symbol of a program: its address means something only with the process.
			return &typed.Builtin{Base: base(span, types.Type{Kind: types.USym, Size: 16}), Name: f.Name}
		}
	case "ppid", "pcomm", "leader_comm", "leader_tid":
		return c.relative(f.Name, c.curtask(span), span)
	}
	return &typed.Builtin{Base: base(span, f.Type), Name: f.Name}
}

// usermode tells where the event happened. Only of a sample it has to be asked.
func (c *checker) usermode(span source.Span) typed.Expr {
	t := types.Uint8()
	switch c.cl.typed.Context {
	case point.PerfEvent:
		return &typed.Builtin{Base: base(span, t), Name: "usermode"}
	case point.Uprobe, point.Uretprobe:
		return constant(span, t, 1)
	}
	return constant(span, t, 0)
}

// settings is config as a value: a record of the settings.
func (c *checker) settings(span source.Span) typed.Expr {
	cfg := c.config
	number := func(n int) typed.Expr { return constant(span, types.Uint64(), int64(n)) }
	list := []struct {
		name  string
		value typed.Expr
	}{
		{"max_map_keys", number(cfg.MaxMapKeys)},
		{"max_strlen", number(cfg.MaxStrlen)},
		{"max_probes", number(cfg.MaxProbes)},
		{"max_bpf_progs", number(cfg.MaxPrograms)},
		{"max_cat_bytes", number(cfg.MaxCatBytes)},
		{"stack_mode", stringConst(span, string(cfg.StackMode))},
		{"str_trunc_trailer", stringConst(span, cfg.StrTruncTrailer)},
		{"print_maps_on_exit", boolConst(span, cfg.PrintMapsOnExit)},
		{"license", stringConst(span, cfg.License)},
		{"missing_probes", stringConst(span, cfg.MissingProbes)},
		{"cpp_demangle", boolConst(span, cfg.CppDemangle)},
		{"lazy_symbolication", boolConst(span, cfg.LazySymbols)},
	}
	var elems []typed.Expr
	var ts []types.Type
	var names []string
	for _, s := range list {
		elems, ts, names = append(elems, s.value), append(ts, s.value.Type()), append(names, s.name)
	}
	return &typed.TupleExpr{Base: base(span, types.TupleOf(ts, names)), Elems: elems}
}

// numbered splits "arg3" into its prefix and number.
func numbered(name, prefix string) (int, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// probeType is what the builtin probetype says of a point.
func probeType(pt point.Point) string {
	switch pt.Provider {
	case "begin", "end", "self":
		return "special"
	}
	return pt.Provider
}

// retval is the return value: a word, unless the probe is one whose prototype
// the language relies on.
func (c *checker) retval(span source.Span) typed.Expr {
	t := types.Uint64()
	if pt := c.cl.point(); pt.Ret != nil && pt.Context.Trusted() {
		t = inSpace(*pt.Ret, types.BTF, true)
	}
	return &typed.ContextArg{Base: base(span, t), Return: true}
}

// stackArg is the n-th word above the return address on the stack.
func (c *checker) stackArg(n int, span source.Span) typed.Expr {
	p := types.PointerTo(types.Uint64(), c.cl.typed.Space)
	sp := convert(&typed.Register{Base: base(span, types.Uint64()), Register: "sp"}, p)
	at := &typed.PtrAdd{Base: base(span, p), X: sp, Index: constant(span, types.Int64(), int64(n)+1)}
	return &typed.Deref{Base: base(span, types.Uint64()), X: at}
}

// curtask is a pointer to the current task that the verifier trusts.
func (c *checker) curtask(span source.Span) typed.Expr {
	task := types.Type{Kind: types.Record, Name: "struct task_struct", Incomplete: true}
	return &typed.Builtin{Base: base(span, types.PointerTo(task, types.BTF)), Name: "curtask"}
}

// relative is a property of a relative of a task: ppid and its like.
func (c *checker) relative(name string, task typed.Expr, span source.Span) typed.Expr {
	path := map[string][]string{
		"ppid": {"real_parent", "tgid"}, "pcomm": {"real_parent", "comm"},
		"leader_comm": {"group_leader", "comm"}, "leader_tid": {"group_leader", "pid"},
	}[name]
	x := task
	for _, field := range path {
		if x = c.follow(x, span); isBad(x) {
			return x
		}
		if x = c.member(x, field, span, span); isBad(x) {
			return x
		}
	}
	if name == "ppid" || name == "leader_tid" {
		return c.widen(x, types.Uint32())
	}
	return c.value(x)
}

// param types $N and $#.
func (c *checker) param(e *ast.Param) typed.Expr {
	if e.Number == 0 {
		return literal(e.Span, int64(len(c.opts.Params)))
	}
	if e.Number > len(c.opts.Params) {
		return literal(e.Span, 0)
	}
	text := c.opts.Params[e.Number-1]
	if v, ok := parseInt(text); ok {
		return literal(e.Span, v)
	}
	return stringConst(e.Span, text)
}

// paramString makes a string of a parameter that meets one: a parameter that
// looks like a number, or that is missing, is text there.
func (c *checker) paramString(e ast.Expr, x, other typed.Expr) typed.Expr {
	p, ok := e.(*ast.Param)
	if !ok || p.Number == 0 || other.Type().Kind != types.String || x.Type().Kind == types.String {
		return x
	}
	return stringConst(p.Span, c.paramText(p.Number))
}

func (c *checker) paramText(n int) string {
	if n > len(c.opts.Params) {
		return ""
	}
	return c.opts.Params[n-1]
}

// parseInt reads an integer as a script writes it: decimal, hexadecimal or
// octal, perhaps with a sign.
func parseInt(text string) (int64, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	if v, err := strconv.ParseInt(text, 0, 64); err == nil {
		return v, true
	}
	if v, err := strconv.ParseUint(text, 0, 64); err == nil {
		return int64(v), true
	}
	return 0, false
}
