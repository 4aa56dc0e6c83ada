package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/attach"
	"github.com/gotrace/gotrace/probes/features"
	"github.com/gotrace/gotrace/runtime"
	"github.com/gotrace/gotrace/runtime/child"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/symbolize"
)

// trace compiles a script for the running kernel and runs it to its end.
func (a *app) trace(ctx context.Context, f *flags, s script) (int, error) {
	u, err := a.parse(f, s)
	if err != nil {
		return exitError, err
	}
	world := probes.NewLive(probes.Options{PID: f.pid, Unsafe: f.unsafe})
	if err := a.check(f, u, world); err != nil {
		return exitError, a.explain(err)
	}
	if err := pick(f, u.prog); err != nil {
		return exitError, err
	}
	target, err := startTarget(f)
	if err != nil {
		return exitError, err
	}
	childPID := 0
	if target != nil {
		defer target.Stop()
		if target.Ours() {
			childPID = target.PID()
		}
	}
	if err := generate(u, features.NewLive(), codegenOptions(f, childPID)); err != nil {
		return exitError, err
	}
	out, err := a.openOutput(f)
	if err != nil {
		return exitError, err
	}
	defer out.Close()
	return a.session(ctx, f, u, out, target)
}

// session runs a compiled script.
func (a *app) session(ctx context.Context, f *flags, u *unit, out io.Writer, target *child.Process) (int, error) {
	ctx, stop := notifyContext(ctx)
	defer stop()
	opts := runtime.Options{
		Out:              out,
		Err:              a.stderr,
		Format:           output.Format(f.format),
		Buffer:           bufferMode(f),
		Color:            a.useColor(),
		Quiet:            f.quiet || f.selftest(),
		NoWarnings:       f.noWarnings,
		Verbose:          f.verbose,
		NotifyAttached:   a.getenv("__BPFTRACE_NOTIFY_PROBES_ATTACHED") != "",
		EndAfterIterator: true,
		Attacher:         &attacher{app: a, flags: f, sources: u.set, missing: u.prog.Config.MissingProbes, child: childOf(target)},
		Symbols:          symbolize.Options{Demangle: u.prog.Config.CppDemangle},
	}
	if target != nil {
		opts.Target = target
	}
	session, err := runtime.New(opts)
	if err != nil {
		return exitError, err
	}
	defer session.Close()
	if _, err := session.Add(ctx, u.obj, runtime.UnitOptions{Sources: u.set, MaxStrlen: u.prog.Config.MaxStrlen}); err != nil {
		return exitError, a.loadError(f, u, err)
	}
	if f.dryRun {
		return exitOK, nil
	}
	if err := runSelftest(ctx, f, session); err != nil {
		return exitError, err
	}
	code, err := session.Run(ctx)
	var broken *runtime.OutputError
	if errors.As(err, &broken) && broken.Closed() {
		// Whoever read our output has gone: "gotrace ... | head".
		return exitError, nil
	}
	return code, err
}

// childOf is the process of -c, or zero.
func childOf(target *child.Process) int {
	if target == nil || !target.Ours() {
		return 0
	}
	return target.PID()
}

// notifyContext ends the context at the first SIGINT or SIGTERM. The second one
// leaves at once: the kernel takes down what was attached.
func notifyContext(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	signal.Ignore(unix.SIGPIPE)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
		case <-done:
			return
		}
		cancel()
		select {
		case s := <-signals:
			os.Exit(128 + int(s.(unix.Signal)))
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

// startTarget starts the command of -c, stopped before its first instruction,
// or looks for the process of -p. It returns nil if there is neither.
func startTarget(f *flags) (*child.Process, error) {
	switch {
	case f.command != "":
		p, err := child.Start(f.command)
		if err != nil {
			return nil, usageError("%s", err)
		}
		return p, nil
	case f.pid > 0:
		p, err := child.Watch(f.pid)
		if err != nil {
			return nil, usageError("%s", err)
		}
		return p, nil
	}
	return nil, nil
}

// openOutput opens the file of -o, or returns standard output.
func (a *app) openOutput(f *flags) (io.WriteCloser, error) {
	if f.output == "" {
		return nopCloser{a.stdout}, nil
	}
	file, err := os.Create(f.output)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, usageError("cannot write to %s: %v", f.output, err)
	}
	return file, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func bufferMode(f *flags) output.BufferMode {
	if f.buffering == "" {
		return output.BufferLine
	}
	return output.BufferMode(f.buffering)
}

// attacher connects the runtime with probes/attach and applies the script's
// missing_probes setting.
type attacher struct {
	app     *app
	flags   *flags
	sources *source.Set
	missing string
	child   int // the process of -c, or zero
}

// Attach attaches a program to its points.
func (t *attacher) Attach(ctx context.Context, prog *ebpf.Program, p object.Program) (runtime.Link, error) {
	opts := attach.Options{PID: t.flags.pid, Child: t.child}
	if t.missing == "warn" || t.missing == "ignore" {
		opts.Skip = func(p point.Point, err error) bool {
			if t.missing == "warn" && !t.flags.noWarnings {
				fmt.Fprintf(t.app.stderr, "gotrace: warning: %s: %s\n", p.Name, oneLine(err.Error()))
			}
			return true
		}
	}
	link, err := attach.Attach(ctx, prog, p, opts)
	if err != nil {
		return nil, err
	}
	return link, nil
}

// loadError makes the message of a failed load or attachment: one line, with
// the place in the script where it is known. The verifier's log is for -v.
func (a *app) loadError(f *flags, u *unit, err error) error {
	var load *runtime.LoadError
	if errors.As(err, &load) {
		if f.verbose {
			for _, line := range load.Log {
				fmt.Fprintln(a.stderr, line)
			}
		}
		hint := load.Hint
		if hint == "" && load.Reason == runtime.ReasonVerifier {
			hint = "this is a fault of gotrace: please report it with the script and the output of -v"
		}
		return placed(u.set, load.Span, load.Error(), hint)
	}
	var failed *attach.Error
	if errors.As(err, &failed) {
		return usageError("%s", failed.Error()).hint("%s", failed.Hint)
	}
	var conflict *runtime.MapConflictError
	if errors.As(err, &conflict) {
		return usageError("%s", conflict)
	}
	return err
}

// placed returns an error at a place of the script, or without one.
func placed(set *source.Set, span source.Span, msg, hint string) error {
	if span.IsZero() {
		return usageError("%s", msg).hint("%s", hint)
	}
	list := &source.List{}
	list.Errorf(span, "load", "%s", msg).WithHint("%s", hint)
	return &scriptError{set: set, list: list}
}

var syscallProbe = regexp.MustCompile(`tracefs|permission`)

// explain adds to a failed check that tracing needs privileges, when the
// reason may be that this process has none.
func (a *app) explain(err error) error {
	var script *scriptError
	if !errors.As(err, &script) || os.Geteuid() == 0 {
		return err
	}
	for _, d := range script.list.Sorted() {
		if d.Severity == source.Error && syscallProbe.MatchString(d.Msg) {
			return usageError("tracing needs root, or the capabilities CAP_BPF and CAP_PERFMON").hint("run it with sudo; gotrace -d bpf shows the code without")
		}
	}
	return err
}

// getenv returns a variable of the environment, or "".
func (a *app) getenv(name string) string {
	for _, entry := range a.environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
