package e2e

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/diff from bpftrace")

// TestSameAsBpftrace runs every case of testdata/diff and wants bpftrace's
// output, byte for byte after the case's normalisation.
func TestSameAsBpftrace(t *testing.T) {
	needRoot(t)
	for _, c := range readCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(c.path), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, ok := c.get("want")
			if differs, has := c.get("differs"); has {
				_, want, ok = strings.Cut(differs, "\n\n")
			}
			if !ok {
				t.Fatalf("%s has no expected output: run the test with -update", c.path)
			}
			r, got := c.run(t, gotrace)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("bpftrace - gotrace +\n%s\nstderr: %s", diff, r.stderr)
			}
		})
	}
}

// TestExpectationsAreBpftraces checks the files themselves against bpftrace.
func TestExpectationsAreBpftraces(t *testing.T) {
	needRoot(t)
	peer := bpftrace(t)
	for _, c := range readCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(c.path), ".txt"), func(t *testing.T) {
			t.Parallel()
			if why, ok := c.get("unchecked"); ok {
				t.Skip(strings.TrimSpace(why))
			}
			want, _ := c.get("want")
			r, got := c.run(t, peer, "--no-warnings")
			// On a busy machine bpftrace may be interrupted before it has read
			// what was printed, which it then drops: it gets a second try.
			if got != want && !*update {
				r, got = c.run(t, peer, "--no-warnings")
			}
			if *update {
				c.setWant(t, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("file - bpftrace +\n%s\nstderr: %s", diff, r.stderr)
			}
		})
	}
}

func readCases(t *testing.T) []*diffCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/diff/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var cases []*diffCase
	for _, path := range paths {
		cases = append(cases, readCase(t, path))
	}
	return cases
}

// run runs the case in one of the programs and returns the normalised output.
func (c *diffCase) run(t *testing.T, program string, flags ...string) (result, string) {
	t.Helper()
	comm := newComm(t)
	script, _ := c.get("script")
	script = strings.NewReplacer("$COMM", comm, "$WORKLOAD", filepath.Join(workdir, comm)).Replace(script)
	args := append(flags, c.fields("args")...)
	args = append(args, "-e", script)
	args = append(args, c.fields("params")...)
	// Dates must not depend on the machine, nor names on a locale.
	o := options{env: []string{"TZ=UTC", "LC_ALL=C"}}
	var r result
	if work := c.fields("workload"); len(work) > 0 {
		r = trace(t, o, func() {
			runWorkload(t, comm, work...)
			if program != gotrace {
				time.Sleep(300 * time.Millisecond) // bpftrace drops what it has not read
			}
		}, program, args...)
	} else {
		r = run(t, o, program, args...)
	}
	return r, c.normalise(t, r, comm)
}
