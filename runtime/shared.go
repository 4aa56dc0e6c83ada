package runtime

import (
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/runtime/bpfmap"
)

// sharedMap is a map that units share by name: a map of the script, or one of
// stacks.
type sharedMap struct {
	*ebpf.Map
	spec  *ebpf.MapSpec
	bytes *bpfmap.Map
	// described is the script's map, nil for a map of stacks.
	described *object.Map
	users     int
	// zeroed says that zero() was applied to a map without keys whose zeros
	// look like it was never set.
	zeroed bool
}

// share returns the session's map of a name for one more unit, creating it if
// there is none.
func (s *Session) share(name string, spec *ebpf.MapSpec, described *object.Map) (*sharedMap, error) {
	if m := s.maps[name]; m != nil {
		if err := m.compatible(spec, described); err != nil {
			return nil, err
		}
		m.users++
		return m, nil
	}
	var span source.Span
	if described != nil {
		span = described.Span
	}
	created, err := createMap(spec, span)
	if err != nil {
		return nil, err
	}
	wrapped, err := bpfmap.Open(created)
	if err != nil {
		_ = created.Close()
		return nil, err
	}
	m := &sharedMap{Map: created, spec: spec, bytes: wrapped, described: described, users: 1}
	s.maps[name] = m
	return m, nil
}

// compatible says whether a unit that describes the map so can use it.
func (m *sharedMap) compatible(spec *ebpf.MapSpec, d *object.Map) error {
	if d == nil || m.described == nil {
		return m.sameSpec(spec)
	}
	have := m.described
	keys := have.Key == nil && d.Key == nil || have.Key != nil && d.Key != nil && have.Key.Equal(*d.Key)
	if keys && have.Value.Equal(d.Value) && have.Storage == d.Storage && m.sameSpec(spec) == nil {
		return nil
	}
	return &MapConflictError{Name: "@" + d.Name, Have: describe(have), Want: describe(d), Span: d.Span}
}

func (m *sharedMap) sameSpec(spec *ebpf.MapSpec) error {
	h := m.spec
	if h.Type != spec.Type || h.KeySize != spec.KeySize || h.ValueSize != spec.ValueSize || h.Flags != spec.Flags {
		return fmt.Errorf("gotrace: internal error: two units make map %s differently", spec.Name)
	}
	return nil
}

// describe names the type of a map for a message.
func describe(m *object.Map) string {
	if m.Key == nil {
		return "of " + m.Value.String()
	}
	return fmt.Sprintf("[%s] of %s", m.Key, m.Value)
}

// release gives the map up for one unit.
func (s *Session) release(m *sharedMap) {
	if m.users--; m.users > 0 || s.opts.KeepMaps {
		return
	}
	for name, have := range s.maps {
		if have == m {
			delete(s.maps, name)
		}
	}
	m.close()
}

func (m *sharedMap) close() { _ = m.Map.Close() }
