package runtime

import (
	"encoding/binary"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
)

// mostObserved bounds how many keys are looked at for processes: beyond that
// the map says more about the machine than about any one process.
const mostObserved = 1 << 14

// observe takes note of the processes whose user stacks and symbols are keys of
// maps, while they are still there: the maps are printed at the end, when the
// processes may be gone.
func (s *Session) observe(u *unit) {
	for _, m := range u.maps {
		d := m.described
		if d.Key == nil || d.Storage != object.HashTable && d.Storage != object.BucketHash && d.Storage != object.SeriesHash {
			continue
		}
		at, ok := tgidOffset(d.Key, 0)
		if !ok {
			continue
		}
		left := mostObserved
		err := m.bytes.All(func(key, _ []byte) {
			if left--; left >= 0 && at+4 <= len(key) {
				if tgid := binary.NativeEndian.Uint32(key[at:]); tgid != 0 {
					s.symbols.Observe(tgid)
				}
			}
		})
		if err != nil {
			s.log.Warnf("read @%s: %v", d.Name, err)
		}
	}
}

// observeAll observes the processes in all units' maps.
func (s *Session) observeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.units {
		s.observe(u)
	}
}

// tgidOffset finds where in a key the process id of a user stack or symbol is.
func tgidOffset(t *types.Type, base int) (int, bool) {
	switch {
	case t.Kind == types.Stack && t.User, t.Kind == types.USym:
		return base + 8, true
	case t.Kind == types.Tuple || t.Kind == types.Record:
		for i := range t.Members {
			if at, ok := tgidOffset(&t.Members[i].Type, base+t.Members[i].Offset); ok {
				return at, true
			}
		}
	}
	return 0, false
}
