package opt

import (
	"math/bits"

	"github.com/gotrace/gotrace/codegen/ir"
)

// evalWord computes as the machine does: shifts count modulo 64, division by
// zero gives zero and leaves the dividend as the remainder.
func evalWord(op ir.Op, x, y uint64) uint64 {
	switch op {
	case ir.OpAdd:
		return x + y
	case ir.OpSub:
		return x - y
	case ir.OpMul:
		return x * y
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
		return uint64(int64(x) >> (y & 63))
	}
	return evalDivision(op, x, y)
}

func evalDivision(op ir.Op, x, y uint64) uint64 {
	rest := op == ir.OpUMod || op == ir.OpSMod
	switch {
	case y == 0 && rest:
		return x
	case y == 0:
		return 0
	case op == ir.OpUDiv:
		return x / y
	case op == ir.OpUMod:
		return x % y
	case op == ir.OpSDiv:
		return uint64(int64(x) / int64(y))
	}
	return uint64(int64(x) % int64(y))
}

func evalCompare(op ir.Op, x, y int64) int64 {
	holds := false
	switch op {
	case ir.OpEq:
		holds = x == y
	case ir.OpNe:
		holds = x != y
	case ir.OpULt:
		holds = uint64(x) < uint64(y)
	case ir.OpULe:
		holds = uint64(x) <= uint64(y)
	case ir.OpUGt:
		holds = uint64(x) > uint64(y)
	case ir.OpUGe:
		holds = uint64(x) >= uint64(y)
	case ir.OpSLt:
		holds = x < y
	case ir.OpSLe:
		holds = x <= y
	case ir.OpSGt:
		holds = x > y
	case ir.OpSGe:
		holds = x >= y
	}
	if holds {
		return 1
	}
	return 0
}

func evalExtend(n int64, size int, signed bool) int64 {
	shift := 64 - 8*size
	if signed {
		return n << shift >> shift
	}
	return int64(uint64(n) << shift >> shift)
}

func swapBytes(n int64, size int) int64 {
	return int64(bits.ReverseBytes64(uint64(n)) >> (64 - 8*size))
}
