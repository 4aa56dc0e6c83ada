package child

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Watch watches a process for its end. It fails if there is no such process.
func Watch(pid int) (*Process, error) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil, fmt.Errorf("there is no process %d", pid)
	}
	if err != nil {
		return nil, fmt.Errorf("watch process %d: %w", pid, err)
	}
	// Non-blocking, so that Go's poller waits and no thread does.
	p := &Process{pidfd: os.NewFile(uintptr(fd), "pidfd"), pid: pid, done: make(chan struct{})}
	conn, err := p.pidfd.SyscallConn()
	if err != nil {
		_ = p.pidfd.Close()
		return nil, fmt.Errorf("watch process %d: %w", pid, err)
	}
	go func() {
		// It returns an error when Stop closes the file: the process lives.
		if err := conn.Read(ended); err == nil {
			close(p.done)
		}
	}()
	return p, nil
}

// ended reports whether a pidfd is readable, which it is when the process ended.
func ended(fd uintptr) bool {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(poll, 0)
	return err == nil && n > 0
}
