package runtime

import (
	"regexp"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/runtime/output"
)

// selftest adds a test or benchmark that returns a value.
func (s *script) selftest(role, name string, value int32, body ...asm.Instructions) {
	s.timer(role, 0, body...)
	p := &s.obj.Manifest.Programs[len(s.obj.Manifest.Programs)-1]
	p.Points[0].Attach.Event = name
	spec := s.obj.Spec.Programs[p.Name]
	if role == "bench" {
		spec.Type = ebpf.XDP
	}
	spec.Instructions[len(spec.Instructions)-2] = asm.Mov.Imm(asm.R0, value).WithSymbol("exit")
}

// selftests is a script with tests that pass, fail and exit, and benchmarks.
func selftests() *script {
	sc := newScript(1)
	l := sc.loss("begin")
	line := sc.printf("n %d\n", 1)
	exit := sc.exitEvent()
	sc.countMap("c")
	sc.timer("begin", 0, emit(line, 16, l, noWakeup, "a", 1))
	sc.selftest("test", "good", 0, emit(line, 16, l, noWakeup, "a", 2))
	sc.selftest("test", "bad", 5, emit(line, 16, l, noWakeup, "a", 3))
	sc.selftest("test", "ends", 0, emit(exit, 16, l, noWakeup, "a", 0))
	sc.selftest("test", "ends badly", 0, emit(exit, 16, l, noWakeup, "a", 3))
	sc.timer("end", 0, emit(line, 16, l, noWakeup, "a", 4))
	return sc
}

var (
	duration = regexp.MustCompile(`\(\d+ μs\)|"duration": \d+`)
	measured = regexp.MustCompile(`(?m) {2,}\d+ +\d+$`)
)

// masked is output without times.
func masked(text string) string {
	return measured.ReplaceAllString(duration.ReplaceAllString(text, "T"), " T N")
}

// TestTests runs tests: the output of those that pass is not shown, and exit()
// ends one test alone.
func TestTests(t *testing.T) {
	s, out, _ := session(t, func(o *Options) { o.Quiet = true })
	add(t, s, selftests())
	if err := s.Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code, err := s.Run(t.Context()); err != nil || code != 1 {
		t.Fatalf("Run = %d, %v", code, err)
	}
	const want = `n 1
[==========] Running 4 tests.
[ RUN      ] good
[       OK ] good T
[ RUN      ] bad
n 3
[  FAILED  ] bad T
[ RUN      ] ends
[       OK ] ends T
[ RUN      ] ends badly
[  FAILED  ] ends badly T
[==========] 4 tests ran.
[  PASSED  ] 2 tests.
[  FAILED  ] 2 tests, listed below:
[  FAILED  ] bad
[  FAILED  ] ends badly
n 4


`
	if got := masked(out.String()); got != want {
		t.Errorf("output\n%s\nwant\n%s", got, want)
	}
}

// TestTestsJSON is the same as records, with all output.
func TestTestsJSON(t *testing.T) {
	s, out, _ := session(t, func(o *Options) { o.Quiet, o.Format = true, output.JSON })
	add(t, s, selftests())
	if err := s.Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = `{"type": "printf", "data": "n 1\n"}
{"type": "test_result", "data": {"good": {T, "passed": true, "output": "n 2\n"}}}
{"type": "test_result", "data": {"bad": {T, "passed": false, "output": "n 3\n"}}}
{"type": "test_result", "data": {"ends": {T, "passed": true, "output": ""}}}
{"type": "test_result", "data": {"ends badly": {T, "passed": false, "output": ""}}}
{"type": "printf", "data": "n 4\n"}
`
	if got := masked(out.String()); got != want {
		t.Errorf("output\n%s\nwant\n%s", got, want)
	}
}

// TestBench measures: events that a benchmark sends, or loses, are told to
// nobody, and exit() ends the measuring.
func TestBench(t *testing.T) {
	sc := newScript(1)
	l := sc.loss("bench")
	line := sc.printf("n %d\n", 1)
	exit := sc.exitEvent()
	sc.selftest("bench", "empty", 0)
	sc.selftest("bench", "talks", 0, emit(line, 16, l, noWakeup, "a", 2))
	sc.selftest("bench", "ends", 0, emit(exit, 16, l, noWakeup, "a", 0))
	sc.selftest("bench", "never", 0)
	s, out, messages := session(t, func(o *Options) { o.Quiet = true })
	add(t, s, sc)
	start := time.Now()
	if err := s.Bench(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = `Benchmark                                Time(ns)       Iterations
------------------------------------------------------------------
empty T N
talks T N
ends T N


`
	if got := masked(out.String()); got != want {
		t.Errorf("output\n%s\nwant\n%s", got, want)
	}
	if messages.String() != "" {
		t.Errorf("messages %q", messages.String())
	}
}
