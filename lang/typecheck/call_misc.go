package typecheck

import (
	"fmt"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib/format"
)

// The depth of stacks.
const (
	defaultStackDepth = 127
	maxStackDepth     = 1024
)

func stackModes() []string {
	return []string{string(types.StackBpftrace), string(types.StackPerf), string(types.StackRaw), string(types.StackBuildID)}
}

func (c *checker) stackCall(e *ast.Call) typed.Expr { return c.stack(e.Name, e, e.Span) }

// stack types kstack and ustack with their mode and limit.
func (c *checker) stack(name string, e *ast.Call, span source.Span) typed.Expr {
	mode, depth := c.config.StackMode, int64(defaultStackDepth)
	if mode == types.StackBuildID && name == "kstack" {
		mode = types.StackRaw
	}
	var args []ast.Expr
	if e != nil {
		args = e.Args
	}
	if len(args) > 0 {
		if m, ok := modeName(args[0]); ok {
			mode = types.StackMode(m)
			if !contains(stackModes(), m) {
				c.errorf(args[0].Pos(), "bad-argument", "unknown stack mode %s", quote(m)).
					Hint = orModes(suggest.Hint("", m, stackModes()))
				return bad(span)
			}
			args = args[1:]
		} else if len(args) == 2 {
			c.errorf(args[0].Pos(), "bad-argument", "the first argument of %s() is a stack mode", name).
				Hint = orModes("")
			return bad(span)
		}
	}
	if len(args) > 0 {
		n, ok := c.constInt(args[0])
		switch {
		case !ok:
			c.errorf(args[0].Pos(), "not-constant", "the limit of %s() must be a constant integer", name)
			return bad(span)
		case n < 1 || n > maxStackDepth:
			c.errorf(args[0].Pos(), "out-of-range", "a stack has 1 to %d frames, not %d", maxStackDepth, n)
			return bad(span)
		}
		depth = n
	}
	if mode == types.StackBuildID && name == "kstack" {
		c.errorf(span, "bad-argument", "the mode build_id is for ustack only")
		return bad(span)
	}
	return &typed.Builtin{Base: base(span, types.StackOf(name == "ustack", mode, int(depth))), Name: name}
}

func orModes(hint string) string {
	if hint != "" {
		return hint
	}
	return "the modes are bpftrace, perf, raw and build_id"
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// modeName takes a bare word or a string as the name of a mode.
func modeName(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name, true
	case *ast.String:
		return e.Value, true
	}
	return "", false
}

// namespaceCall types pid(init) and tid(curr_ns).
func (c *checker) namespaceCall(e *ast.Call) typed.Expr {
	ns, _ := modeName(e.Args[0])
	name := e.Name
	switch ns {
	case "curr_ns":
	case "init":
		name += "_init"
	default:
		d := c.errorf(e.Args[0].Pos(), "bad-argument", "%s() takes the name of a PID namespace", e.Name)
		d.Hint = suggest.Hint("", ns, []string{"init", "curr_ns"})
		if d.Hint == "" {
			d.Hint = "write curr_ns or init"
		}
		return bad(e.Span)
	}
	return &typed.Builtin{Base: base(e.Span, types.Uint32()), Name: name}
}

func clockModes() []string { return []string{"monotonic", "boot", "tai", "sw_tai"} }

// nsecsCall types nsecs(clock).
func (c *checker) nsecsCall(e *ast.Call) typed.Expr {
	mode, _ := modeName(e.Args[0])
	if !contains(clockModes(), mode) {
		d := c.errorf(e.Args[0].Pos(), "bad-argument", "nsecs() takes the name of a clock")
		d.Hint = suggest.Hint("", mode, clockModes())
		if d.Hint == "" {
			d.Hint = "the clocks are monotonic, boot, tai and sw_tai"
		}
		return bad(e.Span)
	}
	name := "nsecs_" + mode
	if mode == "boot" {
		name = "nsecs"
	}
	return &typed.Builtin{Base: base(e.Span, types.Uint64()), Name: name}
}

func (c *checker) timeCall(e *ast.Call) typed.Expr {
	text := "%H:%M:%S\n"
	if len(e.Args) == 1 {
		s, ok := c.stringArg(e, 0)
		if !ok {
			return bad(e.Span)
		}
		text = s.Value
	}
	return makeCall(e, types.VoidType(), stringConst(e.Span, text))
}

// strftimeCall types strftime(format, nanoseconds). The clock is that of the
// argument if it is nsecs itself, and otherwise the boot clock.
func (c *checker) strftimeCall(e *ast.Call) typed.Expr {
	text, ok := c.stringArg(e, 0)
	x := c.expr(e.Args[1])
	if !ok || isBad(x) {
		return bad(e.Span)
	}
	if !isNumber(x.Type()) {
		c.badArg(e, 1, x.Type(), "nanoseconds")
		return bad(e.Span)
	}
	if k, isConst := x.(*typed.Const); isConst && k.Value < 0 && k.T.Signed {
		c.errorf(k.Span, "out-of-range", "strftime() does not take negative times")
		return bad(e.Span)
	}
	clock := "boot"
	if b, isClock := x.(*typed.Builtin); isClock {
		switch b.Name {
		case "nsecs_tai":
			clock = "tai"
		case "nsecs_sw_tai":
			clock = "sw_tai"
		case "nsecs_monotonic":
			c.errorf(x.Pos(), "bad-argument", "strftime() cannot tell the date from the monotonic clock").
				WithHint("use nsecs, which is the boot clock")
			return bad(e.Span)
		}
	}
	return makeCall(e, types.Type{Kind: types.Timestamp, Size: 16}, text, c.widen(x, types.Uint64()), stringConst(e.Span, clock))
}

func (c *checker) regCall(e *ast.Call) typed.Expr {
	s, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	known := registers()
	if !contains(known, s.Value) {
		c.errorf(e.Args[0].Pos(), "unknown-register", "unknown register %q", s.Value).
			Hint = suggest.Hint("", s.Value, known)
		return bad(e.Span)
	}
	return &typed.Register{Base: base(e.Span, types.Uint64()), Register: s.Value}
}

// registers are the names of struct pt_regs on the machines that programs are
// compiled for; code generation knows which belong to which.
func registers() []string {
	names := []string{"ip", "sp", "bp", "ax", "bx", "cx", "dx", "si", "di", "orig_ax", "cs", "ss", "flags",
		"rip", "rsp", "rbp", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "fp", "lr", "pc", "pstate"}
	for i := range 31 {
		names = append(names, "r"+itoa(int64(i)), "x"+itoa(int64(i)))
	}
	return names
}

func (c *checker) cgroupPathCall(e *ast.Call) typed.Expr {
	x, ok := c.wordArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	args := []typed.Expr{x}
	if len(e.Args) == 2 {
		filter, ok := c.stringArg(e, 1)
		if !ok {
			return bad(e.Span)
		}
		args = append(args, filter)
	}
	return makeCall(e, types.Type{Kind: types.Cgroup, Size: 8}, args...)
}

func (c *checker) overrideCall(e *ast.Call) typed.Expr {
	x, ok := c.wordArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	return makeCall(e, types.VoidType(), x)
}

// assertStmt writes assert(condition, message) out.
func (c *checker) assertStmt(e *ast.Call) []typed.Stmt {
	cond := c.condition(e.Args[0])
	msg, ok := c.textArg(e, 1)
	if isBad(cond) || !ok {
		return nil
	}
	void := base(e.Span, types.VoidType())
	fail := []typed.Stmt{
		&typed.ExprStmt{Span: e.Span, X: &typed.Call{Base: void, Name: "errorf", Args: []typed.Expr{
			stringConst(e.Span, "assert failed: %s"), msg,
		}}},
		&typed.ExprStmt{Span: e.Span, X: &typed.Call{Base: void, Name: "exit", Args: []typed.Expr{constant(e.Span, types.Int64(), 1)}}},
	}
	var failed typed.Expr = &typed.Unary{Base: base(cond.Pos(), types.BoolType()), Op: typed.Not, X: cond}
	if k, isConst := cond.(*typed.Const); isConst {
		failed = boolConst(cond.Pos(), k.Value == 0)
	}
	return []typed.Stmt{&typed.If{Span: e.Span, Cond: failed, Then: fail}}
}

// assertCall is assert as an expression, in a branch of ?: or a block.
func (c *checker) assertCall(e *ast.Call) typed.Expr {
	stmts := c.assertStmt(e)
	if stmts == nil {
		return bad(e.Span)
	}
	void := base(e.Span, types.VoidType())
	return &typed.BlockExpr{Base: void, Stmts: stmts, Result: &typed.Zero{Base: void}}
}

func (c *checker) staticAssertCall(e *ast.Call) typed.Expr {
	cond := c.condition(e.Args[0])
	msg, ok := c.stringArg(e, 1)
	if isBad(cond) || !ok {
		return bad(e.Span)
	}
	k, isConst := cond.(*typed.Const)
	switch {
	case !isConst:
		c.errorf(e.Args[0].Pos(), "not-constant", "the condition of static_assert() must be a constant").
			WithHint("assert() checks when the script runs")
	case k.Value == 0:
		c.errorf(e.Span, "static-assert", "%s", clean(msg.Value))
	default:
		return &typed.Zero{Base: base(e.Span, types.VoidType())}
	}
	return bad(e.Span)
}

// failCall types fail(format, ...): reaching it is an error.
func (c *checker) failCall(e *ast.Call) typed.Expr {
	text, ok := c.stringArg(e, 0)
	args := c.formatArgs(e)
	if !ok || args == nil || !c.checkFormat(e, text, args) {
		return bad(e.Span)
	}
	pieces, _ := format.Parse(text.Value)
	msg, next := "", 0
	for _, p := range pieces {
		if p.Directive == nil {
			msg += p.Literal
			continue
		}
		switch x := args[next].(type) {
		case *typed.Str:
			msg += x.Value
		case *typed.Const:
			msg += fmt.Sprint(x.Value)
		default:
			c.errorf(x.Pos(), "not-constant", "the arguments of fail() must be constants")
			return bad(e.Span)
		}
		next += p.Directive.Args()
	}
	c.errorf(e.Span, "fail", "%s", clean(msg))
	return bad(e.Span)
}

// getoptCall types getopt(name[, default[, description]]).
func (c *checker) getoptCall(e *ast.Call) typed.Expr {
	name, ok := c.stringArg(e, 0)
	if !ok {
		return bad(e.Span)
	}
	given, has := c.opts.Named[name.Value]
	fallback := boolConst(e.Span, false)
	if len(e.Args) > 1 {
		fallback = c.expr(e.Args[1])
	}
	wrong := func(want string) typed.Expr {
		c.errorf(e.Span, "bad-argument", "the parameter --%s is %q, want %s", name.Value, given, want)
		return bad(e.Span)
	}
	switch d := fallback.(type) {
	case *typed.Str:
		if has {
			return stringConst(e.Span, given)
		}
		return d
	case *typed.Const:
		switch {
		case !has:
			return fallback
		case d.T.Kind == types.Bool:
			switch given {
			case "true", "1", "":
				return boolConst(e.Span, true)
			case "false", "0":
				return boolConst(e.Span, false)
			}
			return wrong("true or false")
		}
		if v, isInt := parseInt(given); isInt {
			return literal(e.Span, v)
		}
		return wrong("an integer")
	}
	if !isBad(fallback) {
		c.errorf(e.Args[1].Pos(), "not-constant", "the default of getopt() must be a literal")
	}
	return bad(e.Span)
}

// kindCall types the is_ family: questions about the type of an expression.
func (c *checker) kindCall(e *ast.Call) typed.Expr {
	x := c.lookAt(e.Args[0])
	if isBad(x) {
		return x
	}
	t := x.Type()
	answer := false
	switch e.Name {
	case "is_array":
		answer = t.Kind == types.Array
	case "is_integer":
		answer = t.Kind == types.Int
	case "is_unsigned_integer":
		answer = t.Kind == types.Int && !t.Signed
	case "is_ptr":
		answer = t.Kind == types.Pointer
	case "is_str":
		answer = t.Kind == types.String || isCharArray(t)
	case "is_literal":
		switch e.Args[0].(type) {
		case *ast.Int, *ast.Bool, *ast.String, *ast.Param:
			answer = true
		}
	}
	return boolConst(e.Span, answer)
}

// relativeCall types ppid(task) and its like.
func (c *checker) relativeCall(e *ast.Call) typed.Expr {
	x := c.expr(e.Args[0])
	if isBad(x) {
		return x
	}
	if t := x.Type(); t.Kind != types.Pointer || t.Elem.Name != "struct task_struct" {
		c.badArg(e, 0, t, "a struct task_struct*")
		return bad(e.Span)
	}
	return c.relative(e.Name, x, e.Span)
}
