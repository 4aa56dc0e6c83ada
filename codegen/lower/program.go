package lower

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
)

// fn is the lowering of one function: a program's entry or a callback of it.
type fn struct {
	*unit
	b     *ir.Builder
	out   *ir.Program
	group *group
	ret   int64
	// verdict is what the program of a test returns, nil in others.
	verdict *ir.Var

	// ctx is the program's context pointer, in the entry function. In a
	// callback it is nil, and frameAddr is the address of the caller's frame.
	ctx       *ir.Value
	frame     *frame
	frameAddr *ir.Value
	over      int64 // in a callback: the word of the frame that says the loop is over

	clause *typed.Clause
	leave  *ir.Block // where the clause ends
	exit   *ir.Block // where the program ends
	vars   map[*typed.Var]*variable
	loop   *loop
	trips  int // how often the verifier walks the current place, by inline loops
}

// lowerGroup lowers one program.
func (u *unit) lowerGroup(g *group) {
	name := u.programName(g.points[0])
	f := &fn{
		unit: u, b: ir.NewBuilder(name, 1), out: &ir.Program{Name: name}, group: g,
		ret: g.returnValue(), vars: map[*typed.Var]*variable{}, trips: 1,
	}
	f.ctx = f.b.Func.Params[0]
	f.out.Funcs = []*ir.Func{f.b.Func}
	f.exit = f.b.NewBlock("exit")
	f.filterPID()
	f.enterTest()
	f.skipNothing()
	p := Program{IR: f.out, ReturnValue: f.ret}
	for _, c := range g.clauses {
		f.lowerClause(c)
		p.Object.Clauses = append(p.Object.Clauses, c.Index)
	}
	f.b.Span = source.Span{}
	f.b.Jump(f.exit)
	f.b.Seal(f.exit)
	f.b.SetBlock(f.exit)
	f.b.Ret(f.result())
	f.b.Finish()

	p.ScratchLoss = object.Loss{Cause: object.LossScratch, Clause: g.clauses[0].Index,
		Probe: g.points[0].Name, Span: g.clauses[0].Span}
	u.describe(&p, g, name)
	u.res.Programs = append(u.res.Programs, p)
}

// describe fills in what the loader and the runtime need to know of a program.
func (u *unit) describe(p *Program, g *group, name string) {
	o := &p.Object
	o.Name, o.Context, o.Points, o.Span = name, g.context, g.points, g.clauses[0].Span
	if g.cookie {
		for _, pt := range g.points {
			o.Cookies = append(o.Cookies, uint64(u.probeName(pt.Name)))
		}
	}
	switch g.context {
	case point.Timer:
		p.Type = ebpf.RawTracepoint
		o.Role = g.points[0].Provider
		if o.Role == "bench" {
			p.Type = ebpf.XDP // the kernel repeats and times only those on packets
		}
	case point.RawTracepoint:
		p.Type = ebpf.RawTracepoint
	case point.BTFTracepoint:
		p.Type, p.AttachType, p.AttachTo = ebpf.Tracing, ebpf.AttachTraceRawTp, g.points[0].Attach.Event
	case point.Iter:
		p.Type, p.AttachType, p.AttachTo = ebpf.Tracing, ebpf.AttachTraceIter, g.points[0].Attach.Event
	case point.Fentry, point.Fexit:
		p.Type, p.AttachType, p.AttachTo = ebpf.Tracing, trampoline(g.context), g.points[0].Attach.Symbol
	case point.Tracepoint:
		p.Type = ebpf.TracePoint
	case point.PerfEvent:
		p.Type = ebpf.PerfEvent
	case point.Kprobe, point.Kretprobe, point.Uprobe, point.Uretprobe, point.USDT:
		p.Type = ebpf.Kprobe
	default:
		internal("context %q", g.context)
	}
	o.Multi = u.multi(p, g)
}

// programName makes a name from a probe's: the last part says most.
func (u *unit) programName(p point.Point) string {
	name := identifier(p.Name[strings.LastIndexByte(p.Name, ':')+1:])
	if p.Context == point.Timer || p.Context == point.PerfEvent {
		name = identifier(p.Name) // the last part is a number
	}
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = identifier(p.Provider) + "_" + name
	}
	unique := name
	for i := 2; u.progs[unique]; i++ {
		unique = fmt.Sprintf("%s_%d", name, i)
	}
	u.progs[unique] = true
	return unique
}

// identifier keeps the characters that the kernel allows in names.
func identifier(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '_'
	}, s)
}

// lowerClause lowers a clause; control continues behind it.
func (f *fn) lowerClause(c *typed.Clause) {
	f.clause = c
	f.leave = f.b.NewBlock(fmt.Sprintf("clause%d.end", c.Index))
	f.frame = f.planFrame(c)
	if c.Pred != nil {
		f.b.Span = c.Pred.Pos()
		body := f.b.NewBlock(fmt.Sprintf("clause%d", c.Index))
		f.branch(c.Pred, body, f.leave)
		f.b.Seal(body)
		f.b.SetBlock(body)
	}
	f.enterFrame()
	f.stmts(c.Body)
	f.b.Jump(f.leave)
	f.b.Seal(f.leave)
	f.b.SetBlock(f.leave)
	f.frame = nil
}

// filterPID ends the program at once for processes other than the target, for
// the kinds of probe that the kernel cannot limit to a process.
func (f *fn) filterPID() {
	if f.opts.TargetPID == 0 {
		return
	}
	switch f.group.context {
	case point.Tracepoint, point.RawTracepoint, point.BTFTracepoint, point.Fentry, point.Fexit, point.Kprobe, point.Kretprobe:
	default:
		return
	}
	tgid := f.b.Bin(ir.OpShr, f.b.PureCall(asm.FnGetCurrentPidTgid), f.b.Const(32))
	body := f.b.NewBlock("target")
	f.b.If(f.b.Bin(ir.OpEq, tgid, f.b.Const(int64(f.opts.TargetPID))), body, f.exit)
	f.b.Seal(body)
	f.b.SetBlock(body)
}

// probeName returns the index of a probe's name in the manifest.
func (u *unit) probeName(name string) int {
	i, ok := u.names[name]
	if !ok {
		i = len(u.res.Manifest.ProbeNames)
		u.names[name] = i
		u.res.Manifest.ProbeNames = append(u.res.Manifest.ProbeNames, name)
	}
	return i
}

// text returns the index of a text in the manifest's strings.
func (u *unit) text(s string) int {
	i, ok := u.strings[s]
	if !ok {
		i = len(u.res.Manifest.Strings)
		u.strings[s] = i
		u.res.Manifest.Strings = append(u.res.Manifest.Strings, s)
	}
	return i
}

// context returns the program's context pointer.
func (f *fn) context() *ir.Value {
	if f.ctx != nil {
		return f.ctx
	}
	return f.b.Load(8, false, f.frameAddr, frameContext)
}

// leaveClause and endRun jump out of the clause and the whole run. In a
// callback they leave word in the frame, and stop the loop.
func (f *fn) leaveClause() { f.jumpOut(f.leave, signalReturn) }

func (f *fn) endRun() { f.jumpOut(f.exit, signalExit) }

func (f *fn) jumpOut(to *ir.Block, signal int64) {
	if f.ctx != nil {
		f.b.Jump(to)
		return
	}
	f.b.Store(8, f.frameAddr, frameSignal, f.b.Const(signal))
	f.stopLoop()
}
