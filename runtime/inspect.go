package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/runtime/value"
)

// ErrMapInUse says that a map still belongs to a unit.
var ErrMapInUse = errors.New("runtime: the map is in use")

// MapInfo is what can be told of a map without reading it.
type MapInfo struct {
	// Described is the map of the script.
	Described object.Map
	// Units is how many units use it; zero for a map that was kept.
	Units int
	// Bytes is the kernel memory it takes.
	Bytes uint64
}

// MapInfos describes all maps of scripts, those that were kept included, sorted
// by name.
func (s *Session) MapInfos() []MapInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []MapInfo
	for _, m := range s.maps {
		if m.described != nil {
			list = append(list, MapInfo{Described: *m.described, Units: m.users, Bytes: memlock(m.Map)})
		}
	}
	slices.SortFunc(list, func(a, b MapInfo) int { return strings.Compare(a.Described.Name, b.Described.Name) })
	return list
}

// memlock returns the kernel memory of a map; zero where it is not told.
func memlock(m *ebpf.Map) uint64 {
	info, err := m.Info()
	if err != nil {
		return 0
	}
	n, _ := info.Memlock()
	return n
}

// named finds a map of the script by its name without "@".
func (s *Session) named(name string) *sharedMap {
	for _, m := range s.maps {
		if m.described != nil && m.described.Name == name {
			return m
		}
	}
	return nil
}

// View reads a map of the script, kept ones included, and calls f with its rows
// in their order. The decoder is one of a unit that used the map, perhaps one
// that is gone. The table and the decoder are f's for as long as it runs; f must
// not call into the session. View reports whether there is such a map.
func (s *Session) View(name string, d *value.Decoder, f func(t *value.Table, d *value.Decoder) error) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.named(name)
	if m == nil {
		return false, nil
	}
	if d == nil {
		return true, fmt.Errorf("runtime: nothing to decode @%s with", name)
	}
	t, err := m.table(false)
	if err != nil {
		return true, err
	}
	t.Sort(d)
	return true, f(t, d)
}

// Decoder returns what decodes the values of a unit, nil if there is no such
// unit. It is for View, not for use outside of it.
func (s *Session) Decoder(id UnitID) *value.Decoder {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.find(id); u != nil {
		return u.decoder
	}
	return nil
}

// Drain prints what a unit has sent so far, without waiting for the event loop's
// next look.
func (s *Session) Drain(id UnitID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.find(id); u != nil {
		s.read(u)
		s.writer.Idle()
	}
}

// ClearNamed clears a map of the script, kept ones included. It reports whether
// there is such a map.
func (s *Session) ClearNamed(name string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.named(name)
	if m == nil {
		return false, nil
	}
	return true, m.clear()
}

// Forget frees a map that was kept and that no unit uses.
func (s *Session) Forget(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.named(name)
	switch {
	case m == nil:
		return fmt.Errorf("runtime: there is no map @%s", name)
	case m.users > 0:
		return ErrMapInUse
	}
	delete(s.maps, m.described.Spec)
	m.close()
	return nil
}

// EachProgram calls f for the loaded programs of a unit, in script order. The
// program is f's for as long as it runs; f must not call into the session.
func (s *Session) EachProgram(id UnitID, f func(prog *ebpf.Program, spec *object.Program) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(id)
	if u == nil {
		return fmt.Errorf("runtime: there is no unit %d", id)
	}
	for _, p := range u.programs {
		if err := f(p.Program, p.spec); err != nil {
			return err
		}
	}
	return nil
}

// UnitBytes returns how many maps a unit has, shared ones included, and the
// kernel memory they take.
func (s *Session) UnitBytes(id UnitID) (maps int, bytes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(id)
	if u == nil {
		return 0, 0
	}
	for _, m := range u.raw {
		maps++
		bytes += memlock(m)
	}
	return maps, bytes
}

// Hooks returns to how many points a unit is attached, its timers included.
func (s *Session) Hooks(id UnitID) int {
	s.mu.Lock()
	u := s.find(id)
	s.mu.Unlock()
	if u == nil {
		return 0
	}
	s.linkMu.Lock()
	defer s.linkMu.Unlock()
	n := 0
	for _, l := range u.links {
		n += len(l.Points())
	}
	for _, p := range u.programs {
		if p.spec.Role != "" {
			n += max(len(p.spec.Points), 1)
		}
	}
	return n
}

// LossCount is one counter of things lost.
type LossCount struct {
	object.Loss
	N uint64
}

// UnitLosses returns the counters of a unit that are not zero.
func (s *Session) UnitLosses(id UnitID) []LossCount {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(id)
	if u == nil || u.losses == nil {
		return nil
	}
	var list []LossCount
	for i := range u.losses.what {
		if n := u.losses.read(i); n > 0 {
			list = append(list, LossCount{Loss: u.losses.what[i], N: n})
		}
	}
	return list
}
