package bpf

// Which slots are in use at the same time? A slot is in use at a point if some
// path to the point has touched it, and some path from the point may still read
// what is in it. The first is a forward, the second a backward data-flow
// problem over sets of slots; a store that overwrites a whole slot ends the
// need for what was there before.
//
// A slot is touched by every instruction that uses an address in it, however
// the address was computed. An address that is stored to memory can be used
// behind our back: such a slot is in use throughout, as a persistent one is.

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

// lifetimes is the interference between the slots of a function.
type lifetimes struct {
	f      *ir.Func
	bases  [][]int // by value id: the slots an address may be in
	always bitset  // slots in use throughout
	pinned bitset  // slots that must be on the stack
	// conflict holds, for each slot, those that it may not overlap.
	conflict []bitset
}

// slotLifetimes computes the interference of f's slots.
func slotLifetimes(f *ir.Func, cfg *ir.CFG, kinds []ir.Kind) *lifetimes {
	n := len(f.Slots)
	l := &lifetimes{f: f, always: newBitset(n), pinned: newBitset(n)}
	for range f.Slots {
		l.conflict = append(l.conflict, newBitset(n))
	}
	if n == 0 {
		return l
	}
	l.addresses(cfg)
	l.escapes(cfg, kinds)
	before, after := l.touchedBefore(cfg), l.neededAfter(cfg)
	for _, b := range cfg.Order {
		l.interfere(b, before[b.ID].clone(), after[b.ID])
	}
	for i := range f.Slots {
		for j := range f.Slots {
			if i != j && (l.always.has(i) || l.always.has(j)) {
				l.conflict[i].set(j)
			}
		}
	}
	return l
}

// addresses follows slot addresses through arithmetic and block parameters.
func (l *lifetimes) addresses(cfg *ir.CFG) {
	l.bases = make([][]int, l.f.NumValues())
	for changed := true; changed; {
		changed = false
		merge := func(v *ir.Value, slots []int) {
			for _, s := range slots {
				if !contains(l.bases[v.ID], s) {
					l.bases[v.ID] = append(l.bases[v.ID], s)
					changed = true
				}
			}
		}
		for _, b := range cfg.Order {
			for _, v := range b.Instrs {
				switch {
				case v.Op == ir.OpSlotAddr:
					merge(v, []int{v.Slot.ID})
				case v.Op == ir.OpAdd || v.Op == ir.OpSub:
					merge(v, l.bases[v.Args[0].ID])
					merge(v, l.bases[v.Args[1].ID])
				}
			}
			for _, e := range b.Succs {
				for i, a := range e.Args {
					merge(e.To.Params[i], l.bases[a.ID])
				}
			}
		}
	}
}

func contains(list []int, x int) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// escapes finds slots whose address is kept in memory, and slots that must be
// on the stack: those that addresses are stored to, since only there the
// verifier remembers that they are addresses, and contexts of callbacks.
func (l *lifetimes) escapes(cfg *ir.CFG, kinds []ir.Kind) {
	for _, s := range l.f.Slots {
		if s.Persistent {
			l.always.set(s.ID)
		}
	}
	for _, b := range cfg.Order {
		for _, v := range b.Instrs {
			switch {
			case v.Op == ir.OpStore:
				l.each(v.Args[1], l.always.set)
				if kinds[v.Args[1].ID].IsPointer() {
					l.each(v.Args[0], l.pinned.set)
				}
			case v.Op == ir.OpCall && len(v.Args) > 2 &&
				(v.Helper == asm.FnLoop || v.Helper == asm.FnForEachMapElem):
				l.each(v.Args[2], l.pinned.set)
			}
		}
	}
}

func (l *lifetimes) each(v *ir.Value, do func(int)) {
	for _, s := range l.bases[v.ID] {
		do(s)
	}
}

// touches calls do for each slot an instruction accesses.
func (l *lifetimes) touches(v *ir.Value, do func(int)) {
	if v.Op.IsLeaf() || v.Op.IsBinary() || v.Op.IsCompare() {
		return
	}
	for _, a := range v.Args {
		l.each(a, do)
	}
}

// overwrites returns the slot that v fills entirely without reading it, or -1.
func overwrites(v *ir.Value) int {
	var dst *ir.Value
	size := v.Size
	switch v.Op {
	case ir.OpStore, ir.OpZero, ir.OpCopy:
		dst = v.Args[0]
	case ir.OpCall:
		dst, size = filledByCall(v)
	}
	if dst == nil || dst.Op != ir.OpSlotAddr || dst.Imm+v.Imm != 0 || size != dst.Slot.Size {
		return -1
	}
	for _, a := range v.Args[1:] {
		if a.Op == ir.OpSlotAddr && a.Slot == dst.Slot {
			return -1
		}
	}
	return dst.Slot.ID
}

// filledByCall returns the memory, with its size, that a helper always fills.
// Reads of kernel and user memory clear the destination when they fail; those
// of strings leave the bytes behind the end as they were.
func filledByCall(v *ir.Value) (*ir.Value, int) {
	switch v.Helper {
	case asm.FnProbeReadKernel, asm.FnProbeReadUser, asm.FnProbeRead, asm.FnGetCurrentComm:
		if len(v.Args) >= 2 && v.Args[1].Op == ir.OpConst {
			return v.Args[0], int(v.Args[1].Imm)
		}
	}
	return nil, 0
}

// touchedBefore computes, for the start of each block, the slots that a path to
// it has touched.
func (l *lifetimes) touchedBefore(cfg *ir.CFG) []bitset {
	in := l.sets()
	for changed := true; changed; {
		changed = false
		for _, b := range cfg.Order {
			out := in[b.ID].clone()
			for _, v := range b.Instrs {
				l.touches(v, out.set)
			}
			for _, e := range b.Succs {
				changed = in[e.To.ID].union(out) || changed
			}
		}
	}
	return in
}

// neededAfter computes, for the end of each block, the slots whose bytes may
// still be read.
func (l *lifetimes) neededAfter(cfg *ir.CFG) []bitset {
	in, out := l.sets(), l.sets()
	for changed := true; changed; {
		changed = false
		for i := len(cfg.Order) - 1; i >= 0; i-- {
			b := cfg.Order[i]
			for _, e := range b.Succs {
				out[b.ID].union(in[e.To.ID])
			}
			live := out[b.ID].clone()
			for j := len(b.Instrs) - 1; j >= 0; j-- {
				l.stepBack(b.Instrs[j], live)
			}
			changed = in[b.ID].union(live) || changed
		}
	}
	return out
}

func (l *lifetimes) stepBack(v *ir.Value, live bitset) {
	if s := overwrites(v); s >= 0 {
		live.clear(s)
	}
	for i, a := range v.Args {
		if i == 0 && (v.Op == ir.OpStore || v.Op == ir.OpZero || v.Op == ir.OpCopy || overwrites(v) >= 0) {
			continue // written only
		}
		if !v.Op.IsBinary() && !v.Op.IsCompare() {
			l.each(a, live.set)
		}
	}
}

func (l *lifetimes) sets() []bitset {
	out := make([]bitset, l.f.NumBlocks())
	for i := range out {
		out[i] = newBitset(len(l.f.Slots))
	}
	return out
}

// interfere records what is in use together at each instruction of a block.
func (l *lifetimes) interfere(b *ir.Block, touched, needed bitset) {
	// Needs are known from the end backwards, touches from the start forwards:
	// walk back first and keep the needs of each instruction that matters.
	live := needed.clone()
	needs := make([]bitset, len(b.Instrs))
	for j := len(b.Instrs) - 1; j >= 0; j-- {
		v := b.Instrs[j]
		here := newBitset(len(l.f.Slots))
		l.touches(v, here.set)
		if here.empty() {
			continue
		}
		here.union(live)
		l.stepBack(v, live)
		here.union(live)
		needs[j] = here
	}
	for j, v := range b.Instrs {
		if needs[j] == nil {
			continue
		}
		now := newBitset(len(l.f.Slots))
		l.touches(v, now.set)
		touched.union(now)
		use := needs[j]
		use.intersect(touched)
		now.each(func(s int) { l.meet(s, use) })
	}
}

// meet records that slot s is touched while the slots of use are in use.
func (l *lifetimes) meet(s int, use bitset) {
	use.each(func(t int) {
		if s != t {
			l.conflict[s].set(t)
			l.conflict[t].set(s)
		}
	})
}
