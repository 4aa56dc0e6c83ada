// Package child runs the command of -c and watches the process of -p.
//
// A command is forked at once, because a script may need its process id, and
// waits there until the probes are attached: the first thing that it does then
// is to execute its program, which a script can see. The kernel ties a child's
// fate to the thread that forked it, so one goroutine keeps a thread for as
// long as the child lives.
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
	name  string   // of a command
	image *image   // of a command
	pidfd *os.File // of a process that is not ours
	pid   int
	done  chan struct{}
	once  sync.Once
	fault error // why the program could not be executed
	// state is set before done is closed.
	state *os.ProcessState
}

// Start starts a command line, split as a shell splits words, up to where it
// would execute its program.
func Start(line string) (*Process, error) {
	words, err := Split(line)
	if err != nil {
		return nil, &Error{Command: line, Err: err}
	}
	if len(words) == 0 {
		return nil, &Error{Command: line, Err: errors.New("it is empty")}
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil, &Error{Command: words[0], Err: err}
	}
	m, err := newImage(path, words)
	if err != nil {
		return nil, &Error{Command: words[0], Err: err}
	}
	p := &Process{name: words[0], image: m, done: make(chan struct{})}
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
	pid, err := p.image.fork()
	if err != nil {
		ready <- err
		return
	}
	p.pid = pid
	process, err := os.FindProcess(pid)
	ready <- err
	if err == nil {
		// An error would say that somebody else has waited for our child.
		p.state, _ = process.Wait()
	}
}

// PID returns the process id.
func (p *Process) PID() int { return p.pid }

// Ours reports whether the process is a command that was started here.
func (p *Process) Ours() bool { return p.image != nil }

// Start lets a command execute its program, and returns when it has done so or
// cannot. A process that is watched runs already.
func (p *Process) Start() error {
	if !p.Ours() {
		return nil
	}
	p.once.Do(func() {
		if errno := p.image.release(); errno != 0 {
			p.fault = &Error{Command: p.name, Err: errno}
		}
	})
	return p.fault
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
	p.once.Do(p.image.abandon)
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
