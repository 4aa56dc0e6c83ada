package bpf

// spill rewrites f for registers that live on the stack from now on.
//
// A loser that was made from nothing (a constant, an address) is simply made
// again before each use. Any other keeps its name, which now means a stack
// word: calls, jumps and returns read it from there directly, as they move
// their operands anyway; other uses load it into a new register, and its
// definition is followed by a store.
func (f *fn) spill(losers []vreg, spilled map[vreg]bool) {
	s := spiller{f: f, lost: map[vreg]bool{}, spilled: spilled, leaves: map[vreg]operand{}}
	for _, v := range losers {
		s.lost[v] = true
	}
	for _, b := range f.blocks {
		for k := range b.insts {
			i := &b.insts[k]
			if i.op == opMove && s.lost[i.dst] && i.a.kind != operandReg {
				s.leaves[i.dst] = i.a
			}
		}
	}
	for _, v := range losers {
		if _, ok := s.leaves[v]; !ok {
			spilled[v] = true
		}
	}
	for _, b := range f.blocks {
		s.rewrite(b)
	}
	f.jumpTemps(spilled)
}

type spiller struct {
	f       *fn
	lost    map[vreg]bool // in this round
	spilled map[vreg]bool // in all rounds
	leaves  map[vreg]operand
	out     []inst
}

func (s *spiller) rewrite(b *block) {
	s.out = make([]inst, 0, len(b.insts)+8)
	for _, i := range b.insts {
		if _, leaf := s.leaves[i.dst]; leaf && i.op == opMove {
			continue // made again at each use
		}
		s.instruction(i)
	}
	b.insts = s.out
}

// readsStack reports an instruction whose operands may be on the stack.
func (i *inst) readsStack() bool {
	return i.op == opCall || i.op == opJump || i.op == opReturn
}

func (s *spiller) instruction(i inst) {
	loaded := map[vreg]vreg{}
	i.operands(func(o *operand) {
		if o.kind != operandReg || !s.lost[o.reg] {
			return
		}
		leaf, isLeaf := s.leaves[o.reg]
		if i.readsStack() {
			if isLeaf {
				*o = leaf
			}
			return
		}
		t, ok := loaded[o.reg]
		if !ok {
			t = s.f.newTemp()
			loaded[o.reg] = t
			src := reg(o.reg)
			if isLeaf {
				src = leaf
			}
			s.out = append(s.out, inst{op: opMove, dst: t, temp: noReg, a: src, span: i.span})
		}
		o.reg = t
	})
	if i.dst == noReg || !s.lost[i.dst] {
		s.out = append(s.out, i)
		return
	}
	home := i.dst
	if i.op == opMove && i.a.kind == operandReg && !s.spilled[i.a.reg] {
		s.out = append(s.out, i) // a move of a register is a store already
		return
	}
	i.dst = s.f.newTemp()
	s.out = append(s.out, i, inst{op: opMove, dst: home, temp: noReg, a: reg(i.dst), span: i.span})
}

// newTemp returns a register that lives for an instruction or two.
func (f *fn) newTemp() vreg {
	v := f.newReg()
	f.fixed[v] = true
	return v
}

// jumpTemps gives each jump that may have to move one stack word to another a
// register to do it with.
func (f *fn) jumpTemps(spilled map[vreg]bool) {
	for _, b := range f.blocks {
		i := &b.insts[len(b.insts)-1]
		if i.op == opJump && i.temp == noReg && i.needsTemp(spilled) {
			i.temp = f.newTemp()
		}
	}
}

// needsTemp reports a jump that writes a stack word with something that is not
// in a register, or that may be in none when its turn comes: a cycle that goes
// through a stack word and a register.
func (i *inst) needsTemp(spilled map[vreg]bool) bool {
	direct, toRegister := false, false
	for k, a := range i.args {
		fromStack := a.kind == operandReg && spilled[a.reg]
		switch {
		case !spilled[i.defs[k]]:
			toRegister = toRegister || fromStack
		case a.isImm(): // a stack word can take 32 bits at once
		case a.kind != operandReg || fromStack:
			return true
		default:
			direct = true
		}
	}
	return direct && toRegister
}
