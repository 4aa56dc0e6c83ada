package bpf

// Selection walks the IR once, block by block, and makes machine instructions.
// What it folds:
//
//   - constants of 32 bits into immediates, constant offsets into loads and
//     stores, slot addresses into accesses relative to the frame pointer;
//   - a comparison into the branch on it, wherever it was computed: its
//     operands are then kept alive in its place, and the verifier sees the
//     test on the value itself. A comparison with other uses is also computed;
//   - a mask or a truncation into the branch, if nothing else uses it.
//
// Constants and addresses that do need a register are made once for a stretch
// of a block without calls and shared there; if registers run out they are
// made again, not spilled.

import (
	"fmt"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

type selector struct {
	fn      *fn
	cfg     *ir.CFG
	regs    []vreg // by value id
	uses    []int  // by value id: uses that need it in a register
	skip    []bool // by value id: part of the one branch that uses it
	blocks  map[*ir.Block]*block
	current *block
	leaves  map[operand]vreg // leaves that are in registers here
	at      *ir.Value        // where new instructions come from
}

// selectFunc makes machine instructions of a legalised function.
func selectFunc(f *ir.Func, cfg *ir.CFG) *fn {
	s := &selector{
		fn: &fn{name: f.Name}, cfg: cfg,
		regs: make([]vreg, f.NumValues()), uses: make([]int, f.NumValues()),
		skip:   make([]bool, f.NumValues()),
		blocks: map[*ir.Block]*block{},
	}
	s.number(f)
	s.countUses(f)
	s.absorb(f)
	entry := inst{op: opEntry, dst: noReg, temp: noReg}
	for _, p := range f.Params {
		entry.defs = append(entry.defs, s.regs[p.ID])
	}
	for i, b := range f.Blocks {
		s.current, s.leaves = s.blocks[b], map[operand]vreg{}
		if i == 0 {
			s.emit(entry)
		}
		for _, v := range b.Instrs {
			s.at = v
			s.value(v)
		}
		s.terminator(b)
	}
	return s.fn
}

// number makes the blocks, and a register for each value.
func (s *selector) number(f *ir.Func) {
	for i := range s.regs {
		s.regs[i] = noReg
	}
	for _, p := range f.Params {
		s.regs[p.ID] = s.fn.newReg()
	}
	for _, b := range f.Blocks {
		m := &block{name: b.String(), depth: s.cfg.LoopDepth(b)}
		s.blocks[b] = m
		s.fn.blocks = append(s.fn.blocks, m)
		for _, p := range b.Params {
			s.regs[p.ID] = s.fn.newReg()
			m.params = append(m.params, s.regs[p.ID])
		}
		for _, v := range b.Instrs {
			if v.HasResult() && !v.Op.IsLeaf() {
				s.regs[v.ID] = s.fn.newReg()
			}
		}
	}
}

// countUses counts, per value, the uses other than as the condition of a
// branch that a comparison is folded into.
func (s *selector) countUses(f *ir.Func) {
	for _, b := range f.Blocks {
		b.ForArgs(func(use **ir.Value) {
			if use == &b.Cond && b.Term == ir.TermIf && b.Cond.Op.IsCompare() {
				return
			}
			s.uses[(*use).ID]++
		})
	}
}

func (s *selector) emit(i inst) {
	if s.at != nil && i.span.IsZero() {
		i.span = s.at.Span
	}
	s.current.insts = append(s.current.insts, i)
}

// blank is an instruction with no registers yet.
func blank(op opcode) inst { return inst{op: op, dst: noReg, temp: noReg} }

// operand returns the value in the form that takes least: a leaf as itself.
func (s *selector) operand(v *ir.Value) operand {
	switch v.Op {
	case ir.OpConst:
		return constant(v.Imm)
	case ir.OpSlotAddr:
		return operand{kind: operandSlot, slot: v.Slot, imm: v.Imm}
	case ir.OpMapPtr:
		return operand{kind: operandMap, sym: v.Sym}
	case ir.OpMapValue:
		return operand{kind: operandValue, sym: v.Sym, imm: v.Imm}
	case ir.OpFuncPtr:
		return operand{kind: operandFunc, sym: v.Sym}
	}
	return reg(s.regs[v.ID])
}

// inReg returns the operand in a register, made now if it is not in one.
func (s *selector) inReg(o operand) operand {
	if o.kind == operandReg {
		return o
	}
	if r, ok := s.leaves[o]; ok {
		return reg(r)
	}
	i := blank(opMove)
	i.dst, i.a = s.fn.newReg(), o
	s.emit(i)
	s.leaves[o] = i.dst
	return reg(i.dst)
}

// immOrReg returns the operand as an immediate if it is one.
func (s *selector) immOrReg(o operand) operand {
	if o.isImm() {
		return o
	}
	return s.inReg(o)
}

func (s *selector) value(v *ir.Value) {
	switch {
	case v.Op.IsLeaf(), s.skip[v.ID]:
	case v.Op.IsBinary():
		s.binary(v)
	case v.Op.IsCompare():
		if s.uses[v.ID] > 0 {
			i := blank(opSet)
			i.dst = s.regs[v.ID]
			i.cmp, i.a, i.b = s.compare(v)
			s.emit(i)
		}
	default:
		s.other(v)
	}
}

func (s *selector) other(v *ir.Value) {
	switch v.Op {
	case ir.OpNeg:
		s.unary(opNeg, v)
	case ir.OpSwap:
		s.unary(opSwap, v)
	case ir.OpExtend:
		s.extend(v)
	case ir.OpLoad:
		i := blank(opLoad)
		i.dst, i.size = s.regs[v.ID], v.Size
		i.a, i.off = s.place(v.Args[0], v.Imm)
		s.emit(i)
	case ir.OpStore:
		i := blank(opStore)
		i.size = v.Size
		i.a, i.off = s.place(v.Args[0], v.Imm)
		i.b = s.stored(v)
		s.emit(i)
	case ir.OpAtomicAdd, ir.OpAtomicFetchAdd:
		i := blank(opAtomic)
		if v.Op == ir.OpAtomicFetchAdd && s.uses[v.ID] > 0 {
			i.op, i.dst = opFetchAdd, s.regs[v.ID]
		}
		i.size = v.Size
		i.a, i.off = s.place(v.Args[0], v.Imm)
		i.b = s.inReg(s.operand(v.Args[1]))
		s.emit(i)
	case ir.OpCall, ir.OpCallFunc:
		s.call(v)
	default:
		panic(fmt.Sprintf("gotrace: internal error: no instructions for %s", v))
	}
}

// stored returns the value operand of a store. Narrow stores ignore the high
// bits of a constant, so any constant fits those.
func (s *selector) stored(v *ir.Value) operand {
	o := s.operand(v.Args[1])
	if o.kind == operandConst && v.Size <= 4 {
		return constant(int64(int32(o.imm)))
	}
	return s.immOrReg(o)
}

// place returns base and offset of a memory operand.
func (s *selector) place(addr *ir.Value, off int64) (operand, int64) {
	o := s.operand(addr)
	switch o.kind {
	case operandSlot:
		return operand{kind: operandSlot, slot: o.slot}, o.imm + off
	case operandValue:
		// One register serves all fields of the value.
		off += o.imm
		o.imm = 0
	}
	base := s.inReg(o)
	if off == int64(int16(off)) {
		return base, off
	}
	i := blank(opALU)
	i.alu, i.dst, i.a, i.b = asm.Add, s.fn.newReg(), base, s.immOrReg(constant(off))
	s.emit(i)
	return reg(i.dst), 0
}

func (s *selector) unary(op opcode, v *ir.Value) {
	i := blank(op)
	i.dst, i.size, i.a = s.regs[v.ID], v.Size, s.inReg(s.operand(v.Args[0]))
	s.emit(i)
}

func (s *selector) extend(v *ir.Value) {
	a := s.inReg(s.operand(v.Args[0]))
	dst := s.regs[v.ID]
	switch {
	case v.Size == 8:
		i := blank(opMove)
		i.dst, i.a = dst, a
		s.emit(i)
	case v.Signed:
		shift := constant(int64(64 - 8*v.Size))
		shifted := s.fn.newReg()
		s.arith(asm.LSh, shifted, a, shift)
		s.arith(asm.ArSh, dst, reg(shifted), shift)
	case v.Size == 4:
		i := blank(opTrunc32)
		i.dst, i.a = dst, a
		s.emit(i)
	default:
		s.arith(asm.And, dst, a, constant(1<<(8*v.Size)-1))
	}
}

func (s *selector) arith(op asm.ALUOp, dst vreg, a, b operand) {
	i := blank(opALU)
	i.alu, i.dst, i.a, i.b = op, dst, a, b
	s.emit(i)
}

var aluOps = map[ir.Op]asm.ALUOp{
	ir.OpAdd: asm.Add, ir.OpSub: asm.Sub, ir.OpMul: asm.Mul, ir.OpUDiv: asm.Div, ir.OpSDiv: asm.SDiv,
	ir.OpUMod: asm.Mod, ir.OpSMod: asm.SMod, ir.OpAnd: asm.And, ir.OpOr: asm.Or, ir.OpXor: asm.Xor,
	ir.OpShl: asm.LSh, ir.OpShr: asm.RSh, ir.OpSar: asm.ArSh,
}

func (s *selector) binary(v *ir.Value) {
	x, y := s.operand(v.Args[0]), s.operand(v.Args[1])
	if v.Op.Commutes() && x.kind != operandReg && (y.kind == operandReg || x.isImm()) {
		x, y = y, x
	}
	if v.Op == ir.OpAdd && x.kind == operandReg && y.kind == operandSlot {
		x, y = y, x // the address is made in the destination
	}
	y = s.immOrReg(y)
	if y.kind == operandConst && x.kind != operandReg {
		x = s.inReg(x) // both constant: rare, as folding removes it
	}
	s.guard(v, y)
	s.arith(aluOps[v.Op], s.regs[v.ID], x, y)
}

// guard makes it costly to spill a word that is added to an address: kernels
// before 5.11 forget the bounds of a spilled scalar, all before 6.8 forget that
// a reloaded one is the one that was compared.
func (s *selector) guard(v *ir.Value, y operand) {
	if v.Op == ir.OpAdd && y.kind == operandReg {
		s.fn.weight[y.reg] += guardWeight
		if x := v.Args[0]; s.regs[x.ID] != noReg {
			s.fn.weight[s.regs[x.ID]] += guardWeight
		}
	}
}

const guardWeight = 50

// compare returns the operands of a comparison with an immediate only second.
func (s *selector) compare(v *ir.Value) (ir.Op, operand, operand) {
	x, y := s.operand(v.Args[0]), s.operand(v.Args[1])
	op := v.Op
	if x.kind != operandReg && y.kind == operandReg {
		x, y, op = y, x, op.Exchanged()
	}
	return op, s.inReg(x), s.immOrReg(y)
}

func (s *selector) call(v *ir.Value) {
	i := blank(opCall)
	i.dst, i.helper = s.regs[v.ID], v.Helper
	if v.Op == ir.OpCallFunc {
		i.sym = v.Sym
	}
	for _, a := range v.Args {
		o := s.operand(a)
		if o.kind == operandReg {
			s.fn.weight[o.reg] += guardWeight / 10
		}
		i.args = append(i.args, o)
	}
	if s.uses[v.ID] == 0 {
		i.dst = noReg
	}
	s.emit(i)
	clear(s.leaves) // none is worth a register across a call
}

func (s *selector) terminator(b *ir.Block) {
	s.at = nil
	m := s.current
	var i inst
	switch b.Term {
	case ir.TermJump:
		i = blank(opJump)
		s.jump(&i, b.Succs[0])
	case ir.TermRet:
		i = blank(opReturn)
		i.a = s.operand(b.Cond)
	case ir.TermIf:
		i = s.branch(b)
	default:
		panic("gotrace: internal error: block " + b.String() + " has no end")
	}
	i.span = b.Span
	m.insts = append(m.insts, i)
	for _, e := range b.Succs {
		m.succs = append(m.succs, s.blocks[e.To])
	}
	if i.op == opJump {
		m.succs = m.succs[:1]
	}
}

func (s *selector) jump(i *inst, e ir.Edge) {
	for k, a := range e.Args {
		i.args = append(i.args, s.operand(a))
		i.defs = append(i.defs, s.regs[e.To.Params[k].ID])
	}
}
