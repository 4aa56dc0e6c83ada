package vm

import (
	"fmt"
	"math/bits"

	"github.com/cilium/ebpf/asm"
)

// source returns the second operand of arithmetic or a jump.
func (f *registers) source(ins *asm.Instruction) (uint64, error) {
	if ins.OpCode.Source() == asm.ImmSource {
		return uint64(int64(int32(ins.Constant))), nil
	}
	return f.get(ins.Src)
}

func (f *registers) alu(ins *asm.Instruction) error {
	op := ins.OpCode.ALUOp()
	narrow := ins.OpCode.Class() == asm.ALUClass
	var x, y uint64
	var err error
	if op != asm.Mov && op != asm.MovSX8 && op != asm.MovSX16 && op != asm.MovSX32 {
		if x, err = f.get(ins.Dst); err != nil {
			return err
		}
	}
	if op == asm.Swap {
		f.set(ins.Dst, swap(x, ins.Constant))
		return nil
	}
	if op != asm.Neg {
		if y, err = f.source(ins); err != nil {
			return err
		}
	}
	var z uint64
	if narrow {
		z, err = compute(op, uint64(uint32(x)), uint64(uint32(y)), 32)
		z = uint64(uint32(z))
	} else {
		z, err = compute(op, x, y, 64)
	}
	f.set(ins.Dst, z)
	return err
}

func swap(x uint64, width int64) uint64 {
	switch width {
	case 16:
		return uint64(bits.ReverseBytes16(uint16(x)))
	case 32:
		return uint64(bits.ReverseBytes32(uint32(x)))
	}
	return bits.ReverseBytes64(x)
}

// compute is arithmetic on words of a width; narrow operands come extended by
// zeros, and results are cut by the caller.
func compute(op asm.ALUOp, x, y uint64, width uint64) (uint64, error) {
	switch op {
	case asm.Add:
		return x + y, nil
	case asm.Sub:
		return x - y, nil
	case asm.Mul:
		return x * y, nil
	case asm.And:
		return x & y, nil
	case asm.Or:
		return x | y, nil
	case asm.Xor:
		return x ^ y, nil
	case asm.LSh:
		return x << (y % width), nil
	case asm.RSh:
		return x >> (y % width), nil
	case asm.ArSh:
		return uint64(signed(x, width) >> (y % width)), nil
	case asm.Neg:
		return -x, nil
	case asm.Mov:
		return y, nil
	case asm.MovSX8:
		return uint64(int64(int8(y))), nil
	case asm.MovSX16:
		return uint64(int64(int16(y))), nil
	case asm.MovSX32:
		return uint64(int64(int32(y))), nil
	}
	return divide(op, x, y, width)
}

func signed(x, width uint64) int64 {
	if width == 32 {
		return int64(int32(x))
	}
	return int64(x)
}

// divide never traps: division by zero gives zero, its remainder the dividend.
func divide(op asm.ALUOp, x, y, width uint64) (uint64, error) {
	sx, sy := signed(x, width), signed(y, width)
	switch op {
	case asm.Div:
		if y == 0 {
			return 0, nil
		}
		return x / y, nil
	case asm.Mod:
		if y == 0 {
			return x, nil
		}
		return x % y, nil
	case asm.SDiv:
		if y == 0 {
			return 0, nil
		}
		return uint64(sx / sy), nil // Go's overflow is the machine's
	case asm.SMod:
		if y == 0 {
			return x, nil
		}
		return uint64(sx % sy), nil
	}
	return 0, fmt.Errorf("unknown arithmetic %v", op)
}

func (f *registers) condition(ins *asm.Instruction) (bool, error) {
	x, err := f.get(ins.Dst)
	if err != nil {
		return false, err
	}
	y, err := f.source(ins)
	if err != nil {
		return false, err
	}
	sx, sy := int64(x), int64(y)
	if ins.OpCode.Class() == asm.Jump32Class {
		x, y = uint64(uint32(x)), uint64(uint32(y))
		sx, sy = int64(int32(x)), int64(int32(y))
	}
	switch ins.OpCode.JumpOp() {
	case asm.JEq:
		return x == y, nil
	case asm.JNE:
		return x != y, nil
	case asm.JGT:
		return x > y, nil
	case asm.JGE:
		return x >= y, nil
	case asm.JLT:
		return x < y, nil
	case asm.JLE:
		return x <= y, nil
	case asm.JSet:
		return x&y != 0, nil
	case asm.JSGT:
		return sx > sy, nil
	case asm.JSGE:
		return sx >= sy, nil
	case asm.JSLT:
		return sx < sy, nil
	case asm.JSLE:
		return sx <= sy, nil
	}
	return false, fmt.Errorf("unknown jump %v", ins.OpCode.JumpOp())
}
