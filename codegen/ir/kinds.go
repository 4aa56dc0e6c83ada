package ir

import "github.com/cilium/ebpf/asm"

// Kind is what the verifier will take a word for.
type Kind uint8

// The kinds. Any is a word that may be a pointer for all this package knows:
// what memory or a caller gave. A load from it is left to the verifier.
const (
	KindUnknown Kind = iota // not yet deduced
	KindWord                // an integer
	KindAny
	KindContext
	KindSlot // memory of a Slot
	KindMap
	KindMapValueOrNull
	KindMapValue
	KindRecordOrNull // of bpf_ringbuf_reserve
	KindRecord
	KindBTF // a trusted kernel pointer
	KindFunc
)

// String returns the kind's name for messages.
func (k Kind) String() string {
	return [...]string{
		"unknown", "word", "any", "context", "slot", "map", "map value or null", "map value",
		"record or null", "record", "btf pointer", "function",
	}[k]
}

// IsPointer reports a word that certainly is an address.
func (k Kind) IsPointer() bool { return k >= KindContext }

// checked returns what the kind is once compared with null.
func (k Kind) checked() Kind {
	switch k {
	case KindMapValueOrNull:
		return KindMapValue
	case KindRecordOrNull:
		return KindRecord
	}
	return k
}

// Kinds deduces the kind of each value of f, indexed by its id. entry says
// that f is a program's entry, whose first parameter is the context.
//
// It is a forward data-flow problem over the lattice Unknown < each kind < Any,
// solved by repeated walks: values other than block parameters depend only on
// what dominates them, so a walk more than the depth of nested loops suffices.
func Kinds(f *Func, cfg *CFG, entry bool) []Kind {
	kinds := make([]Kind, f.nextValue)
	for i, p := range f.Params {
		kinds[p.ID] = KindAny
		if entry && i == 0 {
			kinds[p.ID] = KindContext
		}
	}
	for changed := true; changed; {
		changed = false
		set := func(v *Value, k Kind) {
			if k = join(kinds[v.ID], k); kinds[v.ID] != k {
				kinds[v.ID], changed = k, true
			}
		}
		for _, b := range cfg.Order {
			for _, v := range b.Instrs {
				set(v, kindOf(v, kinds))
			}
			for _, e := range b.Succs {
				for i, p := range e.To.Params {
					set(p, passed(kinds[e.Args[i].ID]))
				}
			}
		}
	}
	return kinds
}

// passed is what a block parameter makes of an argument. Whether the argument
// was compared with null on the way is not followed through parameters.
func passed(k Kind) Kind {
	if k != k.checked() {
		return KindAny
	}
	return k
}

func join(a, b Kind) Kind {
	switch {
	case a == b || b == KindUnknown:
		return a
	case a == KindUnknown:
		return b
	}
	return KindAny
}

func kindOf(v *Value, kinds []Kind) Kind {
	switch v.Op {
	case OpConst:
		return KindWord
	case OpSlotAddr:
		return KindSlot
	case OpMapPtr:
		return KindMap
	case OpMapValue:
		return KindMapValue
	case OpFuncPtr:
		return KindFunc
	case OpAdd, OpSub:
		return kindOfSum(v, kinds[v.Args[0].ID], kinds[v.Args[1].ID])
	case OpLoad:
		if v.Size == 8 {
			return KindAny
		}
		return KindWord
	case OpCall:
		return kindOfCall(v.Helper)
	case OpCallFunc:
		return KindAny
	}
	return KindWord
}

func kindOfSum(v *Value, x, y Kind) Kind {
	switch {
	case x == KindUnknown || y == KindUnknown:
		return KindUnknown
	case v.Op == OpSub && x.IsPointer() && y.IsPointer():
		return KindWord
	case x == KindContext && v.Args[1].Op != OpConst, y == KindContext && v.Args[0].Op != OpConst:
		return KindWord // good for probe reads, no more for loads
	case x.IsPointer():
		return x.checked() // adding to it before the check is Check's to report
	case v.Op == OpAdd && y.IsPointer():
		return y.checked()
	case x == KindAny || y == KindAny:
		return KindAny
	}
	return KindWord
}

func kindOfCall(fn asm.BuiltinFunc) Kind {
	switch fn {
	case asm.FnMapLookupElem, asm.FnMapLookupPercpuElem, asm.FnGetLocalStorage,
		asm.FnTaskStorageGet:
		return KindMapValueOrNull
	case asm.FnRingbufReserve:
		return KindRecordOrNull
	case asm.FnGetCurrentTaskBtf:
		return KindBTF
	case asm.FnPerCpuPtr, asm.FnThisCpuPtr, asm.FnTaskPtRegs:
		return KindAny
	}
	return KindWord
}

// NonNull reports that block b is reached only where v is not zero: some edge
// that b is behind tests it.
func NonNull(cfg *CFG, v *Value, b *Block) bool {
	for d := b; d != nil && d != v.Block; d = cfg.Idom(d) {
		p := cfg.SoleEntry(d)
		if p == nil || p.Term != TermIf || p.Succs[0].To == p.Succs[1].To {
			continue
		}
		taken := 0
		if p.Succs[1].To == d {
			taken = 1
		}
		if side, ok := nullTest(p.Cond, v); ok && side == taken {
			return true
		}
	}
	return false
}

// nullTest tells which successor of a branch on cond has v not zero.
func nullTest(cond, v *Value) (side int, ok bool) {
	switch {
	case cond == v:
		return 0, true
	case cond.Op != OpEq && cond.Op != OpNe:
		return 0, false
	}
	x, y := cond.Args[0], cond.Args[1]
	if x != v {
		x, y = y, x
	}
	if x != v || !y.IsConst(0) {
		return 0, false
	}
	if cond.Op == OpEq {
		return 1, true
	}
	return 0, true
}
