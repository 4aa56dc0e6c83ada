package e2e

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// limit bounds every run and every wait. It is far above what anything takes:
// reaching it means that something hangs.
const limit = 60 * time.Second

// marker is the line by which bpftrace and gotrace tell that tracing has begun.
const marker = "__BPFTRACE_NOTIFY_PROBES_ATTACHED"

var attachedLine = regexp.MustCompile(`(?m)^(` + marker + `|\{.*` + marker + `.*|Attached \d+ probes?|\{"type": *"attached_probes".*)\n?`)

// options of a run that most do not need.
type options struct {
	stdin  string
	stdout *os.File // in place of what result.stdout captures
	env    []string
	uid    uint32
	dir    string
}

// tracer is a running gotrace or bpftrace.
type tracer struct {
	cmd            *exec.Cmd
	stdout, stderr *capture
	timer          *time.Timer
}

// result is what a run left.
type result struct {
	stdout, stderr string
	// code is the exit code, or minus the signal that ended the process.
	code int
}

// start runs a program and returns at once.
func start(t *testing.T, o options, program string, args ...string) *tracer {
	t.Helper()
	tr := &tracer{cmd: exec.Command(program, args...), stdout: newCapture(), stderr: newCapture()}
	tr.cmd.Stdin = strings.NewReader(o.stdin)
	tr.cmd.Stdout, tr.cmd.Stderr = tr.stdout, tr.stderr
	if o.stdout != nil {
		tr.cmd.Stdout = o.stdout
	}
	tr.cmd.Env = append(append(os.Environ(), marker+"=1"), o.env...)
	tr.cmd.Dir = o.dir
	tr.cmd.WaitDelay = 5 * time.Second
	if o.uid != 0 {
		as(tr.cmd, o.uid)
	}
	if err := tr.cmd.Start(); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	tr.timer = time.AfterFunc(limit, func() { tr.cmd.Process.Kill() })
	t.Cleanup(func() {
		tr.timer.Stop()
		tr.cmd.Process.Kill()
	})
	return tr
}

// run runs a program to its end.
func run(t *testing.T, o options, program string, args ...string) result {
	t.Helper()
	return start(t, o, program, args...).wait(t)
}

// waitAttached returns when tracing has begun.
func (tr *tracer) waitAttached(t *testing.T) {
	t.Helper()
	select {
	case <-tr.stdout.attached:
	case <-tr.stderr.attached:
	case <-tr.ended():
		r := tr.wait(t)
		t.Fatalf("ended before it was attached, code %d\nstdout: %s\nstderr: %s", r.code, r.stdout, r.stderr)
	case <-time.After(limit):
		t.Fatalf("not attached after %v\nstderr: %s", limit, tr.stderr.String())
	}
}

// ended is closed when the process is gone, which a pidfd or a wait elsewhere
// would tell as well: both streams reach their end then.
func (tr *tracer) ended() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for syscall.Kill(tr.cmd.Process.Pid, 0) == nil && !zombie(tr.cmd.Process.Pid) {
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return done
}

func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	if err != nil {
		return true
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return len(after) > 0 && after[0] == 'Z'
}

// waitOutput returns when standard output has a text in it.
func (tr *tracer) waitOutput(t *testing.T, text string) {
	t.Helper()
	ended := tr.ended()
	for deadline := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		if strings.Contains(tr.stdout.String(), text) {
			return
		}
		select {
		case <-ended:
			if !strings.Contains(tr.stdout.String(), text) {
				t.Fatalf("ended without printing %q: %s%s", text, tr.stdout.String(), tr.stderr.String())
			}
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %q in the output: %s", text, tr.stdout.String())
		}
	}
}

func (tr *tracer) signal(s os.Signal) { tr.cmd.Process.Signal(s) }

// wait returns when the process has ended.
func (tr *tracer) wait(t *testing.T) result {
	t.Helper()
	err := tr.cmd.Wait()
	if !tr.timer.Stop() {
		t.Errorf("killed: still running after %v", limit)
	}
	r := result{stdout: tr.stdout.String(), stderr: tr.stderr.String(), code: tr.cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if status, ok := tr.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		r.code = -int(status.Signal())
	} else if err != nil && !errors.As(err, &exit) {
		t.Errorf("waiting: %v", err)
	}
	return r
}

// stop interrupts the process as Ctrl-C does and waits for its end.
func (tr *tracer) stop(t *testing.T) result {
	t.Helper()
	tr.signal(os.Interrupt)
	return tr.wait(t)
}

// trace runs a program over a workload: from attached to interrupted.
func trace(t *testing.T, o options, work func(), program string, args ...string) result {
	t.Helper()
	tr := start(t, o, program, args...)
	tr.waitAttached(t)
	work()
	return tr.stop(t)
}

// capture keeps what is written to it and tells when the marker came by.
type capture struct {
	mu       sync.Mutex
	buf      bytes.Buffer
	seen     bool
	attached chan struct{}
}

var _ io.Writer = (*capture)(nil)

func newCapture() *capture { return &capture{attached: make(chan struct{})} }

func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf.Write(p)
	if !c.seen && c.buf.Len() < 1<<16 && attachedLine.Match(c.buf.Bytes()) {
		c.seen = true
		close(c.attached)
	}
	return len(p), nil
}

func (c *capture) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}
