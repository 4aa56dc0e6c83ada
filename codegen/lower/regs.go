package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// machine says where struct pt_regs keeps what. The context of probes on
// functions is a struct pt_regs; that of perf events begins with one.
type machine struct {
	regs   map[string]int // offset in bytes by name
	args   []string       // registers of the first integer arguments
	ret    string
	ip, sp string
	// trap is how far behind the probed instruction ip is in a kprobe.
	trap int64
	// stackArgs is where, from sp at a function's entry, further arguments are.
	stackArgs int64
}

// machines is by Target.Arch.
//
// amd64: arch/x86/include/asm/ptrace.h, System V AMD64 ABI 3.2.3.
// arm64: arch/arm64/include/uapi/asm/ptrace.h (struct user_pt_regs), AAPCS64 6.8.
var machines = map[string]*machine{
	"amd64": {
		regs: map[string]int{
			"r15": 0, "r14": 8, "r13": 16, "r12": 24, "bp": 32, "bx": 40, "r11": 48, "r10": 56,
			"r9": 64, "r8": 72, "ax": 80, "cx": 88, "dx": 96, "si": 104, "di": 112,
			"orig_ax": 120, "ip": 128, "cs": 136, "flags": 144, "sp": 152, "ss": 160,
		},
		args: []string{"di", "si", "dx", "cx", "r8", "r9"},
		ret:  "ax", ip: "ip", sp: "sp", trap: 1, stackArgs: 8,
	},
	"arm64": {
		regs: arm64Regs(),
		args: []string{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"},
		ret:  "r0", ip: "pc", sp: "sp",
	},
}

func arm64Regs() map[string]int {
	regs := map[string]int{"fp": 29 * 8, "lr": 30 * 8, "sp": 31 * 8, "pc": 32 * 8, "pstate": 33 * 8}
	for i := range 31 {
		regs[fmt.Sprintf("r%d", i)] = i * 8
	}
	return regs
}

func (f *fn) machine(span source.Span) *machine {
	m := machines[f.target.Arch()]
	if m == nil {
		panic(&Unsupported{Span: span, Msg: "registers of " + f.target.Arch() + " are not known"})
	}
	return m
}

// reg reads a register of the interrupted context.
func (f *fn) reg(name string, span source.Span) *ir.Value {
	m := f.machine(span)
	off, ok := m.regs[name]
	if !ok {
		off, ok = m.regs[registerAlias(name)]
	}
	if !ok {
		panic(&Unsupported{Span: span, Msg: fmt.Sprintf("no register %q on %s", name, f.target.Arch()),
			Hint: "registers: " + strings.Join(m.names(), " ")})
	}
	return f.b.Load(8, false, f.context(), int64(off))
}

// registerAlias drops the r of the 64-bit names: rax is ax.
func registerAlias(name string) string {
	if rest, ok := strings.CutPrefix(name, "x"); ok {
		return "r" + rest
	}
	return strings.TrimPrefix(name, "r")
}

func (m *machine) names() []string {
	var names []string
	for n := range m.regs {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return m.regs[a] - m.regs[b] })
	return names
}

func (f *fn) register(e *typed.Register) *ir.Value { return f.reg(e.Register, e.Span) }

// contextArg reads an argument or the return value of the traced function.
func (f *fn) contextArg(e *typed.ContextArg) *ir.Value {
	var v *ir.Value
	switch f.clause.Context {
	case point.USDT:
		return f.operand(e)
	case point.Fentry, point.Fexit:
		v = f.b.Load(8, false, f.context(), f.trampolineSlot(e))
	case point.RawTracepoint, point.BTFTracepoint, point.Timer, point.Iter:
		v = f.b.Load(8, false, f.context(), int64(8*e.Index))
	default:
		v = f.regsArg(e)
	}
	if e.T.Size >= 8 || !e.T.Scalar() {
		return v
	}
	return f.b.Extend(v, e.T.Size, signed(e.T))
}

func (f *fn) regsArg(e *typed.ContextArg) *ir.Value {
	m := f.machine(e.Span)
	if e.Return {
		return f.reg(m.ret, e.Span)
	}
	if e.Index < len(m.args) {
		return f.reg(m.args[e.Index], e.Span)
	}
	at := m.stackArgs + int64(8*(e.Index-len(m.args)))
	space := types.Kernel
	if f.clause.Context.User() {
		space = types.User
	}
	return f.loadLoc(loc{ptr: f.reg(m.sp, e.Span), off: at, space: space}, types.Uint64(), false)
}

// contextField finds a field of a tracepoint's record.
func (f *fn) contextField(e *typed.ContextField) loc {
	off := int64(e.Member.Offset)
	if !e.Member.DataLoc {
		return loc{ptr: f.context(), off: off, space: types.Context}
	}
	where := f.b.Load(4, false, f.context(), off)
	at := f.b.Bin(ir.OpAnd, where, f.b.Const(0xffff))
	return loc{ptr: f.b.Bin(ir.OpAdd, f.contextAddress(), at), space: types.Kernel}
}

// contextAddress is the context's address as a word to compute with. What is
// computed may not be loaded from, only given to helpers.
func (f *fn) contextAddress() *ir.Value {
	if f.ctx == nil {
		return f.context()
	}
	box := f.tempBytes("context", 8)
	f.store(box, 0, 8, f.ctx)
	return f.load(box, 0, 8, false)
}
