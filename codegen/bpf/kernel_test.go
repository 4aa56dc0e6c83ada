package bpf

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"

	"github.com/gotrace/gotrace/codegen/internal/vm"
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/opt"
	"github.com/gotrace/gotrace/lang/source"
)

var testOptions = Options{
	AtomicFetch: true,
	ScratchMap:  "scratch",
	ReturnValue: 77,
	Locate:      func(s source.Span) string { return fmt.Sprint(s.Off) },
}

// outcomeOf is what a run leaves behind.
type outcomeOf struct {
	ret uint64
	out string
}

// String shows the words that are not zero.
func (o outcomeOf) String() string {
	s := fmt.Sprintf("ret %#x", o.ret)
	for i := 0; i+8 <= len(o.out); i += 8 {
		if w := word([]byte(o.out[i : i+8])); w != 0 {
			s += fmt.Sprintf(" [%d] %#x", i, w)
		}
	}
	return s
}

// needRoot skips a test that loads programs.
func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
	if err := rlimit.RemoveMemlock(); err != nil {
		t.Skip(err)
	}
}

func compileProgram(p *ir.Program, o Options) (*Result, error) {
	if err := ir.Check(p); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, p)
	}
	if err := opt.Run(p, opt.Options{Check: true}); err != nil {
		return nil, err
	}
	return Compile(p, o)
}

func runVM(res *Result, ctx []byte) (outcomeOf, error) {
	m := vm.New(res.Instructions)
	m.Maps["out"] = &vm.Map{Array: true, KeySize: 4, ValueSize: outSize, MaxEntries: 1}
	m.Maps["scratch"] = &vm.Map{Array: true, KeySize: 4, ValueSize: res.ScratchSize, MaxEntries: 1}
	ret, err := m.Run(ctx)
	return outcomeOf{ret, string(m.Maps["out"].Get(make([]byte, 4)))}, err
}

// collection is a spec of the program and its maps.
func collection(res *Result) *ebpf.CollectionSpec {
	return &ebpf.CollectionSpec{
		Maps: map[string]*ebpf.MapSpec{
			"out": {Name: "out", Type: ebpf.Array, KeySize: 4, ValueSize: outSize, MaxEntries: 1},
			"scratch": {
				Name: "scratch", Type: ebpf.PerCPUArray, KeySize: 4,
				ValueSize: uint32(max(res.ScratchSize, 8)), MaxEntries: 1,
			},
		},
		Programs: map[string]*ebpf.ProgramSpec{
			"test": {Name: "test", Type: ebpf.RawTracepoint, Instructions: res.Instructions, License: "GPL"},
		},
	}
}

func runKernel(res *Result, ctx []byte) (outcomeOf, error) {
	coll, err := ebpf.NewCollection(collection(res))
	if err != nil {
		var ve *ebpf.VerifierError
		if errors.As(err, &ve) {
			err = fmt.Errorf("%w\n%+v", err, ve)
		}
		return outcomeOf{}, err
	}
	defer coll.Close()
	ret, err := coll.Programs["test"].Run(&ebpf.RunOptions{Context: ctx})
	if err != nil {
		return outcomeOf{}, err
	}
	out := make([]byte, outSize)
	if err := coll.Maps["out"].Lookup(uint32(0), out); err != nil {
		return outcomeOf{}, err
	}
	return outcomeOf{uint64(ret), string(out)}, nil
}
