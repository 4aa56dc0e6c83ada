package vm

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"
)

func run(t *testing.T, m *Machine, want uint64, wantErr string) {
	t.Helper()
	got, err := m.Run(make([]byte, 16))
	switch {
	case wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr)):
		t.Errorf("got %v, want %q", err, wantErr)
	case wantErr == "" && (err != nil || got != want):
		t.Errorf("got %d, %v, want %d", got, err, want)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name  string
		insns asm.Instructions
		want  string
	}{
		{"stack byte never written", asm.Instructions{asm.LoadMem(asm.R0, asm.R10, -8, asm.DWord), asm.Return()}, "never written"},
		{"register that holds nothing", asm.Instructions{asm.Mov.Reg(asm.R0, asm.R6), asm.Return()}, "holds nothing"},
		{"argument register after a call", asm.Instructions{
			asm.FnKtimeGetNs.Call(), asm.Mov.Reg(asm.R0, asm.R1), asm.Return(),
		}, "holds nothing"},
		{"outside of the context", asm.Instructions{asm.LoadMem(asm.R0, asm.R1, 16, asm.DWord), asm.Return()}, "no such memory"},
		{"write to the context", asm.Instructions{asm.StoreMem(asm.R1, 0, asm.R1, asm.DWord)}, "read-only"},
		{"endless loop", asm.Instructions{{OpCode: asm.OpCode(asm.JumpClass).SetJumpOp(asm.Ja), Offset: -1}}, "too many steps"},
		{"end of the program", asm.Instructions{asm.Mov.Imm(asm.R0, 1)}, "left the program"},
		{"unknown map", asm.Instructions{asm.LoadMapPtr(asm.R1, 0).WithReference("m")}, "no map"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { run(t, New(tt.insns), 0, tt.want) })
	}
}

// TestRing sends two records, one reserved and one copied from the stack.
func TestRing(t *testing.T) {
	m := New(asm.Instructions{
		asm.LoadMapPtr(asm.R1, 0).WithReference("ring"),
		asm.Mov.Imm(asm.R2, 8), asm.Mov.Imm(asm.R3, 0),
		asm.FnRingbufReserve.Call(),
		asm.Mov.Imm(asm.R1, 7), asm.StoreMem(asm.R0, 0, asm.R1, asm.DWord),
		asm.Mov.Reg(asm.R1, asm.R0), asm.Mov.Imm(asm.R2, 0),
		asm.FnRingbufSubmit.Call(),
		asm.Mov.Imm(asm.R1, 9), asm.StoreMem(asm.R10, -8, asm.R1, asm.Word),
		asm.LoadMapPtr(asm.R1, 0).WithReference("ring"),
		asm.Mov.Reg(asm.R2, asm.R10), asm.Add.Imm(asm.R2, -8),
		asm.Mov.Imm(asm.R3, 4), asm.Mov.Imm(asm.R4, 0),
		asm.FnRingbufOutput.Call(),
		asm.Return(),
	})
	m.Maps["ring"] = &Map{}
	run(t, m, 0, "")
	want := [][]byte{{7, 0, 0, 0, 0, 0, 0, 0}, {9, 0, 0, 0}}
	if len(m.Records) != 2 || !bytes.Equal(m.Records[0], want[0]) || !bytes.Equal(m.Records[1], want[1]) {
		t.Errorf("records are %v", m.Records)
	}
}

// TestProbeReadStr reads a string that ends before the buffer does.
func TestProbeReadStr(t *testing.T) {
	m := New(asm.Instructions{
		asm.StoreImm(asm.R10, -4, -1, asm.Word), asm.StoreImm(asm.R10, -8, -1, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R10), asm.Add.Imm(asm.R1, -8),
		asm.Mov.Imm(asm.R2, 8), asm.Mov.Imm(asm.R3, 0x1000),
		asm.FnProbeReadUserStr.Call(),
		asm.LoadMem(asm.R1, asm.R10, -8, asm.Half),
		asm.LSh.Imm(asm.R0, 16), asm.Or.Reg(asm.R0, asm.R1),
		asm.Return(),
	})
	m.SetMemory(0x1000, []byte("hi\x00there"))
	run(t, m, 3<<16|'i'<<8|'h', "")
}
