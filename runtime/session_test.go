package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/output"
)

// exitEvent adds the event of exit(code).
func (s *script) exitEvent() int {
	return s.event(object.Event{
		Kind: object.EventExit, FixedSize: 16, Map: -1,
		Args: []object.EventArg{{Type: types.Int64(), Offset: 8}},
	})
}

// TestOrder runs begin, exit and end: what was sent is printed in order, up to
// exit(), then what end has to say, and the maps come last.
func TestOrder(t *testing.T) {
	sc := newScript(0)
	l := sc.loss("begin")
	line := sc.printf("n %d\n", 1)
	exit := sc.exitEvent()
	m := sc.countMap("c")
	printMap := sc.event(object.Event{Kind: object.EventPrintMap, Map: m, FixedSize: 8})
	sc.timer("begin", 0,
		emit(line, 16, l, noWakeup, "a", 1),
		addTo("AT_c", 0, "counted"),
		emit(printMap, 8, l, noWakeup, "b"),
		emit(exit, 16, l, forceWakeup, "c", 7),
		emit(line, 16, l, noWakeup, "d", 2))
	sc.timer("end", 0, emit(line, 16, l, noWakeup, "a", 3))
	s, out, messages := session(t, nil)
	add(t, s, sc)
	code, err := s.Run(t.Context())
	if err != nil || code != 7 {
		t.Fatalf("Run = %d, %v", code, err)
	}
	if want := "n 1\n@c: 1\nn 3\n\n\n@c: 1\n"; out.String() != want {
		t.Errorf("output %q, want %q", out.String(), want)
	}
	if want := "Attached 2 probes\n"; messages.String() != want {
		t.Errorf("messages %q, want %q", messages.String(), want)
	}
}

// TestOrderJSON is the same as records.
func TestOrderJSON(t *testing.T) {
	sc := newScript(0)
	l := sc.loss("begin")
	line := sc.printf("n %d\n", 1)
	exit := sc.exitEvent()
	sc.countMap("c")
	sc.timer("begin", 0, emit(line, 16, l, noWakeup, "a", 1), addTo("AT_c", 0, "counted"),
		emit(exit, 16, l, forceWakeup, "c", 0))
	s, out, _ := session(t, func(o *Options) { o.Format = output.JSON })
	add(t, s, sc)
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `{"type": "attached_probes", "count": 1, "data": {"probes": 1}}
{"type": "printf", "data": "n 1\n"}
{"type": "map", "data": {"@c": 1}}
`
	if out.String() != want {
		t.Errorf("output\n%s\nwant\n%s", out.String(), want)
	}
}

// TestInterval runs an interval and ends by the context.
func TestInterval(t *testing.T) {
	sc := newScript(1)
	l := sc.loss("interval")
	line := sc.printf("tick\n", 0)
	sc.timer("interval", 2*time.Millisecond, emit(line, 8, l, noWakeup, "a"))
	s, out, _ := session(t, nil)
	add(t, s, sc)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "tick\n"); n < 5 {
		t.Errorf("%d ticks in 100 ms", n)
	}
}

// TestTracepoint counts system calls of this process exactly.
func TestTracepoint(t *testing.T) {
	sc := newScript(0)
	l := sc.loss("tracepoint")
	line := sc.printf("call %d\n", 1)
	sc.tracepoint("syscalls", "sys_enter_getppid", emit(line, 16, l, noWakeup, "a", 42))
	s, out, _ := session(t, nil)
	add(t, s, sc)
	for range 1000 {
		unix.Getppid()
	}
	s.Exit()
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "call 42\n"); n != 1000 {
		t.Errorf("%d lines of 1000 calls", n)
	}
}

// TestRefused maps a verifier's refusal to one line.
func TestRefused(t *testing.T) {
	sc := newScript(1)
	sc.timer("begin", 0)
	name := sc.obj.Manifest.Programs[0].Name
	sc.obj.Spec.Programs[name].Instructions = sc.obj.Spec.Programs[name].Instructions[1:]
	s, _, _ := session(t, nil)
	_, err := s.Add(t.Context(), sc.obj, testUnit())
	var refused *LoadError
	if !errors.As(err, &refused) || refused.Reason != ReasonVerifier {
		t.Fatalf("Add = %v", err)
	}
	if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "internal error: the kernel's verifier refused program begina: ") {
		t.Errorf("error %q", err)
	}
}
