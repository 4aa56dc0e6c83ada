package runtime

import (
	"context"
	"encoding/binary"
	"time"
)

// How long the loop waits between looks at the rings: programs do not wake us,
// so an idle session looks now and then, and one whose ring fills fast soon.
const (
	idleWait = 20 * time.Millisecond
	busyWait = 5 * time.Millisecond
	lossWait = time.Second
)

// Run prints the events of all units until the session ends: by the context,
// exit() in a script, the end of the target, or output that cannot be written.
// It then detaches everything, prints what is left and the maps, and returns
// the exit code of the script.
//
// A second call of Run, or Add after it, is an error of the caller.
func (s *Session) Run(ctx context.Context) (int, error) {
	if t := s.opts.Target; t != nil {
		if err := t.Start(); err != nil {
			return 1, err
		}
	}
	detached := make(chan struct{})
	go func() {
		defer close(detached)
		s.awaitEnd(ctx)
		s.detachAll()
		s.waiter.wake()
	}()
	wait, ending := busyWait, false
	for running := true; running; {
		if wait > 0 {
			s.waiter.wait(wait)
		}
		select {
		case <-detached:
			running = false
		default:
		}
		wait = s.turn(time.Now())
		select {
		case <-s.stop:
			if !ending { // processes that end with us have symbols still
				ending = true
				s.observeAll()
			}
		default:
		}
	}
	err := s.finish()
	if t := s.opts.Target; t != nil {
		t.Stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.exitCode == 0 {
		return 1, err
	}
	return s.exitCode, err
}

// awaitEnd waits for one of the things that end a session.
func (s *Session) awaitEnd(ctx context.Context) {
	var gone <-chan struct{}
	if s.opts.Target != nil {
		gone = s.opts.Target.Done()
	}
	select {
	case <-ctx.Done():
	case <-s.stop:
	case <-gone:
	}
	s.Exit()
}

// turn reads all rings once and returns how long to wait for the next turn.
func (s *Session) turn(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := lossWait // without a ring there is nothing else to look at
	for _, u := range s.units {
		if u.ring == nil {
			continue
		}
		wait = min(wait, idleWait)
		n := s.read(u)
		switch {
		case n >= u.ring.Size()/4:
			wait = 0 // as much may be there again by now
		case n > 0:
			wait = min(wait, busyWait)
		}
	}
	if now.After(s.due) {
		s.due = now.Add(lossWait)
		for _, u := range s.units {
			s.tellLosses(u, false)
			s.observe(u)
		}
	}
	s.writer.Idle()
	if s.writer.Err() != nil {
		s.Exit() // nobody listens
	}
	return wait
}

// read handles the records that are in a unit's ring and returns how many bytes
// of it they took.
func (s *Session) read(u *unit) int {
	if u.ring == nil {
		return 0
	}
	n, err := u.ring.Read(u.onRecord)
	if err != nil && !s.broken {
		s.broken = true
		s.log.Errorf("%v", err)
		s.Exit()
	}
	return n
}

func (s *Session) handle(u *unit, rec []byte) {
	if s.exited {
		return
	}
	if len(rec) >= 8 {
		if id := binary.NativeEndian.Uint32(rec); int(id) < len(u.handlers) {
			if err := u.handlers[id](rec); err != nil {
				s.complain(u, id, err)
			}
			return
		}
	}
	if !s.broken {
		s.broken = true
		s.log.Errorf("internal error: an event of %d bytes that no place in the script sends", len(rec))
	}
}

// complain tells of an event that could not be handled: once, as the cause is
// likely to be the same for a million more.
func (s *Session) complain(u *unit, id uint32, err error) {
	if !s.broken {
		s.broken = true
		e := &u.manifest.Events[id]
		s.log.Errorf("%s: %s: %v", u.place(e.Span).Point(), e.Kind, err)
	}
}
