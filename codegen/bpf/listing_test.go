package bpf

import (
	"testing"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/source"
)

// countByComm is @[comm] = count() as lowering makes it.
func countByComm() *ir.Program {
	b := ir.NewBuilder("test", 1)
	b.Span = source.Span{Off: 7, End: 9}
	key, one := b.NewSlot("key", 16, 8), b.NewSlot("one", 8, 8)
	b.Call(asm.FnGetCurrentComm, b.SlotAddr(key, 0), b.Const(16))
	b.Span = source.Span{Off: 20, End: 24}
	p := b.Call(asm.FnMapLookupElem, b.MapPtr("hash"), b.SlotAddr(key, 0))
	hit, miss, done := b.NewBlock("hit"), b.NewBlock("miss"), b.NewBlock("done")
	miss.Cold = true
	b.If(p, hit, miss)
	b.Seal(hit)
	b.SetBlock(hit)
	b.AtomicAdd(8, p, 0, b.Const(1))
	b.Jump(done)
	b.Seal(miss)
	b.SetBlock(miss)
	b.Store(8, b.SlotAddr(one, 0), 0, b.Const(1))
	b.Call(asm.FnMapUpdateElem, b.MapPtr("hash"), b.SlotAddr(key, 0), b.SlotAddr(one, 0), b.Const(0))
	b.Jump(done)
	b.Seal(done)
	b.SetBlock(done)
	b.Ret(b.Const(1))
	return &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}
}

func TestDisassemble(t *testing.T) {
	res, err := compileProgram(countByComm(), testOptions)
	if err != nil {
		t.Fatal(err)
	}
	const want = `test:
   0: r1 = r10                                           ; 7
   1: r1 += -16
   2: r2 = 16
   3: call get_current_comm
   4: r1 = map hash                                      ; 20
   6: r2 = r10
   7: r2 += -16
   8: call map_lookup_elem
   9: if r0 == 0 goto +4 -> b2
b1:
  10: r1 = 1
  11: lock *(u64 *)(r0 +0) += r1
b3:
  12: r0 = 1
  13: exit
b2:
  14: *(u64 *)(r10 -24) = 1
  15: r1 = map hash
  17: r2 = r10
  18: r2 += -16
  19: r3 = r10
  20: r3 += -24
  21: r4 = 0
  22: call map_update_elem
  23: goto -12 -> b3
`
	if got := Disassemble(res.Instructions); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(res.Spans) != 24 || res.Spans[5].Off != 20 || res.FrameSize != 24 {
		t.Errorf("%d spans, that of instruction 5 at %d; frame of %d bytes", len(res.Spans), res.Spans[5].Off, res.FrameSize)
	}
}

// selected is what instructions some expressions become.
func TestSelection(t *testing.T) {
	tests := []struct {
		name  string
		build func(b *ir.Builder, x, y *ir.Value) *ir.Value
		want  string
	}{
		{"immediate", func(b *ir.Builder, x, _ *ir.Value) *ir.Value { return b.Bin(ir.OpXor, x, b.Const(-3)) }, "r0 ^= -3\n"},
		{"wide constant", func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return b.Bin(ir.OpAnd, x, b.Const(0xffffffff))
		}, "w1 = -1\nr0 &= r1\n"},
		{"64-bit constant", func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return b.Bin(ir.OpAdd, x, b.Const(1<<40))
		}, "r1 = 0x10000000000 ll\nr0 += r1\n"},
		{"truncation", func(b *ir.Builder, x, _ *ir.Value) *ir.Value { return b.Extend(x, 4, false) }, "w0 = w0\n"},
		{"sign extension", func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return b.Extend(x, 2, true)
		}, "r0 <<= 48\nr0 s>>= 48\n"},
		{"byte swap", func(b *ir.Builder, x, _ *ir.Value) *ir.Value { return b.Swap(x, 4) }, "r0 = be32 r0\n"},
		{"negation", func(b *ir.Builder, x, _ *ir.Value) *ir.Value { return b.Neg(x) }, "r0 = -r0\n"},
		{"comparison as a word", func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return b.Bin(ir.OpSLt, x, b.Const(3))
		}, "r0 = 1\nif r1 s< 3 goto +1\nr0 = 0\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := ir.NewBuilder("test", 1)
			x := b.Load(8, false, b.Func.Params[0], 0)
			b.Ret(tt.build(b, x, nil))
			res, err := Compile(&ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := disassembler{insns: res.Instructions}
			got, raw := "", 0
			for i := range res.Instructions {
				if i > 0 && i < len(res.Instructions)-1 {
					got += d.text(raw, &res.Instructions[i]) + "\n"
				}
				raw += int(res.Instructions[i].Width())
			}
			if got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(countByComm(), testOptions); err != nil {
			b.Fatal(err)
		}
	}
}

// largeProgram keeps many variables alive across thousands of operations.
func largeProgram(statements int) *ir.Program {
	b := ir.NewBuilder("test", 1)
	var vars []*ir.Value
	for i := range 24 {
		vars = append(vars, b.Load(8, false, b.Func.Params[0], int64(8*(i%4))))
	}
	for i := range statements {
		x, y := vars[i%24], vars[i*7%24]
		vars[i*5%24] = b.Bin(ir.OpAdd, b.Bin(ir.OpMul, x, y), b.Const(int64(i)))
		if i%10 == 0 {
			b.Call(asm.FnKtimeGetNs)
			t, e := b.NewBlock("then"), b.NewBlock("else")
			b.If(x, t, e)
			b.Seal(t)
			b.SetBlock(t)
			b.Jump(e)
			b.Seal(e)
			b.SetBlock(e)
		}
	}
	for i, v := range vars {
		b.Store(8, b.MapValue("out", 0), int64(8*i), v)
	}
	b.Ret(b.Const(0))
	return &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}
}

func BenchmarkCompileLarge(b *testing.B) {
	p := largeProgram(1500)
	b.ReportAllocs()
	for b.Loop() {
		res, err := Compile(p, testOptions)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(res.Spans)), "insns")
	}
}
