package runtime

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/runtime/bpfmap"
	"github.com/gotrace/gotrace/runtime/output"
)

// mostTold is how many places of a unit are told of one by one; what happens at
// others is told with the sums of the end.
const mostTold = 20

// lossCounters are a unit's counters of things lost.
type lossCounters struct {
	m     *bpfmap.Map
	what  []object.Loss
	value []byte
	// told is what was reported of each, seen what was read last.
	told, seen []uint64
	places     int // told of
}

func newLossCounters(m *bpfmap.Map, what []object.Loss) *lossCounters {
	n := len(what)
	return &lossCounters{
		m: m, what: what, value: make([]byte, m.ValueSize()),
		told: make([]uint64, n), seen: make([]uint64, n),
	}
}

// read returns a counter's sum over the CPUs, the last one known on an error.
func (l *lossCounters) read(i int) uint64 {
	var key [4]byte
	binary.NativeEndian.PutUint32(key[:], uint32(i))
	if err := l.m.Lookup(key[:], l.value); err != nil {
		return l.seen[i]
	}
	var n uint64
	l.m.Copies(l.value, func(c []byte) { n += binary.NativeEndian.Uint64(c) })
	return n
}

// tellLosses reports losses of a unit: once when something is first lost at a
// place, with what to do about it, and at the end the total of each place.
func (s *Session) tellLosses(u *unit, last bool) {
	l := u.losses
	if l == nil {
		return
	}
	rest := map[object.Cause]lossSum{}
	for i := range l.what {
		what := &l.what[i]
		n := l.read(i)
		l.seen[i] = n
		known := l.told[i] > 0
		if n == l.told[i] || known && !last || what.Cause == object.LossRead && !s.opts.ReportReads {
			continue
		}
		if !known && s.opts.Format != output.JSON && l.places >= mostTold {
			if last {
				sum := rest[what.Cause]
				rest[what.Cause] = lossSum{sum.places + 1, sum.n + n}
			}
			continue
		}
		if !known {
			l.places++
		}
		s.tell(u, what, n, n-l.told[i], last && known)
		l.told[i] = n
	}
	for _, cause := range slices.Sorted(maps.Keys(rest)) {
		sum := rest[cause]
		text, _ := describeLoss(&object.Loss{Cause: cause, Probe: fmt.Sprintf("%d more places", sum.places), Map: "of the script"}, sum.n)
		s.log.Warnf("%s", text)
	}
}

// lossSum is what was lost at several places.
type lossSum struct {
	places int
	n      uint64
}

// tell prints one loss: total so far and what is new. JSON records carry what
// is new, so that they add up.
func (s *Session) tell(u *unit, what *object.Loss, total, fresh uint64, summary bool) {
	text, advice := describeLoss(what, total)
	if summary {
		text = "in all, " + text
		advice = ""
	}
	at := u.place(what.Span)
	if what.Cause == object.LossRing {
		s.log.Lost(at, fresh, text, advice)
		return
	}
	s.log.Problem(at, fresh, text, advice)
}

// describeLoss says what a counter of n means and what can be done.
func describeLoss(what *object.Loss, n uint64) (text, advice string) {
	probe := what.Probe
	switch what.Cause {
	case object.LossRing:
		return fmt.Sprintf("lost %d events of %s: ring buffer full", n, probe), "raise perf_rb_pages"
	case object.LossMapFull:
		return fmt.Sprintf("lost %d updates by %s: map %s is full", n, probe, what.Map),
			"raise max_map_keys, or declare let " + what.Map + " = hash(n)"
	case object.LossUpdate:
		return fmt.Sprintf("lost %d updates of map %s by %s", n, what.Map, probe), ""
	case object.LossStack:
		return fmt.Sprintf("lost %d stacks of %s: no room for them", n, probe), "raise max_map_keys"
	case object.LossScratch:
		return fmt.Sprintf("lost %d runs of %s: no scratch memory", n, probe), ""
	case object.LossDivision:
		return fmt.Sprintf("%d divisions or modulos by zero in %s, whose result is 1", n, probe), ""
	case object.LossRead:
		return fmt.Sprintf("%d reads of memory failed in %s", n, probe), ""
	case object.LossLoop:
		return fmt.Sprintf("%d loops of %s were cut off at the limit", n, probe), "raise max_bpf_loop_iterations or shorten the loop"
	}
	return fmt.Sprintf("%d times in %s: %s", n, probe, what.Cause), ""
}

// Lost returns how many of all things of a cause were lost so far.
func (s *Session) Lost(cause object.Cause) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var n uint64
	for _, u := range s.units {
		if u.losses == nil {
			continue
		}
		for i := range u.losses.what {
			if u.losses.what[i].Cause == cause {
				n += u.losses.read(i)
			}
		}
	}
	return n
}
