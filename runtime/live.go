package runtime

import (
	"context"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/runtime/value"
)

// AddLive adds a unit as Add does, for a session that goes on when a unit is
// done: exit() in the unit calls onExit with its code, on the goroutine of the
// event loop, and ends nothing. onExit must not call into the session.
func (s *Session) AddLive(ctx context.Context, obj *object.Object, opts UnitOptions, onExit func(code int)) (UnitID, error) {
	u := &unit{manifest: &obj.Manifest, sources: opts.Sources, raw: map[string]*ebpf.Map{}}
	if err := s.insert(u, obj, opts); err != nil {
		return 0, err
	}
	// Nothing of the unit runs yet, so that no exit() can be missed.
	s.mu.Lock()
	for i := range u.manifest.Events {
		if e := &u.manifest.Events[i]; e.Kind == object.EventExit {
			u.handlers[i] = func(rec []byte) error {
				code, err := exitCode(u, e, rec)
				if err == nil {
					onExit(code)
				}
				return err
			}
		}
	}
	s.mu.Unlock()
	if err := s.activate(ctx, u); err != nil {
		s.detach(u)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.drop(u)
		return 0, err
	}
	return u.id, nil
}

// exitCode reads the code of an exit() event; zero if it has none.
func exitCode(u *unit, e *object.Event, rec []byte) (int, error) {
	if len(e.Args) == 0 {
		return 0, nil
	}
	var v value.Value
	if err := decodeArg(u.decoder, &v, e, 0, rec); err != nil {
		return 0, err
	}
	return int(int32(v.Num)), nil
}
