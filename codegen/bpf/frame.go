package bpf

// The frame is planned on IR, before there are registers: which slots are on
// the stack, which in scratch memory, and at which offsets. Slots that are
// never in use together may share bytes. Placing is greedy: the most aligned
// and largest slot first, each at the lowest offset free of those it
// conflicts with, which for stacks of this size is as good as optimal.
//
// The kernel allows 512 bytes of stack along a chain of calls and rounds each
// frame up. Slots may take as much of it as the attempt allows; what register
// allocation spills comes on top, and if that was too much the next attempt
// allows the slots less.

import (
	"cmp"
	"slices"

	"github.com/gotrace/gotrace/codegen/ir"
)

const (
	maxStack = 512
	// maxSlotStack is what slots may take along a chain of calls at first.
	maxSlotStack = 448
	// maxStackSlot is the size above which a slot goes to scratch memory.
	maxStackSlot = 128
	// frameUnit is what verifiers round frames up to; newer ones to 16.
	frameUnit = 32
)

// frame is the plan of one function.
type frame struct {
	offsets map[*ir.Slot]int64 // from the frame pointer, negative
	size    int                // bytes of stack that slots take
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// slotAlign is the alignment a slot gets: at least what lets it be cleared and
// copied by words.
func slotAlign(s *ir.Slot) int {
	n := 1
	for n < 8 && n*2 <= s.Size {
		n *= 2
	}
	return min(max(n, s.Align), 8)
}

// placed is a slot with its place.
type placed struct {
	slot *ir.Slot
	off  int
}

// arrange places slots by a conflict relation. On a stack, which is addressed
// from its end, it is the end of a slot that must be aligned.
func arrange(slots []*ir.Slot, conflict []bitset, fromEnd bool) (out []placed, size int) {
	slots = slices.Clone(slots)
	slices.SortFunc(slots, func(a, b *ir.Slot) int {
		return cmp.Or(cmp.Compare(slotAlign(b), slotAlign(a)), cmp.Compare(b.Size, a.Size), cmp.Compare(a.ID, b.ID))
	})
	for _, s := range slots {
		off := firstFit(s, out, conflict[s.ID], fromEnd)
		out = append(out, placed{s, off})
		size = max(size, off+s.Size)
	}
	return out, size
}

func firstFit(s *ir.Slot, others []placed, conflict bitset, fromEnd bool) int {
	align := slotAlign(s)
	off := 0
	for {
		if fromEnd {
			off = roundUp(off+s.Size, align) - s.Size
		} else {
			off = roundUp(off, align)
		}
		next := off
		for _, p := range others {
			if conflict.has(p.slot.ID) && p.off < off+s.Size && off < p.off+p.slot.Size {
				next = max(next, p.off+p.slot.Size)
			}
		}
		if next == off {
			return off
		}
		off = next
	}
}

// analysis is what planning knows about a function.
type analysis struct {
	f       *ir.Func
	cfg     *ir.CFG
	life    *lifetimes
	scratch []bool // by slot id
}

func analyse(f *ir.Func, entry bool) *analysis {
	cfg := ir.NewCFG(f)
	return &analysis{f: f, cfg: cfg, life: slotLifetimes(f, cfg, ir.Kinds(f, cfg, entry)), scratch: make([]bool, len(f.Slots))}
}

// slots returns the slots that are used, on the stack or in scratch memory.
func (a *analysis) slots(scratch bool) []*ir.Slot {
	used := make([]bool, len(a.f.Slots))
	for _, b := range a.cfg.Order {
		b.ForArgs(func(use **ir.Value) {
			if v := *use; v.Op == ir.OpSlotAddr {
				used[v.Slot.ID] = true
			}
		})
	}
	var out []*ir.Slot
	for _, s := range a.f.Slots {
		if used[s.ID] && a.scratch[s.ID] == scratch {
			out = append(out, s)
		}
	}
	return out
}

func (a *analysis) stackSize() int {
	_, size := arrange(a.slots(false), a.life.conflict, true)
	return size
}

// planScratch decides which slots of the program go to scratch memory so that
// the others fit in limit bytes of stack, if that can be.
func planScratch(as []*analysis, calls *callGraph, limit int) {
	for _, a := range as {
		for _, s := range a.f.Slots {
			a.scratch[s.ID] = s.Scratch || s.Size > maxStackSlot && !a.life.pinned.has(s.ID)
		}
	}
	for {
		sizes := make([]int, len(as))
		for i, a := range as {
			sizes[i] = a.stackSize()
		}
		if calls.deepest(sizes) <= limit {
			return
		}
		a, s := largest(as)
		if s == nil {
			return
		}
		a.scratch[s.ID] = true
	}
}

// largest returns the largest slot that could leave the stack.
func largest(as []*analysis) (in *analysis, slot *ir.Slot) {
	for _, a := range as {
		for _, s := range a.slots(false) {
			if !a.life.pinned.has(s.ID) && s.Size > 8 && (slot == nil || s.Size > slot.Size) {
				in, slot = a, s
			}
		}
	}
	return in, slot
}

// planFrame places the slots that are left on the stack.
func planFrame(a *analysis) *frame {
	places, size := arrange(a.slots(false), a.life.conflict, true)
	fr := &frame{offsets: map[*ir.Slot]int64{}, size: size}
	for _, p := range places {
		fr.offsets[p.slot] = -int64(p.off + p.slot.Size)
	}
	return fr
}
