package bpf

// Register allocation is linear scan over ranges with holes, in rounds. A round
// takes the ranges in order of their start and gives each a register that is
// free throughout the range, preferring those that save a move. If there is
// none, the cheapest of the ranges in the way (or the new one) loses its
// register. After a round that took registers away, the losers live on the
// stack: each use gets a short-lived register of its own, loaded before the
// use, and the next round starts over. Registers of this kind are never taken
// away, so every round makes progress; programs rarely need a second one.
//
// Calls clobber R0-R5, which is a fixed range of those registers. A range
// across a call thus fits only R6-R9, without a rule of its own.

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/cilium/ebpf/asm"
)

const numRegs = 10 // R0 to R9; R10 is the frame pointer

// place is where a virtual register is: in a register, or on the stack.
type place struct {
	reg   asm.Register
	stack bool
	slot  int // number of the spill slot
}

// allocation is the result for one function.
type allocation struct {
	places []place
	// used says that the register's value is read at all.
	used []bool
	// taken holds, for each register, the positions at which it is in use.
	taken [numRegs][]segment
	// spillSlots is how many 8-byte slots spilled registers need.
	spillSlots int
}

// allocate finds a place for every register of f, rewriting f where registers
// have to be spilled.
func allocate(f *fn) *allocation {
	spilled := map[vreg]bool{}
	for round := 0; ; round++ {
		if round > f.nregs+10 {
			panic(fmt.Sprintf("gotrace: internal error: register allocation of %s does not end", f.name))
		}
		f.number()
		a := newAllocator(f, spilled)
		a.run()
		if len(a.losers) == 0 {
			return a.finish()
		}
		slices.Sort(a.losers)
		f.spill(a.losers, spilled)
	}
}

type assigned struct {
	v    vreg
	segs []segment
}

type allocator struct {
	f       *fn
	ranges  ranges
	spilled map[vreg]bool
	regs    []int // by vreg: register number or -1
	fixed   [numRegs][]segment
	held    [numRegs][]assigned
	cost    []float64
	wishes  [][]wish
	losers  []vreg
}

func newAllocator(f *fn, spilled map[vreg]bool) *allocator {
	a := &allocator{f: f, ranges: f.liveRanges(), spilled: spilled}
	a.regs = make([]int, f.nregs)
	for i := range a.regs {
		a.regs[i] = -1
	}
	a.clobbers()
	a.costs()
	a.wishes = collectWishes(f)
	return a
}

// clobbers reserves registers where the machine uses them itself.
func (a *allocator) clobbers() {
	for _, b := range a.f.blocks {
		for k := range b.insts {
			i, at := &b.insts[k], int32(4*(b.start+k))
			switch i.op {
			case opCall:
				for r := range 6 {
					a.fixed[r] = append(a.fixed[r], segment{at + 1, at + 2})
				}
			case opEntry:
				for r := 1; r <= len(i.defs); r++ {
					a.fixed[r] = append(a.fixed[r], segment{at, at + 2})
				}
			}
		}
	}
}

// costs estimates what spilling each register would cost: its uses, ten times
// as much for each loop around them, per length of its range.
func (a *allocator) costs() {
	a.cost = make([]float64, a.f.nregs)
	for _, b := range a.f.blocks {
		freq := math.Pow(10, float64(min(b.depth, 6)))
		for k := range b.insts {
			i := &b.insts[k]
			i.operands(func(o *operand) {
				if o.kind == operandReg {
					a.cost[o.reg] += freq
				}
			})
			if i.dst != noReg {
				a.cost[i.dst] += freq
			}
			for _, d := range i.defs {
				a.cost[d] += freq
			}
		}
	}
	for v, segs := range a.ranges {
		length := 1.0
		for _, s := range segs {
			length += float64(s.to - s.from)
		}
		a.cost[v] = (a.cost[v] + float64(a.f.weight[v])) / length
	}
}

func (a *allocator) run() {
	var order []vreg
	for v := range a.ranges {
		if len(a.ranges[v]) > 0 && !a.spilled[vreg(v)] {
			order = append(order, vreg(v))
		}
	}
	slices.SortFunc(order, func(x, y vreg) int {
		return cmp.Or(cmp.Compare(a.ranges[x][0].from, a.ranges[y][0].from), cmp.Compare(x, y))
	})
	for _, v := range order {
		a.expire(a.ranges[v][0].from)
		if r := a.freeReg(v); r >= 0 {
			a.hold(v, r)
		} else {
			a.evictFor(v)
		}
	}
}

func (a *allocator) hold(v vreg, r int) {
	a.regs[v] = r
	a.held[r] = append(a.held[r], assigned{v, a.ranges[v]})
}

// expire forgets what ended: ranges come in the order of their start, so it is
// in nobody's way any more.
func (a *allocator) expire(at int32) {
	for r := range a.held {
		a.held[r] = slices.DeleteFunc(a.held[r], func(h assigned) bool {
			return h.segs[len(h.segs)-1].to <= at
		})
	}
}

// freeReg returns the free register that saves the most moves, or -1.
func (a *allocator) freeReg(v vreg) int {
	best, bestScore := -1, -1
	scores := a.scores(v)
	for _, r := range preference {
		if scores[r] > bestScore && a.isFree(v, r) {
			best, bestScore = r, scores[r]
		}
	}
	return best
}

// preference is the order in which registers are tried if nothing else decides.
var preference = [numRegs]int{1, 2, 3, 4, 5, 0, 6, 7, 8, 9}

func (a *allocator) isFree(v vreg, r int) bool {
	segs := a.ranges[v]
	if overlap(segs, from(a.fixed[r], segs[0].from)) {
		return false
	}
	for _, h := range a.held[r] {
		if overlap(segs, h.segs) {
			return false
		}
	}
	return true
}

// from returns the segments that do not end before a position.
func from(segs []segment, at int32) []segment {
	i, _ := slices.BinarySearchFunc(segs, at, func(s segment, at int32) int {
		if s.to <= at {
			return -1
		}
		return 1
	})
	return segs[i:]
}

// evictFor finds the register whose holders cost least to spill and gives it to
// v, if that is cheaper than spilling v.
func (a *allocator) evictFor(v vreg) {
	best, bestCost := -1, math.Inf(1)
	for _, r := range preference {
		if overlap(a.ranges[v], from(a.fixed[r], a.ranges[v][0].from)) {
			continue
		}
		cost := 0.0
		for _, h := range a.held[r] {
			if overlap(a.ranges[v], h.segs) {
				cost += a.price(h.v)
			}
		}
		if cost < bestCost {
			best, bestCost = r, cost
		}
	}
	if best < 0 || bestCost >= a.price(v) {
		if a.f.fixed[v] {
			panic(fmt.Sprintf("gotrace: internal error: no register for a temporary in %s", a.f.name))
		}
		a.losers = append(a.losers, v)
		return
	}
	a.held[best] = slices.DeleteFunc(a.held[best], func(h assigned) bool {
		if !overlap(a.ranges[v], h.segs) {
			return false
		}
		a.regs[h.v] = -1
		a.losers = append(a.losers, h.v)
		return true
	})
	a.hold(v, best)
}

func (a *allocator) price(v vreg) float64 {
	if a.f.fixed[v] {
		return math.Inf(1)
	}
	return a.cost[v]
}

// finish gives spilled registers their stack slots and collects the result.
func (a *allocator) finish() *allocation {
	out := &allocation{places: make([]place, a.f.nregs), used: make([]bool, a.f.nregs)}
	for _, b := range a.f.blocks {
		for k := range b.insts {
			b.insts[k].operands(func(o *operand) {
				if o.kind == operandReg {
					out.used[o.reg] = true
				}
			})
		}
	}
	out.taken = a.fixed
	for v, r := range a.regs {
		if r >= 0 {
			out.places[v].reg = asm.Register(r)
			out.taken[r] = append(out.taken[r], a.ranges[v]...)
		}
	}
	for r := range out.taken {
		if len(out.taken[r]) > 0 {
			out.taken[r] = merge(out.taken[r])
		}
	}
	a.spillSlots(out)
	return out
}

// spillSlots numbers the stack words of spilled registers: the lowest that is
// free, after those that moves would otherwise copy to or from.
func (a *allocator) spillSlots(out *allocation) {
	var held [][]segment
	var order []vreg
	for v := range a.spilled {
		if len(a.ranges[v]) > 0 {
			order = append(order, v)
		}
	}
	slices.SortFunc(order, func(x, y vreg) int {
		return cmp.Or(cmp.Compare(a.ranges[x][0].from, a.ranges[y][0].from), cmp.Compare(x, y))
	})
	done := map[vreg]int{}
	for _, v := range order {
		n := -1
		for _, w := range a.wishes[v] {
			if s, ok := done[w.other]; ok && w.other != noReg && !overlap(held[s], a.ranges[v]) {
				n = s
				break
			}
		}
		for s := 0; n < 0 && s < len(held); s++ {
			if !overlap(held[s], a.ranges[v]) {
				n = s
			}
		}
		if n < 0 {
			n = len(held)
			held = append(held, nil)
		}
		held[n] = merge(append(slices.Clone(held[n]), a.ranges[v]...))
		done[v] = n
		out.places[v] = place{stack: true, slot: n}
	}
	out.spillSlots = len(held)
}
