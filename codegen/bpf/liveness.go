package bpf

import "slices"

// Positions number the instructions of a function in the order of the code,
// four to each:
//
//	4n    operands are read
//	4n+1  calls clobber R0-R5; jumps write the parameters of their target
//	4n+2  results are written
//	4n+3  operands that must outlive the result end
//
// A register's range is a sorted list of half-open segments of positions. It
// may have holes, which others use: most often the cold blocks at the end of
// the code, where little is alive.

type segment struct{ from, to int32 }

// ranges holds the segments of each register of a function.
type ranges [][]segment

// overlap reports whether two sorted lists of segments have a common point.
func overlap(a, b []segment) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].to <= b[0].from:
			a = a[1:]
		case b[0].to <= a[0].from:
			b = b[1:]
		default:
			return true
		}
	}
	return false
}

// number gives blocks and instructions their numbers; it returns how many
// instructions there are.
func (f *fn) number() int {
	n := 0
	for i, b := range f.blocks {
		b.index, b.start = i, n
		n += len(b.insts)
	}
	return n
}

// liveOut computes the registers alive at the end of each block.
func (f *fn) liveOut() []bitset {
	in, out := make([]bitset, len(f.blocks)), make([]bitset, len(f.blocks))
	uses, defs := make([]bitset, len(f.blocks)), make([]bitset, len(f.blocks))
	for i, b := range f.blocks {
		in[i], out[i] = newBitset(f.nregs), newBitset(f.nregs)
		uses[i], defs[i] = f.localUses(b)
	}
	for changed := true; changed; {
		changed = false
		for i := len(f.blocks) - 1; i >= 0; i-- {
			b := f.blocks[i]
			for _, s := range b.succs {
				out[i].union(in[s.index])
			}
			live := out[i].clone()
			for w := range live {
				live[w] = live[w]&^defs[i][w] | uses[i][w]
			}
			changed = in[i].union(live) || changed
		}
	}
	return out
}

// localUses returns what a block reads before writing it, and what it writes.
func (f *fn) localUses(b *block) (uses, defs bitset) {
	uses, defs = newBitset(f.nregs), newBitset(f.nregs)
	for _, p := range b.params {
		defs.set(int(p))
	}
	for k := range b.insts {
		i := &b.insts[k]
		i.operands(func(o *operand) {
			if o.kind == operandReg && !defs.has(int(o.reg)) {
				uses.set(int(o.reg))
			}
		})
		if i.dst != noReg {
			defs.set(int(i.dst))
		}
		if i.op == opEntry {
			for _, d := range i.defs {
				defs.set(int(d))
			}
		}
	}
	return uses, defs
}

// liveRanges computes the segments of all registers. Blocks must be numbered.
func (f *fn) liveRanges() ranges {
	r := make(ranges, f.nregs)
	out := f.liveOut()
	for i := len(f.blocks) - 1; i >= 0; i-- {
		b := f.blocks[i]
		from, to := int32(4*b.start), int32(4*(b.start+len(b.insts)))
		out[i].each(func(v int) { r.add(vreg(v), from, to) })
		for k := len(b.insts) - 1; k >= 0; k-- {
			r.instruction(&b.insts[k], from, int32(4*(b.start+k)))
		}
		for _, p := range b.params {
			r.begin(p, from)
		}
	}
	for v := range r {
		slices.Reverse(r[v])
	}
	f.edgeRanges(r)
	return r
}

// add puts a segment in front; lists are built backwards and kept reversed.
func (r ranges) add(v vreg, from, to int32) {
	list := r[v]
	if n := len(list); n > 0 && list[n-1].from <= to {
		list[n-1].from = min(list[n-1].from, from)
		list[n-1].to = max(list[n-1].to, to)
		return
	}
	r[v] = append(list, segment{from, to})
}

// begin cuts the segment in front off at the definition. A value that nobody
// reads still occupies its register while it is written.
func (r ranges) begin(v vreg, at int32) {
	list := r[v]
	if n := len(list); n > 0 && list[n-1].from <= at && at < list[n-1].to {
		list[n-1].from = at
		return
	}
	r[v] = append(list, segment{at, at + 2})
}

func (r ranges) instruction(i *inst, blockStart, at int32) {
	if i.dst != noReg {
		r.begin(i.dst, at+2)
	}
	if i.op == opEntry {
		for _, d := range i.defs {
			r.begin(d, at+2)
		}
	}
	if i.temp != noReg {
		r.add(i.temp, at, at+2)
	}
	i.operands(func(o *operand) {
		if o.kind != operandReg {
			return
		}
		end := at + 1
		if i.keepsLate(o) {
			end = at + 3
		}
		r.add(o.reg, blockStart, end)
	})
}

// edgeRanges lets parameters be alive where jumps write them.
func (f *fn) edgeRanges(r ranges) {
	touched := map[vreg]bool{}
	for _, b := range f.blocks {
		k := len(b.insts) - 1
		i := &b.insts[k]
		if i.op != opJump {
			continue
		}
		at := int32(4 * (b.start + k))
		for _, p := range i.defs {
			r[p] = append(r[p], segment{at + 1, at + 4})
			touched[p] = true
		}
	}
	for p := range touched {
		r[p] = merge(r[p])
	}
}

// merge sorts segments and joins those that touch.
func merge(list []segment) []segment {
	slices.SortFunc(list, func(a, b segment) int { return int(a.from - b.from) })
	out := list[:1]
	for _, s := range list[1:] {
		if last := &out[len(out)-1]; s.from <= last.to {
			last.to = max(last.to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}
