package runtime

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// waiter waits for the rings of a session: for a record in one that was empty,
// for exit(), or for whoever calls wake.
type waiter struct {
	epoll, event int

	mu     sync.Mutex
	closed bool
}

func newWaiter() (*waiter, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll instance: %w", err)
	}
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epoll)
		return nil, fmt.Errorf("create eventfd: %w", err)
	}
	w := &waiter{epoll: epoll, event: event}
	if err := w.add(event); err != nil {
		_ = w.close()
		return nil, err
	}
	return w, nil
}

// add makes a descriptor end waits.
func (w *waiter) add(fd int) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("watch ring buffer: %w", err)
	}
	return nil
}

func (w *waiter) remove(fd int) {
	// A descriptor that is gone already is no loss.
	_ = unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, fd, nil)
}

// wait returns after d, or when something is there.
func (w *waiter) wait(d time.Duration) {
	var events [4]unix.EpollEvent
	n, err := unix.EpollWait(w.epoll, events[:], milliseconds(d))
	if err != nil && !errors.Is(err, unix.EINTR) {
		time.Sleep(d) // never spin
		return
	}
	for _, ev := range events[:max(n, 0)] {
		if ev.Fd == int32(w.event) {
			w.awake()
		}
	}
}

// sleep returns after d, or when woken; records do not end it. It keeps the
// thread, which is sooner back at work than one that Go has to find again.
func (w *waiter) sleep(d time.Duration) {
	poll := []unix.PollFd{{Fd: int32(w.event), Events: unix.POLLIN}}
	if n, err := unix.Poll(poll, milliseconds(d)); err == nil && n > 0 {
		w.awake()
	}
}

// awake takes note of calls of wake.
func (w *waiter) awake() {
	var count [8]byte
	_, _ = unix.Read(w.event, count[:])
}

func milliseconds(d time.Duration) int { return int(max(d/time.Millisecond, 1)) }

// wake ends a wait, or the next one.
func (w *waiter) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		one := [8]byte{1}
		_, _ = unix.Write(w.event, one[:])
	}
}

func (w *waiter) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	return errors.Join(unix.Close(w.epoll), unix.Close(w.event))
}
