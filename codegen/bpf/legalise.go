package bpf

// Legalising rewrites, in IR, what BPF has no instruction for. Most rewrites
// replace one value by a few in its place; the last one makes the value itself,
// so that its users need no change.

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

// Beyond these numbers of instructions a helper call does the work. Calls cost
// R1-R5 and about 20 ns; inlined code of this size costs less.
const (
	maxInlineZero = 32
	maxInlineCopy = 24
)

// maxFold is how far an offset may be folded into an access: what fits the
// instruction with room to spare for the access's own.
const maxFold = 1 << 14

// legalise rewrites f in place.
func legalise(f *ir.Func, opt Options) {
	dropUnreachable(f)
	l := legaliser{f: f, opt: opt}
	for _, b := range f.Blocks {
		old := b.Instrs
		l.block, b.Instrs = b, make([]*ir.Value, 0, len(old))
		for _, v := range old {
			l.value(v)
		}
	}
	fixBranches(f)
	sweep(f)
	splitEdges(f)
}

type legaliser struct {
	f     *ir.Func
	opt   Options
	block *ir.Block
	at    *ir.Value
}

func (l *legaliser) value(v *ir.Value) {
	l.at = v
	l.constants(v)
	switch v.Op {
	case ir.OpSDiv, ir.OpSMod:
		if !l.opt.SignedDivision {
			l.signedDivision(v)
		}
	case ir.OpLoad:
		l.foldAddress(v)
		if v.Signed && v.Size < 8 {
			l.signedLoad(v)
			return
		}
	case ir.OpStore, ir.OpAtomicAdd, ir.OpAtomicFetchAdd:
		l.foldAddress(v)
	case ir.OpZero:
		l.foldAddress(v)
		l.zero(v)
		return
	case ir.OpCopy:
		l.foldAddress(v)
		l.foldSource(v)
		l.copy(v)
		return
	}
	l.block.Append(v)
}

func (l *legaliser) emit(op ir.Op, args ...*ir.Value) *ir.Value {
	return l.block.Append(l.f.NewValue(op, l.at.Span, args...))
}

func (l *legaliser) constant(n int64) *ir.Value {
	v := l.emit(ir.OpConst)
	v.Imm = n
	return v
}

// constants removes immediates that the verifier refuses: shifts beyond the
// word, and division by zero, which at run time gives zero and the dividend.
func (l *legaliser) constants(v *ir.Value) {
	if !v.Op.IsBinary() || v.Args[1].Op != ir.OpConst {
		return
	}
	n := v.Args[1].Imm
	switch v.Op {
	case ir.OpShl, ir.OpShr, ir.OpSar:
		if n != n&63 {
			v.Args[1] = l.constant(n & 63)
		}
	case ir.OpUDiv, ir.OpSDiv:
		if n == 0 {
			v.Op, v.Args = ir.OpConst, nil
		}
	case ir.OpUMod, ir.OpSMod:
		if n == 0 {
			v.Op = ir.OpOr
		}
	}
}

// signedDivision divides magnitudes and gives the result its sign: with
// s = x>>63, (x^s)-s is the magnitude of x, and also puts the sign back. The
// remainder has the sign of the dividend.
func (l *legaliser) signedDivision(v *ir.Value) {
	x, y := v.Args[0], v.Args[1]
	sx, sy := l.sign(x), l.sign(y)
	op, sign := ir.OpUMod, sx
	if v.Op == ir.OpSDiv {
		op, sign = ir.OpUDiv, l.emit(ir.OpXor, sx, sy)
	}
	q := l.emit(op, l.applySign(x, sx), l.applySign(y, sy))
	v.Op, v.Args = ir.OpSub, []*ir.Value{l.emit(ir.OpXor, q, sign), sign}
}

func (l *legaliser) sign(x *ir.Value) *ir.Value {
	if x.Op == ir.OpConst {
		return l.constant(x.Imm >> 63)
	}
	return l.emit(ir.OpSar, x, l.constant(63))
}

func (l *legaliser) applySign(x, s *ir.Value) *ir.Value {
	if x.Op == ir.OpConst {
		return l.constant((x.Imm ^ s.Imm) - s.Imm)
	}
	return l.emit(ir.OpSub, l.emit(ir.OpXor, x, s), s)
}

// signedLoad loads and then extends; the instruction that does both is newer.
func (l *legaliser) signedLoad(v *ir.Value) {
	load := l.emit(ir.OpLoad, v.Args...)
	load.Size, load.Imm = v.Size, v.Imm
	v.Op, v.Args, v.Imm = ir.OpExtend, []*ir.Value{load}, 0
	l.block.Append(v)
}

// foldAddress moves constant offsets from the address into the access.
func (l *legaliser) foldAddress(v *ir.Value) {
	v.Args[0], v.Imm = foldOffset(v.Args[0], v.Imm)
}

func (l *legaliser) foldSource(v *ir.Value) {
	src, off := foldOffset(v.Args[1], int64(v.Off))
	v.Args[1], v.Off = src, int32(off)
}

func foldOffset(addr *ir.Value, off int64) (*ir.Value, int64) {
	for addr.Op == ir.OpAdd && addr.Args[1].Op == ir.OpConst {
		sum := off + addr.Args[1].Imm
		if sum < -maxFold || sum > maxFold {
			break
		}
		addr, off = addr.Args[0], sum
	}
	return addr, off
}

// zero clears memory by stores of immediates, or by a failing
// probe_read_kernel, which clears its destination and does nothing else.
func (l *legaliser) zero(v *ir.Value) {
	pieces := cut(v.Imm, v.Size, alignOf(v.Args[0]))
	if len(pieces) > maxInlineZero {
		l.readKernel(v, l.constant(0))
		return
	}
	for _, p := range pieces {
		l.store(v.Args[0], v.Imm+p.off, p.size, l.constant(0))
	}
}

// copy loads and stores, four words in flight, so that loads need not wait for
// one another's stores.
func (l *legaliser) copy(v *ir.Value) {
	pieces := cut(0, v.Size, v.CopyAlign())
	if len(pieces) > maxInlineCopy {
		src := v.Args[1]
		if v.Off != 0 {
			src = l.emit(ir.OpAdd, src, l.constant(int64(v.Off)))
		}
		l.readKernel(v, src)
		return
	}
	for len(pieces) > 0 {
		group := pieces[:min(len(pieces), 4)]
		pieces = pieces[len(group):]
		var words []*ir.Value
		for _, p := range group {
			w := l.emit(ir.OpLoad, v.Args[1])
			w.Size, w.Imm = p.size, int64(v.Off)+p.off
			words = append(words, w)
		}
		for i, p := range group {
			l.store(v.Args[0], v.Imm+p.off, p.size, words[i])
		}
	}
}

func (l *legaliser) store(addr *ir.Value, off int64, size int, x *ir.Value) {
	st := l.emit(ir.OpStore, addr, x)
	st.Imm, st.Size = off, size
}

func (l *legaliser) readKernel(v, src *ir.Value) {
	dst := v.Args[0]
	if v.Imm != 0 {
		dst = l.emit(ir.OpAdd, dst, l.constant(v.Imm))
	}
	call := l.emit(ir.OpCall, dst, l.constant(int64(v.Size)), src)
	call.Helper = asm.FnProbeReadKernel
}

type piece struct {
	off  int64
	size int
}

// cut divides size bytes that start at off from an address of the given
// alignment into aligned pieces of at most eight bytes.
func cut(off int64, size, align int) []piece {
	var out []piece
	for done := 0; done < size; {
		n := min(align, 8)
		for n > size-done || (off+int64(done))%int64(n) != 0 {
			n /= 2
		}
		out = append(out, piece{int64(done), n})
		done += n
	}
	return out
}

// alignOf returns what an address is known to be aligned to.
func alignOf(addr *ir.Value) int {
	switch addr.Op {
	case ir.OpSlotAddr:
		return lowBit(int64(slotAlign(addr.Slot)) | addr.Imm)
	case ir.OpAdd:
		if n := addr.Args[1]; n.Op == ir.OpConst {
			return lowBit(int64(alignOf(addr.Args[0])) | n.Imm)
		}
		return 1
	case ir.OpCall, ir.OpMapValue:
		return lowBit(8 | addr.Imm) // what helpers hand out is aligned to a word
	}
	return 1
}

// lowBit returns the largest power of two that divides n.
func lowBit(n int64) int { return int(n & -n) }
