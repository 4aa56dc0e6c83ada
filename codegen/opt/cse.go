package opt

// Equal values are computed once: a walk over the dominator tree keeps a table
// of what the blocks above have computed, and a value equal to one of them is
// replaced by it. Nothing is hoisted, so no path computes what it did not
// before; pure calls, such as the pid's, are merged like arithmetic.

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

// valueKey is equal for values that are equal.
type valueKey struct {
	op     ir.Op
	args   [5]*ir.Value
	n      int
	imm    int64
	size   int
	signed bool
	slot   *ir.Slot
	sym    string
	helper asm.BuiltinFunc
}

// mergeEqual merges equal values.
func mergeEqual(f *ir.Func, entry bool) {
	m := merger{cfg: ir.NewCFG(f), seen: map[valueKey]*ir.Value{}, same: map[*ir.Value]*ir.Value{}}
	if entry && len(f.Params) > 0 {
		m.ctx = f.Params[0]
	}
	m.walk(f.Blocks[0])
	replace(f, m.same)
}

type merger struct {
	cfg  *ir.CFG
	ctx  *ir.Value
	seen map[valueKey]*ir.Value
	same map[*ir.Value]*ir.Value
}

func (m *merger) walk(b *ir.Block) {
	var added []valueKey
	kept := b.Instrs[:0]
	for _, v := range b.Instrs {
		for i, a := range v.Args {
			if x, ok := m.same[a]; ok {
				v.Args[i] = x
			}
		}
		if !m.mergeable(v) {
			kept = append(kept, v)
			continue
		}
		key := keyOf(v)
		if x, ok := m.seen[key]; ok {
			m.same[v] = x
			continue
		}
		m.seen[key] = v
		added = append(added, key)
		kept = append(kept, v)
	}
	b.Instrs = kept
	for _, child := range m.cfg.Children(b) {
		m.walk(child)
	}
	for _, key := range added {
		delete(m.seen, key)
	}
}

// mergeable reports a value that depends on its arguments only. The context
// does not change while a program runs, so loads from it are among them.
func (m *merger) mergeable(v *ir.Value) bool {
	return v.Movable() || v.Op == ir.OpLoad && v.Args[0] == m.ctx
}

func keyOf(v *ir.Value) valueKey {
	k := valueKey{
		op: v.Op, n: len(v.Args), imm: v.Imm, size: v.Size, signed: v.Signed,
		slot: v.Slot, sym: v.Sym, helper: v.Helper,
	}
	copy(k.args[:], v.Args)
	if v.Op.Commutes() && k.args[0].ID > k.args[1].ID {
		k.args[0], k.args[1] = k.args[1], k.args[0]
	}
	return k
}
