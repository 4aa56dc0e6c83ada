package bpf

// Emission writes out what selection and allocation decided, adds the moves
// that are left, and computes jumps. Blocks that turn out to hold nothing but a
// jump are left out, and jumps to them go where they lead.

import (
	"fmt"
	"math"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/source"
)

// output collects the instructions of all functions of a program.
type output struct {
	opt   Options
	insns asm.Instructions
	spans []source.Span
	texts map[source.Span]comment
}

// comment is a script position as package asm wants it.
type comment string

// String returns the text.
func (c comment) String() string { return string(c) }

// labelKey is the metadata key for names of blocks, which listings show.
type labelKey struct{}

func (o *output) append(ins asm.Instruction, span source.Span) {
	if o.opt.Locate != nil && !span.IsZero() {
		text, ok := o.texts[span]
		if !ok {
			text = comment(o.opt.Locate(span))
			o.texts[span] = text
		}
		ins = ins.WithSource(text)
	}
	o.insns = append(o.insns, ins)
	for range ins.Width() {
		o.spans = append(o.spans, span)
	}
}

// emitter writes one function.
type emitter struct {
	*output
	fn     *fn
	alloc  *allocation
	frame  *frame
	blocks []*block // those that are written, in order
	span   source.Span

	starts map[*block]int // raw offset
	jumps  []jumpFix
	// aside is set once the spare stack word is used.
	aside bool
}

// jumpFix is a jump whose offset is not known yet.
type jumpFix struct {
	index int // in output.insns
	raw   int // raw offset of the instruction
	to    *block
}

func (e *emitter) run() error {
	e.starts = map[*block]int{}
	for i, b := range e.fn.blocks {
		if i == 0 || !e.empty(b) {
			e.blocks = append(e.blocks, b)
		}
	}
	for i, b := range e.blocks {
		e.starts[b] = len(e.spans)
		at := len(e.insns)
		var next *block
		if i+1 < len(e.blocks) {
			next = e.blocks[i+1]
		}
		for k := range b.insts {
			ins := &b.insts[k]
			e.span = ins.span
			e.instruction(ins, int32(4*(b.start+k)))
			if k == len(b.insts)-1 {
				e.leave(b, ins, next)
			}
		}
		if at < len(e.insns) {
			e.insns[at].Metadata.Set(labelKey{}, b.name)
		}
	}
	return e.link()
}

// link fills in the jump offsets, which count from the next instruction.
func (e *emitter) link() error {
	for _, j := range e.jumps {
		off := e.starts[j.to] - j.raw - 1
		if off != int(int16(off)) {
			return fmt.Errorf("bpf: %s: %w: %d", e.fn.name, ErrJump, off)
		}
		e.insns[j.index].Offset = int16(off)
	}
	return nil
}

// empty reports a block that only jumps on, moving nothing.
func (e *emitter) empty(b *block) bool {
	if len(b.insts) != 1 || b.insts[0].op != opJump || b.succs[0] == b {
		return false
	}
	for _, m := range e.jumpMoves(&b.insts[0]) {
		if m.leaf.kind != operandNone || m.src != m.dst {
			return false
		}
	}
	return true
}

// target follows empty blocks to where they lead.
func (e *emitter) target(b *block) *block {
	for hops := 0; b != e.fn.blocks[0] && e.empty(b); hops++ {
		if hops > len(e.fn.blocks) {
			break // a loop of nothing
		}
		b = b.succs[0]
	}
	return b
}

func (e *emitter) emit(ins asm.Instruction) { e.append(ins, e.span) }

func (e *emitter) jump(ins asm.Instruction, to *block) {
	e.jumps = append(e.jumps, jumpFix{len(e.insns), len(e.spans), to})
	e.emit(ins)
}

// leave emits the jumps at the end of a block.
func (e *emitter) leave(b *block, i *inst, next *block) {
	switch i.op {
	case opJump:
		if to := e.target(b.succs[0]); to != next {
			e.jump(asm.Instruction{OpCode: asm.OpCode(asm.JumpClass).SetJumpOp(asm.Ja)}, to)
		}
	case opReturn:
		e.move(move{dst: place{reg: asm.R0}, src: e.place(i.a), leaf: leafOf(i.a)})
		e.emit(asm.Return())
	case opBranch:
		e.branch(b, i, next)
	}
}

// branch emits a conditional jump so that the block that follows, if it is one
// of the successors, is reached by falling through.
func (e *emitter) branch(b *block, i *inst, next *block) {
	then, els, cmp := e.target(b.succs[0]), e.target(b.succs[1]), i.cmp
	switch {
	case i.test && cmp == ir.OpEq: // there is a jump if bits are set, none if not
		then, els, cmp = els, then, ir.OpNe
	case then == next && !i.test:
		then, els, cmp = els, then, cmp.Negated()
	}
	if then != els {
		e.jump(e.condition(cmp, i), then)
	}
	if els != next {
		e.jump(asm.Instruction{OpCode: asm.OpCode(asm.JumpClass).SetJumpOp(asm.Ja)}, els)
	}
}

var jumpOps = map[ir.Op]asm.JumpOp{
	ir.OpEq: asm.JEq, ir.OpNe: asm.JNE, ir.OpULt: asm.JLT, ir.OpULe: asm.JLE, ir.OpUGt: asm.JGT,
	ir.OpUGe: asm.JGE, ir.OpSLt: asm.JSLT, ir.OpSLe: asm.JSLE, ir.OpSGt: asm.JSGT, ir.OpSGe: asm.JSGE,
}

// condition is a conditional jump with its offset still open.
func (e *emitter) condition(cmp ir.Op, i *inst) asm.Instruction {
	op, class, src := jumpOps[cmp], asm.JumpClass, asm.RegSource
	if i.test {
		op = asm.JSet
	}
	if i.narrow {
		class = asm.Jump32Class
	}
	ins := asm.Instruction{Dst: e.reg(i.a)}
	if i.b.kind == operandConst {
		src, ins.Constant = asm.ImmSource, i.b.imm
	} else {
		ins.Src = e.reg(i.b)
	}
	ins.OpCode = asm.OpCode(class).SetJumpOp(op).SetSource(src)
	return ins
}

// reg returns the machine register of an operand that must be in one.
func (e *emitter) reg(o operand) asm.Register {
	p := e.place(o)
	if o.kind != operandReg || p.stack {
		panic("gotrace: internal error: operand is not in a register in " + e.fn.name)
	}
	return p.reg
}

func (e *emitter) place(o operand) place {
	if o.kind != operandReg {
		return place{}
	}
	return e.alloc.places[o.reg]
}

func leafOf(o operand) operand {
	if o.kind == operandReg {
		return operand{}
	}
	return o
}

// spillOffset is the frame offset of a spill slot: below the script's slots.
func (e *emitter) spillOffset(n int) int16 {
	return int16(-roundUp(e.frame.size, 8) - 8*(n+1))
}

// stackUse is what the function takes of the stack.
func (e *emitter) stackUse() int {
	spills := e.alloc.spillSlots
	if e.aside {
		spills++
	}
	if spills == 0 {
		return e.frame.size
	}
	return roundUp(e.frame.size, 8) + 8*spills
}

// move makes one move of which at most one end is on the stack.
func (e *emitter) move(m move) {
	switch {
	case m.leaf.kind != operandNone && m.dst.stack:
		e.emit(asm.Instruction{
			OpCode: asm.StoreImmOp(asm.DWord), Dst: asm.R10, Offset: e.spillOffset(m.dst.slot), Constant: m.leaf.imm,
		})
	case m.leaf.kind != operandNone:
		e.make(m.dst.reg, m.leaf)
	case m.dst == m.src:
	case m.dst.stack:
		e.emit(asm.StoreMem(asm.R10, e.spillOffset(m.dst.slot), m.src.reg, asm.DWord))
	case m.src.stack:
		e.emit(asm.LoadMem(m.dst.reg, asm.R10, e.spillOffset(m.src.slot), asm.DWord))
	default:
		e.emit(asm.Mov.Reg(m.dst.reg, m.src.reg))
	}
}

// make puts a constant or an address into a register.
func (e *emitter) make(dst asm.Register, o operand) {
	switch o.kind {
	case operandConst:
		switch {
		case o.isImm():
			e.emit(asm.Mov.Imm(dst, int32(o.imm)))
		case o.imm >= 0 && o.imm <= math.MaxUint32:
			e.emit(asm.Mov.Imm32(dst, int32(uint32(o.imm))))
		default:
			e.emit(asm.LoadImm(dst, o.imm, asm.DWord))
		}
	case operandSlot:
		e.emit(asm.Mov.Reg(dst, asm.R10))
		e.emit(asm.Add.Imm(dst, int32(e.slotOffset(o.slot)+o.imm)))
	case operandMap:
		e.emit(asm.LoadMapPtr(dst, 0).WithReference(o.sym))
	case operandValue:
		e.emit(asm.LoadMapValue(dst, 0, uint32(o.imm)).WithReference(o.sym))
	case operandFunc:
		e.emit(asm.Instruction{
			OpCode: asm.LoadImmOp(asm.DWord), Dst: dst, Src: asm.PseudoFunc, Constant: -1,
		}.WithReference(o.sym))
	}
}

func (e *emitter) slotOffset(s *ir.Slot) int64 {
	off, ok := e.frame.offsets[s]
	if !ok {
		panic("gotrace: internal error: slot " + s.String() + " has no place")
	}
	return off
}
