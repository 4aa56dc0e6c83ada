package bpf

// Wishes are what makes most moves vanish: a value that becomes an argument
// would like to be made in the argument's register, a sum in the register of
// its first operand, a block parameter where its arguments are.

// wish says that a register had better be the same as another, or as register
// phys of the machine, and how often a move is saved then.
type wish struct {
	other  vreg
	phys   int
	weight int
}

func collectWishes(f *fn) [][]wish {
	w := make([][]wish, f.nregs)
	both := func(x, y vreg, weight int) {
		w[x] = append(w[x], wish{y, -1, weight})
		w[y] = append(w[y], wish{x, -1, weight})
	}
	phys := func(v vreg, r, weight int) { w[v] = append(w[v], wish{noReg, r, weight}) }
	for _, b := range f.blocks {
		weight := 4
		for range min(b.depth, 4) {
			weight *= 8
		}
		for k := range b.insts {
			collectFrom(&b.insts[k], weight, both, phys)
		}
	}
	return w
}

func collectFrom(i *inst, weight int, both func(x, y vreg, w int), phys func(v vreg, r, w int)) {
	switch i.op {
	case opMove, opNeg, opSwap, opTrunc32:
		if i.a.kind == operandReg {
			both(i.dst, i.a.reg, weight)
		}
	case opALU:
		if i.a.kind == operandReg {
			both(i.dst, i.a.reg, weight)
		}
		if i.b.kind == operandReg && commutes(i.alu) {
			both(i.dst, i.b.reg, weight/2)
		}
	case opFetchAdd:
		both(i.dst, i.b.reg, weight)
	case opCall:
		for k, a := range i.args {
			if a.kind == operandReg {
				phys(a.reg, k+1, weight)
			}
		}
		if i.dst != noReg {
			phys(i.dst, 0, weight)
		}
	case opEntry:
		for k, d := range i.defs {
			phys(d, k+1, weight)
		}
	case opJump:
		for k, a := range i.args {
			if a.kind == operandReg {
				both(i.defs[k], a.reg, weight)
			}
		}
	case opReturn:
		if i.a.kind == operandReg {
			phys(i.a.reg, 0, weight)
		}
	}
}

// scores rates the registers for v. What a neighbour without a register yet
// wishes for counts half: it will likely go there.
func (a *allocator) scores(v vreg) (out [numRegs]int) {
	for _, w := range a.wishes[v] {
		switch {
		case w.phys >= 0:
			out[w.phys] += 2 * w.weight
		case a.regs[w.other] >= 0:
			out[a.regs[w.other]] += 2 * w.weight
		default:
			for _, second := range a.wishes[w.other] {
				if second.phys >= 0 && min(w.weight, second.weight) > 1 {
					out[second.phys] += min(w.weight, second.weight)
				}
			}
		}
	}
	return out
}
