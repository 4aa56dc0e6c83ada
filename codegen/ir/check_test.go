package ir

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"
)

// program finishes a builder as a program of one function.
func program(b *Builder) *Program {
	return &Program{Name: "p", Funcs: []*Func{b.Finish()}}
}

// diamond builds if x then A else B, both going on to a join block.
func diamond(b *Builder, cond *Value, then, els func()) {
	t, e, j := b.NewBlock("then"), b.NewBlock("else"), b.NewBlock("join")
	b.If(cond, t, e)
	for i, fill := range []func(){then, els} {
		blk := []*Block{t, e}[i]
		b.Seal(blk)
		b.SetBlock(blk)
		fill()
		b.Jump(j)
	}
	b.Seal(j)
	b.SetBlock(j)
}

func TestCheck(t *testing.T) {
	nothing := func() {}
	tests := []struct {
		name  string
		build func(b *Builder)
		want  string // part of the error; empty if there is none
	}{
		{"fine", func(b *Builder) { b.Ret(b.Load(8, false, b.Func.Params[0], 0)) }, ""},
		{"no terminator", func(b *Builder) { b.Const(1) }, "no terminator"},
		{"load through a word", func(b *Builder) { b.Ret(b.Load(8, false, b.Const(5), 0)) }, "access through a word"},
		{"null check missing", func(b *Builder) {
			s := b.NewSlot("k", 4, 4)
			b.Store(4, b.SlotAddr(s, 0), 0, b.Const(0))
			p := b.Call(asm.FnMapLookupElem, b.MapPtr("m"), b.SlotAddr(s, 0))
			b.Ret(b.Load(8, false, p, 0))
		}, "before its null check"},
		{"null check there", func(b *Builder) {
			s := b.NewSlot("k", 4, 4)
			p := b.Call(asm.FnMapLookupElem, b.MapPtr("m"), b.SlotAddr(s, 0))
			diamond(b, b.Bin(OpEq, p, b.Const(0)), nothing, func() {
				b.AtomicAdd(8, b.Bin(OpAdd, p, b.Const(8)), 0, b.Const(1))
			})
			b.Ret(b.Const(0))
		}, ""},
		{"null check on the wrong side", func(b *Builder) {
			p := b.Call(asm.FnMapLookupElem, b.MapPtr("m"), b.SlotAddr(b.NewSlot("k", 4, 4), 0))
			diamond(b, p, nothing, func() { b.AtomicAdd(8, p, 0, b.Const(1)) })
			b.Ret(b.Const(0))
		}, "before its null check"},
		{"arithmetic before the check", func(b *Builder) {
			p := b.Call(asm.FnMapLookupElem, b.MapPtr("m"), b.SlotAddr(b.NewSlot("k", 4, 4), 0))
			b.Bin(OpAdd, p, b.Const(8))
			b.Ret(b.Const(0))
		}, "arithmetic on a map value or null"},
		{"definition on one side only", func(b *Builder) {
			var x *Value
			diamond(b, b.Load(8, false, b.Func.Params[0], 0), func() { x = b.Neg(b.Const(1)) }, nothing)
			b.Ret(x)
		}, "not computed on all paths"},
		{"outside of the slot", func(b *Builder) {
			s := b.NewSlot("s", 8, 8)
			b.Store(8, b.SlotAddr(s, 4), 0, b.Const(1))
			b.Ret(b.Const(0))
		}, "outside the slot's 8 bytes"},
		{"write to the context", func(b *Builder) {
			b.Store(8, b.Func.Params[0], 0, b.Const(1))
			b.Ret(b.Const(0))
		}, "write to context memory"},
		{"returns a pointer", func(b *Builder) { b.Ret(b.Func.Params[0]) }, "returns a pointer"},
		{"variable offset into the context", func(b *Builder) {
			ctx := b.Func.Params[0]
			b.Ret(b.Load(8, false, b.Bin(OpAdd, ctx, b.Load(4, false, ctx, 0)), 0))
		}, "access through a word"},
		{"multiplied pointer", func(b *Builder) {
			b.Bin(OpMul, b.Func.Params[0], b.Const(2))
			b.Ret(b.Const(0))
		}, "arithmetic on a pointer"},
		{"not a map", func(b *Builder) {
			b.Call(asm.FnMapLookupElem, b.Const(1), b.SlotAddr(b.NewSlot("k", 4, 4), 0))
			b.Ret(b.Const(0))
		}, "argument 1 is a word, not a map"},
		{"unknown function", func(b *Builder) {
			b.Call(asm.FnLoop, b.Const(1), b.FuncPtr("g"), b.Const(0), b.Const(0))
			b.Ret(b.Const(0))
		}, "no such function"},
		{"bad size", func(b *Builder) { b.Ret(b.Load(3, false, b.Func.Params[0], 0)) }, "bad size"},
		{"unreachable code is nobody's concern", func(b *Builder) {
			b.Ret(b.Const(0))
			b.Load(8, false, b.Const(5), 0)
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := NewBuilder("f", 1)
			tt.build(b)
			p := program(b)
			err := Check(p)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%v\n%s", err, p)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q\n%s", err, tt.want, p)
			}
		})
	}
}

// TestLoopNonNull wants a check in front of a loop to hold inside it, even if
// the loop's header is entered from the check directly.
func TestLoopNonNull(t *testing.T) {
	b := NewBuilder("f", 1)
	p := b.Call(asm.FnMapLookupElem, b.MapPtr("m"), b.SlotAddr(b.NewSlot("k", 4, 4), 0))
	loop, done := b.NewBlock("loop"), b.NewBlock("done")
	b.If(p, loop, done)
	b.SetBlock(loop)
	x := b.Load(8, false, p, 0)
	b.If(x, loop, done)
	b.SetBlock(done)
	b.Ret(b.Const(0))
	if err := Check(program(b)); err != nil {
		t.Error(err)
	}
}

func TestPrint(t *testing.T) {
	b := NewBuilder("f", 1)
	s := b.NewSlot("key", 8, 8)
	v := &Var{Name: "v"}
	b.Set(v, b.Const(1))
	diamond(b, b.Bin(OpULt, b.Load(4, true, b.Func.Params[0], 16), b.Const(7)), func() {}, func() {})
	b.Store(8, b.SlotAddr(s, 0), 0, b.Get(v))
	b.Copy(b.SlotAddr(s, 4), 0, b.MapValue("g", 8), 0, 4, 4)
	b.Zero(b.MapValue("g", 0), 0, 8)
	b.AtomicAdd(8, b.MapValue("g", 0), 8, b.Extend(b.PureCall(asm.FnGetCurrentPidTgid), 4, false))
	b.Ret(b.Swap(b.Const(3), 2))
	const want = `func f(v0)
  slot s0.key 8 align 8
b0: ; entry
  v2 = load.4s [v0+16]
  v4 = ult v2, 7
  if v4 -> b1 else b2
b1: ; then
  jump b3(1)
b2: ; else
  jump b3(1)
b3(v6): ; join
  store.8 [&s0.key], v6
  copy [&s0.key+4], [&g[0]+8], 4 align 4
  zero [&g[0]], 8
  v14 = call get_current_pid_tgid() pure
  v15 = extend.4 v14
  atomic_add.8 [&g[0]+8], v15
  v18 = swap.2 3
  ret v18
`
	f := b.Finish()
	if got := f.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if c := f.Clone(); c.String() != f.String() {
		t.Errorf("the clone is\n%s", c)
	}
}

func TestDominators(t *testing.T) {
	b := NewBuilder("f", 1)
	head, body, done := b.NewBlock("head"), b.NewBlock("body"), b.NewBlock("done")
	b.Jump(head)
	b.SetBlock(head)
	b.If(b.Func.Params[0], body, done)
	b.SetBlock(body)
	diamond(b, b.Func.Params[0], func() {}, func() {})
	join := b.Block()
	b.Jump(head)
	b.SetBlock(done)
	b.Ret(b.Const(0))
	cfg := NewCFG(b.Finish())
	for _, tt := range []struct {
		blk, idom, header *Block
		depth             int
	}{
		{head, b.Func.Blocks[0], head, 1}, {body, head, head, 1}, {join, body, head, 1}, {done, head, nil, 0},
	} {
		if cfg.Idom(tt.blk) != tt.idom || cfg.LoopDepth(tt.blk) != tt.depth || cfg.LoopHeader(tt.blk) != tt.header {
			t.Errorf("%s: idom %v, depth %d, header %v", tt.blk, cfg.Idom(tt.blk), cfg.LoopDepth(tt.blk), cfg.LoopHeader(tt.blk))
		}
	}
	if cfg.Dominates(body, done) || !cfg.Dominates(head, join) || cfg.Common(join, done) != head {
		t.Error("dominance is wrong")
	}
}
