package bpf

import "github.com/cilium/ebpf/asm"

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

// scores rates the registers for v.
func (a *allocator) scores(v vreg) (out [numRegs]int) {
	a.score(&out, v, noReg, 1<<20, 3)
	return out
}

// score adds what v wishes for. A neighbour that has no register yet will
// likely go where it wishes to, so its wishes count too, for half as much and
// within a few hops.
func (a *allocator) score(out *[numRegs]int, v, except vreg, limit, hops int) {
	for _, w := range a.wishes[v] {
		weight := min(w.weight, limit)
		switch {
		case w.phys >= 0:
			out[w.phys] += 4 * weight
		case w.other == except:
		case a.regs[w.other] >= 0:
			out[a.regs[w.other]] += 4 * weight
		case hops > 0 && weight > 1:
			if overlap(a.ranges[w.other], a.fixed[asm.R0]) {
				for r := asm.R6; r <= asm.R9; r++ {
					out[r] += weight // it crosses a call: nothing else will do
				}
			}
			a.score(out, w.other, v, weight/2, hops-1)
		}
	}
}
