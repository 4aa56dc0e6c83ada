package bpf

import "github.com/gotrace/gotrace/codegen/ir"

// dropUnreachable removes blocks no path leads to, keeping the order of the
// others: it is the order of the code.
func dropUnreachable(f *ir.Func) {
	cfg := ir.NewCFG(f)
	kept := f.Blocks[:0]
	for _, b := range f.Blocks {
		if cfg.Reachable(b) {
			kept = append(kept, b)
		}
	}
	f.Blocks = kept
}

// fixBranches turns branches whose outcome is known into jumps, so that
// selection finds a register in every condition.
func fixBranches(f *ir.Func) {
	dropped := false
	for _, b := range f.Blocks {
		if b.Term != ir.TermIf {
			continue
		}
		if taken, known := outcome(b.Cond); known {
			b.Term, b.Cond = ir.TermJump, nil
			b.Succs = b.Succs[taken : taken+1 : taken+1]
			dropped = true
		}
	}
	if dropped {
		dropUnreachable(f)
	}
}

func outcome(cond *ir.Value) (taken int, known bool) {
	switch {
	case cond.Op == ir.OpConst:
		if cond.Imm == 0 {
			return 1, true
		}
		return 0, true
	case cond.Op.IsLeaf():
		return 0, true // an address is never null
	}
	return 0, false
}

// splitEdges gives each edge that passes arguments out of a branch a block of
// its own, where they can be moved to their places.
func splitEdges(f *ir.Func) {
	var out []*ir.Block
	for _, b := range f.Blocks[:len(f.Blocks):len(f.Blocks)] {
		out = append(out, b)
		if b.Term != ir.TermIf {
			continue
		}
		for i, e := range b.Succs {
			if len(e.Args) == 0 {
				continue
			}
			mid := f.NewBlock("edge")
			mid.Term, mid.Span, mid.Cold = ir.TermJump, b.Span, e.To.Cold
			mid.Succs = []ir.Edge{e}
			b.Succs[i] = ir.Edge{To: mid}
			out = append(out, mid)
		}
	}
	f.Blocks = out
}

// sweep drops values that nobody needs any more, such as additions that were
// folded into accesses.
func sweep(f *ir.Func) {
	live := make([]bool, f.NumValues())
	var work []*ir.Value
	mark := func(v *ir.Value) {
		if !live[v.ID] {
			live[v.ID] = true
			work = append(work, v)
		}
	}
	for _, b := range f.Blocks {
		for _, v := range b.Instrs {
			if v.HasEffect() {
				mark(v)
			}
		}
		if b.Cond != nil {
			mark(b.Cond)
		}
		for _, e := range b.Succs {
			for _, a := range e.Args {
				mark(a)
			}
		}
	}
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		for _, a := range v.Args {
			mark(a)
		}
	}
	for _, b := range f.Blocks {
		kept := b.Instrs[:0]
		for _, v := range b.Instrs {
			if live[v.ID] {
				kept = append(kept, v)
			}
		}
		b.Instrs = kept
	}
}
