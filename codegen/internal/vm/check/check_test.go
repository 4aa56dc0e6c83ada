package check

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"
)

func jump(op asm.JumpOp, dst asm.Register, imm int64, off int16) asm.Instruction {
	return asm.Instruction{OpCode: op.Op(asm.ImmSource), Dst: dst, Constant: imm, Offset: off}
}

// lookup is a map lookup with a key on the stack.
func lookup() asm.Instructions {
	return asm.Instructions{
		asm.StoreImm(asm.R10, -4, 0, asm.Word),
		asm.LoadMapPtr(asm.R1, 0).WithReference("m"),
		asm.Mov.Reg(asm.R2, asm.R10),
		asm.Add.Imm(asm.R2, -4),
		asm.FnMapLookupElem.Call(),
	}
}

func TestProgram(t *testing.T) {
	ret := asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()}
	then := func(parts ...asm.Instructions) (all asm.Instructions) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	load := asm.Instructions{asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord)}
	tests := []struct {
		name  string
		insns asm.Instructions
		want  string
	}{
		{"returns", ret, ""},
		{"R0 not set", asm.Instructions{asm.Return()}, "r0 holds nothing"},
		{"falls off the end", ret[:1], "leaves the function"},
		{"unreachable", then(ret, ret), "unreachable"},
		{"argument after a call", then(asm.Instructions{asm.FnKtimeGetNs.Call(), asm.Mov.Reg(asm.R0, asm.R1), asm.Return()}),
			"r1 holds nothing"},
		{"no null check", then(lookup(), load, ret), "may be null"},
		{"null check", then(lookup(), asm.Instructions{jump(asm.JEq, asm.R0, 0, 1)}, load, ret), ""},
		{"null check of a copy", then(lookup(), asm.Instructions{
			asm.Mov.Reg(asm.R6, asm.R0), jump(asm.JEq, asm.R6, 0, 1),
		}, load, ret), ""},
		{"null check the wrong way", then(lookup(), asm.Instructions{jump(asm.JNE, asm.R0, 0, 1)}, load, ret), "no memory|null"},
		{"key not written", then(lookup()[1:], ret), "reads stack byte -4"},
		{"stack not written", then(asm.Instructions{asm.LoadMem(asm.R1, asm.R10, -8, asm.DWord)}, ret), "reads stack byte -8"},
		{"written on one path", then(asm.Instructions{
			asm.LoadMem(asm.R2, asm.R1, 0, asm.DWord), jump(asm.JEq, asm.R2, 0, 1),
			asm.StoreMem(asm.R10, -8, asm.R2, asm.DWord), asm.LoadMem(asm.R1, asm.R10, -8, asm.DWord),
		}, ret), "reads stack byte -8"},
		{"division by zero", then(asm.Instructions{asm.Mov.Imm(asm.R1, 5), asm.Div.Imm(asm.R1, 0)}, ret), "division"},
		{"wide shift", then(asm.Instructions{asm.Mov.Imm(asm.R1, 5), asm.LSh.Imm(asm.R1, 64)}, ret), "shift"},
		{"frame too large", then(asm.Instructions{asm.StoreMem(asm.R10, -520, asm.R1, asm.DWord)}, ret), "outside of the frame"},
		{"returns a pointer", asm.Instructions{asm.Mov.Reg(asm.R0, asm.R1), asm.Return()}, "returns a pointer"},
		{"writes to the context", then(asm.Instructions{asm.StoreMem(asm.R1, 0, asm.R1, asm.DWord)}, ret), "context"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			insns := append(asm.Instructions(nil), tt.insns...)
			insns[0] = insns[0].WithSymbol("f")
			err := Program(insns, map[string]MapInfo{"m": {KeySize: 4, ValueSize: 8}})
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			found := false
			for _, want := range strings.Split(tt.want, "|") {
				found = found || err != nil && strings.Contains(err.Error(), want)
			}
			if !found {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
