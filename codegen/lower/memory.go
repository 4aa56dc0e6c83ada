package lower

import (
	"encoding/binary"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/types"
)

// mem is memory that the program may access directly: part of a slot, a map
// value, a ring buffer record.
type mem struct {
	slot *ir.Slot  // or nil,
	base *ir.Value // and then an address
	off  int64
	// align is what slot or base is known to be aligned to.
	align int
}

// inline limits: what is copied or cleared by single instructions, and what a
// helper does in one go.
const (
	inlineCopy   = 128
	paddedString = 64
)

func slotMem(s *ir.Slot) mem { return mem{slot: s, align: s.Align} }

func baseMem(base *ir.Value, align int) mem { return mem{base: base, align: align} }

// plus is the memory n bytes on.
func (m mem) plus(n int) mem {
	m.off += int64(n)
	return m
}

// alignment of the first byte.
func (m mem) alignment() int {
	a := m.align
	for m.off%int64(a) != 0 {
		a /= 2
	}
	return a
}

// at returns a base address and an offset for loads and stores.
func (f *fn) at(m mem) (*ir.Value, int64) {
	if m.slot != nil {
		return f.b.SlotAddr(m.slot, 0), m.off
	}
	return m.base, m.off
}

// addr returns the address of the first byte.
func (f *fn) addr(m mem) *ir.Value {
	switch {
	case m.slot != nil:
		return f.b.SlotAddr(m.slot, m.off)
	case m.off == 0:
		return m.base
	}
	return f.b.Bin(ir.OpAdd, m.base, f.b.Const(m.off))
}

// temp returns fresh memory for a value of a type.
func (f *fn) temp(name string, t types.Type) mem {
	return f.tempBytes(name, t.Size)
}

// tempBytes returns fresh memory of a size, aligned to 8 and a multiple of 8
// long so that it can be cleared and compared by words.
func (f *fn) tempBytes(name string, size int) mem {
	return slotMem(f.b.NewSlot(name, max(8, (size+7)&^7), 8))
}

func (f *fn) store(m mem, off, size int, v *ir.Value) {
	base, at := f.at(m)
	f.b.Store(size, base, at+int64(off), v)
}

func (f *fn) load(m mem, off, size int, signed bool) *ir.Value {
	base, at := f.at(m)
	return f.b.Load(size, signed, base, at+int64(off))
}

// loadTyped reads a scalar of a type.
func (f *fn) loadTyped(m mem, t types.Type) *ir.Value { return f.load(m, 0, t.Size, signed(t)) }

// signed reports whether a word of the type is kept sign-extended.
func signed(t types.Type) bool { return t.Signed && (t.Kind == types.Int || t.Kind == types.Enum) }

// zero clears size bytes.
func (f *fn) zero(m mem, size int) {
	switch {
	case size == 0:
	case size > 2*inlineCopy:
		// A read from address zero fails, and a failed read clears.
		f.b.Call(asm.FnProbeReadKernel, f.addr(m), f.b.Const(int64(size)), f.b.Const(0))
	case m.slot != nil && m.off%8 == 0 && size%8 == 0:
		base, at := f.at(m)
		f.b.Zero(base, at, size)
	default:
		f.eachPiece(m.alignment(), size, func(off, n int) { f.store(m, off, n, f.b.Const(0)) })
	}
}

// eachPiece cuts size bytes into loads or stores that an alignment allows.
func (f *fn) eachPiece(align, size int, do func(off, n int)) {
	for off := 0; off < size; {
		n := min(align, 8)
		for off+n > size {
			n /= 2
		}
		do(off, n)
		off += n
	}
}

// copyBytes copies between directly accessible memories.
func (f *fn) copyBytes(dst, src mem, size int) {
	switch {
	case size == 0:
	case size > inlineCopy:
		f.b.Call(asm.FnProbeReadKernel, f.addr(dst), f.b.Const(int64(size)), f.addr(src))
	default:
		align := min(dst.alignment(), src.alignment())
		f.eachPiece(align, size, func(off, n int) { f.store(dst, off, n, f.load(src, off, n, false)) })
	}
}

// storeText writes a literal and zeroes behind it, size bytes in all.
func (f *fn) storeText(m mem, text string, size int) {
	used := min((len(text)+7)&^7, size)
	data := make([]byte, used)
	copy(data, text)
	f.eachPiece(m.alignment(), used, func(off, n int) {
		var word [8]byte
		copy(word[:], data[off:off+n])
		f.store(m, off, n, f.b.Const(int64(binary.LittleEndian.Uint64(word[:]))))
	})
	f.zero(m.plus(used), size-used)
}

// zeroMap is the key of an array of one word that nobody ever sets.
const zeroMap = "zero"

// forget gives a word that is equal to v and of which the verifier knows
// nothing, by adding a zero that it cannot know to be one. What a loop found,
// for instance, is a constant on each of the ways out of it: remembering that,
// the verifier would walk what follows once for each, and again for each way
// out of the next loop. And a callback that counts would be walked once for
// each number.
func (f *fn) forget(v *ir.Value) *ir.Value {
	if !f.hasZero {
		f.hasZero = true
		f.addMap(zeroMap, &ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1})
	}
	return f.b.Bin(ir.OpAdd, v, f.b.Load(8, false, f.b.MapValue(zeroMap, 0), 0))
}
