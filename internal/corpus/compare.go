package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// settle is what a tracer is given to read the last events before it is told to
// end.
const settle = 500 * time.Millisecond

// runBeside starts a tracer, runs the workload when it has attached its probes,
// ends it and returns both of its streams. The workload is not the tracer's own
// child, as the two tracers do not show the same of one: and bpftrace may live in
// a root of its own, where it would find other files.
func (r *runner) runBeside(tracer string, s script) string {
	out := &output{}
	cmd := exec.Command(tracer, append([]string{"--no-warnings"}, s.command()...)...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return err.Error()
	}
	stop := time.AfterFunc(r.limit, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	for start := time.Now(); time.Since(start) < r.limit && !strings.Contains(out.String(), "Attach"); {
		time.Sleep(20 * time.Millisecond)
	}
	if err := r.work(); err != nil {
		return err.Error()
	}
	time.Sleep(settle)
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	return out.String()
}

// output is a stream that is read while it is written.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// numbers are what differs from run to run by nature.
var numbers = regexp.MustCompile(`[0-9]+`)

// compare runs a script under both tracers and holds the outputs against each
// other.
func (r *runner) compare(s script) (verdict, detail string) {
	ours, theirs := r.lines(r.gotrace, s), r.lines(r.bpftrace, s)
	if slices.Equal(ours, theirs) {
		r.same++
		return "same", ""
	}
	r.different++
	for i := range max(len(ours), len(theirs)) {
		if a, b := at(ours, i), at(theirs, i); a != b {
			return "different", fmt.Sprintf("%q, bpftrace %q", a, b)
		}
	}
	return "different", ""
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// lines are the lines of a run that count, sorted: the order of a map's elements
// with equal values is nobody's promise.
func (r *runner) lines(tracer string, s script) []string {
	var out string
	if s.workload == "" {
		out, _ = r.run(tracer, append([]string{"--no-warnings"}, s.command()...))
	} else {
		out = r.runBeside(tracer, s)
	}
	var kept []string
	for _, line := range strings.Split(out, "\n") {
		line = strings.TrimRight(line, " \n")
		if s.loose {
			line = strings.Join(strings.Fields(numbers.ReplaceAllString(line, "N")), " ")
		}
		switch {
		case line == "", strings.HasPrefix(line, "Attach"), strings.HasPrefix(line, "WARNING:"), strings.HasPrefix(line, "stdin:"):
		case s.keep != "" && !strings.Contains(line, s.keep):
		default:
			kept = append(kept, line)
		}
	}
	slices.Sort(kept)
	return kept
}
