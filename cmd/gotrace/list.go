package main

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes"
)

// list prints the probes that match the pattern of -l.
func (a *app) list(f *flags) error {
	pattern := strings.Join(f.args, ",")
	w := bufio.NewWriter(a.stdout)
	n, err := probes.NewLive(probes.Options{PID: f.pid, Unsafe: f.unsafe}).List(w, pattern, f.verbose)
	if flushErr := w.Flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		return describe(err)
	}
	if n == 0 {
		return usageError("no probe matches %q", pattern).hint("patterns have wildcards, as in 'tracepoint:sched:*' or '*open*'")
	}
	return nil
}

// listScript prints the probes that a script attaches to.
func (a *app) listScript(f *flags, s script) (int, error) {
	u, err := a.parse(f, s)
	if err != nil {
		return exitError, err
	}
	world := probes.NewLive(probes.Options{PID: f.pid, Unsafe: f.unsafe})
	if err := a.check(f, u, world); err != nil {
		return exitError, err
	}
	var names []string
	for _, clause := range u.prog.Clauses {
		for _, p := range clause.Points {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	if f.verbose {
		w := bufio.NewWriter(a.stdout)
		if _, err := world.List(w, strings.Join(names, ","), true); err != nil {
			return exitError, describe(err)
		}
		return exitOK, w.Flush()
	}
	for _, name := range names {
		fmt.Fprintln(a.stdout, name)
	}
	return exitOK, nil
}

// describe turns the errors of the world into user errors with their hints.
func describe(err error) error {
	var missing *typecheck.NotFound
	var unsupported *typecheck.Unsupported
	switch {
	case errors.As(err, &missing):
		return usageError("%s", missing.Msg).hint("%s", missing.Hint)
	case errors.As(err, &unsupported):
		return usageError("%s", unsupported.Msg).hint("%s", unsupported.Hint)
	}
	return err
}
