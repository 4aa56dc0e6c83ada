package main

import (
	"errors"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/imports"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
)

// unit is a script on its way through the stages.
type unit struct {
	set  *source.Set
	file *ast.File
	prog *typed.Program
	obj  *object.Object
}

// parse reads a script into a syntax tree.
func (a *app) parse(f *flags, s script) (*unit, error) {
	u := &unit{set: &source.Set{}}
	file, list := parser.Parse(u.set, u.set.Add(s.name, s.text))
	u.file = file
	if list.HasErrors() {
		return nil, &scriptError{set: u.set, list: list}
	}
	a.printDiagnostics(u.set, list, f.noWarnings)
	return u, nil
}

// check types the script against a world.
func (a *app) check(f *flags, u *unit, world typecheck.World) error {
	prog, list := a.typecheck(f, u, world)
	if list.HasErrors() {
		return &scriptError{set: u.set, list: list}
	}
	a.printDiagnostics(u.set, list, f.noWarnings)
	u.prog = prog
	return nil
}

// typecheck types the script, with what it imports, against a world.
func (a *app) typecheck(f *flags, u *unit, world typecheck.World) (*typed.Program, *source.List) {
	file, imported := imports.Resolve(u.set, u.file, fileAccess{})
	if imported.HasErrors() {
		return nil, imported
	}
	return typecheck.Check(u.set, file, world, typecheck.Options{
		Params:      f.params(),
		Named:       f.named,
		Unsafe:      f.unsafe,
		Env:         a.environment(),
		NoWarnings:  f.noWarnings,
		ProcessMode: f.pid > 0 || f.command != "",
		HaveChild:   f.command != "",
		ParseExpr:   parser.ParseExpr,
		Headers:     a.headers(f),
		Arch:        runtime.GOARCH,
		CgroupID:    cgroupID,
	})
}

// generate compiles the typed script for a target.
func generate(u *unit, target codegen.Target, opts codegen.Options) error {
	obj, err := codegen.Compile(u.prog, target, opts)
	if err != nil {
		return compileError(u, err)
	}
	u.obj = obj
	return nil
}

// compileError makes the message of a failed compilation.
func compileError(u *unit, err error) error {
	var unsupported *codegen.Unsupported
	if errors.As(err, &unsupported) {
		return placed(u.set, unsupported.Span, unsupported.Msg, unsupported.Hint)
	}
	return usageError("%s", err).hint("this is a fault of gotrace: please report it with the script")
}

// environment returns the environment's variables that configure a script.
func (a *app) environment() map[string]string {
	env := map[string]string{}
	for _, entry := range a.environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "BPFTRACE_") || strings.HasPrefix(name, "GOTRACE_") {
			env[name] = value
		}
	}
	return env
}

// codegenOptions are the facts of this run that go into the code.
func codegenOptions(f *flags, childPID int) codegen.Options {
	boot, tai := clock(unix.CLOCK_BOOTTIME), clock(unix.CLOCK_TAI)
	return codegen.Options{
		TargetPID:   f.pid,
		ChildPID:    childPID,
		StartBootNS: uint64(boot),
		TAIOffsetNS: tai - boot,

		WallOffsetNS: clock(unix.CLOCK_REALTIME) - boot,
	}
}

// clock reads a kernel clock in nanoseconds; zero where it does not exist.
func clock(id int32) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0
	}
	return t.Nano()
}
