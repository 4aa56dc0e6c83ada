package check

import "github.com/cilium/ebpf/asm"

// successor is an instruction that may come next, and the state before it.
type successor struct {
	index int
	state *state
}

// step applies instruction i to a state.
func (c *checker) step(i int, s *state) []successor {
	c.at = i
	ins := &c.insns[i]
	switch class := ins.OpCode.Class(); {
	case class.IsALU():
		c.alu(ins, s)
	case class.IsJump():
		return c.jump(i, ins, s)
	case class == asm.LdClass:
		c.wide(ins, s)
	case class == asm.LdXClass:
		c.load(ins, s)
	default:
		c.store(ins, s)
	}
	return []successor{{i + 1, s}}
}

func (c *checker) read(s *state, r asm.Register) value {
	v := s.regs[r]
	if v.kind == nothing {
		c.errorf("%v holds nothing", r)
	}
	return v
}

// second returns the second operand.
func (c *checker) second(s *state, ins *asm.Instruction) value {
	if ins.OpCode.Source() == asm.ImmSource {
		return value{kind: scalar, known: true, off: ins.Constant}
	}
	return c.read(s, ins.Src)
}

func (c *checker) alu(ins *asm.Instruction, s *state) {
	op := ins.OpCode.ALUOp()
	if op == asm.Neg || op == asm.Swap {
		c.read(s, ins.Dst)
		s.regs[ins.Dst] = value{kind: scalar}
		return
	}
	y := c.second(s, ins)
	if op == asm.Mov && ins.OpCode.Class() == asm.ALU64Class {
		s.regs[ins.Dst] = y
		return
	}
	c.immediate(op, y, ins.OpCode.Source() == asm.ImmSource)
	var x value
	if op != asm.Mov && op != asm.MovSX8 && op != asm.MovSX16 && op != asm.MovSX32 {
		x = c.read(s, ins.Dst)
	}
	s.regs[ins.Dst] = c.arithmetic(op, x, y)
}

func (c *checker) immediate(op asm.ALUOp, y value, imm bool) {
	switch {
	case !imm:
	case op == asm.LSh || op == asm.RSh || op == asm.ArSh:
		if y.off < 0 || y.off > 63 {
			c.errorf("shift beyond the word")
		}
	case y.off == 0 && (op == asm.Div || op == asm.Mod || op == asm.SDiv || op == asm.SMod):
		c.errorf("division by the constant zero")
	}
}

func (c *checker) arithmetic(op asm.ALUOp, x, y value) value {
	if op == asm.Add && y.isPointer() && !x.isPointer() {
		x, y = y, x
	}
	switch {
	case x.isPointer() && y.isPointer() && op == asm.Sub:
		return value{kind: scalar}
	case x.isPointer() && op != asm.Add && op != asm.Sub:
		return value{kind: scalar}
	case x.kind == nullable:
		c.errorf("arithmetic on a pointer that may be null")
	case x.kind == frame && y.known && x.known:
		if op == asm.Sub {
			y.off = -y.off
		}
		x.off += y.off
	case x.kind == frame:
		x.known = false
	case x.kind == context && !y.known:
		x = value{kind: scalar} // good for probe reads, no more for loads
	case !x.isPointer():
		return value{kind: scalar}
	}
	return x
}

func (c *checker) wide(ins *asm.Instruction, s *state) {
	switch ins.Src {
	case asm.PseudoMapFD:
		s.regs[ins.Dst] = value{kind: mapRef, sym: ins.Reference()}
	case asm.PseudoMapValue:
		s.regs[ins.Dst] = value{kind: pointer}
	case asm.PseudoFunc:
		s.regs[ins.Dst] = value{kind: funcRef, sym: ins.Reference()}
		c.callee(ins.Reference())
	default:
		s.regs[ins.Dst] = value{kind: scalar, known: true, off: ins.Constant}
	}
}

func (c *checker) callee(name string) {
	if !c.mute {
		c.fn.callees = append(c.fn.callees, name)
	}
}

// address checks a base register and returns the frame offset of an access, if
// it is to the frame at a known place.
func (c *checker) address(base value, ins *asm.Instruction) (off int64, onStack bool) {
	switch base.kind {
	case nullable:
		c.errorf("access through a pointer that may be null")
	case mapRef, funcRef:
		c.errorf("access through what is no memory")
	case scalar:
		if base.known {
			c.errorf("access through a constant: no memory")
		}
	case frame:
		off = base.off + int64(ins.Offset)
		if base.known {
			c.depth(off, ins.OpCode.Size().Sizeof())
		}
		return off, base.known
	}
	return 0, false
}

// depth notes that the frame is used at off.
func (c *checker) depth(off int64, size int) {
	if off >= 0 || off+int64(size) > 0 || off < -stackSize {
		c.errorf("outside of the frame")
	}
	c.fn.depth = max(c.fn.depth, int(-off))
}

func (c *checker) load(ins *asm.Instruction, s *state) {
	size := ins.OpCode.Size().Sizeof()
	off, onStack := c.address(c.read(s, ins.Src), ins)
	v := value{kind: scalar}
	if onStack {
		c.needWritten(s, off, size)
		if w, ok := s.spilled[off]; ok && size == 8 {
			v = w
		}
		if off%int64(size) != 0 {
			c.errorf("misaligned stack access")
		}
	}
	s.regs[ins.Dst] = v
}

func (c *checker) needWritten(s *state, off int64, size int) {
	if i := s.unwritten(off, size); i >= 0 {
		c.errorf("reads stack byte %d, which was not written", off+int64(i))
	}
}

func (c *checker) store(ins *asm.Instruction, s *state) {
	size := ins.OpCode.Size().Sizeof()
	base := c.read(s, ins.Dst)
	off, onStack := c.address(base, ins)
	if base.kind == context {
		c.errorf("writes to the context")
	}
	v := value{kind: scalar, known: true, off: ins.Constant}
	if ins.OpCode.Class() == asm.StXClass {
		v = c.read(s, ins.Src)
	}
	if atomic := ins.OpCode.AtomicOp(); atomic != asm.InvalidAtomic {
		if onStack {
			c.needWritten(s, off, size)
		}
		if atomic == asm.FetchAdd {
			s.regs[ins.Src] = value{kind: scalar}
		}
		v = value{kind: scalar}
	}
	if !onStack {
		return
	}
	if off%int64(size) != 0 {
		c.errorf("misaligned stack access")
	}
	s.write(off, size)
	if size == 8 {
		s.spilled[off] = v
	}
}

func (c *checker) jump(i int, ins *asm.Instruction, s *state) []successor {
	target := func(off int) int {
		to, ok := c.index[c.raw[i]+1+off]
		if !ok {
			c.errorf("jumps to no instruction")
			return len(c.insns)
		}
		return to
	}
	switch ins.OpCode.JumpOp() {
	case asm.Exit:
		if v := c.read(s, asm.R0); v.isPointer() {
			c.errorf("returns a pointer")
		}
		return nil
	case asm.Call:
		c.call(ins, s)
		return []successor{{i + 1, s}}
	case asm.Ja:
		return []successor{{target(int(ins.Offset)), s}}
	}
	x := c.read(s, ins.Dst)
	y := c.second(s, ins)
	taken := s.clone()
	if x.kind == nullable && y.known && y.off == 0 {
		switch ins.OpCode.JumpOp() {
		case asm.JEq:
			taken.checked(x.id, true)
			s.checked(x.id, false)
		case asm.JNE:
			taken.checked(x.id, false)
			s.checked(x.id, true)
		}
	}
	return []successor{{target(int(ins.Offset)), taken}, {i + 1, s}}
}
