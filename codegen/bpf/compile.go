package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf/btf"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/source"
)

// ErrStack says that a program's slots and values do not fit the stack, even
// with all that can be moved to scratch memory moved there.
var ErrStack = errors.New("the program needs more than 512 bytes of stack")

// ErrJump says that a program is so long that a jump in it cannot be encoded:
// the offset of one has 16 bits.
var ErrJump = errors.New("a jump over more than 32767 instructions")

// Compile makes instructions of a program, which it does not change. The IR
// must pass ir.Check.
func Compile(p *ir.Program, opt Options) (*Result, error) {
	if err := supported(p, opt); err != nil {
		return nil, err
	}
	// Slots get as much of the stack as register allocation leaves; how much
	// that is is known only afterwards.
	for limit := maxSlotStack; limit >= 0; limit -= 64 {
		res, err := attempt(p.Clone(), opt, limit)
		if !errors.Is(err, ErrStack) {
			return res, err
		}
	}
	return nil, fmt.Errorf("bpf: %s: %w", p.Name, ErrStack)
}

// supported refuses what the target has no instruction for.
func supported(p *ir.Program, opt Options) error {
	for _, f := range p.Funcs {
		for _, b := range f.Blocks {
			for _, v := range b.Instrs {
				if v.Op == ir.OpAtomicFetchAdd && !opt.AtomicFetch {
					return fmt.Errorf("bpf: %s: atomic fetch is not supported by the target", p.Name)
				}
			}
		}
	}
	return nil
}

// attempt compiles p, which it changes, with limit bytes of stack for slots.
func attempt(p *ir.Program, opt Options, limit int) (*Result, error) {
	calls := newCallGraph(p)
	var as []*analysis
	for i, f := range p.Funcs {
		dropUnreachable(f)
		as = append(as, analyse(f, i == 0))
	}
	res := &Result{}
	if opt.ScratchMap != "" {
		planScratch(as, calls, limit)
		for i, a := range as {
			res.ScratchSize = moveToScratch(a, res.ScratchSize, opt, i == 0)
		}
	}
	out := &output{opt: opt, texts: map[source.Span]comment{}}
	sizes := make([]int, len(p.Funcs))
	for i, f := range p.Funcs {
		var err error
		if sizes[i], err = compileFunc(f, i == 0, out, p); err != nil {
			return nil, err
		}
	}
	if res.FrameSize = calls.deepest(sizes); res.FrameSize > maxStack {
		return nil, ErrStack
	}
	res.Instructions, res.Spans = out.insns, out.spans
	return res, nil
}

// compileFunc appends a function's instructions and returns its frame's size.
func compileFunc(f *ir.Func, entry bool, out *output, p *ir.Program) (int, error) {
	fr := planFrame(analyse(f, entry))
	legalise(f, out.opt)
	m := selectFunc(f, ir.NewCFG(f))
	start := len(out.insns)
	e := &emitter{output: out, fn: m, alloc: allocate(m), frame: fr}
	if err := e.run(); err != nil {
		return 0, err
	}
	name := f.Name
	if entry {
		name = p.Name
	}
	first := out.insns[start].WithSymbol(name)
	if len(p.Funcs) > 1 {
		first = btf.WithFuncMetadata(first, funcType(f, name, entry))
	}
	out.insns[start] = first
	return e.stackUse(), nil
}

// funcType describes a function to the kernel, which wants to know of callbacks
// that they are static functions, and then has to be told of all functions.
// Programs without callbacks do without, since loading types takes a system
// call of its own.
func funcType(f *ir.Func, name string, entry bool) *btf.Func {
	word := &btf.Int{Name: "long", Size: 8, Encoding: btf.Signed}
	proto := &btf.FuncProto{Return: word}
	for i := range f.Params {
		param := btf.FuncParam{Name: fmt.Sprintf("p%d", i), Type: word}
		if entry {
			param.Type = &btf.Pointer{Target: &btf.Void{}}
		}
		proto.Params = append(proto.Params, param)
	}
	linkage := btf.StaticFunc
	if entry {
		linkage = btf.GlobalFunc
	}
	return &btf.Func{Name: name, Type: proto, Linkage: linkage}
}
