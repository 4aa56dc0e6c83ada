package opt

import (
	"math/bits"

	"github.com/gotrace/gotrace/codegen/ir"
)

// knownBits returns a mask of the bits of v that may be set. It says only what
// every verifier also knows, so that a mask made needless by it was needless to
// the verifier too.
func knownBits(v *ir.Value) uint64 {
	switch {
	case v.Op.IsCompare():
		return 1
	case v.Op == ir.OpConst:
		return uint64(v.Imm)
	}
	switch v.Op {
	case ir.OpLoad, ir.OpExtend:
		if !v.Signed {
			return low(8 * v.Size)
		}
	case ir.OpSwap:
		return low(8 * v.Size)
	case ir.OpAnd:
		if n := v.Args[1]; n.Op == ir.OpConst {
			return uint64(n.Imm)
		}
	case ir.OpShr:
		if n := v.Args[1]; n.Op == ir.OpConst {
			return ^uint64(0) >> (n.Imm & 63)
		}
	}
	return ^uint64(0)
}

// low returns a mask of the n lowest bits.
func low(n int) uint64 {
	if n >= 64 {
		return ^uint64(0)
	}
	return 1<<n - 1
}

// notNegative reports that v's sign bit is known to be clear.
func notNegative(v *ir.Value) bool { return knownBits(v)>>63 == 0 }

// signedWithin reports that v is the sign extension of its low size bytes.
func signedWithin(v *ir.Value, size int) bool {
	return (v.Op == ir.OpLoad || v.Op == ir.OpExtend) && v.Signed && v.Size <= size
}

// log2 returns the exponent if n is a power of two.
func log2(n int64) (int64, bool) {
	if n <= 0 || n&(n-1) != 0 {
		return 0, false
	}
	return int64(bits.TrailingZeros64(uint64(n))), true
}
