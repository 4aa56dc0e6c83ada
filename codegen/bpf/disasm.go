package bpf

// The listing is ours and not package asm's: golden files hold it, so it may
// change only when we change it. It follows the style of the verifier's log.

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

// sourceColumn is where script positions are written.
const sourceColumn = 56

// Disassemble lists instructions, one a line, with the numbers the verifier
// gives them, the names of blocks and functions, and the script position at
// the right where it changes.
func Disassemble(insns asm.Instructions) string {
	d := disassembler{insns: insns, labels: map[int]string{}}
	raw := 0
	for i := range insns {
		if name, ok := insns[i].Metadata.Get(labelKey{}).(string); ok {
			d.labels[raw] = name
		}
		raw += int(insns[i].Width())
	}
	raw = 0
	for i := range insns {
		d.line(raw, &insns[i])
		raw += int(insns[i].Width())
	}
	return d.out.String()
}

type disassembler struct {
	insns  asm.Instructions
	labels map[int]string // by raw offset; block names repeat between functions
	source string
	out    strings.Builder
}

func (d *disassembler) line(raw int, ins *asm.Instruction) {
	if name := ins.Symbol(); name != "" {
		fmt.Fprintf(&d.out, "%s:\n", name)
		d.source = ""
	}
	if name, ok := d.labels[raw]; ok && name != "b0" {
		fmt.Fprintf(&d.out, "%s:\n", name)
	}
	text := fmt.Sprintf("%4d: %s", raw, d.text(raw, ins))
	if src := ins.Source(); src != nil && src.String() != d.source {
		d.source = src.String()
		text = fmt.Sprintf("%-*s ; %s", sourceColumn, text, d.source)
	}
	d.out.WriteString(text)
	d.out.WriteByte('\n')
}

func (d *disassembler) text(raw int, ins *asm.Instruction) string {
	switch class := ins.OpCode.Class(); {
	case class.IsALU():
		return aluText(ins)
	case class.IsJump():
		return d.jumpText(raw, ins)
	case class == asm.LdClass:
		return wideText(ins)
	case class == asm.LdXClass:
		return fmt.Sprintf("%s = %s", ins.Dst, memText(ins, ins.Src))
	case class == asm.StClass:
		return fmt.Sprintf("%s = %d", memText(ins, ins.Dst), ins.Constant)
	case class == asm.StXClass:
		return storeText(ins)
	}
	return fmt.Sprintf("unknown opcode %#x", uint32(ins.OpCode))
}

func memText(ins *asm.Instruction, base asm.Register) string {
	sign := "u"
	if ins.OpCode.Mode() == asm.MemSXMode {
		sign = "s"
	}
	return fmt.Sprintf("*(%s%d *)(r%d %+d)", sign, 8*ins.OpCode.Size().Sizeof(), uint8(base), ins.Offset)
}

func storeText(ins *asm.Instruction) string {
	mem := memText(ins, ins.Dst)
	switch ins.OpCode.AtomicOp() {
	case asm.AddAtomic:
		return fmt.Sprintf("lock %s += %s", mem, ins.Src)
	case asm.FetchAdd:
		return fmt.Sprintf("%s = fetch_add(%s, %s)", ins.Src, mem, ins.Src)
	case asm.InvalidAtomic:
		return fmt.Sprintf("%s = %s", mem, ins.Src)
	}
	return fmt.Sprintf("%s %v %s", mem, ins.OpCode.AtomicOp(), ins.Src)
}

func wideText(ins *asm.Instruction) string {
	switch ins.Src {
	case asm.PseudoMapFD:
		return fmt.Sprintf("%s = map %s", ins.Dst, ins.Reference())
	case asm.PseudoMapValue:
		return fmt.Sprintf("%s = &%s[0]%+d", ins.Dst, ins.Reference(), uint64(ins.Constant)>>32)
	case asm.PseudoFunc:
		return fmt.Sprintf("%s = func %s", ins.Dst, ins.Reference())
	}
	return fmt.Sprintf("%s = %#x ll", ins.Dst, uint64(ins.Constant))
}

var aluSigns = map[asm.ALUOp]string{
	asm.Add: "+=", asm.Sub: "-=", asm.Mul: "*=", asm.Div: "/=", asm.SDiv: "s/=", asm.Or: "|=", asm.And: "&=",
	asm.LSh: "<<=", asm.RSh: ">>=", asm.Mod: "%=", asm.SMod: "s%=", asm.Xor: "^=", asm.Mov: "=", asm.ArSh: "s>>=",
}

func aluText(ins *asm.Instruction) string {
	op := ins.OpCode.ALUOp()
	dst, src := regName(ins.Dst, ins), regName(ins.Src, ins)
	switch op {
	case asm.Neg:
		return fmt.Sprintf("%s = -%s", dst, dst)
	case asm.Swap:
		return fmt.Sprintf("%s = be%d %s", ins.Dst, ins.Constant, ins.Dst)
	}
	if ins.OpCode.Source() == asm.ImmSource {
		src = fmt.Sprint(ins.Constant)
	}
	return fmt.Sprintf("%s %s %s", dst, aluSigns[op], src)
}

// regName is "r1", or "w1" in operations on the low 32 bits.
func regName(r asm.Register, ins *asm.Instruction) string {
	if c := ins.OpCode.Class(); c == asm.ALUClass || c == asm.Jump32Class {
		return fmt.Sprintf("w%d", uint8(r))
	}
	return fmt.Sprintf("r%d", uint8(r))
}

var jumpSigns = map[asm.JumpOp]string{
	asm.JEq: "==", asm.JNE: "!=", asm.JGT: ">", asm.JGE: ">=", asm.JLT: "<", asm.JLE: "<=", asm.JSet: "&",
	asm.JSGT: "s>", asm.JSGE: "s>=", asm.JSLT: "s<", asm.JSLE: "s<=",
}

func (d *disassembler) jumpText(raw int, ins *asm.Instruction) string {
	op := ins.OpCode.JumpOp()
	switch op {
	case asm.Exit:
		return "exit"
	case asm.Call:
		if ins.Src == asm.PseudoCall {
			return "call " + ins.Reference()
		}
		return "call " + ir.HelperName(asm.BuiltinFunc(ins.Constant))
	}
	to := fmt.Sprintf("goto %+d", ins.Offset)
	if name, ok := d.labels[raw+1+int(ins.Offset)]; ok {
		to += " -> " + name
	}
	if op == asm.Ja {
		return to
	}
	src := regName(ins.Src, ins)
	if ins.OpCode.Source() == asm.ImmSource {
		src = fmt.Sprint(ins.Constant)
	}
	return fmt.Sprintf("if %s %s %s %s", regName(ins.Dst, ins), jumpSigns[op], src, to)
}
