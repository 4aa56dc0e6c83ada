package typecheck

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib"
)

// rule types the calls of one function. The argument count is right already.
type rule func(c *checker, e *ast.Call) typed.Expr

// rules are the typing rules by the functions' names. A test holds them against
// the table of stdlib.
func rules() map[string]rule {
	return map[string]rule{
		"printf": (*checker).formatCall, "errorf": (*checker).formatCall, "warnf": (*checker).formatCall,
		"system": (*checker).formatCall, "cat": (*checker).formatCall, "fail": (*checker).failCall,
		"print": (*checker).printCall, "join": (*checker).joinCall, "time": (*checker).timeCall,
		"strftime": (*checker).strftimeCall, "exit": (*checker).exitCall,
		"clear": (*checker).wholeMapCall, "zero": (*checker).wholeMapCall, "len": (*checker).lenCall,
		"delete": (*checker).deleteCall, "has_key": (*checker).hasKeyCall, "find": (*checker).findCall,
		"str": (*checker).strCall, "buf": (*checker).bufCall, "kptr": (*checker).spaceCall, "uptr": (*checker).spaceCall,
		"bswap": (*checker).bswapCall, "is_err": (*checker).isErrCall,
		"strlen": (*checker).strlenCall, "strcap": (*checker).strcapCall, "strncmp": (*checker).strncmpCall,
		"strcontains": (*checker).searchCall, "strstr": (*checker).searchCall, "signal_name": (*checker).nameCall,
		"strerror": (*checker).nameCall, "syscall_name": (*checker).nameCall,
		"ksym": (*checker).symbolCall, "usym": (*checker).symbolCall, "kaddr": (*checker).kaddrCall, "uaddr": (*checker).uaddrCall,
		"ntop": (*checker).ntopCall, "pton": (*checker).ptonCall, "macaddr": (*checker).macaddrCall,
		"kstack": (*checker).stackCall, "ustack": (*checker).stackCall,
		"pid": (*checker).namespaceCall, "tid": (*checker).namespaceCall, "nsecs": (*checker).nsecsCall,
		"reg": (*checker).regCall, "cgroup_path": (*checker).cgroupPathCall,
		"signal": (*checker).signalCall, "signal_thread": (*checker).signalCall, "override": (*checker).overrideCall,
		"assert": (*checker).assertCall, "static_assert": (*checker).staticAssertCall, "getopt": (*checker).getoptCall,
		"is_array": (*checker).kindCall, "is_integer": (*checker).kindCall, "is_literal": (*checker).kindCall,
		"is_ptr": (*checker).kindCall, "is_str": (*checker).kindCall, "is_unsigned_integer": (*checker).kindCall,
		"container_of": (*checker).containerOfCall, "typeinfo": (*checker).typeinfoCall,
		"percpu_kaddr": (*checker).percpuKaddrCall, "path": (*checker).pathCall,
		"socket_cookie": (*checker).socketCookieCall, "cgroupid": (*checker).cgroupidCall, "comm": (*checker).commCall,
		"kfunc_exist": (*checker).kfuncCall, "kfunc_allowed": (*checker).kfuncCall,
		"write_user": (*checker).writeUserCall, "str_concat": (*checker).strConcatCall, "assert_str": (*checker).assertStrCall,
		"ppid": (*checker).relativeCall, "pcomm": (*checker).relativeCall,
		"leader_comm": (*checker).relativeCall, "leader_tid": (*checker).relativeCall,
	}
}

// call types a call.
func (c *checker) call(e *ast.Call) typed.Expr {
	f := stdlib.Lookup(e.Name)
	if f == nil {
		c.exprs(e.Args)
		c.unknownFunction(e)
		return bad(e.Span)
	}
	if f.Unsupported != "" {
		c.allowed(e.Name, e.NameSpan)
		return bad(e.Span)
	}
	if f.Group == stdlib.Aggregation {
		c.exprs(e.Args)
		c.errorf(e.Span, "aggregation-as-value", "%s() can only be assigned to a map", e.Name).
			WithHint("write @name = %s", c.shown(e.Span, e.Name+"(...)"))
		return bad(e.Span)
	}
	if f.Bare && len(e.Args) == 0 {
		return c.builtin(e.Name, f, e.Span)
	}
	if !c.countArgs(e) || !c.allowed(e.Name, e.NameSpan) {
		return bad(e.Span)
	}
	apply := rules()[f.Name]
	if apply == nil {
		c.unsupported(e.NameSpan, e.Name+"()", "")
		return bad(e.Span)
	}
	if e.Name != f.Name {
		canonical := *e
		canonical.Name = f.Name
		e = &canonical
	}
	return apply(c, e)
}

func (c *checker) unknownFunction(e *ast.Call) {
	d := c.errorf(e.NameSpan, "unknown-function", "unknown function %s", quote(e.Name))
	names := stdlib.Names()
	names = append(names, c.macros.names()...)
	d.Hint = suggest.Hint("", e.Name, names)
}

// countArgs reports whether a call has as many arguments as its function takes.
func (c *checker) countArgs(e *ast.Call) bool {
	f := stdlib.Lookup(e.Name)
	n, least, most := len(e.Args), f.MinArgs(), f.MaxArgs()
	if n >= least && (most < 0 || n <= most) {
		return true
	}
	want := "no arguments"
	switch {
	case most < 0:
		want = "at least " + plural(least, "argument")
	case least == 0 && most > 0:
		want = "at most " + plural(most, "argument")
	case least != most:
		want = itoa(int64(least)) + " to " + plural(most, "argument")
	case least > 0:
		want = plural(least, "argument")
	}
	c.errorf(e.Span, "argument-count", "%s() takes %s, not %d", e.Name, want, n).
		WithHint("%s", signature(f))
	return false
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return itoa(int64(n)) + " " + noun + "s"
}

// signature writes how a function is called.
func signature(f *stdlib.Function) string {
	var parts []string
	for _, p := range f.Params {
		part := p.Name
		if p.Variadic {
			part += "..."
		}
		if p.Optional {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	return f.Name + "(" + strings.Join(parts, ", ") + ")"
}

// makeCall makes a Call node.
func makeCall(e *ast.Call, t types.Type, args ...typed.Expr) typed.Expr {
	return &typed.Call{Base: base(e.Span, t), Name: e.Name, Args: args}
}

// callStmt handles calls that mean something else as a statement. It reports
// whether it did.
func (c *checker) callStmt(e *ast.Call) ([]typed.Stmt, bool) {
	if e.Name == "assert" && c.countArgs(e) {
		return c.assertStmt(e), true
	}
	return nil, false
}

// stringArg checks an argument that must be a literal string.
func (c *checker) stringArg(e *ast.Call, i int) (*typed.Str, bool) {
	x := c.expr(e.Args[i])
	if p, ok := e.Args[i].(*ast.Param); ok && p.Number > 0 {
		x = stringConst(p.Span, c.paramText(p.Number))
	}
	if s, ok := x.(*typed.Str); ok {
		return s, true
	}
	if !isBad(x) {
		c.errorf(e.Args[i].Pos(), "not-constant", "this argument of %s() must be a literal string", e.Name).
			WithHint("it is needed before the script runs")
	}
	return nil, false
}

// wordArg checks an argument that is an integer or an address.
func (c *checker) wordArg(e *ast.Call, i int) (typed.Expr, bool) {
	x := c.expr(e.Args[i])
	if isBad(x) {
		return x, false
	}
	if t := x.Type(); !isNumber(t) && t.Kind != types.Pointer {
		c.badArg(e, i, t, "an integer or a pointer")
		return x, false
	}
	return c.word(x, false), true
}

// badArg reports an argument of the wrong type.
func (c *checker) badArg(e *ast.Call, i int, have types.Type, want string) *source.Diagnostic {
	return c.errorf(e.Args[i].Pos(), "bad-argument", "%s() takes %s here, this is %s", e.Name, want, describe(have))
}

// probeText makes a literal of the builtin probe where its text is needed. The
// clause has one probe only then.
func (c *checker) probeText(x typed.Expr) typed.Expr {
	if b, ok := x.(*typed.Builtin); ok && b.Name == "probe" && len(c.cl.typed.Points) == 1 {
		return stringConst(b.Span, c.cl.point().Name)
	}
	return x
}

// textArg checks an argument that is a string.
func (c *checker) textArg(e *ast.Call, i int) (typed.Expr, bool) {
	x := c.expr(e.Args[i])
	if p, ok := e.Args[i].(*ast.Param); ok && p.Number > 0 {
		x = stringConst(p.Span, c.paramText(p.Number))
	}
	if isBad(x) {
		return x, false
	}
	x = c.probeText(x)
	if t := x.Type(); t.Kind != types.String {
		d := c.badArg(e, i, t, "a string")
		if t.Kind == types.Pointer || isNumber(t) {
			d.Hint = "read the string at an address with str()"
		}
		return x, false
	}
	return x, true
}
