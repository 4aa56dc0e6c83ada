// Package child runs the command of -c and watches the process of -p.
//
// A command is started at once, because a script may need its process id, but
// stops before its first instruction until the probes are attached: it is
// traced with ptrace, which stops it when it has executed the program, and let
// go later. All calls of ptrace must come from the thread that started the
// child, so one goroutine keeps a thread for as long as the child lives.
package child

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Error says why a command could not be started.
type Error struct {
	Command string
	Err     error
}

func (e *Error) Error() string {
	switch {
	case errors.Is(e.Err, exec.ErrNotFound), errors.Is(e.Err, os.ErrNotExist):
		return fmt.Sprintf("cannot run %q: there is no such program", e.Command)
	case errors.Is(e.Err, os.ErrPermission):
		return fmt.Sprintf("cannot run %q: it is not executable", e.Command)
	}
	return fmt.Sprintf("cannot run %q: %v", e.Command, e.Err)
}

// Unwrap returns the system's error.
func (e *Error) Unwrap() error { return e.Err }

// Process is a command that waits to be let go, runs, or has ended; or a process
// that is not ours and is only watched.
type Process struct {
	cmd   *exec.Cmd // nil if not ours
	pidfd *os.File  // of a process that is not ours
	pid   int
	start chan struct{}
	done  chan struct{}
	once  sync.Once
	// state and err are set before done is closed.
	state *os.ProcessState
	err   error
}

// Start starts a command line, split as a shell splits words, up to its first
// instruction.
func Start(line string) (*Process, error) {
	words, err := Split(line)
	if err != nil {
		return nil, &Error{Command: line, Err: err}
	}
	if len(words) == 0 {
		return nil, &Error{Command: line, Err: errors.New("it is empty")}
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// Should we be killed, the child is not left behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Pdeathsig: syscall.SIGTERM}
	p := &Process{cmd: cmd, start: make(chan struct{}), done: make(chan struct{})}
	ready := make(chan error)
	go p.run(ready)
	if err := <-ready; err != nil {
		return nil, &Error{Command: words[0], Err: err}
	}
	return p, nil
}

// run is the life of the child, on a thread of its own.
func (p *Process) run(ready chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	if err := p.cmd.Start(); err != nil {
		ready <- err
		return
	}
	p.pid = p.cmd.Process.Pid
	if err := p.awaitExec(); err != nil {
		ready <- err
		return
	}
	ready <- nil
	<-p.start
	// The child may have been killed while it was stopped: then there is
	// nothing to let go.
	if err := unix.PtraceDetach(p.pid); err != nil && !errors.Is(err, unix.ESRCH) {
		p.err = err
	}
	if err := p.cmd.Wait(); p.err == nil && p.cmd.ProcessState == nil {
		p.err = err
	}
	p.state = p.cmd.ProcessState
}

// awaitExec waits for the stop that follows the child's execve.
func (p *Process) awaitExec() error {
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(p.pid, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case !status.Stopped():
			return fmt.Errorf("it ended before it began (status %d)", status)
		}
		return nil
	}
}

// PID returns the process id.
func (p *Process) PID() int { return p.pid }

// Ours reports whether the process is a command that was started here.
func (p *Process) Ours() bool { return p.cmd != nil }

// Start lets a command run. A process that is watched runs already.
func (p *Process) Start() error {
	if !p.Ours() {
		return nil
	}
	p.once.Do(func() { close(p.start) })
	return nil
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop asks a command to end (SIGTERM) and lets it do so. It does not wait. A
// process that is not ours is left alone and no more watched.
func (p *Process) Stop() {
	if !p.Ours() {
		p.once.Do(func() { _ = p.pidfd.Close() })
		return
	}
	select {
	case <-p.done:
		return
	default:
	}
	// An error says that it has ended meanwhile.
	_ = unix.Kill(p.pid, unix.SIGTERM)
	_ = p.Start()
}

// ExitCode returns how a command ended, as a shell says it (128 and the signal
// that killed it), and whether it has ended.
func (p *Process) ExitCode() (int, bool) {
	select {
	case <-p.done:
	default:
		return 0, false
	}
	if p.state == nil {
		return 0, false
	}
	if ws, ok := p.state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal()), true
	}
	return p.state.ExitCode(), true
}
