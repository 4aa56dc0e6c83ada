package ir

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/asm"
)

// String lists the program. The text is stable: the same IR, the same text.
func (p *Program) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "prog %s\n", p.Name)
	for _, f := range p.Funcs {
		b.WriteString(f.String())
	}
	return b.String()
}

// String lists the function. Constants and addresses are shown where they are
// used and not on lines of their own.
func (f *Func) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "func %s(%s)\n", f.Name, valueList(f.Params))
	for _, s := range f.Slots {
		fmt.Fprintf(&b, "  slot %s %d align %d", s, s.Size, s.Align)
		if s.Scratch {
			b.WriteString(" scratch")
		}
		if s.Persistent {
			b.WriteString(" persistent")
		}
		b.WriteByte('\n')
	}
	for _, blk := range f.Blocks {
		blk.print(&b)
	}
	return b.String()
}

func (b *Block) print(w *strings.Builder) {
	w.WriteString(b.String())
	if len(b.Params) > 0 {
		fmt.Fprintf(w, "(%s)", valueList(b.Params))
	}
	w.WriteByte(':')
	if b.Name != "" {
		fmt.Fprintf(w, " ; %s", b.Name)
		if b.Cold {
			w.WriteString(", cold")
		}
	}
	w.WriteByte('\n')
	for _, v := range b.Instrs {
		if !v.Op.IsLeaf() {
			fmt.Fprintf(w, "  %s\n", v)
		}
	}
	switch b.Term {
	case TermJump:
		fmt.Fprintf(w, "  jump %s\n", b.Succs[0])
	case TermIf:
		fmt.Fprintf(w, "  if %s -> %s else %s\n", b.Cond.Name(), b.Succs[0], b.Succs[1])
	case TermRet:
		fmt.Fprintf(w, "  ret %s\n", b.Cond.Name())
	}
}

// String returns the block's name in listings.
func (b *Block) String() string { return fmt.Sprintf("b%d", b.ID) }

// String returns the edge's target and arguments.
func (e Edge) String() string {
	if len(e.Args) == 0 {
		return e.To.String()
	}
	return fmt.Sprintf("%s(%s)", e.To, valueList(e.Args))
}

// String returns the slot's name in listings.
func (s *Slot) String() string {
	if s.Name == "" {
		return fmt.Sprintf("s%d", s.ID)
	}
	return fmt.Sprintf("s%d.%s", s.ID, s.Name)
}

// Name returns how a use of v is written: its number, or what it is if it is a
// constant or an address.
func (v *Value) Name() string {
	switch v.Op {
	case OpConst:
		return fmt.Sprint(v.Imm)
	case OpSlotAddr:
		return "&" + v.Slot.String() + plus(v.Imm)
	case OpMapPtr:
		return "map " + v.Sym
	case OpMapValue:
		return "&" + v.Sym + "[0]" + plus(v.Imm)
	case OpFuncPtr:
		return "func " + v.Sym
	}
	return fmt.Sprintf("v%d", v.ID)
}

func plus(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%+d", n)
}

func valueList(vs []*Value) string {
	names := make([]string, len(vs))
	for i, v := range vs {
		names[i] = v.Name()
	}
	return strings.Join(names, ", ")
}

// String returns the instruction as listings show it.
func (v *Value) String() string {
	text := v.text()
	if v.HasResult() {
		return fmt.Sprintf("v%d = %s", v.ID, text)
	}
	return text
}

func (v *Value) text() string {
	switch v.Op {
	case OpConst, OpSlotAddr, OpMapPtr, OpMapValue, OpFuncPtr:
		return v.Name()
	case OpExtend, OpSwap:
		return fmt.Sprintf("%s.%s %s", v.Op, v.sizeName(), valueList(v.Args))
	case OpLoad:
		return fmt.Sprintf("load.%s %s", v.sizeName(), v.place(0, v.Imm))
	case OpStore, OpAtomicAdd, OpAtomicFetchAdd:
		return fmt.Sprintf("%s.%d %s, %s", v.Op, v.Size, v.place(0, v.Imm), v.Args[1].Name())
	case OpZero:
		return fmt.Sprintf("zero %s, %d", v.place(0, v.Imm), v.Size)
	case OpCopy:
		return fmt.Sprintf("copy %s, %s, %d align %d", v.place(0, v.Imm), v.place(1, int64(v.Off)), v.Size, v.CopyAlign())
	case OpCall:
		pure := ""
		if v.Pure {
			pure = " pure"
		}
		return fmt.Sprintf("call %s(%s)%s", HelperName(v.Helper), valueList(v.Args), pure)
	case OpCallFunc:
		return fmt.Sprintf("call %s(%s)", v.Sym, valueList(v.Args))
	}
	return fmt.Sprintf("%s %s", v.Op, valueList(v.Args))
}

func (v *Value) sizeName() string {
	if v.Signed {
		return fmt.Sprintf("%ds", v.Size)
	}
	return fmt.Sprint(v.Size)
}

func (v *Value) place(arg int, off int64) string {
	return "[" + v.Args[arg].Name() + plus(off) + "]"
}

// HelperName returns a helper's name as the kernel writes it, without bpf_:
// FnMapLookupElem is "map_lookup_elem".
func HelperName(fn asm.BuiltinFunc) string {
	var b strings.Builder
	name := strings.TrimPrefix(fn.String(), "Fn")
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
