package bpf

// Scratch memory is one entry of a per-CPU array map, looked up once per
// function: in the block that dominates all uses, right before the first, and
// outside of loops. A predicate that fails thus does not pay for it. If there
// is no entry the function returns.

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/source"
)

// moveToScratch rewrites the uses of f's scratch slots, which start at byte
// base of the map's value, and returns the end of what they take.
func moveToScratch(a *analysis, base int, opt Options, entry bool) int {
	places, size := arrange(a.slots(true), a.life.conflict, false)
	if len(places) == 0 {
		return base
	}
	m := scratchMover{f: a.f, opt: opt, offsets: map[*ir.Slot]int64{}}
	for _, p := range places {
		m.offsets[p.slot] = int64(base + p.off)
	}
	m.lookup(a.cfg, entry)
	for _, b := range a.f.Blocks {
		m.rewrite(b)
	}
	return base + roundUp(size, 8)
}

type scratchMover struct {
	f       *ir.Func
	opt     Options
	offsets map[*ir.Slot]int64
	base    *ir.Value
}

func (m *scratchMover) isScratch(v *ir.Value) bool {
	if v.Op != ir.OpSlotAddr {
		return false
	}
	_, ok := m.offsets[v.Slot]
	return ok
}

// site finds where to look the memory up: a block and an index in it.
func (m *scratchMover) site(cfg *ir.CFG) (*ir.Block, int) {
	var at *ir.Block
	for _, b := range cfg.Order {
		b.ForArgs(func(use **ir.Value) {
			if m.isScratch(*use) {
				at = cfg.Common(at, b)
			}
		})
	}
	hoisted := false
	for cfg.LoopHeader(at) != nil {
		at, hoisted = cfg.Idom(cfg.LoopHeader(at)), true
	}
	if !hoisted {
		for i, v := range at.Instrs {
			for _, a := range v.Args {
				if m.isScratch(a) {
					return at, i
				}
			}
		}
	}
	return at, len(at.Instrs)
}

// lookup inserts the lookup and the way out if it finds nothing.
func (m *scratchMover) lookup(cfg *ir.CFG, entry bool) {
	b, i := m.site(cfg)
	span := b.Span
	if i < len(b.Instrs) {
		span = b.Instrs[i].Span
	}
	rest := m.f.SplitAt(b, i, b.Name)
	moveAfter(m.f, b, rest)
	key := &ir.Slot{ID: len(m.f.Slots), Name: "index", Size: 4, Align: 4}
	m.f.Slots = append(m.f.Slots, key)

	m.base = m.find(b, key, m.opt.ScratchMap, m.opt.ScratchIndex, span)
	fail := m.f.NewBlock("noscratch")
	fail.Cold, fail.Span = true, span
	b.Term, b.Cond, b.Span = ir.TermIf, m.base, span
	b.Succs = []ir.Edge{{To: rest}, {To: fail}}
	m.fail(fail, key, entry, span)
}

// find appends the lookup of entry i of an array map.
func (m *scratchMover) find(b *ir.Block, key *ir.Slot, name string, i int, span source.Span) *ir.Value {
	addr := b.Append(m.f.NewValue(ir.OpSlotAddr, span))
	addr.Slot = key
	index := b.Append(m.f.NewValue(ir.OpConst, span))
	index.Imm = int64(i)
	store := b.Append(m.f.NewValue(ir.OpStore, span, addr, index))
	store.Size = 4
	ptr := b.Append(m.f.NewValue(ir.OpMapPtr, span))
	ptr.Sym = name
	call := b.Append(m.f.NewValue(ir.OpCall, span, ptr, addr))
	call.Helper = asm.FnMapLookupElem
	return call
}

// fail fills the block that is taken when there is no scratch memory: it
// counts the loss if that is wanted, and returns. A callback returns 1, which
// ends the loop.
func (m *scratchMover) fail(b *ir.Block, key *ir.Slot, entry bool, span source.Span) {
	out := b
	if m.opt.LossMap != "" {
		counter := m.find(b, key, m.opt.LossMap, m.opt.LossIndex, span)
		count, done := m.f.NewBlock("count"), m.f.NewBlock("lost")
		count.Cold, count.Span, done.Cold = true, span, true
		b.Term, b.Cond, b.Succs = ir.TermIf, counter, []ir.Edge{{To: count}, {To: done}}
		one := count.Append(m.f.NewValue(ir.OpConst, span))
		one.Imm = 1
		add := count.Append(m.f.NewValue(ir.OpAtomicAdd, span, counter, one))
		add.Size = 8
		count.Term, count.Succs = ir.TermJump, []ir.Edge{{To: done}}
		out = done
	}
	ret := out.Append(m.f.NewValue(ir.OpConst, span))
	ret.Imm = m.opt.ReturnValue
	if !entry {
		ret.Imm = 1
	}
	out.Term, out.Cond, out.Span = ir.TermRet, ret, span
}

// rewrite replaces slot addresses by offsets from the base. The addition is
// made at each use: selection folds it into most.
func (m *scratchMover) rewrite(b *ir.Block) {
	old := b.Instrs
	b.Instrs = make([]*ir.Value, 0, len(old))
	for _, v := range old {
		for i, a := range v.Args {
			if m.isScratch(a) {
				v.Args[i] = m.address(b, a, v.Span)
			}
		}
		b.Instrs = append(b.Instrs, v)
	}
	if b.Cond != nil && m.isScratch(b.Cond) {
		b.Cond = m.address(b, b.Cond, b.Span)
	}
	for _, e := range b.Succs {
		for i, a := range e.Args {
			if m.isScratch(a) {
				e.Args[i] = m.address(b, a, b.Span)
			}
		}
	}
}

func (m *scratchMover) address(b *ir.Block, a *ir.Value, span source.Span) *ir.Value {
	off := m.offsets[a.Slot] + a.Imm
	if off == 0 {
		return m.base
	}
	n := b.Append(m.f.NewValue(ir.OpConst, span))
	n.Imm = off
	return b.Append(m.f.NewValue(ir.OpAdd, span, m.base, n))
}

// moveAfter puts block c, now last, right after b in the order of the code.
func moveAfter(f *ir.Func, b, c *ir.Block) {
	f.Blocks = f.Blocks[:len(f.Blocks)-1]
	for i, x := range f.Blocks {
		if x == b {
			f.Blocks = append(f.Blocks[:i+1], append([]*ir.Block{c}, f.Blocks[i+1:]...)...)
			return
		}
	}
}
