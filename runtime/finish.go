package runtime

import (
	"time"

	"github.com/gotrace/gotrace/runtime/output"
)

// finish ends a session whose links are closed: it drains the rings, runs the
// end programs, drains again, prints the maps and tells what was lost.
func (s *Session) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drain()
	s.exited = false // what end has to say is not after the end
	for _, u := range s.units {
		for _, p := range u.programs {
			if p.spec.Role != "end" {
				continue
			}
			if err := runOnce(p.Program); err != nil {
				s.log.Errorf("end: %v", err)
			}
			s.drain()
		}
	}
	s.printMaps()
	s.writer.Flush()
	for _, u := range s.units {
		s.tellLosses(u, true)
	}
	s.writer.Flush()
	if err := s.writer.Err(); err != nil {
		return &OutputError{Err: err}
	}
	return nil
}

// drain reads until the rings are empty. A record that its program has not
// finished can only be one of a program that was interrupted: it is waited for,
// but not for ever.
func (s *Session) drain() {
	const patience = 200 * time.Millisecond
	deadline := time.Now().Add(patience)
	for {
		read, left := 0, 0
		for _, u := range s.units {
			if u.ring != nil {
				read += s.read(u)
				left += u.ring.Pending()
			}
		}
		switch {
		case left == 0:
			return
		case read > 0:
			deadline = time.Now().Add(patience)
		case time.Now().After(deadline):
			s.log.Warnf("%d bytes of events were never finished by their programs", left)
			return
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

// printMaps prints the maps of all units, each once.
func (s *Session) printMaps() {
	if len(s.units) == 0 {
		return
	}
	s.units[0].printer.End()
	if s.selftested {
		return
	}
	printed := map[*sharedMap]bool{}
	for _, u := range s.units {
		if !u.manifest.PrintMapsOnExit {
			continue
		}
		for _, i := range u.manifest.PrintOrder {
			if i < 0 || i >= len(u.maps) || printed[u.maps[i]] {
				continue
			}
			printed[u.maps[i]] = true
			if err := s.printMap(u, u.maps[i], 0, 0, false); err != nil {
				s.log.Errorf("print @%s: %v", u.manifest.Maps[i].Name, err)
			}
		}
	}
}

// PrintMap prints a map of the script by its name without "@", as print() does.
// It reports whether there is such a map.
func (s *Session) PrintMap(name string, top, div int) (bool, error) {
	return s.withMap(name, func(u *unit, m *sharedMap) error { return s.printMap(u, m, top, div, true) })
}

// ClearMap clears a map of the script, as clear() does.
func (s *Session) ClearMap(name string) (bool, error) {
	return s.withMap(name, func(_ *unit, m *sharedMap) error { return m.clear() })
}

// withMap does something to a map in its turn among the events.
func (s *Session) withMap(name string, do func(u *unit, m *sharedMap) error) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.units {
		for i := range u.manifest.Maps {
			if u.manifest.Maps[i].Name == name {
				err := do(u, u.maps[i])
				s.writer.Idle()
				return true, err
			}
		}
	}
	return false, nil
}

// Maps returns the names of the maps of all units, without "@".
func (s *Session) Maps() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	seen := map[string]bool{}
	for _, u := range s.units {
		for i := range u.manifest.Maps {
			if name := u.manifest.Maps[i].Name; !seen[name] {
				seen[name] = true
				list = append(list, name)
			}
		}
	}
	return list
}

// Printer returns a printer in the session's form and order for output that is
// not a script's; nil if there is no unit.
func (s *Session) Printer() output.Printer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.units) == 0 {
		return nil
	}
	return s.units[0].printer
}
