package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/runtime/bpfmap"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/ring"
	"github.com/gotrace/gotrace/runtime/value"
)

// UnitOptions are what the session needs to know of a unit besides its object.
type UnitOptions struct {
	// Sources are the texts that the object's spans point into, for messages.
	Sources *source.Set
	// MaxStrlen is the configured length of strings: one of that length gets
	// the trailer of the configuration.
	MaxStrlen int
}

// ErrClosed says that the session has ended.
var ErrClosed = errors.New("runtime: the session has ended")

// Add loads an object, runs its begin programs and attaches the others. What
// the programs send is printed by Run. If something fails, nothing of the
// object is left.
func (s *Session) Add(ctx context.Context, obj *object.Object, opts UnitOptions) (UnitID, error) {
	u := &unit{manifest: &obj.Manifest, sources: opts.Sources, raw: map[string]*ebpf.Map{}}
	if err := s.insert(u, obj, opts); err != nil {
		return 0, err
	}
	if err := s.activate(ctx, u); err != nil {
		s.detach(u)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.drop(u)
		return 0, err
	}
	return u.id, nil
}

// insert loads a unit and puts it among those whose events are read.
func (s *Session) insert(u *unit, obj *object.Object, opts UnitOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	err := s.load(u, obj)
	if err == nil {
		err = s.open(u, opts)
	}
	if err != nil {
		s.drop(u)
		return err
	}
	s.lastID++
	u.id = s.lastID
	s.linkMu.Lock()
	s.units = append(s.units, u)
	s.linkMu.Unlock()
	s.waiter.wake() // its ring is to be looked at more often than nothing
	return nil
}

// open prepares what user space does with the unit's maps and events.
func (s *Session) open(u *unit, opts UnitOptions) error {
	m := u.manifest
	u.decoder = &value.Decoder{
		Resolver:  &names{s: s, u: u, users: map[uint32]string{}},
		MaxStrlen: opts.MaxStrlen, Trailer: m.StrTruncTrailer,
	}
	u.printer = output.NewPrinter(s.opts.Format, s.writer, s.log, u.decoder)
	for i := range m.Maps {
		shared := s.maps[m.Maps[i].Spec]
		if shared == nil {
			return fmt.Errorf("gotrace: internal error: the object has no map %q", m.Maps[i].Spec)
		}
		u.maps = append(u.maps, shared)
	}
	for _, st := range m.Stacks {
		shared := s.maps[st.Spec]
		if shared == nil {
			return fmt.Errorf("gotrace: internal error: the object has no stacks %q", st.Spec)
		}
		u.stacks = append(u.stacks, &stackMap{user: st.User, depth: st.Depth, m: shared.bytes})
	}
	var err error
	if u.handlers, err = s.handlers(u); err != nil {
		return err
	}
	if raw := u.raw[m.LossMap]; m.LossMap != "" && raw != nil {
		counters, err := bpfmap.Open(raw)
		if err != nil {
			return err
		}
		u.losses = newLossCounters(counters, m.Losses)
	}
	if raw := u.raw[m.Ring]; m.Ring != "" && raw != nil {
		if u.ring, err = ring.Open(raw); err != nil {
			return err
		}
		u.onRecord = func(rec []byte) { s.handle(u, rec) }
		return s.waiter.add(u.ring.FD())
	}
	return nil
}

// activate runs begin, attaches and starts the intervals.
func (s *Session) activate(ctx context.Context, u *unit) error {
	attached := 0
	for _, p := range u.programs {
		if p.spec.Role == "begin" {
			if err := runOnce(p.Program); err != nil {
				return &AttachError{Program: p.spec.Name, Span: p.spec.Span, Err: err}
			}
		}
	}
	for _, p := range u.programs {
		if p.spec.Context == point.Timer {
			attached += max(len(p.spec.Points), 1)
			continue
		}
		n, err := s.attach(ctx, u, p)
		if err != nil {
			return err
		}
		attached += n
	}
	s.startTickers(u)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opts.Quiet {
		u.printer.Attached(attached)
	}
	if s.opts.NotifyAttached && !s.notified {
		s.notified = true
		// A bare line in JSON too: it is not the script's.
		_, _ = s.writer.Write([]byte("__BPFTRACE_NOTIFY_PROBES_ATTACHED\n"))
	}
	s.writer.Idle()
	return nil
}

// attach attaches a program, unless the session is ending.
func (s *Session) attach(ctx context.Context, u *unit, p *program) (int, error) {
	if s.opts.Attacher == nil {
		return 0, &AttachError{Program: p.spec.Name, Span: p.spec.Span, Err: errors.New("nothing to attach with")}
	}
	link, err := s.opts.Attacher.Attach(ctx, p.Program, *p.spec)
	if err != nil {
		return 0, &AttachError{Program: p.spec.Name, Span: p.spec.Span, Err: err}
	}
	n := len(link.Points())
	s.linkMu.Lock()
	ended := u.ended
	if !ended {
		u.links = append(u.links, link)
		if it, ok := link.(Iterator); ok && p.spec.Context == point.Iter {
			u.tickers = append(u.tickers, s.startIteration(it, func(err error) { s.log.Errorf("%s: %v", p.spec.Name, err) }))
		}
	}
	s.linkMu.Unlock()
	if ended {
		return n, link.Close()
	}
	return n, nil
}

func (s *Session) startTickers(u *unit) {
	s.linkMu.Lock()
	defer s.linkMu.Unlock()
	if u.ended {
		return
	}
	for _, p := range u.programs {
		failed := func(err error) { s.log.Errorf("%s %s: %v", p.spec.Role, p.spec.Name, err) }
		if p.spec.Role == "self" {
			for _, at := range p.spec.Points {
				u.tickers = append(u.tickers, startSignal(p.Program, at.Attach.Event, failed))
			}
		}
		if p.spec.Role != "interval" {
			continue
		}
		for _, at := range p.spec.Points {
			if period := time.Duration(at.Attach.Period); period > 0 {
				u.tickers = append(u.tickers, startTicker(p.Program, period, failed))
			}
		}
	}
}

// Remove detaches a unit, prints what it still had to say, and unloads it. Its
// maps go when no other unit uses them, unless the session keeps maps.
func (s *Session) Remove(ctx context.Context, id UnitID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	u := s.find(id)
	s.mu.Unlock()
	if u == nil {
		return fmt.Errorf("runtime: there is no unit %d", id)
	}
	s.detach(u)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(id) == nil {
		return nil // removed by someone else meanwhile
	}
	for s.read(u) > 0 {
	}
	s.tellLosses(u, true)
	s.writer.Idle()
	s.drop(u)
	return nil
}

func (s *Session) find(id UnitID) *unit {
	for _, u := range s.units {
		if u.id == id {
			return u
		}
	}
	return nil
}

// drop takes a unit out of the session and frees it.
func (s *Session) drop(u *unit) {
	s.linkMu.Lock()
	for i, have := range s.units {
		if have == u {
			s.units = append(s.units[:i:i], s.units[i+1:]...)
			break
		}
	}
	s.linkMu.Unlock()
	if u.ring != nil {
		s.waiter.remove(u.ring.FD())
	}
	u.close()
	for _, m := range u.shared {
		s.release(m)
	}
	u.shared = nil
}
