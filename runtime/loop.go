package runtime

import (
	"context"
	"encoding/binary"
	"time"
)

// How long the loop waits between looks at the rings. The first record in a ring
// that was empty wakes us; those that follow it do not, so that a flood costs
// its programs nothing: after records the loop looks again in a little while.
const (
	busyWait = 5 * time.Millisecond
	idleWait = time.Second // for losses, which wake nobody
)

// pause is what the loop does between two turns.
type pause struct {
	time time.Duration
	// deaf says that records do not end it.
	deaf bool
}

// Run prints the events of all units until the session ends: by the context,
// exit() in a script, the end of the target, or output that cannot be written.
// It then detaches everything, prints what is left and the maps, and returns
// the exit code of the script.
//
// A second call of Run, or Add after it, is an error of the caller.
func (s *Session) Run(ctx context.Context) (int, error) {
	close(s.running)
	if t := s.opts.Target; t != nil {
		if err := t.Start(); err != nil {
			return 1, err
		}
		s.mu.Lock()
		s.symbols.Observe(uint32(t.PID())) // it may not be there for long
		s.mu.Unlock()
	}
	detached := make(chan struct{})
	go func() {
		s.awaitEnd(ctx)
		s.detachAll()
		close(detached) // before the loop looks, or it rests once more
		s.waiter.wake()
	}()
	wait, ending := pause{}, false
	for running := true; running; {
		s.rest(wait)
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

// rest waits between two turns.
func (s *Session) rest(p pause) {
	switch {
	case p.deaf:
		s.waiter.sleep(p.time)
	case p.time > 0:
		s.waiter.wait(p.time)
	}
}

// turn reads all rings once and returns how to wait for the next turn. Only if
// there was nothing in them a record to come wakes us for sure: the kernel wakes
// for the first one behind what we have read.
func (s *Session) turn(now time.Time) pause {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := pause{time: idleWait}
	for _, u := range s.units {
		if u.ring == nil {
			continue
		}
		n := s.read(u)
		switch {
		case n >= u.ring.Size()/4:
			wait = pause{} // as much may be there again by now
		case n > 0 || u.ring.Pending() > 0:
			wait = pause{min(wait.time, busyWait), wait.time > 0}
		}
	}
	if now.After(s.due) {
		s.due = now.Add(idleWait)
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
