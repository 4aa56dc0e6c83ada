package bpf

import (
	"errors"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/gotrace/gotrace/codegen/internal/vm/check"
	"github.com/gotrace/gotrace/codegen/ir"
)

// TestRandomPrograms compares what random programs do in the VM, and on the
// kernel where that is possible, with what their IR means.
func TestRandomPrograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { randomProgramTest(t, false) })
}

func TestRandomProgramsKernel(t *testing.T) {
	needRoot(t)
	rapid.Check(t, func(t *rapid.T) { randomProgramTest(t, true) })
}

func randomProgramTest(t *rapid.T, kernel bool) {
	p := drawProgram(t)
	if err := ir.Check(p); err != nil {
		t.Fatalf("%v\n%s", err, p)
	}
	ctx := make([]byte, 32)
	for i := range 4 {
		putWord(ctx[8*i:8*i+8], rapid.Uint64().Draw(t, "ctx"))
	}
	e := &evaluator{ctx: ctx, out: make([]byte, outSize)}
	want := outcomeOf{ret: e.run(p.Funcs[0])}
	want.out = string(e.out)
	text, twin := p.String(), p.Clone()
	res, err := compileProgram(p, testOptions)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again, err := compileProgram(twin, testOptions); err != nil || Disassemble(again.Instructions) != Disassemble(res.Instructions) {
		t.Fatalf("compiled again, the program differs: %v\n%s", err, text)
	}
	got, err := runVM(res, ctx)
	if err != nil || got != want {
		t.Fatalf("vm: %v\ngot  %v\nwant %v\n%s\n%s", err, got, want, text, Disassemble(res.Instructions))
	}
	if err := check.Program(res.Instructions, map[string]check.MapInfo{"scratch": {KeySize: 4}}); err != nil {
		t.Fatalf("%v\n%s\n%s", err, text, Disassemble(res.Instructions))
	}
	if !kernel {
		return
	}
	got, err = runKernel(res, ctx)
	if errors.Is(err, syscall.E2BIG) {
		return // branches in loops made too many paths for the verifier
	}
	if err != nil || got != want {
		t.Fatalf("kernel: %v\ngot  %v\nwant %v\n%s\n%s", err, got, want, text, Disassemble(res.Instructions))
	}
}
