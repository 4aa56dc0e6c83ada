package bpf

import "github.com/cilium/ebpf/asm"

// Parallel copies. At calls, jumps and the entry several words move at once:
// all are read before any is written. Put in sequence, a move may be made once
// nobody needs its destination any more. When only cycles are left, one word is
// set aside: in a free register, else on the stack (BPF cannot exchange).

// move brings src, a place or something made from nothing, to dst.
type move struct {
	dst  place
	src  place
	leaf operand // if not operandNone, in place of src
}

// mover says what a parallel copy may use besides the places themselves.
type mover struct {
	free asm.Register // a register for breaking cycles, or noFree
	temp asm.Register // one for moves between stack words, or noFree
	// aside is the stack word for breaking cycles without a free register.
	aside func() place
	emit  func(move)
}

const noFree asm.Register = 255

// sequence makes the moves one after the other.
func (m *mover) sequence(moves []move) {
	var pending []move
	for _, mv := range moves {
		if mv.leaf.kind != operandNone || mv.src != mv.dst {
			pending = append(pending, mv)
		}
	}
	for len(pending) > 0 {
		i := ready(pending)
		if i < 0 {
			m.breakCycle(pending)
			continue
		}
		m.one(pending[i])
		pending = append(pending[:i], pending[i+1:]...)
	}
}

// ready returns a move whose destination no other move reads, or -1.
func ready(pending []move) int {
	for i, mv := range pending {
		blocked := false
		for j, other := range pending {
			if i != j && other.leaf.kind == operandNone && other.src == mv.dst {
				blocked = true
				break
			}
		}
		if !blocked {
			return i
		}
	}
	return -1
}

// breakCycle sets the source of a move aside, so that its place is free.
func (m *mover) breakCycle(pending []move) {
	for _, mv := range pending {
		if mv.leaf.kind != operandNone {
			continue
		}
		spare := place{reg: m.free}
		if m.free == noFree {
			spare = m.aside()
		}
		m.one(move{dst: spare, src: mv.src})
		for i := range pending {
			if pending[i].leaf.kind == operandNone && pending[i].src == mv.src {
				pending[i].src = spare
			}
		}
		return
	}
}

// one makes a move, through the temporary register if neither end is one.
func (m *mover) one(mv move) {
	viaTemp := mv.dst.stack
	if mv.leaf.kind == operandNone {
		viaTemp = viaTemp && mv.src.stack
	} else {
		viaTemp = viaTemp && !mv.leaf.isImm()
	}
	if !viaTemp {
		m.emit(mv)
		return
	}
	if m.temp == noFree {
		panic("gotrace: internal error: no register to move a stack word with")
	}
	m.emit(move{dst: place{reg: m.temp}, src: mv.src, leaf: mv.leaf})
	m.emit(move{dst: mv.dst, src: place{reg: m.temp}})
}
