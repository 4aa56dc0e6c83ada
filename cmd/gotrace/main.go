// Command gotrace traces a Linux system with one-liners and scripts in the
// bpftrace language. It compiles them to BPF instructions by itself: there is
// no compiler, no C library and nothing to install beside this one file.
//
//	gotrace -e 'tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }'
//	gotrace script.bt
//	gotrace -l 'tracepoint:sched:*'
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
)

// version is set by the linker.
var version = "unknown"

// Exit codes. A script's exit(n) gives n.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 1 // as bpftrace
)

// The main goroutine keeps the main thread: begin and end run on it, so that in
// them tid is pid.
func init() { runtime.LockOSThread() }

func main() {
	app := &app{
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
		environ: os.Environ(),
	}
	os.Exit(app.run(context.Background(), os.Args[1:]))
}

// app is one invocation: where it reads and writes.
type app struct {
	stdin   io.Reader
	stdout  *os.File
	stderr  io.Writer
	environ []string
}

// run parses the command line, does what it asks and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	flags, err := parseFlags(args)
	switch {
	case errors.Is(err, errHelp):
		io.WriteString(a.stdout, usage())
		return exitOK
	case err != nil:
		a.fail(err)
		return exitUsage
	}
	code, err := a.dispatch(ctx, flags)
	if err != nil {
		a.fail(err)
		if code == exitOK {
			code = exitError
		}
	}
	return code
}

// dispatch picks the mode of operation.
func (a *app) dispatch(ctx context.Context, f *flags) (int, error) {
	switch {
	case f.version:
		io.WriteString(a.stdout, "gotrace "+version+"\n")
		return exitOK, nil
	case f.info:
		return exitOK, a.info()
	case f.list && f.expr == "" && !f.hasScriptFile():
		return exitOK, a.list(f)
	case f.format != "" && f.format != "text" && f.format != "json":
		return exitUsage, usageError("unknown output format %q", f.format).hint("-f takes text or json")
	case (f.subcommand("fmt") || f.subcommand("check")) && len(f.args) == 1:
		return exitUsage, usageError("%s needs a FILE", f.args[0]).hint("write gotrace %s script.bt, or - for standard input", f.args[0])
	case f.subcommand("fmt"):
		return a.formatFiles(f.args[1:])
	case f.subcommand("check"):
		return a.checkFile(f, f.args[1:])
	case f.live != "":
		return a.console(ctx, f, f.live)
	case a.wantsConsole(f):
		return a.console(ctx, f, "")
	}
	script, err := a.readScript(f)
	if err != nil {
		return exitUsage, err
	}
	switch {
	case f.reformat != "":
		return a.reformat(script)
	case len(f.dump) > 0:
		return a.dump(f, script)
	case f.list:
		return a.listScript(f, script)
	}
	return a.trace(ctx, f, script)
}
