package runtime

import (
	"bytes"
	"context"
	"runtime"
	"time"
	"unsafe"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/runtime/output"
)

// Test runs the test programs of all units one after the other and prints which
// of them pass, with the output of those that do not. A test passes if its
// program returns zero and calls no exit() with another code. If one fails, the
// exit code of the session is 1. The session is at its end then; Run finishes it.
func (s *Session) Test(ctx context.Context) error {
	return s.selftest("test", func(programs []named) error {
		report := output.NewTestReport(s.opts.Format, s.writer)
		report.Start(len(programs))
		failed := 0
		for _, p := range programs {
			if ctx.Err() != nil {
				break
			}
			report.Run(p.name)
			r, err := s.runTest(p)
			if err != nil {
				return err
			}
			if !r.Passed {
				failed++
			}
			report.Result(r)
			s.writer.Idle()
		}
		report.End()
		s.exitCode = min(failed, 1)
		return nil
	})
}

// Bench runs the bench programs of all units one after the other, and prints
// how long a run of each takes. What they print is dropped; exit() ends it.
func (s *Session) Bench(ctx context.Context) error {
	return s.selftest("bench", func(programs []named) error {
		names := make([]string, len(programs))
		for i, p := range programs {
			names[i] = p.name
		}
		report := output.NewBenchReport(s.opts.Format, s.writer, names)
		for _, p := range programs {
			if ctx.Err() != nil || s.exited {
				break
			}
			average, repeat, err := s.runBench(p)
			if err != nil {
				return err
			}
			report.Result(p.name, average, repeat)
			s.writer.Idle()
		}
		return nil
	})
}

// named is a test or benchmark.
type named struct {
	name string
	unit *unit
	*program
}

// selftest does something with the programs of a role, in the script's order.
func (s *Session) selftest(role string, do func([]named) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.Exit()
	s.drain() // begin has something to say
	s.exited, s.selftested = false, true
	var programs []named
	for _, u := range s.units {
		for _, p := range u.programs {
			if p.spec.Role == role && len(p.spec.Points) > 0 {
				programs = append(programs, named{p.spec.Points[0].Attach.Event, u, p})
			}
		}
	}
	return do(programs)
}

// capture gathers what the units print while something runs.
func (s *Session) capture(run func() error) ([]byte, error) {
	var text bytes.Buffer
	w := output.NewWriter(&text, output.BufferFull)
	for _, u := range s.units {
		printer := u.printer
		u.printer = output.NewPrinter(output.Text, w, s.log, u.decoder)
		defer func() { u.printer = printer }()
	}
	err := run()
	s.drain()
	w.Flush()
	return text.Bytes(), err
}

func (s *Session) runTest(p named) (output.TestResult, error) {
	s.exited, s.exitCode = false, 0
	attr := testRunAttr{}
	var took time.Duration
	text, err := s.capture(func() error {
		start := time.Now()
		err := testRun(p.Program, &attr)
		took = time.Since(start)
		return err
	})
	r := output.TestResult{Name: p.name, Time: took, Output: text}
	r.Passed = attr.retval == 0 && s.exitCode == 0
	return r, err
}

// How long the kernel repeats a benchmark at least, so that the clock is exact
// enough, and how often at most.
const (
	benchTime = 10 * time.Millisecond
	benchMost = 1 << 24
)

// runBench returns how many nanoseconds a run takes, and of how many runs that
// is the average.
func (s *Session) runBench(p named) (average, repeat uint32, err error) {
	packet := make([]byte, 64) // the kernel wants one, the program has no use for it
	for repeat = 10; ; repeat *= 2 {
		attr := testRunAttr{
			dataInSize: uint32(len(packet)), dataIn: uint64(uintptr(unsafe.Pointer(&packet[0]))), repeat: repeat,
		}
		_, err := s.capture(func() error { return testRun(p.Program, &attr) })
		runtime.KeepAlive(packet)
		s.forgive(p.unit)
		total := time.Duration(attr.duration) * time.Duration(repeat)
		if err != nil || total >= benchTime || s.exited || repeat >= benchMost {
			return attr.duration, repeat, err
		}
	}
}

// forgive forgets the events lost so far: nobody would have seen them.
func (s *Session) forgive(u *unit) {
	if u.losses == nil {
		return
	}
	for i, what := range u.losses.what {
		if what.Cause == object.LossRing {
			u.losses.told[i] = u.losses.read(i)
		}
	}
}
