package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// maxJoin is how many strings join() reads, as in bpftrace.
const maxJoin = 16

// join sends the strings that an array of pointers points at, up to the first
// null pointer, in a record like that of a printf with as many dynamic
// arguments. Those behind it stay empty.
func (f *fn) join(e *typed.Call) {
	t := types.StringOf(max(2, f.prog.Config.MaxStrlen))
	event := object.Event{Kind: object.EventJoin, Format: literal(e.Args[1]), Map: -1}
	for i := range maxJoin {
		event.Args = append(event.Args, object.EventArg{Type: t, Offset: headerSize + 4*i, Dynamic: true})
	}
	event.FixedSize = headerSize + 4*maxJoin
	id := f.event(e, event)

	array, space := f.word(e.Args[0]), f.space(e.Args[0])
	most := event.FixedSize + maxJoin*t.Size
	slot := f.b.NewSlot("record", (most+8+7)&^7, 8)
	slot.Scratch = true
	record := slotMem(slot)
	f.store(record, 0, 8, f.b.Const(int64(id)))
	for i := range maxJoin {
		f.store(record, headerSize+4*i, 4, f.b.Const(0))
	}
	end := &ir.Var{Name: "length"}
	f.b.Set(end, f.b.Const(int64(event.FixedSize)))
	f.countLoop(maxJoin, func(i *ir.Value, done *ir.Block) {
		f.joinOne(record, i, loc{ptr: f.b.Bin(ir.OpAdd, array, f.scale(i, 8)), space: space}, end, most-t.Size, t, done)
	})
	total := f.clamp(f.b.Get(end), int64(most))
	err := f.b.Call(asm.FnRingbufOutput, f.b.MapPtr(ringMap), f.addr(record), total, f.b.Const(wakeIdle))
	f.ifNonZero(err, true, func() { f.lose(object.LossRing, nil, e.Span) })
}

// joinOne appends string number i, or jumps to done if its pointer is null.
func (f *fn) joinOne(record mem, i *ir.Value, at loc, end *ir.Var, most int, t types.Type, done *ir.Block) {
	ptr := f.loadLoc(at, types.Uint64(), false)
	more := f.b.NewBlock("more")
	f.b.If(ptr, more, done)
	f.b.Seal(more)
	f.b.SetBlock(more)
	helper := asm.FnProbeReadKernelStr
	if at.space == types.User {
		helper = asm.FnProbeReadUserStr
	}
	base, off := f.at(record)
	dst := baseMem(f.b.Bin(ir.OpAdd, base, f.clamp(f.b.Get(end), int64(most))), 1)
	dst.off = off
	n := f.withoutNUL(f.b.Call(helper, f.addr(dst), f.b.Const(int64(t.Size)), ptr))
	base, off = f.at(record)
	f.b.Store(4, f.b.Bin(ir.OpAdd, base, f.scale(i, 4)), off+headerSize, n)
	f.b.Set(end, f.b.Bin(ir.OpAdd, f.b.Get(end), n))
}
