package opt

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
)

// TestOrder checks the table of passes against its own constraints.
func TestOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range passes() {
		for _, before := range p.after {
			if !seen[before] {
				t.Errorf("%s runs before %s", p.name, before)
			}
		}
		seen[p.name] = true
	}
}

// branch builds an if: then fills the first side.
func branch(b *ir.Builder, cond *ir.Value, then, els func()) {
	t, e, j := b.NewBlock("then"), b.NewBlock("else"), b.NewBlock("join")
	b.If(cond, t, e)
	for i, fill := range []func(){then, els} {
		blk := []*ir.Block{t, e}[i]
		b.Seal(blk)
		b.SetBlock(blk)
		fill()
		b.Jump(j)
	}
	b.Seal(j)
	b.SetBlock(j)
}

// arg is word n of the context.
func arg(b *ir.Builder, n int64) *ir.Value { return b.Load(8, false, b.Func.Params[0], 8*n) }

func nothing() {}

// passTests show a function before and after passes. The text is what
// ir.Func.String prints, without its first line.
var passTests = []struct {
	name          string
	passes        string // separated by blanks; "all" runs the table
	build         func(b *ir.Builder)
	before, after string
}{
	{
		"a variable that a loop does not change", "trivialParams",
		func(b *ir.Builder) {
			x := &ir.Var{Name: "x"}
			b.Set(x, arg(b, 0))
			loop, done := b.NewBlock("loop"), b.NewBlock("done")
			b.Jump(loop)
			b.SetBlock(loop)
			b.If(b.Get(x), loop, done)
			b.Seal(loop)
			b.Seal(done)
			b.SetBlock(done)
			b.Ret(b.Get(x))
		},
		`b0: ; entry
  v1 = load.8 [v0]
  jump b1(v1)
b1(v2): ; loop
  if v2 -> b1(v2) else b2
b2: ; done
  ret v2
`, `b0: ; entry
  v1 = load.8 [v0]
  jump b1
b1: ; loop
  if v1 -> b1 else b2
b2: ; done
  ret v1
`,
	},
	{
		"identities and strength", "foldConst deadCode",
		func(b *ir.Builder) {
			x := arg(b, 0)
			x = b.Bin(ir.OpMul, b.Bin(ir.OpAdd, x, b.Const(0)), b.Const(8))
			x = b.Bin(ir.OpUDiv, x, b.Const(4))
			x = b.Bin(ir.OpUMod, b.Bin(ir.OpAdd, b.Bin(ir.OpAdd, x, b.Const(3)), b.Const(4)), b.Const(16))
			b.Ret(b.Extend(x, 4, true))
		},
		`b0: ; entry
  v1 = load.8 [v0]
  v3 = add v1, 0
  v5 = mul v3, 8
  v7 = udiv v5, 4
  v9 = add v7, 3
  v11 = add v9, 4
  v13 = umod v11, 16
  v14 = extend.4s v13
  ret v14
`, `b0: ; entry
  v1 = load.8 [v0]
  v5 = shl v1, 3
  v7 = shr v5, 2
  v11 = add v7, 7
  v13 = and v11, 15
  ret v13
`,
	},
	{
		"signed division by a power of two", "foldConst deadCode",
		func(b *ir.Builder) { b.Ret(b.Bin(ir.OpSDiv, arg(b, 0), b.Const(8))) },
		`b0: ; entry
  v1 = load.8 [v0]
  v3 = sdiv v1, 8
  ret v3
`, `b0: ; entry
  v1 = load.8 [v0]
  v5 = sar v1, 63
  v7 = shr v5, 61
  v8 = add v1, v7
  v3 = sar v8, 3
  ret v3
`,
	},
	{
		"a store ignores high bits", "foldConst deadCode",
		func(b *ir.Builder) {
			b.Store(4, b.MapValue("m", 0), 0, b.Extend(arg(b, 0), 4, true))
			b.Ret(b.Const(0))
		},
		`b0: ; entry
  v2 = load.8 [v0]
  v3 = extend.4s v2
  store.4 [&m[0]], v3
  ret 0
`, `b0: ; entry
  v2 = load.8 [v0]
  store.4 [&m[0]], v2
  ret 0
`,
	},
	{
		"pid and tid share a call, two clocks are two", "mergeEqual",
		func(b *ir.Builder) {
			pid := b.Bin(ir.OpShr, b.PureCall(asm.FnGetCurrentPidTgid), b.Const(32))
			tid := b.Extend(b.PureCall(asm.FnGetCurrentPidTgid), 4, false)
			d := b.Bin(ir.OpSub, b.Call(asm.FnKtimeGetNs), b.Call(asm.FnKtimeGetNs))
			b.Ret(b.Bin(ir.OpAdd, b.Bin(ir.OpAdd, pid, tid), d))
		},
		`b0: ; entry
  v1 = call get_current_pid_tgid() pure
  v3 = shr v1, 32
  v4 = call get_current_pid_tgid() pure
  v5 = extend.4 v4
  v6 = call ktime_get_ns()
  v7 = call ktime_get_ns()
  v8 = sub v6, v7
  v9 = add v3, v5
  v10 = add v9, v8
  ret v10
`, `b0: ; entry
  v1 = call get_current_pid_tgid() pure
  v3 = shr v1, 32
  v5 = extend.4 v1
  v6 = call ktime_get_ns()
  v7 = call ktime_get_ns()
  v8 = sub v6, v7
  v9 = add v3, v5
  v10 = add v9, v8
  ret v10
`,
	},
	{
		"equal values on two sides stay", "mergeEqual",
		func(b *ir.Builder) {
			put := func() { b.Store(8, b.MapValue("m", 0), 0, b.PureCall(asm.FnGetCurrentPidTgid)) }
			branch(b, arg(b, 0), put, put)
			b.Ret(b.Const(0))
		},
		`b0: ; entry
  v1 = load.8 [v0]
  if v1 -> b1 else b2
b1: ; then
  v3 = call get_current_pid_tgid() pure
  store.8 [&m[0]], v3
  jump b3
b2: ; else
  v6 = call get_current_pid_tgid() pure
  store.8 [&m[0]], v6
  jump b3
b3: ; join
  ret 0
`, `b0: ; entry
  v1 = load.8 [v0]
  if v1 -> b1 else b2
b1: ; then
  v3 = call get_current_pid_tgid() pure
  store.8 [&m[0]], v3
  jump b3
b2: ; else
  v6 = call get_current_pid_tgid() pure
  store.8 [&m[0]], v6
  jump b3
b3: ; join
  ret 0
`,
	},
	{
		"a call sinks behind the predicate", "sinkValues",
		func(b *ir.Builder) {
			pid := b.PureCall(asm.FnGetCurrentPidTgid)
			branch(b, arg(b, 0), func() { b.Store(8, b.MapValue("m", 0), 0, pid) }, nothing)
			b.Ret(b.Const(0))
		},
		`b0: ; entry
  v1 = call get_current_pid_tgid() pure
  v2 = load.8 [v0]
  if v2 -> b1 else b2
b1: ; then
  store.8 [&m[0]], v1
  jump b3
b2: ; else
  jump b3
b3: ; join
  ret 0
`, `b0: ; entry
  v2 = load.8 [v0]
  if v2 -> b1 else b2
b1: ; then
  v1 = call get_current_pid_tgid() pure
  store.8 [&m[0]], v1
  jump b3
b2: ; else
  jump b3
b3: ; join
  ret 0
`,
	},
	{
		"and as a word becomes jumps", "threadBranches deadCode",
		func(b *ir.Builder) {
			c := &ir.Var{Name: "c"}
			b.Set(c, b.Const(0))
			branch(b, b.Bin(ir.OpEq, arg(b, 0), b.Const(1)), func() {
				b.Set(c, b.Bin(ir.OpULt, arg(b, 1), b.Const(9)))
			}, nothing)
			branch(b, b.Get(c), func() { b.Store(8, b.MapValue("m", 0), 0, b.Const(5)) }, nothing)
			b.Ret(b.Const(0))
		},
		`b0: ; entry
  v2 = load.8 [v0]
  v4 = eq v2, 1
  if v4 -> b1 else b2
b1: ; then
  v5 = load.8 [v0+8]
  v7 = ult v5, 9
  jump b3(v7)
b2: ; else
  jump b3(0)
b3(v8): ; join
  if v8 -> b4 else b5
b4: ; then
  store.8 [&m[0]], 5
  jump b6
b5: ; else
  jump b6
b6: ; join
  ret 0
`, `b0: ; entry
  v2 = load.8 [v0]
  v4 = eq v2, 1
  if v4 -> b1 else b6
b1: ; then
  v5 = load.8 [v0+8]
  v7 = ult v5, 9
  if v7 -> b4 else b6
b4: ; then
  store.8 [&m[0]], 5
  jump b6
b6: ; join
  ret 0
`,
	},
	{
		"a comparison that another one implies", "impliedBranches threadBranches deadCode",
		func(b *ir.Builder) {
			x := arg(b, 0)
			note := func() { b.Store(8, b.MapValue("m", 0), 0, b.Const(1)) }
			branch(b, b.Bin(ir.OpSGt, x, b.Const(0)), func() {
				branch(b, b.Bin(ir.OpUGe, x, b.Const(1)), note, nothing)
			}, nothing)
			b.Ret(b.Const(0))
		},
		`b0: ; entry
  v1 = load.8 [v0]
  v3 = sgt v1, 0
  if v3 -> b1 else b2
b1: ; then
  v5 = uge v1, 1
  if v5 -> b4 else b5
b2: ; else
  jump b3
b3: ; join
  ret 0
b4: ; then
  store.8 [&m[0]], 1
  jump b6
b5: ; else
  jump b6
b6: ; join
  jump b3
`, `b0: ; entry
  v1 = load.8 [v0]
  v3 = sgt v1, 0
  if v3 -> b1 else b3
b1: ; then
  store.8 [&m[0]], 1
  jump b3
b3: ; join
  ret 0
`,
	},
	{
		"writes that nobody reads", "deadStores deadCode",
		func(b *ir.Builder) {
			dead, live := b.NewSlot("dead", 16, 8), b.NewSlot("live", 8, 8)
			b.Zero(b.SlotAddr(dead, 0), 0, 16)
			b.Store(8, b.SlotAddr(dead, 8), 0, arg(b, 0))
			b.Store(8, b.SlotAddr(live, 0), 0, b.Const(1))
			b.Ret(b.Load(8, false, b.SlotAddr(live, 0), 0))
		},
		`  slot s0.dead 16 align 8
  slot s1.live 8 align 8
b0: ; entry
  zero [&s0.dead], 16
  v4 = load.8 [v0]
  store.8 [&s0.dead+8], v4
  store.8 [&s1.live], 1
  v10 = load.8 [&s1.live]
  ret v10
`, `  slot s0.dead 16 align 8
  slot s1.live 8 align 8
b0: ; entry
  store.8 [&s1.live], 1
  v10 = load.8 [&s1.live]
  ret v10
`,
	},
	{
		"cold blocks come last", "layoutBlocks",
		func(b *ir.Builder) {
			branch(b, arg(b, 0), func() {
				b.Block().Cold = true
				b.Call(asm.FnKtimeGetNs)
			}, nothing)
			b.Ret(b.Const(0))
		},
		`b0: ; entry
  v1 = load.8 [v0]
  if v1 -> b1 else b2
b1: ; then, cold
  v2 = call ktime_get_ns()
  jump b3
b2: ; else
  jump b3
b3: ; join
  ret 0
`, `b0: ; entry
  v1 = load.8 [v0]
  if v1 -> b1 else b2
b2: ; else
  jump b3
b3: ; join
  ret 0
b1: ; then, cold
  v2 = call ktime_get_ns()
  jump b3
`,
	},
}

func TestPasses(t *testing.T) {
	byName := map[string]pass{}
	for _, p := range passes() {
		byName[p.name] = p
	}
	for _, tt := range passTests {
		t.Run(tt.name, func(t *testing.T) {
			b := ir.NewBuilder("f", 1)
			tt.build(b)
			p := &ir.Program{Name: "p", Funcs: []*ir.Func{b.Finish()}}
			body := func() string { return strings.TrimPrefix(p.Funcs[0].String(), "func f(v0)\n") }
			if got := body(); got != tt.before {
				t.Fatalf("built\n%swant\n%s", got, tt.before)
			}
			for _, name := range strings.Fields(tt.passes) {
				byName[name].run(p.Funcs[0], true)
			}
			if err := ir.Check(p); err != nil {
				t.Error(err)
			}
			if got := body(); got != tt.after {
				t.Errorf("got\n%swant\n%s", got, tt.after)
			}
		})
	}
}
