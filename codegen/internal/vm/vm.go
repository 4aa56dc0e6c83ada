// Package vm runs BPF instructions in Go, for tests: compiled programs are run
// on scripted events and what they leave in maps and ring buffer is compared
// with what the script means. It knows the instructions and helpers that
// gotrace emits and no others.
//
// Memory consists of regions at made-up addresses: stack frames, the context,
// map values, ring buffer records, and whatever kernel or user memory a test
// sets up. An access outside of all regions, a read of stack bytes that were
// never written, and a use of a register that holds nothing are errors, as they
// are for the verifier; unlike it the machine sees only the path that is run.
package vm

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// maxSteps ends programs that loop forever.
const maxSteps = 4_000_000

// maxDepth is how deep calls may nest, as in the kernel.
const maxDepth = 8

// Machine is one program with its maps and surroundings.
type Machine struct {
	// Maps holds the maps the program refers to.
	Maps map[string]*Map
	// Env answers the helpers that ask about the world.
	Env Env
	// Records are what was sent to the ring buffer, in order.
	Records [][]byte
	// RingFull makes reservations and output fail.
	RingFull bool

	insns  []asm.Instruction // by raw offset; the second half of a wide one is zero
	funcs  map[string]int    // raw offset by symbol
	calls  map[asm.BuiltinFunc]func(*call5) uint64
	memory memory
	steps  int
	depth  int
}

// Env is the world a program asks about.
type Env struct {
	PidTgid, UidGid, Task, CgroupID uint64
	Comm                            string
	CPU                             uint32
	KtimeNS, BootNS                 uint64
	Random                          uint32
	Cookie, FuncIP                  uint64
	StackID                         int64
	Stack                           []uint64
}

// New prepares a program to run. Its instructions may come from any number of
// functions, each starting with its symbol.
func New(insns asm.Instructions) *Machine {
	m := &Machine{Maps: map[string]*Map{}, funcs: map[string]int{}, calls: helpers()}
	for _, ins := range insns {
		if name := ins.Symbol(); name != "" {
			m.funcs[name] = len(m.insns)
		}
		m.insns = append(m.insns, ins)
		for w := ins.Width(); w > 1; w-- {
			m.insns = append(m.insns, asm.Instruction{})
		}
	}
	return m
}

// SetMemory puts bytes at an address for probe reads to find.
func (m *Machine) SetMemory(addr uint64, data []byte) { m.memory.place(addr, data) }

// Run runs the program from its start with a context and returns R0.
func (m *Machine) Run(ctx []byte) (uint64, error) {
	m.steps = 0
	addr := m.memory.add(&region{data: ctx, readOnly: true})
	return m.call(0, addr)
}

// registers of one frame; valid says which hold something.
type registers struct {
	r     [11]uint64
	valid [11]bool
}

func (f *registers) set(r asm.Register, x uint64) { f.r[r], f.valid[r] = x, true }

func (f *registers) get(r asm.Register) (uint64, error) {
	if r > asm.R10 || !f.valid[r] {
		return 0, fmt.Errorf("%v holds nothing", r)
	}
	return f.r[r], nil
}

// call runs the function at a raw offset.
func (m *Machine) call(pc int, args ...uint64) (uint64, error) {
	if m.depth++; m.depth > maxDepth {
		return 0, errors.New("calls nest too deeply")
	}
	defer func() { m.depth-- }()
	f := &registers{}
	for i, a := range args {
		f.set(asm.R1+asm.Register(i), a)
	}
	const stackSize = 512
	base := m.memory.add(&region{data: make([]byte, stackSize), written: make([]bool, stackSize)})
	defer m.memory.remove(base)
	f.set(asm.R10, base+stackSize)
	for {
		if pc < 0 || pc >= len(m.insns) {
			return 0, fmt.Errorf("instruction %d: left the program", pc)
		}
		if m.steps++; m.steps > maxSteps {
			return 0, errors.New("too many steps")
		}
		next, done, err := m.step(f, pc)
		if err != nil {
			return 0, fmt.Errorf("instruction %d: %w", pc, err)
		}
		if done {
			return f.get(asm.R0)
		}
		pc = next
	}
}

// step runs one instruction and returns where to go on.
func (m *Machine) step(f *registers, pc int) (next int, done bool, err error) {
	ins := &m.insns[pc]
	next = pc + int(ins.Width())
	switch class := ins.OpCode.Class(); {
	case class.IsALU():
		err = f.alu(ins)
	case class.IsJump():
		return m.jump(f, ins, pc)
	case class == asm.LdClass:
		err = m.loadWide(f, ins)
	case class == asm.LdXClass:
		err = m.load(f, ins)
	case class == asm.StClass, class == asm.StXClass:
		err = m.store(f, ins)
	default:
		err = fmt.Errorf("unknown opcode %v", ins.OpCode)
	}
	return next, false, err
}

func (m *Machine) jump(f *registers, ins *asm.Instruction, pc int) (int, bool, error) {
	switch ins.OpCode.JumpOp() {
	case asm.Exit:
		return 0, true, nil
	case asm.Call:
		return pc + 1, false, m.callIns(f, ins)
	case asm.Ja:
		return pc + 1 + int(ins.Offset), false, nil
	}
	taken, err := f.condition(ins)
	if taken {
		pc += int(ins.Offset)
	}
	return pc + 1, false, err
}

// callIns runs a helper or another function, and invalidates R1-R5.
func (m *Machine) callIns(f *registers, ins *asm.Instruction) error {
	var result uint64
	var err error
	if ins.Src == asm.PseudoCall {
		pc, ok := m.funcs[ins.Reference()]
		if !ok {
			return fmt.Errorf("no function %q", ins.Reference())
		}
		var args []uint64
		for r := asm.R1; r <= asm.R5 && f.valid[r]; r++ {
			args = append(args, f.r[r])
		}
		result, err = m.call(pc, args...)
	} else {
		result, err = m.helper(f, asm.BuiltinFunc(ins.Constant))
	}
	for r := asm.R1; r <= asm.R5; r++ {
		f.valid[r] = false
	}
	f.set(asm.R0, result)
	return err
}

func (m *Machine) loadWide(f *registers, ins *asm.Instruction) error {
	switch ins.Src {
	case asm.R0:
		f.set(ins.Dst, uint64(ins.Constant))
	case asm.PseudoFunc:
		pc, ok := m.funcs[ins.Reference()]
		if !ok {
			return fmt.Errorf("no function %q", ins.Reference())
		}
		f.set(ins.Dst, funcBase+uint64(pc))
	case asm.PseudoMapFD, asm.PseudoMapValue:
		mp, ok := m.Maps[ins.Reference()]
		if !ok {
			return fmt.Errorf("no map %q", ins.Reference())
		}
		if ins.Src == asm.PseudoMapFD {
			f.set(ins.Dst, m.memory.handle(mp))
			return nil
		}
		f.set(ins.Dst, mp.address(&m.memory, 0)+uint64(ins.Constant)>>32)
	default:
		return fmt.Errorf("wide load of kind %d", ins.Src)
	}
	return nil
}
