package runtime

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
)

// detach stops a unit's intervals and closes its links: when it returns, none
// of its programs runs any more but the end programs. It may be called twice.
func (s *Session) detach(u *unit) {
	s.linkMu.Lock()
	links, tickers := u.links, u.tickers
	u.links, u.tickers, u.ended = nil, nil, true
	s.linkMu.Unlock()
	s.closeLinks(links, tickers)
	if len(links) > 0 {
		u.settle()
	}
}

// detachAll detaches all units at the same time.
func (s *Session) detachAll() {
	var links []Link
	var tickers []*ticker
	settle := false
	s.linkMu.Lock()
	units := append([]*unit(nil), s.units...)
	for _, u := range units {
		links, tickers = append(links, u.links...), append(tickers, u.tickers...)
		settle = settle || len(u.links) > 0
		u.links, u.tickers, u.ended = nil, nil, true
	}
	s.linkMu.Unlock()
	s.closeLinks(links, tickers)
	if settle {
		settleAll(units)
	}
}

// closers bounds the threads that wait in the kernel at once: closing a perf
// event waits for a grace period of some 75 ms.
const closers = 64

func (s *Session) closeLinks(links []Link, tickers []*ticker) {
	for _, t := range tickers {
		t.stop()
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, closers)
	for _, l := range links {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			if err := l.Close(); err != nil {
				s.log.Warnf("detach: %v", err)
			}
			<-slots
		}()
	}
	wg.Wait()
}

func settleAll(units []*unit) {
	for _, u := range units {
		if u.lingers() {
			waitForPrograms()
			return
		}
	}
}

func (u *unit) settle() {
	if u.lingers() {
		waitForPrograms()
	}
}

// lingers reports whether closing a link of the unit may leave a run of its
// program under way on another CPU. For tracepoints and perf events the kernel
// waits itself before the descriptor is closed.
func (u *unit) lingers() bool {
	for _, p := range u.programs {
		switch p.spec.Context {
		case point.Timer, point.Tracepoint, point.PerfEvent:
		default:
			return true
		}
	}
	return false
}

// waitForPrograms waits until every program that was running has returned: they
// run under RCU, and this command of membarrier waits for a grace period. A
// kernel without it has none of the newer ways to attach either.
func waitForPrograms() {
	const cmdGlobal = 1
	_, _, _ = unix.Syscall(unix.SYS_MEMBARRIER, cmdGlobal, 0, 0)
}
