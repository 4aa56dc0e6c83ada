package check

import (
	"maps"
	"slices"

	"github.com/cilium/ebpf/asm"
)

// kind is what a register holds.
type kind uint8

const (
	nothing kind = iota
	scalar       // an integer, or what memory held
	context
	frame    // address in the function's own frame, at off
	mapRef   // a map, named sym
	nullable // a pointer that may be null; id tells which
	pointer  // any other pointer that may be used
	funcRef  // a function, named sym
)

// value is the abstract content of a register or stack word.
type value struct {
	kind kind
	// known says that a scalar is the constant off, or that the offset of a
	// frame address is.
	known bool
	off   int64
	id    int // of nullable: where it was made
	sym   string
}

const stackSize = 512

// state is what holds before an instruction.
type state struct {
	regs    [11]value
	written [stackSize]bool // by distance from the bottom of the frame
	spilled map[int64]value // words on the stack, by frame offset
}

func entryState(entry bool) *state {
	s := &state{spilled: map[int64]value{}}
	s.regs[asm.R10] = value{kind: frame, known: true}
	s.regs[asm.R1] = value{kind: context}
	if !entry {
		for r := asm.R1; r <= asm.R5; r++ {
			s.regs[r] = value{kind: scalar}
		}
	}
	return s
}

func (s *state) clone() *state {
	t := *s
	t.spilled = map[int64]value{}
	for off, v := range s.spilled {
		t.spilled[off] = v
	}
	return &t
}

// join keeps what holds in both states and reports whether s changed. at
// identifies the place, for pointers that become nullable here.
func (s *state) join(t *state, at int) bool {
	changed := false
	// Copies of one pointer stay copies: words that come from the same pair of
	// pointers get one new identity, named after the first of them.
	ids, where := map[[2]int]int{}, 0
	identity := func(a, b value) int {
		pair := [2]int{a.id, b.id}
		if _, ok := ids[pair]; !ok {
			ids[pair] = -(at*1024 + where + 1)
		}
		return ids[pair]
	}
	for r := range s.regs {
		where = r
		if j := meet(s.regs[r], t.regs[r], identity); j != s.regs[r] {
			s.regs[r], changed = j, true
		}
	}
	for i := range s.written {
		if s.written[i] && !t.written[i] {
			s.written[i], changed = false, true
		}
	}
	for _, off := range slices.Sorted(maps.Keys(s.spilled)) {
		where = 16 - int(off)
		v := s.spilled[off]
		w, ok := t.spilled[off]
		j := meet(v, w, identity)
		switch {
		case !ok:
			delete(s.spilled, off)
			changed = true
		case j != v:
			s.spilled[off], changed = j, true
		}
	}
	return changed
}

// meet is what is known of a word that is one of two. A pointer or the
// constant zero together are a nullable pointer.
func meet(a, b value, identity func(a, b value) int) value {
	null := func(v value) bool { return v.kind == scalar && v.known && v.off == 0 }
	usable := func(v value) bool { return v.kind == pointer || v.kind == nullable }
	switch {
	case a == b:
		return a
	case a.kind == nothing || b.kind == nothing:
		return value{}
	case usable(a) && usable(b) && a.kind == b.kind && a.kind == pointer:
		return value{kind: pointer}
	case usable(a) && (usable(b) || null(b)), null(a) && usable(b):
		return value{kind: nullable, id: identity(a, b)}
	case a.kind == frame && b.kind == frame:
		return value{kind: frame}
	}
	return value{kind: scalar}
}

// checked marks a nullable pointer, wherever a copy of it is, as null or not.
func (s *state) checked(id int, isNull bool) {
	v := value{kind: pointer}
	if isNull {
		v = value{kind: scalar, known: true}
	}
	for r := range s.regs {
		if s.regs[r].kind == nullable && s.regs[r].id == id {
			s.regs[r] = v
		}
	}
	for off, w := range s.spilled {
		if w.kind == nullable && w.id == id {
			s.spilled[off] = v
		}
	}
}

// write marks stack bytes as written and forgets what words they held.
func (s *state) write(off int64, size int) {
	for i := range int64(size) {
		if at := stackSize + off + i; at >= 0 && at < stackSize {
			s.written[at] = true
		}
	}
	for at := range s.spilled {
		if at < off+int64(size) && off < at+8 {
			delete(s.spilled, at)
		}
	}
}

// unwritten returns the first byte of a stack area that nothing was written to,
// or -1.
func (s *state) unwritten(off int64, size int) int {
	for i := range int64(size) {
		at := stackSize + off + i
		if at < 0 || at >= stackSize || !s.written[at] {
			return int(i)
		}
	}
	return -1
}

// clobber forgets the registers that calls do not keep.
func (s *state) clobber() {
	for r := asm.R0; r <= asm.R5; r++ {
		s.regs[r] = value{}
	}
}

var pointerKinds = []kind{context, frame, mapRef, nullable, pointer, funcRef}

func (v value) isPointer() bool { return slices.Contains(pointerKinds, v.kind) }
