package bpf

import (
	"fmt"
	"math/bits"

	"github.com/gotrace/gotrace/codegen/ir"
)

// evaluator runs IR directly: the meaning that compiled code is compared with.
// It knows what random programs are made of: words, slots, the context and the
// value of the map "out".
type evaluator struct {
	ctx, out []byte
	slots    map[*ir.Slot][]byte
	values   map[*ir.Value]uint64
	steps    int
}

// address spaces of the evaluator: a tag in the high half, an offset in the low.
const (
	tagCtx  = uint64(1) << 32
	tagOut  = uint64(2) << 32
	tagSlot = uint64(16) << 32
)

func (e *evaluator) run(f *ir.Func) uint64 {
	e.slots, e.values = map[*ir.Slot][]byte{}, map[*ir.Value]uint64{}
	e.values[f.Params[0]] = tagCtx
	b := f.Blocks[0]
	for {
		for _, v := range b.Instrs {
			e.values[v] = e.value(v)
		}
		edge := 0
		switch b.Term {
		case ir.TermRet:
			return e.values[b.Cond]
		case ir.TermIf:
			if e.values[b.Cond] == 0 {
				edge = 1
			}
		}
		next := b.Succs[edge]
		args := make([]uint64, len(next.Args))
		for i, a := range next.Args {
			args[i] = e.values[a]
		}
		for i, p := range next.To.Params {
			e.values[p] = args[i]
		}
		b = next.To
		if e.steps++; e.steps > 100000 {
			panic("evaluation does not end")
		}
	}
}

func (e *evaluator) arg(v *ir.Value, i int) uint64 { return e.values[v.Args[i]] }

func (e *evaluator) memory(addr uint64, size int, f *ir.Func) []byte {
	tag, off := addr>>32<<32, uint64(uint32(addr))
	switch tag {
	case tagCtx:
		return e.ctx[off : off+uint64(size)]
	case tagOut:
		return e.out[off : off+uint64(size)]
	}
	for s, b := range e.slots {
		if tagSlot+uint64(s.ID)<<32 == tag {
			return b[off : off+uint64(size)]
		}
	}
	panic(fmt.Sprintf("no memory at %#x", addr))
}

func (e *evaluator) value(v *ir.Value) uint64 {
	switch {
	case v.Op.IsBinary(), v.Op.IsCompare():
		return evalBinary(v.Op, e.arg(v, 0), e.arg(v, 1))
	}
	switch v.Op {
	case ir.OpConst:
		return uint64(v.Imm)
	case ir.OpSlotAddr:
		if e.slots[v.Slot] == nil {
			e.slots[v.Slot] = make([]byte, v.Slot.Size)
		}
		return tagSlot + uint64(v.Slot.ID)<<32 + uint64(v.Imm)
	case ir.OpMapValue:
		return tagOut + uint64(v.Imm)
	case ir.OpMapPtr, ir.OpFuncPtr:
		return 1
	case ir.OpNeg:
		return -e.arg(v, 0)
	case ir.OpExtend:
		return extend(e.arg(v, 0), v.Size, v.Signed)
	case ir.OpSwap:
		return bits.ReverseBytes64(e.arg(v, 0)) >> (64 - 8*v.Size)
	case ir.OpCall:
		return 0
	}
	return e.access(v)
}

func (e *evaluator) access(v *ir.Value) uint64 {
	mem := e.memory(e.arg(v, 0)+uint64(v.Imm), v.Size, nil)
	switch v.Op {
	case ir.OpLoad:
		return extend(word(mem), v.Size, v.Signed)
	case ir.OpStore:
		putWord(mem, e.arg(v, 1))
	case ir.OpAtomicAdd:
		putWord(mem, word(mem)+e.arg(v, 1))
	case ir.OpAtomicFetchAdd:
		old := word(mem)
		putWord(mem, old+e.arg(v, 1))
		return old
	case ir.OpZero:
		clear(mem)
	case ir.OpCopy:
		copy(mem, e.memory(e.arg(v, 1)+uint64(v.Off), v.Size, nil))
	default:
		panic(v.String())
	}
	return 0
}

func word(b []byte) (x uint64) {
	for i := range b {
		x |= uint64(b[i]) << (8 * i)
	}
	return x
}

func putWord(b []byte, x uint64) {
	for i := range b {
		b[i] = byte(x >> (8 * i))
	}
}

func extend(x uint64, size int, signed bool) uint64 {
	shift := 64 - 8*size
	if signed {
		return uint64(int64(x<<shift) >> shift)
	}
	return x << shift >> shift
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func evalBinary(op ir.Op, x, y uint64) uint64 {
	sx, sy := int64(x), int64(y)
	switch op {
	case ir.OpAdd:
		return x + y
	case ir.OpSub:
		return x - y
	case ir.OpMul:
		return x * y
	case ir.OpUDiv, ir.OpSDiv, ir.OpUMod, ir.OpSMod:
		return divide(op, x, y)
	case ir.OpAnd:
		return x & y
	case ir.OpOr:
		return x | y
	case ir.OpXor:
		return x ^ y
	case ir.OpShl:
		return x << (y & 63)
	case ir.OpShr:
		return x >> (y & 63)
	case ir.OpSar:
		return uint64(sx >> (y & 63))
	case ir.OpEq:
		return flag(x == y)
	case ir.OpNe:
		return flag(x != y)
	case ir.OpULt:
		return flag(x < y)
	case ir.OpULe:
		return flag(x <= y)
	case ir.OpUGt:
		return flag(x > y)
	case ir.OpUGe:
		return flag(x >= y)
	case ir.OpSLt:
		return flag(sx < sy)
	case ir.OpSLe:
		return flag(sx <= sy)
	case ir.OpSGt:
		return flag(sx > sy)
	case ir.OpSGe:
		return flag(sx >= sy)
	}
	panic(op.String())
}

func divide(op ir.Op, x, y uint64) uint64 {
	sx, sy := int64(x), int64(y)
	switch {
	case y == 0 && (op == ir.OpUDiv || op == ir.OpSDiv):
		return 0
	case y == 0:
		return x
	case op == ir.OpUDiv:
		return x / y
	case op == ir.OpUMod:
		return x % y
	case op == ir.OpSDiv:
		return uint64(sx / sy)
	}
	return uint64(sx % sy)
}
