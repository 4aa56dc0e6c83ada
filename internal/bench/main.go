// Command bench measures gotrace beside bpftrace and ply, where these are
// installed, and prints a table with the ratios.
//
// All programs take their turns in every round, and the medians over the rounds
// are printed: on a shared machine only ratios from the same run mean anything.
// Three things are measured:
//
//	start   from exec until tracing has begun: wall time, and peak memory then
//	event   what an event costs in the kernel, less an empty program's cost
//	print   the consumer of printf at full rate: lines, losses, CPU per line
//
// Environment: BENCH_ROUNDS (7), BENCH_ONLY (a comma-separated list of the
// above), GOTRACE_BIN (bin/gotrace), GOTRACE_PEERS (the root of the peers, see
// scripts/peers.sh).
package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "load" {
		load(os.Args[2])
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parts are what can be measured, in the order of the table.
var parts = []struct {
	name string
	run  func(*bench) error
}{
	{"start", (*bench).start},
	{"many", (*bench).many},
	{"event", (*bench).event},
	{"print", (*bench).print},
}

// bench is one run: the programs under test and the table that grows.
type bench struct {
	tools  []*tool
	rounds int
	table  table
}

func run() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("needs root: it loads BPF programs")
	}
	b := &bench{rounds: 7}
	if text := os.Getenv("BENCH_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("BENCH_ROUNDS is %q, not a number of rounds", text)
		}
		b.rounds = n
	}
	var err error
	if b.tools, err = findTools(); err != nil {
		return err
	}
	only := strings.FieldsFunc(os.Getenv("BENCH_ONLY"), func(r rune) bool { return r == ',' })
	for _, part := range parts {
		if len(only) > 0 && !slices.Contains(only, part.name) {
			continue
		}
		if err := part.run(b); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	b.heading()
	b.table.print(os.Stdout, b.tools)
	return nil
}

// heading tells what the figures were measured on.
func (b *bench) heading() {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	fmt.Printf("Linux %s, %s, %d CPUs; medians of %d rounds in which all take turns\n\n",
		strings.TrimSpace(string(release)), runtime.GOARCH, runtime.NumCPU(), b.rounds)
}

// interleave calls f for every tool, as often as there are rounds, in turns. A
// tool that fails once is left out from then on, and the failure is told.
func (b *bench) interleave(what string, f func(*tool) error) {
	failed := map[*tool]bool{}
	for range b.rounds {
		for _, t := range b.tools {
			if t.missing != "" || failed[t] {
				continue
			}
			if err := f(t); err != nil {
				failed[t] = true
				fmt.Fprintf(os.Stderr, "bench: %s: %s: %v\n", what, t.name, err)
			}
		}
	}
}
