package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/internal/vm"
	"github.com/gotrace/gotrace/codegen/internal/vm/check"
	"github.com/gotrace/gotrace/codegen/ir"
)

// both runs a program in the VM and on the kernel and wants the same of them.
func both(t *testing.T, p *ir.Program, o Options, ctx []byte) outcomeOf {
	t.Helper()
	text := p.String()
	res, err := compileProgram(p, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	listing := Disassemble(res.Instructions)
	if err := check.Program(res.Instructions, map[string]check.MapInfo{"scratch": {KeySize: 4}}); err != nil {
		t.Errorf("%v\n%s", err, listing)
	}
	got, err := runVM(res, ctx)
	if err != nil {
		t.Fatalf("vm: %v\n%s\n%s", err, text, listing)
	}
	needRoot(t)
	real, err := runKernel(res, ctx)
	if err != nil {
		t.Fatalf("kernel: %v\n%s", err, listing)
	}
	if real != got {
		t.Errorf("the VM gives %v, the kernel %v\n%s", got, real, listing)
	}
	return got
}

// loopProgram sums i*x for i < n in a callback; the sum and x are in a record on
// the caller's stack. With big, the callback has a slot in scratch memory.
func loopProgram(n int64, big bool) *ir.Program {
	b := ir.NewBuilder("test", 1)
	rec := b.NewSlot("captured", 16, 8)
	b.Store(8, b.SlotAddr(rec, 0), 0, b.Const(0))
	b.Store(8, b.SlotAddr(rec, 8), 0, b.Load(8, false, b.Func.Params[0], 0))
	b.Call(asm.FnLoop, b.Const(n), b.FuncPtr("body"), b.SlotAddr(rec, 0), b.Const(0))
	b.Store(8, b.MapValue("out", 0), 0, b.Load(8, false, b.SlotAddr(rec, 0), 0))
	b.Ret(b.Const(1))

	c := ir.NewBuilder("body", 2)
	i, ctx := c.Func.Params[0], c.Func.Params[1]
	x := c.Bin(ir.OpMul, i, c.Load(8, false, ctx, 8))
	if big {
		s := c.NewSlot("big", 300, 8)
		c.Zero(c.SlotAddr(s, 0), 0, 300)
		c.Store(8, c.SlotAddr(s, 0), 8, x)
		x = c.Load(8, false, c.SlotAddr(s, 0), 8)
	}
	sum := c.Bin(ir.OpAdd, c.Load(8, false, ctx, 0), x)
	c.Store(8, ctx, 0, sum)
	c.Ret(c.Const(0))
	return &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish(), c.Finish()}}
}

func TestCallbacks(t *testing.T) {
	ctx := make([]byte, 32)
	putWord(ctx[:8], 7)
	for _, big := range []bool{false, true} {
		t.Run(fmt.Sprint("big=", big), func(t *testing.T) {
			out := both(t, loopProgram(1000, big), testOptions, ctx)
			if got := word([]byte(out.out[:8])); got != 7*999*1000/2 {
				t.Errorf("sum is %d", got)
			}
		})
	}
}

// TestCallFunc calls a function of the program directly.
func TestCallFunc(t *testing.T) {
	b := ir.NewBuilder("test", 1)
	x := b.Load(8, false, b.Func.Params[0], 0)
	y := b.CallFunc("twice", b.CallFunc("twice", x))
	b.Store(8, b.MapValue("out", 0), 0, b.Bin(ir.OpSub, y, x))
	b.Ret(b.Const(0))
	c := ir.NewBuilder("twice", 1)
	c.Ret(c.Bin(ir.OpAdd, c.Func.Params[0], c.Func.Params[0]))
	ctx := make([]byte, 32)
	putWord(ctx[:8], 100)
	out := both(t, &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish(), c.Finish()}}, testOptions, ctx)
	if got := word([]byte(out.out[:8])); got != 300 {
		t.Errorf("4*100-100 is %d", got)
	}
}

// TestScratchMissing makes the lookup of scratch memory fail: the program
// returns, having counted the loss.
func TestScratchMissing(t *testing.T) {
	b := ir.NewBuilder("test", 1)
	s := b.NewSlot("big", 200, 8)
	b.Zero(b.SlotAddr(s, 0), 0, 200)
	b.Call(asm.FnProbeReadKernel, b.SlotAddr(s, 0), b.Const(200), b.Const(0))
	b.Store(8, b.MapValue("out", 0), 0, b.Load(8, false, b.SlotAddr(s, 0), 8))
	b.Ret(b.Const(1))
	o := testOptions
	o.ScratchIndex, o.LossMap, o.LossIndex = 5, "out", 0
	out := both(t, &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}, o, make([]byte, 32))
	if out.ret != 77 || word([]byte(out.out[:8])) != 1 {
		t.Errorf("got %v, want 77 returned and one loss", out)
	}
}

// TestLargeMemory clears and copies more than is done in line.
func TestLargeMemory(t *testing.T) {
	b := ir.NewBuilder("test", 1)
	from, to := b.NewSlot("from", 440, 8), b.NewSlot("to", 440, 8)
	b.Zero(b.SlotAddr(from, 0), 0, 440)
	b.Zero(b.SlotAddr(to, 0), 0, 440)
	x := b.Load(8, false, b.Func.Params[0], 0)
	b.Store(8, b.SlotAddr(from, 0), 432, x)
	b.Copy(b.SlotAddr(to, 0), 0, b.SlotAddr(from, 0), 0, 440, 8)
	b.Copy(b.MapValue("out", 0), 8, b.SlotAddr(to, 0), 0, 440, 8)
	b.Ret(b.Const(0))
	ctx := make([]byte, 32)
	binary.LittleEndian.PutUint64(ctx, 0x123456789abcdef)
	out := both(t, &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}, testOptions, ctx)
	if got := word([]byte(out.out[440:448])); got != 0x123456789abcdef || word([]byte(out.out[8:16])) != 0 {
		t.Errorf("got %v", out)
	}
}

// TestAtomicFetchRefused wants an error where the target has no such thing.
func TestAtomicFetchRefused(t *testing.T) {
	b := ir.NewBuilder("test", 1)
	b.Ret(b.AtomicFetchAdd(8, b.MapValue("out", 0), 0, b.Const(1)))
	if _, err := Compile(&ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}, Options{}); err == nil {
		t.Error("compiled")
	}
}

// TestStackTooLarge wants ErrStack if there is no scratch map to move to.
func TestStackTooLarge(t *testing.T) {
	b := ir.NewBuilder("test", 1)
	s := b.NewSlot("big", 600, 8)
	b.Store(8, b.SlotAddr(s, 0), 0, b.Const(1))
	b.Ret(b.Load(8, false, b.SlotAddr(s, 0), 0))
	p := &ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish()}}
	if _, err := Compile(p, Options{}); !errors.Is(err, ErrStack) {
		t.Errorf("got %v, want ErrStack", err)
	}
	if _, err := Compile(p, Options{ScratchMap: "scratch"}); err != nil {
		t.Error(err)
	}
}

// TestForEach sums the values of a hash map in a callback.
func TestForEach(t *testing.T) {
	b := ir.NewBuilder("test", 1)
	sum := b.NewSlot("sum", 8, 8)
	b.Store(8, b.SlotAddr(sum, 0), 0, b.Const(0))
	b.Call(asm.FnForEachMapElem, b.MapPtr("hash"), b.FuncPtr("each"), b.SlotAddr(sum, 0), b.Const(0))
	b.Ret(b.Load(8, false, b.SlotAddr(sum, 0), 0))
	c := ir.NewBuilder("each", 4)
	key, value, ctx := c.Func.Params[1], c.Func.Params[2], c.Func.Params[3]
	x := c.Bin(ir.OpMul, c.Load(4, false, key, 0), c.Load(8, false, value, 0))
	c.Store(8, ctx, 0, c.Bin(ir.OpAdd, c.Load(8, false, ctx, 0), x))
	c.Ret(c.Const(0))
	res, err := compileProgram(&ir.Program{Name: "test", Funcs: []*ir.Func{b.Finish(), c.Finish()}}, testOptions)
	if err != nil {
		t.Fatal(err)
	}
	m := vm.New(res.Instructions)
	hash := &vm.Map{KeySize: 4, ValueSize: 8, MaxEntries: 10}
	m.Maps["hash"] = hash
	spec := collection(res)
	spec.Maps["hash"] = &ebpf.MapSpec{Name: "hash", Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 10}
	for i := range uint32(5) {
		k, v := binary.LittleEndian.AppendUint32(nil, i), binary.LittleEndian.AppendUint64(nil, 10)
		hash.Set(k, v)
		spec.Maps["hash"].Contents = append(spec.Maps["hash"].Contents, ebpf.MapKV{Key: k, Value: v})
	}
	if got, err := m.Run(nil); err != nil || got != 100 {
		t.Fatalf("vm: %d, %v", got, err)
	}
	needRoot(t)
	coll, err := ebpf.NewCollection(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer coll.Close()
	if got, err := coll.Programs["test"].Run(&ebpf.RunOptions{Context: make([]byte, 32)}); err != nil || got != 100 {
		t.Errorf("kernel: %d, %v", got, err)
	}
}
