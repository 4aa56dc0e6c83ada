package opt

import "github.com/gotrace/gotrace/codegen/ir"

// strength replaces x op n by something cheaper: division takes tens of cycles
// and, if signed, eight instructions on most kernels.
func (fd *folder) strength(v, x *ir.Value, n int64) *ir.Value {
	v = fd.unsigned(v)
	k, power := log2(n)
	switch {
	case v.Op == ir.OpMul && n == -1:
		return set(v, ir.OpNeg, x)
	case v.Op == ir.OpSDiv && n == -1:
		return set(v, ir.OpNeg, x)
	case v.Op == ir.OpSMod && (n == 1 || n == -1), v.Op == ir.OpUMod && n == 1:
		return setConst(v, 0)
	case v.Op == ir.OpAnd && x.Op == ir.OpAnd && x.Args[1].Op == ir.OpConst:
		return set(v, ir.OpAnd, x.Args[0], fd.constant(n&x.Args[1].Imm))
	case !power:
		return v
	}
	switch v.Op {
	case ir.OpMul:
		return set(v, ir.OpShl, x, fd.constant(k))
	case ir.OpUDiv:
		return set(v, ir.OpShr, x, fd.constant(k))
	case ir.OpUMod:
		return set(v, ir.OpAnd, x, fd.constant(n-1))
	case ir.OpSDiv:
		return set(v, ir.OpSar, fd.biased(x, k), fd.constant(k))
	case ir.OpSMod:
		whole := fd.emit(ir.OpAnd, fd.biased(x, k), fd.constant(-n))
		return set(v, ir.OpSub, x, whole)
	}
	return v
}

// biased is x plus 2^k-1 if x is negative, so that an arithmetic shift rounds
// towards zero as division does.
func (fd *folder) biased(x *ir.Value, k int64) *ir.Value {
	sign := fd.emit(ir.OpSar, x, fd.constant(63))
	return fd.emit(ir.OpAdd, x, fd.emit(ir.OpShr, sign, fd.constant(64-k)))
}

// unsigned makes a signed operation unsigned where the signs are known to be
// clear.
func (fd *folder) unsigned(v *ir.Value) *ir.Value {
	if len(v.Args) != 2 || !notNegative(v.Args[0]) {
		return v
	}
	switch {
	case v.Op == ir.OpSar:
		v.Op = ir.OpShr
	case v.Op == ir.OpSDiv && notNegative(v.Args[1]):
		v.Op = ir.OpUDiv
	case v.Op == ir.OpSMod && notNegative(v.Args[1]):
		v.Op = ir.OpUMod
	}
	return v
}
