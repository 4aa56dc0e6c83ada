package bpf

import (
	"testing"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

// update stores to a slot and gives it to a helper.
func update(b *ir.Builder, s *ir.Slot) {
	b.Zero(b.SlotAddr(s, 0), 0, s.Size)
	b.Call(asm.FnMapDeleteElem, b.MapPtr("m"), b.SlotAddr(s, 0))
}

func stackOf(b *ir.Builder) int {
	f := b.Finish()
	dropUnreachable(f)
	return planFrame(analyse(f, true)).size
}

func TestSlotsShare(t *testing.T) {
	tests := []struct {
		name  string
		build func(b *ir.Builder, x, y *ir.Slot)
		want  int
	}{
		{"one after the other", func(b *ir.Builder, x, y *ir.Slot) { update(b, x); update(b, y) }, 16},
		{"both at once", func(b *ir.Builder, x, y *ir.Slot) {
			b.Zero(b.SlotAddr(x, 0), 0, 16)
			update(b, y)
			b.Call(asm.FnMapDeleteElem, b.MapPtr("m"), b.SlotAddr(x, 0))
		}, 32},
		{"persistent", func(b *ir.Builder, x, y *ir.Slot) { x.Persistent = true; update(b, x); update(b, y) }, 32},
		{"filled by a helper", func(b *ir.Builder, x, y *ir.Slot) {
			b.Call(asm.FnGetCurrentComm, b.SlotAddr(x, 0), b.Const(16))
			b.Call(asm.FnMapDeleteElem, b.MapPtr("m"), b.SlotAddr(x, 0))
			update(b, y)
		}, 16},
		{"address kept in memory", func(b *ir.Builder, x, y *ir.Slot) {
			b.Store(8, b.SlotAddr(y, 0), 0, b.SlotAddr(x, 0))
			update(b, y)
		}, 32},
		{"written in part in a loop", func(b *ir.Builder, x, y *ir.Slot) {
			loop, done := b.NewBlock("loop"), b.NewBlock("done")
			b.Jump(loop)
			b.SetBlock(loop)
			b.Store(8, b.SlotAddr(x, 0), 8, b.Const(1))
			update(b, y)
			b.Call(asm.FnMapDeleteElem, b.MapPtr("m"), b.SlotAddr(x, 0))
			b.If(b.Load(8, false, b.Func.Params[0], 0), loop, done)
			b.SetBlock(done)
		}, 32},
		{"in a loop, one after the other", func(b *ir.Builder, x, y *ir.Slot) {
			loop, done := b.NewBlock("loop"), b.NewBlock("done")
			b.Jump(loop)
			b.SetBlock(loop)
			update(b, x)
			update(b, y)
			b.If(b.Load(8, false, b.Func.Params[0], 0), loop, done)
			b.SetBlock(done)
		}, 16},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := ir.NewBuilder("f", 1)
			tt.build(b, b.NewSlot("x", 16, 8), b.NewSlot("y", 16, 8))
			b.Ret(b.Const(0))
			if got := stackOf(b); got != tt.want {
				t.Errorf("%d bytes, want %d\n%s", got, tt.want, b.Func)
			}
		})
	}
}

func TestArrangeAligns(t *testing.T) {
	slots := []*ir.Slot{
		{ID: 0, Size: 4, Align: 4}, {ID: 1, Size: 12, Align: 8}, {ID: 2, Size: 1, Align: 1}, {ID: 3, Size: 8, Align: 8},
	}
	all := newBitset(4)
	for i := range 4 {
		all.set(i)
	}
	conflict := []bitset{all, all, all, all}
	for _, fromEnd := range []bool{false, true} {
		places, size := arrange(slots, conflict, fromEnd)
		for _, p := range places {
			edge := p.off
			if fromEnd {
				edge += p.slot.Size
			}
			if edge%slotAlign(p.slot) != 0 {
				t.Errorf("slot %d of %d bytes is at %d", p.slot.ID, p.slot.Size, p.off)
			}
		}
		if size > 32 {
			t.Errorf("25 bytes of slots take %d", size)
		}
	}
}
