package bpf

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
	"pgregory.net/rapid"

	"github.com/gotrace/gotrace/codegen/ir"
)

// outSize is the size of the value of map "out".
const outSize = 512

// randomProgram makes a program of arithmetic, branches, bounded loops, memory
// and calls on more variables than there are registers. At its end it writes
// everything it knows to the map "out".
type randomProgram struct {
	t      *rapid.T
	b      *ir.Builder
	vars   []*ir.Var
	slots  []*ir.Slot
	loops  int
	budget int
}

func drawProgram(t *rapid.T) *ir.Program {
	g := &randomProgram{t: t, b: ir.NewBuilder("test", 1), budget: 2 + 12*rapid.IntRange(0, 4).Draw(t, "budget")}
	for i := range 1 + 4*rapid.IntRange(0, 3).Draw(t, "vars") {
		v := &ir.Var{Name: fmt.Sprintf("v%d", i)}
		g.vars = append(g.vars, v)
		g.b.Set(v, g.b.Load(8, false, g.b.Func.Params[0], int64(8*(i%4))))
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "slots") {
		size := rapid.SampledFrom([]int{8, 12, 16, 40, 72, 200}).Draw(t, "size")
		s := g.b.NewSlot(fmt.Sprintf("m%d", i), size, 8)
		g.slots = append(g.slots, s)
		g.b.Zero(g.b.SlotAddr(s, 0), 0, size)
	}
	for first := true; first || g.budget > 12; first = false {
		g.statements(0)
	}
	for i, v := range g.vars {
		g.b.Store(8, g.b.MapValue("out", int64(8*i)), 0, g.b.Get(v))
	}
	for i, s := range g.slots {
		n := min(s.Size, 72)
		g.b.Copy(g.b.MapValue("out", 128), int64(80*i), g.b.SlotAddr(s, 0), 0, n, 4)
	}
	g.b.Ret(g.b.Bin(ir.OpAnd, g.b.Get(g.vars[0]), g.b.Const(0xffff)))
	return &ir.Program{Name: "test", Funcs: []*ir.Func{g.b.Finish()}}
}

func (g *randomProgram) n(lo, hi int) int { return rapid.IntRange(lo, hi).Draw(g.t, "n") }

func (g *randomProgram) variable() *ir.Var { return g.vars[g.n(0, len(g.vars)-1)] }

func (g *randomProgram) statements(depth int) {
	for range g.n(1, 8) {
		if g.budget--; g.budget < 0 {
			return
		}
		g.statement(depth)
	}
}

func (g *randomProgram) statement(depth int) {
	switch kind := g.n(0, 9); {
	case kind <= 3:
		g.b.Set(g.variable(), g.expr(3))
	case kind == 4 && depth < 4:
		g.branch(depth)
	case kind == 5 && depth < 3 && g.loops < 2:
		g.loop(depth)
	case kind == 6:
		g.b.Call(asm.FnKtimeGetNs)
	case len(g.slots) > 0:
		g.memory()
	default:
		g.b.AtomicAdd(8, g.b.MapValue("out", 128), int64(8*g.n(40, 47)), g.expr(1))
	}
}

func (g *randomProgram) branch(depth int) {
	then, els, join := g.b.NewBlock("then"), g.b.NewBlock("else"), g.b.NewBlock("join")
	then.Cold = g.n(0, 3) == 0
	g.b.If(g.expr(2), then, els)
	for _, side := range []*ir.Block{then, els} {
		g.b.Seal(side)
		g.b.SetBlock(side)
		g.statements(depth + 1)
		g.b.Jump(join)
	}
	g.b.Seal(join)
	g.b.SetBlock(join)
}

func (g *randomProgram) loop(depth int) {
	g.loops++
	i := &ir.Var{Name: "i"}
	g.b.Set(i, g.b.Const(0))
	head, body, done := g.b.NewBlock("loop"), g.b.NewBlock("body"), g.b.NewBlock("done")
	g.b.Jump(head)
	g.b.SetBlock(head)
	g.b.If(g.b.Bin(ir.OpULt, g.b.Get(i), g.b.Const(int64(g.n(1, 5)))), body, done)
	g.b.Seal(body)
	g.b.SetBlock(body)
	g.statements(depth + 1)
	g.b.Set(i, g.b.Bin(ir.OpAdd, g.b.Get(i), g.b.Const(1)))
	g.b.Jump(head)
	g.b.Seal(head)
	g.b.Seal(done)
	g.b.SetBlock(done)
	g.loops--
}

// place draws an aligned piece of a slot.
func (g *randomProgram) place() (*ir.Value, int64, int) {
	s := g.slots[g.n(0, len(g.slots)-1)]
	size := rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(g.t, "size")
	at := g.n(0, s.Size/size-1) * size
	off := g.n(0, at)
	return g.b.SlotAddr(s, int64(at-off)), int64(off), size
}

func (g *randomProgram) memory() {
	addr, off, size := g.place()
	switch g.n(0, 4) {
	case 0, 1:
		g.b.Store(size, addr, off, g.expr(2))
	case 2:
		if size >= 4 {
			g.b.AtomicAdd(size, addr, off, g.expr(1))
		}
	case 3:
		s := g.slots[g.n(0, len(g.slots)-1)]
		g.b.Zero(g.b.SlotAddr(s, 0), 0, s.Size)
	case 4:
		src, srcOff, n := g.place()
		if n == size && src.Slot != addr.Slot {
			g.b.Copy(addr, off, src, int32(srcOff), size, size)
		}
	}
}

func (g *randomProgram) constant() *ir.Value {
	return g.b.Const(rapid.OneOf(
		rapid.Int64Range(-3, 70),
		rapid.Int64(),
		rapid.SampledFrom([]int64{1 << 31, 1<<32 - 1, -1 << 31, -1 << 63, 1<<63 - 1, 255}),
	).Draw(g.t, "const"))
}

func (g *randomProgram) expr(depth int) *ir.Value {
	kind := g.n(0, 11)
	switch {
	case depth == 0 || kind <= 2:
		if kind%3 == 0 {
			return g.constant()
		}
		return g.b.Get(g.variable())
	case kind <= 7:
		op := ir.Op(g.n(int(ir.OpAdd), int(ir.OpSar)))
		return g.b.Bin(op, g.expr(depth-1), g.expr(depth-1))
	case kind == 8:
		op := ir.Op(g.n(int(ir.OpEq), int(ir.OpSGe)))
		return g.b.Bin(op, g.expr(depth-1), g.expr(depth-1))
	case kind == 9:
		size := rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(g.t, "size")
		return g.b.Extend(g.expr(depth-1), size, g.n(0, 1) == 1)
	case kind == 10:
		if g.n(0, 1) == 1 {
			return g.b.Neg(g.expr(depth - 1))
		}
		return g.b.Swap(g.expr(depth-1), rapid.SampledFrom([]int{2, 4, 8}).Draw(g.t, "size"))
	}
	if len(g.slots) == 0 {
		return g.b.Load(8, false, g.b.MapValue("out", 0), int64(8*g.n(0, 60)))
	}
	addr, off, size := g.place()
	if size >= 4 && g.n(0, 2) == 0 {
		// Not on a slot: see the comment on ir.OpAtomicFetchAdd.
		return g.b.AtomicFetchAdd(size, g.b.MapValue("out", 256), off&^7, g.expr(depth-1))
	}
	return g.b.Load(size, g.n(0, 1) == 1, addr, off)
}
