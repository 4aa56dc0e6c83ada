package bpf

import (
	"github.com/cilium/ebpf/asm"
)

// instruction emits what one machine instruction does short of leaving the
// block.
func (e *emitter) instruction(i *inst, at int32) {
	switch i.op {
	case opEntry:
		e.entry(i)
	case opMove:
		e.move(move{dst: e.alloc.places[i.dst], src: e.place(i.a), leaf: leafOf(i.a)})
	case opALU:
		e.alu(i)
	case opNeg:
		e.emit(asm.Neg.Imm(e.copied(i), 0))
	case opSwap:
		e.emit(asm.HostTo(asm.BE, e.copied(i), sizeOf(i.size)))
	case opTrunc32:
		e.emit(asm.Mov.Reg32(e.dst(i), e.reg(i.a)))
	case opLoad:
		base, off := e.memory(i)
		e.emit(asm.LoadMem(e.dst(i), base, off, sizeOf(i.size)))
	case opStore:
		e.store(i)
	case opAtomic:
		base, off := e.memory(i)
		e.emit(asm.AddAtomic.Mem(base, e.reg(i.b), sizeOf(i.size), off))
	case opFetchAdd:
		base, off := e.memory(i)
		e.move(move{dst: place{reg: e.dst(i)}, src: place{reg: e.reg(i.b)}})
		ins := asm.FetchAdd.Mem(base, e.dst(i), sizeOf(i.size), off)
		ins.Constant = int64(asm.FetchAdd >> 8) // package asm v0.22.0 forgets it
		e.emit(ins)
	case opSet:
		e.emit(asm.Mov.Imm(e.dst(i), 1))
		skip := e.condition(i.cmp, i)
		skip.Offset = 1
		e.emit(skip)
		e.emit(asm.Mov.Imm(e.dst(i), 0))
	case opCall:
		e.call(i)
	case opJump:
		m := e.mover(at)
		if i.temp != noReg {
			m.temp = e.alloc.places[i.temp].reg
		}
		m.sequence(e.jumpMoves(i))
	}
}

func (e *emitter) dst(i *inst) asm.Register { return e.reg(reg(i.dst)) }

// copied brings operand a to the destination, to be changed there.
func (e *emitter) copied(i *inst) asm.Register {
	dst := e.dst(i)
	e.move(move{dst: place{reg: dst}, src: e.place(i.a), leaf: leafOf(i.a)})
	return dst
}

func (e *emitter) alu(i *inst) {
	dst := e.dst(i)
	if i.b.kind == operandConst {
		e.emit(i.alu.Imm(e.copied(i), int32(i.b.imm)))
		return
	}
	b := e.reg(i.b)
	if i.a.kind == operandReg && b == dst && e.reg(i.a) != dst {
		e.emit(i.alu.Reg(dst, e.reg(i.a))) // commutes, or they would not share
		return
	}
	e.emit(i.alu.Reg(e.copied(i), b))
}

func (e *emitter) store(i *inst) {
	base, off := e.memory(i)
	if i.b.kind == operandConst {
		e.emit(asm.Instruction{
			OpCode: asm.StoreImmOp(sizeOf(i.size)), Dst: base, Offset: off, Constant: i.b.imm,
		})
		return
	}
	e.emit(asm.StoreMem(base, off, e.reg(i.b), sizeOf(i.size)))
}

// memory returns base register and offset of an access.
func (e *emitter) memory(i *inst) (asm.Register, int16) {
	if i.a.kind == operandSlot {
		return asm.R10, int16(e.slotOffset(i.a.slot) + i.a.imm + i.off)
	}
	return e.reg(i.a), int16(i.off)
}

func (e *emitter) call(i *inst) {
	var moves []move
	for k, a := range i.args {
		moves = append(moves, move{dst: place{reg: asm.R1 + asm.Register(k)}, src: e.place(a), leaf: leafOf(a)})
	}
	m := mover{free: asm.R0, temp: noFree, emit: e.move}
	m.sequence(moves)
	if i.sym != "" {
		e.emit(asm.Call.Label(i.sym))
	} else {
		e.emit(i.helper.Call())
	}
	if i.dst != noReg {
		e.move(move{dst: e.alloc.places[i.dst], src: place{reg: asm.R0}})
	}
}

// entry moves the parameters from where the caller left them.
func (e *emitter) entry(i *inst) {
	var moves []move
	for k, d := range i.defs {
		if e.alloc.used[d] {
			moves = append(moves, move{dst: e.alloc.places[d], src: place{reg: asm.R1 + asm.Register(k)}})
		}
	}
	m := e.mover(0)
	m.sequence(moves)
}

func (e *emitter) jumpMoves(i *inst) []move {
	var moves []move
	for k, a := range i.args {
		moves = append(moves, move{dst: e.alloc.places[i.defs[k]], src: e.place(a), leaf: leafOf(a)})
	}
	return moves
}

// mover prepares a parallel copy at a position.
func (e *emitter) mover(at int32) *mover {
	m := &mover{free: noFree, temp: noFree, emit: e.move}
	for r, taken := range e.alloc.taken {
		if !overlap(taken, []segment{{at, at + 4}}) {
			m.free = asm.Register(r)
			break
		}
	}
	m.aside = func() place {
		e.aside = true
		return place{stack: true, slot: e.alloc.spillSlots}
	}
	return m
}

func sizeOf(bytes int) asm.Size {
	switch bytes {
	case 1:
		return asm.Byte
	case 2:
		return asm.Half
	case 4:
		return asm.Word
	case 8:
		return asm.DWord
	}
	panic("gotrace: internal error: no access of this size")
}
