package lower

import "github.com/gotrace/gotrace/codegen/ir"

// Strings are walked eight bytes at a time. With w a word of text,
//
//	(w - ones) &^ w & highs
//
// has bits set only if w has a zero byte, and its lowest bit set is the highest
// of the first zero byte (the CPU is little-endian).
const (
	ones  = 0x0101010101010101
	highs = -0x7f7f7f7f7f7f7f80 // 0x80 in every byte
)

// zeroBytes is not zero if a word of text has the NUL.
func (f *fn) zeroBytes(w *ir.Value) *ir.Value {
	b := f.b
	low := b.Bin(ir.OpSub, w, b.Const(ones))
	not := b.Bin(ir.OpXor, w, b.Const(-1))
	return b.Bin(ir.OpAnd, b.Bin(ir.OpAnd, low, not), b.Const(highs))
}

// lowestBit leaves only the lowest bit set.
func (f *fn) lowestBit(v *ir.Value) *ir.Value { return f.b.Bin(ir.OpAnd, v, f.b.Neg(v)) }

// byWords reports whether strings may be walked by words, and how many whole
// words there are in size bytes.
func byWords(size int, all ...mem) (int, bool) {
	for _, m := range all {
		if m.alignment() < 8 {
			return 0, false
		}
	}
	return size / 8, size >= 8
}

// wordAt loads the word number i of memory.
func (f *fn) wordAt(m mem, i *ir.Value) *ir.Value {
	base, off := f.at(m)
	return f.b.Load(8, false, f.b.Bin(ir.OpAdd, base, f.b.Bin(ir.OpShl, i, f.b.Const(3))), off)
}

// lengthOf is the length of a string in memory of a size.
func (f *fn) lengthOf(text mem, size int) *ir.Value {
	b := f.b
	length := &ir.Var{Name: "length"}
	b.Set(length, b.Const(0))
	end := b.NewBlock("length")
	words, ok := byWords(size, text)
	if ok {
		f.countLoop(words, func(i *ir.Value, _ *ir.Block) {
			here, next := b.NewBlock("nul"), b.NewBlock("next")
			zeroes := f.zeroBytes(f.wordAt(text, i))
			b.If(zeroes, here, next)
			b.Seal(here)
			b.SetBlock(here)
			b.Set(length, b.Bin(ir.OpAdd, b.Bin(ir.OpShl, i, b.Const(3)), f.firstByte(zeroes)))
			b.Jump(end)
			b.Seal(next)
			b.SetBlock(next)
		})
	}
	f.restBytes(8*words, size, func(i *ir.Value) {
		more := b.NewBlock("more")
		b.Set(length, i)
		b.If(f.byteAt(text, i), more, end)
		b.Seal(more)
		b.SetBlock(more)
	})
	b.Jump(end)
	b.Seal(end)
	b.SetBlock(end)
	return f.forget(b.Get(length))
}

// restBytes runs body for the numbers of the bytes from from to size.
func (f *fn) restBytes(from, size int, body func(i *ir.Value)) {
	const few = 8
	if size-from <= few {
		for i := from; i < size; i++ {
			body(f.b.Const(int64(i)))
		}
		return
	}
	f.countLoop(size-from, func(i *ir.Value, _ *ir.Block) {
		body(f.b.Bin(ir.OpAdd, i, f.b.Const(int64(from))))
	})
}

// firstByte is the number of the byte of the lowest bit of what zeroBytes gave.
func (f *fn) firstByte(zeroes *ir.Value) *ir.Value {
	b := f.b
	rest, n := &ir.Var{Name: "rest"}, &ir.Var{Name: "byte"}
	b.Set(rest, f.lowestBit(zeroes))
	b.Set(n, b.Const(0))
	for _, half := range []int64{4, 2, 1} {
		above := b.Bin(ir.OpUGt, b.Get(rest), b.Const(1<<(8*half)-1))
		f.ifNonZero(above, false, func() {
			b.Set(rest, b.Bin(ir.OpShr, b.Get(rest), b.Const(8*half)))
			b.Set(n, b.Bin(ir.OpAdd, b.Get(n), b.Const(half)))
		})
	}
	return b.Get(n)
}

// compareLoop goes on if two strings are equal up to the NUL or to size bytes,
// otherwise jumps to differ.
func (f *fn) compareLoop(x, y mem, size int, differ *ir.Block) {
	b := f.b
	equal := b.NewBlock("equal")
	words, ok := byWords(size, x, y)
	if ok {
		f.countLoop(words, func(i *ir.Value, _ *ir.Block) {
			same, other, next, partly := b.NewBlock("same"), b.NewBlock("other"), b.NewBlock("next"), b.NewBlock("partly")
			w := f.wordAt(x, i)
			diff := b.Bin(ir.OpXor, w, f.wordAt(y, i))
			zeroes := f.zeroBytes(w)
			b.If(diff, other, same)
			b.Seal(same)
			b.SetBlock(same)
			b.If(zeroes, equal, next)
			b.Seal(other)
			b.SetBlock(other)
			b.If(zeroes, partly, differ)
			b.Seal(partly)
			b.SetBlock(partly)
			// Only the bytes up to the first NUL count.
			first := f.lowestBit(zeroes)
			mask := b.Bin(ir.OpOr, first, b.Bin(ir.OpSub, first, b.Const(1)))
			b.If(b.Bin(ir.OpAnd, diff, mask), differ, equal)
			b.Seal(next)
			b.SetBlock(next)
		})
	}
	f.restBytes(8*words, size, func(i *ir.Value) {
		more := b.NewBlock("more")
		c := f.byteAt(x, i)
		f.require(c, f.byteAt(y, i), differ)
		b.If(c, more, equal)
		b.Seal(more)
		b.SetBlock(more)
	})
	b.Jump(equal)
	b.Seal(equal)
	b.SetBlock(equal)
}
