package ir

import "github.com/cilium/ebpf/asm"

// pointers checks what a block does with addresses.
func (c *checker) pointers(b *Block) {
	for _, v := range b.Instrs {
		switch v.Op {
		case OpLoad:
			c.access(b, v, v.Args[0], v.Imm, v.Size)
		case OpStore, OpAtomicAdd, OpAtomicFetchAdd:
			c.access(b, v, v.Args[0], v.Imm, v.Size)
			c.write(b, v, v.Args[0])
		case OpZero:
			c.access(b, v, v.Args[0], v.Imm, v.Size)
			c.write(b, v, v.Args[0])
		case OpCopy:
			c.access(b, v, v.Args[0], v.Imm, v.Size)
			c.access(b, v, v.Args[1], int64(v.Off), v.Size)
			c.write(b, v, v.Args[0])
		case OpCall:
			c.call(b, v)
		default:
			c.arithmetic(b, v)
		}
	}
	if b.Term == TermRet && c.kinds[b.Cond.ID].IsPointer() {
		c.errorf(b, "returns a pointer (%v)", c.kinds[b.Cond.ID])
	}
}

// access checks that size bytes at addr+off may be touched in b.
func (c *checker) access(b *Block, v, addr *Value, off int64, size int) {
	switch k := c.kindAt(addr, b); k {
	case KindWord, KindMap, KindFunc:
		c.errorf(b, "%s: access through a %v", v, k)
	case KindMapValueOrNull, KindRecordOrNull:
		c.errorf(b, "%s: access through a %v before its null check", v, k)
	case KindSlot:
		if addr.Op != OpSlotAddr {
			return
		}
		if at := addr.Imm + off; at < 0 || at+int64(size) > int64(addr.Slot.Size) {
			c.errorf(b, "%s: outside the slot's %d bytes", v, addr.Slot.Size)
		}
	}
}

func (c *checker) write(b *Block, v, addr *Value) {
	switch k := c.kinds[addr.ID]; k {
	case KindContext, KindBTF:
		c.errorf(b, "%s: write to %v memory", v, k)
	}
}

// kindAt is v's kind given the null checks on the way to b; the base of an
// address may have been checked in its place.
func (c *checker) kindAt(v *Value, b *Block) Kind {
	k := c.kinds[v.ID]
	if k != k.checked() && NonNull(c.cfg, v, b) {
		return k.checked()
	}
	return k
}

// arithmetic checks what is done with pointers other than access.
func (c *checker) arithmetic(b *Block, v *Value) {
	if v.Op.IsLeaf() || v.Op.IsCompare() {
		return
	}
	for i, a := range v.Args {
		k := c.kindAt(a, b)
		if !k.IsPointer() {
			continue
		}
		switch {
		case v.Op != OpAdd && v.Op != OpSub, v.Op == OpSub && i == 1 && !c.kinds[v.Args[0].ID].IsPointer():
			c.errorf(b, "%s: arithmetic on a pointer (%v)", v, k)
		case k == KindMapValueOrNull, k == KindRecordOrNull:
			c.errorf(b, "%s: arithmetic on a %v before its null check", v, k)
		case k == KindMap, k == KindFunc:
			c.errorf(b, "%s: arithmetic on a %v", v, k)
		}
	}
}

// call checks arguments whose kind is the same in all kernels.
func (c *checker) call(b *Block, v *Value) {
	switch v.Helper {
	case asm.FnMapLookupElem, asm.FnMapUpdateElem, asm.FnMapDeleteElem, asm.FnMapLookupPercpuElem,
		asm.FnRingbufOutput, asm.FnRingbufReserve:
		c.argument(b, v, 0, KindMap)
	case asm.FnRingbufSubmit, asm.FnRingbufDiscard:
		c.argument(b, v, 0, KindRecord)
	case asm.FnLoop:
		c.argument(b, v, 1, KindFunc)
	case asm.FnForEachMapElem:
		c.argument(b, v, 0, KindMap)
		c.argument(b, v, 1, KindFunc)
	}
	if v.Pure {
		for _, a := range v.Args {
			if c.kinds[a.ID] == KindSlot {
				c.errorf(b, "%s: pure but given memory", v)
			}
		}
	}
}

func (c *checker) argument(b *Block, v *Value, i int, want Kind) {
	if i >= len(v.Args) {
		c.errorf(b, "%s: too few arguments", v)
		return
	}
	k := c.kindAt(v.Args[i], b)
	inner := want == KindMap && k == KindMapValue // an element of a map of maps
	if k != want && k != KindAny && !inner {
		c.errorf(b, "%s: argument %d is a %v, not a %v", v, i+1, k, want)
	}
}
