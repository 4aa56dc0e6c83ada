package output

import (
	"fmt"
	"strconv"
	"time"
)

// TestResult is what came of a test.
type TestResult struct {
	Name   string
	Time   time.Duration
	Passed bool
	// Output is what the test printed.
	Output []byte
}

// TestReport prints the results of tests as bpftrace --test does.
type TestReport struct {
	w      *Writer
	json   bool
	run    int
	failed []string
}

// NewTestReport returns a report in a format.
func NewTestReport(f Format, w *Writer) *TestReport { return &TestReport{w: w, json: f == JSON} }

// text prints a line, unless the report is JSON.
func (r *TestReport) text(format string, args ...any) {
	if !r.json {
		fmt.Fprintf(r.w, format+"\n", args...)
	}
}

// Start tells how many tests there are.
func (r *TestReport) Start(n int) {
	if n > 0 {
		r.text("[==========] Running %d tests.", n)
	}
}

// Run tells that a test begins.
func (r *TestReport) Run(name string) { r.text("[ RUN      ] %s", name) }

// Result tells the result of a test.
func (r *TestReport) Result(t TestResult) {
	r.run++
	if !t.Passed {
		r.failed = append(r.failed, t.Name)
	}
	if r.json {
		line := append([]byte(`{"type": "test_result", "data": {`), appendString(nil, []byte(t.Name))...)
		line = fmt.Appendf(line, `: {"duration": %d, "passed": %t, "output": `, t.Time.Nanoseconds(), t.Passed)
		line = append(appendString(line, t.Output), "}}}\n"...)
		_, _ = r.w.Write(line)
		return
	}
	mark := "[       OK ]"
	if !t.Passed {
		mark = "[  FAILED  ]"
		_, _ = r.w.Write(t.Output)
	}
	r.text("%s %s (%d μs)", mark, t.Name, t.Time.Microseconds())
}

// End sums up.
func (r *TestReport) End() {
	if r.run == 0 {
		return
	}
	r.text("[==========] %s ran.", tests(r.run))
	r.text("[  PASSED  ] %s.", tests(r.run-len(r.failed)))
	if len(r.failed) == 0 {
		return
	}
	r.text("[  FAILED  ] %s, listed below:", tests(len(r.failed)))
	for _, name := range r.failed {
		r.text("[  FAILED  ] %s", name)
	}
}

func tests(n int) string {
	if n == 1 {
		return "1 test"
	}
	return strconv.Itoa(n) + " tests"
}

// BenchReport prints the results of benchmarks as bpftrace --bench does.
type BenchReport struct {
	w     *Writer
	json  bool
	width int
}

// nameWidth is the least width of the names of benchmarks.
const nameWidth = 40

// NewBenchReport returns a report on benchmarks of these names, and begins it.
func NewBenchReport(f Format, w *Writer, names []string) *BenchReport {
	r := &BenchReport{w: w, json: f == JSON, width: nameWidth}
	for _, name := range names {
		r.width = max(r.width, len(name))
	}
	if !r.json && len(names) > 0 {
		head := fmt.Sprintf("%-*s %-14s %s\n", r.width, "Benchmark", "Time(ns)", "Iterations")
		fmt.Fprint(w, head)
		for range len(head) - 1 {
			w.buf = append(w.buf, '-')
		}
		_, _ = w.Write([]byte{'\n'})
	}
	return r
}

// Result tells how many nanoseconds a run took on average, of how many.
func (r *BenchReport) Result(name string, average, repeat uint32) {
	if r.json {
		line := append([]byte(`{"type": "benchmark_result", "data": {`), appendString(nil, []byte(name))...)
		_, _ = r.w.Write(fmt.Appendf(line, ": {\"average\": %d, \"iters\": %d}}}\n", average, repeat))
		return
	}
	fmt.Fprintf(r.w, "%-*s %-14d %d\n", r.width, name, average, repeat)
}
