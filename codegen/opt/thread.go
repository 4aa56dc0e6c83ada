package opt

// Threading shortens paths: a jump to a block that only branches on what the
// jump passes becomes a jump to where the branch leads (or the branch itself,
// if the outcome is not known), and blocks in a straight line become one.
//
// Conditions made of && and || are built as words, 0 or 1 from several sides
// that meet and are then tested; this pass is what makes them jumps.

import "github.com/gotrace/gotrace/codegen/ir"

// threadBranches threads jumps and merges blocks until nothing changes.
func threadBranches(f *ir.Func, _ bool) {
	for changed := true; changed; {
		changed = false
		t := threader{f: f, uses: outsideUses(f)}
		for _, b := range ir.NewCFG(f).Order {
			changed = t.block(b) || changed
		}
		changed = mergeBlocks(f) || changed
	}
}

type threader struct {
	f *ir.Func
	// uses holds the values that blocks other than their own use.
	uses map[*ir.Value]bool
}

func outsideUses(f *ir.Func) map[*ir.Value]bool {
	uses := map[*ir.Value]bool{}
	for _, b := range f.Blocks {
		b.ForArgs(func(use **ir.Value) {
			if (*use).Block != b {
				uses[*use] = true
			}
		})
	}
	return uses
}

func (t *threader) block(b *ir.Block) bool {
	changed := false
	if b.Term == ir.TermIf {
		changed = foldBranch(b)
	}
	for i := range b.Succs {
		for steps := 0; steps < 8 && t.edge(b, &b.Succs[i]); steps++ {
			changed = true
		}
	}
	if b.Term == ir.TermJump {
		changed = t.pullBranch(b) || changed
	}
	return changed
}

// foldBranch decides a branch on a constant, or one of which both sides are
// the same.
func foldBranch(b *ir.Block) bool {
	taken := -1
	switch {
	case b.Cond.Op == ir.OpConst && b.Cond.Imm != 0:
		taken = 0
	case b.Cond.Op == ir.OpConst:
		taken = 1
	case b.Succs[0].To == b.Succs[1].To && equal(b.Succs[0].Args, b.Succs[1].Args):
		taken = 0
	}
	if taken < 0 {
		return false
	}
	b.Term, b.Cond = ir.TermJump, nil
	b.Succs = []ir.Edge{b.Succs[taken]}
	return true
}

func equal(x, y []*ir.Value) bool {
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return len(x) == len(y)
}

// edge redirects an edge past a block that does nothing on the way.
func (t *threader) edge(b *ir.Block, e *ir.Edge) bool {
	mid := e.To
	if mid == b || !t.onlyBranches(mid) {
		return false
	}
	next := -1
	switch mid.Term {
	case ir.TermJump:
		next = 0
	case ir.TermIf:
		next = outcome(mid, e.Args)
	}
	if next < 0 || mid.Succs[next].To == mid {
		return false
	}
	*e = t.through(mid, e.Args, next)
	return true
}

// onlyBranches reports a block that has nothing but its terminator, a
// comparison for it, and constants, and whose parameters nobody else needs.
func (t *threader) onlyBranches(b *ir.Block) bool {
	for _, p := range b.Params {
		if t.uses[p] {
			return false
		}
	}
	for _, v := range b.Instrs {
		if !v.Op.IsLeaf() && (v != b.Cond || !v.Op.IsCompare()) || t.uses[v] {
			return false
		}
	}
	for _, e := range b.Succs {
		for _, a := range e.Args {
			if a.Block == b && a.Op != ir.OpParam && a.Op != ir.OpConst {
				return false
			}
		}
	}
	return b != t.f.Blocks[0] && b.Term != ir.TermRet
}

// outcome returns the side a branch takes given the block's arguments, or -1.
func outcome(b *ir.Block, args []*ir.Value) int {
	known := func(v *ir.Value) (int64, bool) {
		v = substitute(b, args, v)
		return v.Imm, v.Op == ir.OpConst
	}
	n, ok := known(b.Cond)
	if !ok && b.Cond.Op.IsCompare() && b.Cond.Block == b {
		x, okX := known(b.Cond.Args[0])
		y, okY := known(b.Cond.Args[1])
		n, ok = evalCompare(b.Cond.Op, x, y), okX && okY
	}
	switch {
	case !ok:
		return -1
	case n != 0:
		return 0
	}
	return 1
}

// substitute returns what v is when b is entered with the arguments.
func substitute(b *ir.Block, args []*ir.Value, v *ir.Value) *ir.Value {
	for i, p := range b.Params {
		if v == p {
			return args[i]
		}
	}
	return v
}

// through is the edge out of mid as seen from an edge into it. The constants of
// mid that it passes on are made visible in the entry block, where constants
// cost nothing.
func (t *threader) through(mid *ir.Block, args []*ir.Value, next int) ir.Edge {
	out := ir.Edge{To: mid.Succs[next].To}
	for _, a := range mid.Succs[next].Args {
		a = substitute(mid, args, a)
		if a.Op == ir.OpConst && a.Block == mid {
			a = constantAtEntry(t.f, a.Imm)
		}
		out.Args = append(out.Args, a)
	}
	return out
}

func constantAtEntry(f *ir.Func, n int64) *ir.Value {
	entry := f.Blocks[0]
	c := f.NewValue(ir.OpConst, entry.Span)
	c.Imm, c.Block = n, entry
	entry.Instrs = append([]*ir.Value{c}, entry.Instrs...)
	return c
}

// pullBranch replaces a jump to a block that only branches on one of its
// parameters by the branch, so that a comparison passed to it is tested where
// it is made.
func (t *threader) pullBranch(b *ir.Block) bool {
	mid := b.Succs[0].To
	if mid == b || mid.Term != ir.TermIf || !t.onlyBranches(mid) {
		return false
	}
	args := b.Succs[0].Args
	cond := substitute(mid, args, mid.Cond)
	if cond == mid.Cond || !cond.Op.IsCompare() {
		return false
	}
	for _, e := range mid.Succs {
		if e.To == mid {
			return false
		}
	}
	b.Succs = []ir.Edge{t.through(mid, args, 0), t.through(mid, args, 1)}
	b.Term, b.Cond = ir.TermIf, cond
	return true
}

// mergeBlocks appends to a block the one it jumps to, if nothing else does.
func mergeBlocks(f *ir.Func) bool {
	changed := false
	cfg := ir.NewCFG(f)
	gone := map[*ir.Block]bool{}
	same := map[*ir.Value]*ir.Value{}
	for _, b := range cfg.Order {
		for !gone[b] && b.Term == ir.TermJump {
			c := b.Succs[0].To
			if c == b || len(cfg.Preds(c)) != 1 || gone[c] {
				break
			}
			for i, p := range c.Params {
				same[p] = b.Succs[0].Args[i]
			}
			for _, v := range c.Instrs {
				b.Append(v)
			}
			b.Term, b.Cond, b.Succs, b.Span = c.Term, c.Cond, c.Succs, c.Span
			c.Instrs, c.Params, c.Term, c.Succs, c.Cond = nil, nil, ir.TermNone, nil, nil
			gone[c], changed = true, true
		}
	}
	if changed {
		replace(f, same)
		dropGone(f, gone)
	}
	return changed
}

func dropGone(f *ir.Func, gone map[*ir.Block]bool) {
	kept := f.Blocks[:0]
	for _, b := range f.Blocks {
		if !gone[b] {
			kept = append(kept, b)
		}
	}
	f.Blocks = kept
}
