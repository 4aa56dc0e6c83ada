package ir

import "fmt"

// opNames are what listings call the operations.
var opNames = [...]string{
	OpInvalid: "invalid", OpParam: "param", OpConst: "const", OpSlotAddr: "slotaddr", OpMapPtr: "mapptr",
	OpMapValue: "mapvalue", OpFuncPtr: "funcptr",
	OpAdd: "add", OpSub: "sub", OpMul: "mul", OpUDiv: "udiv", OpSDiv: "sdiv", OpUMod: "umod", OpSMod: "smod",
	OpAnd: "and", OpOr: "or", OpXor: "xor", OpShl: "shl", OpShr: "shr", OpSar: "sar", OpNeg: "neg",
	OpExtend: "extend", OpSwap: "swap",
	OpEq: "eq", OpNe: "ne", OpULt: "ult", OpULe: "ule", OpUGt: "ugt", OpUGe: "uge",
	OpSLt: "slt", OpSLe: "sle", OpSGt: "sgt", OpSGe: "sge",
	OpLoad: "load", OpStore: "store", OpAtomicAdd: "atomic_add", OpAtomicFetchAdd: "atomic_fetch_add",
	OpZero: "zero", OpCopy: "copy", OpCall: "call", OpCallFunc: "callfunc",
}

// String returns the operation's name in listings.
func (op Op) String() string {
	if int(op) < len(opNames) {
		return opNames[op]
	}
	return fmt.Sprintf("op%d", uint8(op))
}

// IsBinary reports arithmetic on two words; comparisons are not among it.
func (op Op) IsBinary() bool { return op >= OpAdd && op <= OpSar }

// IsCompare reports a comparison of two words.
func (op Op) IsCompare() bool { return op >= OpEq && op <= OpSGe }

// IsLeaf reports a value that is made from nothing but constants, and so can
// be made again anywhere: a constant or an address.
func (op Op) IsLeaf() bool { return op >= OpConst && op <= OpFuncPtr }

// Commutes reports that the two arguments may be exchanged.
func (op Op) Commutes() bool {
	switch op {
	case OpAdd, OpMul, OpAnd, OpOr, OpXor, OpEq, OpNe:
		return true
	}
	return false
}

// Negated returns the comparison that holds exactly when op does not.
func (op Op) Negated() Op {
	switch op {
	case OpEq:
		return OpNe
	case OpNe:
		return OpEq
	case OpULt:
		return OpUGe
	case OpULe:
		return OpUGt
	case OpUGt:
		return OpULe
	case OpUGe:
		return OpULt
	case OpSLt:
		return OpSGe
	case OpSLe:
		return OpSGt
	case OpSGt:
		return OpSLe
	case OpSGe:
		return OpSLt
	}
	panic(fmt.Sprintf("gotrace: internal error: %v is no comparison", op))
}

// Exchanged returns the comparison that gives the same answer with its
// arguments exchanged.
func (op Op) Exchanged() Op {
	switch op {
	case OpEq, OpNe:
		return op
	case OpULt:
		return OpUGt
	case OpULe:
		return OpUGe
	case OpUGt:
		return OpULt
	case OpUGe:
		return OpULe
	case OpSLt:
		return OpSGt
	case OpSLe:
		return OpSGe
	case OpSGt:
		return OpSLt
	case OpSGe:
		return OpSLe
	}
	panic(fmt.Sprintf("gotrace: internal error: %v is no comparison", op))
}

// HasResult reports that the value is a word others can use; the rest are
// there for their effect only.
func (v *Value) HasResult() bool {
	switch v.Op {
	case OpStore, OpAtomicAdd, OpZero, OpCopy:
		return false
	}
	return true
}

// HasEffect reports that the instruction must stay even if unused.
func (v *Value) HasEffect() bool {
	switch v.Op {
	case OpStore, OpAtomicAdd, OpAtomicFetchAdd, OpZero, OpCopy, OpCallFunc:
		return true
	case OpCall:
		return !v.Pure
	}
	return false
}

// Movable reports that the value depends on nothing but its arguments: it may
// be merged with an equal one, or computed elsewhere.
func (v *Value) Movable() bool {
	switch {
	case v.Op.IsLeaf(), v.Op.IsBinary(), v.Op.IsCompare():
		return true
	case v.Op == OpNeg, v.Op == OpExtend, v.Op == OpSwap:
		return true
	}
	return v.Op == OpCall && v.Pure
}

// IsConst reports the constant n.
func (v *Value) IsConst(n int64) bool { return v.Op == OpConst && v.Imm == n }

// CopyAlign returns the alignment in bytes that both sides of an OpCopy have.
func (v *Value) CopyAlign() int {
	if v.Sym == "" {
		return 1
	}
	return int(v.Sym[0] - '0')
}
