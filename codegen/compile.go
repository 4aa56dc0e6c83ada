package codegen

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/bpf"
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/lower"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/opt"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
)

// Unsupported says that the target lacks what a script needs: it has a place
// in the script and perhaps a hint, for a diagnostic.
type Unsupported = lower.Unsupported

// scratchMap is the key of the map of scratch memory.
const scratchMap = "scratch"

// Compile makes an object of a typed program. The error is *Unsupported if the
// target, or BPF itself, cannot do what the script asks; any other error is a
// fault of the compiler.
func Compile(prog *typed.Program, t Target, opts Options) (*object.Object, error) {
	return (&compiler{prog: prog, target: t, opts: opts}).run()
}

// run compiles, and makes an error of a broken invariant.
func (c *compiler) run() (obj *object.Object, err error) {
	defer func() {
		if r := recover(); r != nil {
			obj, err = nil, fmt.Errorf("gotrace: internal error: %v%s", r, c.dump())
		}
	}()
	return c.compile()
}

// compiler is one run of Compile.
type compiler struct {
	prog   *typed.Program
	target Target
	opts   Options
	// check verifies the IR before and after each pass; for tests.
	check bool
	// inspect is given each program's IR when it is ready; for tests.
	inspect func(p lower.Program, res *bpf.Result)

	current *lower.Program // for the message of an internal error
	scratch struct {
		users, size int
	}
}

func (c *compiler) compile() (*object.Object, error) {
	lowered, err := lower.Lower(c.prog, c.target, c.opts)
	if err != nil {
		return nil, err
	}
	obj := &object.Object{
		Spec: &ebpf.CollectionSpec{
			Maps:     map[string]*ebpf.MapSpec{},
			Programs: map[string]*ebpf.ProgramSpec{},
		},
		Manifest: lowered.Manifest,
	}
	for i, spec := range lowered.Maps {
		obj.Spec.Maps[lowered.Keys[i]] = spec
	}
	for i := range lowered.Programs {
		p := &lowered.Programs[i]
		c.current = p
		spec, err := c.program(p, &obj.Manifest)
		if err != nil {
			return nil, err
		}
		obj.Spec.Programs[p.Object.Name] = spec
		obj.Manifest.Programs = append(obj.Manifest.Programs, p.Object)
	}
	c.current = nil
	if c.scratch.users > 0 {
		obj.Spec.Maps[scratchMap] = &ebpf.MapSpec{
			Name: kernelName(c.opts.NamePrefix + scratchMap), Type: ebpf.PerCPUArray, KeySize: 4,
			ValueSize: uint32(c.scratch.size), MaxEntries: uint32(c.scratch.users),
		}
	}
	if n := len(obj.Manifest.Losses); n > 0 {
		obj.Manifest.LossMap = lower.LossMap
		obj.Spec.Maps[lower.LossMap] = &ebpf.MapSpec{
			Name: kernelName(c.opts.NamePrefix + lower.LossMap), Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: uint32(n),
		}
	}
	return obj, nil
}

// program optimises and compiles one program.
func (c *compiler) program(p *lower.Program, m *object.Manifest) (*ebpf.ProgramSpec, error) {
	if err := opt.Run(p.IR, opt.Options{Check: c.check}); err != nil {
		return nil, err
	}
	dropUncalled(p.IR)
	res, err := bpf.Compile(p.IR, bpf.Options{
		SignedDivision: uses(p.IR, ir.OpSDiv, ir.OpSMod) && c.target.Have(target.FeatureSignedDivision),
		AtomicFetch:    uses(p.IR, ir.OpAtomicFetchAdd) && c.target.Have(target.FeatureAtomicFetch),
		ScratchMap:     scratchMap,
		ScratchIndex:   c.scratch.users,
		ReturnValue:    p.ReturnValue,
		LossMap:        lower.LossMap,
		LossIndex:      len(m.Losses),
		Locate:         c.locate,
	})
	if errors.Is(err, bpf.ErrStack) {
		return nil, &Unsupported{Span: p.Object.Span, Msg: "this needs more than the 512 bytes of stack that BPF programs have",
			Hint: "split the action, or use fewer variables in its loops"}
	}
	if errors.Is(err, bpf.ErrJump) {
		return nil, &Unsupported{Span: p.Object.Span, Msg: "this is too large for one BPF program, which can jump over 32767 instructions at most",
			Hint: "split the action into several, for other probes"}
	}
	if err != nil {
		return nil, err
	}
	if n := mapsUsed(res.Instructions); n > maxMaps {
		return nil, &Unsupported{Span: p.Object.Span,
			Msg:  fmt.Sprintf("this uses %d maps, gotrace's own among them, and a BPF program can use %d", n, maxMaps),
			Hint: "use one map with a key in place of several"}
	}
	if res.ScratchSize > 0 {
		m.Losses = append(m.Losses, p.ScratchLoss)
		c.scratch.users++
		c.scratch.size = max(c.scratch.size, (res.ScratchSize+7)&^7)
	}
	locateStarts(res.Instructions)
	if c.inspect != nil {
		c.inspect(*p, res)
	}
	return &ebpf.ProgramSpec{
		Name:         kernelName(c.opts.NamePrefix + p.Object.Name),
		Type:         p.Type,
		AttachType:   p.AttachType,
		AttachTo:     p.AttachTo,
		Instructions: res.Instructions,
		License:      c.license(),
	}, nil
}

// uses reports whether a program has any of some operations: only then is the
// target asked for what they need, as to answer may cost it time.
func uses(p *ir.Program, ops ...ir.Op) bool {
	for _, f := range p.Funcs {
		for _, b := range f.Blocks {
			for _, v := range b.Instrs {
				if slices.Contains(ops, v.Op) {
					return true
				}
			}
		}
	}
	return false
}

// dropUncalled removes callbacks whose loops turned out never to run.
func dropUncalled(p *ir.Program) {
	called := map[string]bool{}
	for again := true; again; {
		again = false
		for i, f := range p.Funcs {
			if i > 0 && !called[f.Name] {
				continue
			}
			for _, b := range f.Blocks {
				for _, v := range b.Instrs {
					if (v.Op == ir.OpFuncPtr || v.Op == ir.OpCallFunc) && !called[v.Sym] {
						called[v.Sym], again = true, true
					}
				}
			}
		}
	}
	entry := p.Funcs[0]
	p.Funcs = slices.DeleteFunc(p.Funcs, func(f *ir.Func) bool { return f != entry && !called[f.Name] })
}

// maxMaps is MAX_USED_MAPS of the kernel's include/linux/bpf.h.
const maxMaps = 64

// mapsUsed counts the maps that a program refers to.
func mapsUsed(insns asm.Instructions) int {
	seen := map[string]bool{}
	for i := range insns {
		if insns[i].IsLoadFromMap() {
			seen[insns[i].Reference()] = true
		}
	}
	return len(seen)
}

// locateStarts gives the first instruction of each function a place, which the
// kernel insists on: the next that is known.
func locateStarts(insns asm.Instructions) {
	for i := range insns {
		if insns[i].Symbol() == "" || insns[i].Source() != nil {
			continue
		}
		for _, next := range insns[i:] {
			if source := next.Source(); source != nil {
				insns[i] = insns[i].WithSource(source)
				break
			}
		}
	}
}

// license is what the program says its license is; GPL unless the script says
// otherwise, as most helpers ask for it.
func (c *compiler) license() string {
	if c.prog.Config.License != "" {
		return c.prog.Config.License
	}
	return "GPL"
}

// kernelName cuts a name to what the kernel stores.
func kernelName(name string) string {
	const most = 15
	return name[:min(len(name), most)]
}

// locate names a place in the script for the verifier's log.
func (c *compiler) locate(span source.Span) string {
	if c.prog.Sources == nil {
		return ""
	}
	pos := c.prog.Sources.File(span.File).Position(span.Off)
	return fmt.Sprintf("%d:%d", pos.Line, pos.Column)
}

// dump is the IR at hand when something went wrong.
func (c *compiler) dump() string {
	if c.current == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nwhile compiling %s:\n%s", c.current.Object.Name, c.current.IR)
	return b.String()
}
