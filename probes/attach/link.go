package attach

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
)

// Link is a program's attachments. The program acts until it is closed.
type Link struct {
	points []point.Point
	// perf are the perf events opened, and what hangs the program on them where
	// that is a descriptor of its own.
	perf []perfAttachment
	// others are the attachments that are no perf events.
	others []io.Closer
	// iterators are those of others that run when they are read.
	iterators []*link.Iter
}

// perfAttachment is a program on a perf event.
type perfAttachment struct {
	event fd
	link  fd // noFD where the program was set by ioctl
	// sampled events count nothing before they are enabled.
	sampled bool
	point   point.Point
}

// Points returns the points attached to: fewer than asked for if some were
// skipped.
func (l *Link) Points() []point.Point { return l.points }

// enable starts the sampled events, all together.
func (l *Link) enable() error {
	for _, p := range l.perf {
		if !p.sampled {
			continue
		}
		if err := unix.IoctlSetInt(int(p.event), unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
			return explain(p.point, err)
		}
	}
	return nil
}

// Close detaches the program. When it returns the program does not act any
// more; the kernel may still be busy with forgetting where it was.
func (l *Link) Close() error { return CloseAll(l) }

// CloseAll closes many links together: to take a program off an event the
// kernel waits for a grace period, some 20 ms, but one for all who ask for it
// at the same time.
func CloseAll(links ...*Link) error {
	var detach []io.Closer
	var events []fd
	for _, l := range links {
		for _, p := range l.perf {
			if p.link == noFD {
				// The program is on the event itself: it acts until that is gone.
				detach = append(detach, p.event)
				continue
			}
			detach = append(detach, p.link)
			events = append(events, p.event)
		}
		detach = append(detach, l.others...)
		l.perf, l.others, l.points = nil, nil, nil
	}
	problems := closeTogether(detach)
	for _, event := range bury(events) {
		problems = append(problems, event.Close())
	}
	return errors.Join(problems...)
}

// closers bounds the threads that wait in the kernel at once.
const closers = 64

func closeTogether(all []io.Closer) []error {
	problems := make([]error, len(all))
	var group sync.WaitGroup
	var next atomic.Int64
	for range min(closers, len(all)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				problems[i] = all[i].Close()
			}
		})
	}
	group.Wait()
	return problems
}

// fd is an open file descriptor.
type fd int

// noFD is no descriptor.
const noFD fd = -1

// Close closes the descriptor.
func (f fd) Close() error {
	if f == noFD {
		return nil
	}
	return unix.Close(int(f))
}
