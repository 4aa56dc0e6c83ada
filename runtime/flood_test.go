package runtime

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
)

// lineCounter counts lines and forgets them, slowly if asked to.
type lineCounter struct {
	lines atomic.Int64
	slow  time.Duration
}

func (c *lineCounter) Write(p []byte) (int, error) {
	time.Sleep(c.slow)
	c.lines.Add(int64(strings.Count(string(p), "n 7\n")))
	return len(p), nil
}

// hammer makes system calls on all CPUs until stop is closed.
func hammer(stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				for range 1000 {
					unix.Getppid()
				}
			}
		}()
	}
	return &wg
}

// fired reads how often the program of a flood ran.
func fired(t testing.TB, m *ebpf.Map) uint64 {
	t.Helper()
	var perCPU []uint64
	if err := m.Lookup(uint32(0), &perCPU); err != nil {
		t.Fatal(err)
	}
	var n uint64
	for _, c := range perCPU {
		n += c
	}
	return n
}

func floodScript(pages int) *script {
	sc := newScript(pages)
	l := sc.loss("tracepoint:syscalls:sys_enter_getppid")
	line := sc.printf("n %d\n", 1)
	sc.tracepoint("syscalls", "sys_enter_getppid",
		addTo(testFired, 0, "fired"), emit(line, 16, l, noWakeup, "a", 7))
	return sc
}

// TestFlood sends far more events than a small ring holds and ends in the
// middle: what was printed and what was told to be lost is what happened.
func TestFlood(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pages int
		slow  time.Duration
	}{
		{"one page", 1, 0}, {"64 KiB", 16, 0}, {"4 MiB", 0, 0}, {"slow output", 16, 5 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			counter := &lineCounter{slow: tt.slow}
			s, _, messages := session(t, func(o *Options) { o.Out = counter })
			add(t, s, floodScript(tt.pages))
			stop := make(chan struct{})
			wg := hammer(stop)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			_, err := s.Run(ctx)
			close(stop)
			wg.Wait()
			if err != nil {
				t.Fatal(err)
			}
			happened := fired(t, s.units[0].raw[testFired])
			lost := s.Lost(object.LossRing)
			printed := uint64(counter.lines.Load())
			t.Logf("fired %d, printed %d, lost %d (%.1f%%)", happened, printed, lost, 100*float64(lost)/float64(happened))
			if printed+lost != happened {
				t.Errorf("printed %d + lost %d != fired %d", printed, lost, happened)
			}
			if told := toldLost(t, messages.String()); told != lost {
				t.Errorf("told of %d lost events, %d were\n%s", told, lost, messages)
			}
		})
	}
}

// toldLost reads the total from the messages: the last line about the ring.
func toldLost(t *testing.T, text string) uint64 {
	t.Helper()
	var n uint64
	for line := range strings.Lines(text) {
		_, rest, ok := strings.Cut(line, "lost ")
		if !ok {
			continue
		}
		n = 0
		for _, c := range rest {
			if c < '0' || c > '9' {
				break
			}
			n = n*10 + uint64(c-'0')
		}
	}
	return n
}

// TestBlockedOutput fills a pipe that nobody reads: the probes are detached all
// the same when the session is told to end.
func TestBlockedOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s, _, _ := session(t, func(o *Options) { o.Out = w })
	add(t, s, floodScript(16))
	stop := make(chan struct{})
	wg := hammer(stop)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, err := s.Run(ctx); done <- err }()
	time.Sleep(200 * time.Millisecond) // the pipe is full by now
	cancel()
	deadline := time.Now().Add(2 * time.Second)
	raw := s.units[0].raw[testFired]
	for before := fired(t, raw); ; {
		time.Sleep(50 * time.Millisecond)
		now := fired(t, raw)
		if now == before {
			break
		}
		if before = now; time.Now().After(deadline) {
			t.Fatal("the program still runs two seconds after the end")
		}
	}
	close(stop)
	wg.Wait()
	go func() { _, _ = io.Copy(io.Discard, r) }() // somebody reads at last
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.Close()
}

// TestClosedOutput ends a session whose reader went away.
func TestClosedOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	s, _, _ := session(t, func(o *Options) { o.Out = w })
	add(t, s, floodScript(16))
	stop := make(chan struct{})
	wg := hammer(stop)
	defer func() { close(stop); wg.Wait() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	code, err := s.Run(ctx)
	if ctx.Err() != nil {
		t.Error("a closed output did not end the session")
	}
	if e, ok := err.(*OutputError); !ok || !e.Closed() || code == 0 {
		t.Errorf("Run = %d, %v", code, err)
	}
}

// TestFullDisk tells of output that could not be written.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	s, _, _ := session(t, func(o *Options) { o.Out = full })
	sc := newScript(1)
	l := sc.loss("begin")
	line := sc.printf("x\n", 0)
	sc.timer("begin", 0, emit(line, 8, l, noWakeup, "a"))
	add(t, s, sc)
	code, err := s.Run(t.Context())
	if e, ok := err.(*OutputError); !ok || e.Closed() || code == 0 {
		t.Errorf("Run = %d, %v", code, err)
	}
}

// BenchmarkConsume measures what user space pays for a printf of two integers,
// from the ring to the output buffer.
func BenchmarkConsume(b *testing.B) {
	s, _, _ := session(b, func(o *Options) { o.Out = io.Discard })
	sc := newScript(4096)
	l := sc.loss("begin")
	line := sc.printf("%d %d\n", 2)
	add(b, s, sc)
	u := s.units[0]
	rec := make([]byte, 24)
	binary.NativeEndian.PutUint32(rec, uint32(line))
	binary.NativeEndian.PutUint64(rec[8:], 12345)
	binary.NativeEndian.PutUint64(rec[16:], 678)
	_ = l
	for b.Loop() {
		s.handle(u, rec)
	}
}
