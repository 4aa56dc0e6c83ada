package opt

import "github.com/gotrace/gotrace/codegen/ir"

// deadStores removes writes to slots that nobody reads: those of which every
// use is a write directly to the slot's address.
func deadStores(f *ir.Func, _ bool) {
	read := map[*ir.Slot]bool{}
	for _, b := range f.Blocks {
		for _, v := range b.Instrs {
			for i, a := range v.Args {
				if a.Op == ir.OpSlotAddr && !writesTo(v, i) {
					read[a.Slot] = true
				}
			}
		}
		for _, e := range b.Succs {
			for _, a := range e.Args {
				if a.Op == ir.OpSlotAddr {
					read[a.Slot] = true
				}
			}
		}
		if b.Cond != nil && b.Cond.Op == ir.OpSlotAddr {
			read[b.Cond.Slot] = true
		}
	}
	for _, b := range f.Blocks {
		kept := b.Instrs[:0]
		for _, v := range b.Instrs {
			if len(v.Args) == 0 || !writesTo(v, 0) || v.Args[0].Op != ir.OpSlotAddr || read[v.Args[0].Slot] {
				kept = append(kept, v)
			}
		}
		b.Instrs = kept
	}
}

// writesTo reports that instruction v does nothing with argument i but write to
// the memory there.
func writesTo(v *ir.Value, i int) bool {
	switch v.Op {
	case ir.OpStore, ir.OpAtomicAdd, ir.OpZero, ir.OpCopy:
		return i == 0
	}
	return false
}
