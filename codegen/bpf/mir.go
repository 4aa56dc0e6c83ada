package bpf

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/source"
)

// Machine instructions are BPF's with three differences: registers are virtual
// and without number; arithmetic has a destination of its own, where BPF
// overwrites the first operand; and operands may be things that take an
// instruction to make (addresses, wide constants).

// vreg is a virtual register. Each has one definition, apart from spilled
// block parameters, which every edge into the block writes.
type vreg int32

const noReg vreg = -1

type operandKind uint8

const (
	operandNone operandKind = iota
	operandReg
	operandConst // imm
	operandSlot  // address of slot + imm
	operandMap   // the map named sym
	operandValue // address of byte imm of array map sym's value
	operandFunc  // the function named sym
)

// operand is a register, or something made from nothing where it is used.
type operand struct {
	kind operandKind
	reg  vreg
	imm  int64
	slot *ir.Slot
	sym  string
}

func reg(v vreg) operand       { return operand{kind: operandReg, reg: v} }
func constant(n int64) operand { return operand{kind: operandConst, imm: n} }

// isImm reports a constant that instructions hold themselves.
func (o operand) isImm() bool { return o.kind == operandConst && o.imm == int64(int32(o.imm)) }

type opcode uint8

const (
	opMove     opcode = iota // dst = a
	opALU                    // dst = a alu b
	opNeg                    // dst = -a
	opSwap                   // dst = byte swap of a's low size bytes
	opTrunc32                // dst = low four bytes of a
	opLoad                   // dst = size bytes at a+off
	opStore                  // size bytes at a+off = b
	opAtomic                 // size bytes at a+off += b
	opFetchAdd               // the same, dst = what was there
	opSet                    // dst = a cmp b
	opCall                   // dst = helper or function sym of args
	opEntry                  // the function's parameters arrive: defs
	opJump                   // to succs[0] with args
	opBranch                 // a cmp b: succs[0], else succs[1]
	opReturn                 // a
)

// inst is a machine instruction.
type inst struct {
	op     opcode
	alu    asm.ALUOp
	cmp    ir.Op // opSet, opBranch
	narrow bool  // opBranch: compare the low four bytes
	test   bool  // opBranch: cmp is OpEq or OpNe of a&b with zero
	size   int
	off    int64
	dst    vreg
	a, b   operand
	args   []operand // opCall, opJump
	defs   []vreg    // opEntry; opJump: the parameters args go to
	helper asm.BuiltinFunc
	sym    string // opCall of a function of the program
	// temp is a register an opJump needs to move one stack word to another.
	temp vreg
	span source.Span
}

// block is a basic block of machine instructions, the last of which is its
// terminator.
type block struct {
	name   string
	params []vreg
	insts  []inst
	succs  []*block
	depth  int // loops around it

	index int // in fn.blocks
	start int // number of the first instruction
}

// fn is a function in machine instructions.
type fn struct {
	name   string
	blocks []*block
	nregs  int
	// fixed says of a register that spilling it would gain nothing: it lives
	// for an instruction or two on behalf of one that was spilled.
	fixed []bool
	// weight is extra reluctance to spill: see select.
	weight []int32
}

func (f *fn) newReg() vreg {
	f.nregs++
	f.fixed = append(f.fixed, false)
	f.weight = append(f.weight, 0)
	return vreg(f.nregs - 1)
}

// operands calls use for each operand of the instruction.
func (i *inst) operands(use func(*operand)) {
	if i.a.kind != operandNone {
		use(&i.a)
	}
	if i.b.kind != operandNone {
		use(&i.b)
	}
	for k := range i.args {
		use(&i.args[k])
	}
}

// keepsLate reports that operand o of the instruction is still read after the
// destination is written, so that they must not share a register.
func (i *inst) keepsLate(o *operand) bool {
	switch i.op {
	case opALU:
		if o == &i.a {
			return false
		}
		return !commutes(i.alu) || i.a.kind != operandReg
	case opSet:
		return true
	case opFetchAdd:
		return o == &i.a
	}
	return false
}

func commutes(op asm.ALUOp) bool {
	switch op {
	case asm.Add, asm.Mul, asm.And, asm.Or, asm.Xor:
		return true
	}
	return false
}
