package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
)

// words lowers the builtins that are scalars.
var words = map[string]func(*fn, *typed.Builtin) *ir.Value{
	"pid":             func(f *fn, _ *typed.Builtin) *ir.Value { return f.upper(asm.FnGetCurrentPidTgid) },
	"tid":             func(f *fn, _ *typed.Builtin) *ir.Value { return f.lower(asm.FnGetCurrentPidTgid) },
	"pid_init":        func(f *fn, _ *typed.Builtin) *ir.Value { return f.upper(asm.FnGetCurrentPidTgid) },
	"tid_init":        func(f *fn, _ *typed.Builtin) *ir.Value { return f.lower(asm.FnGetCurrentPidTgid) },
	"uid":             func(f *fn, _ *typed.Builtin) *ir.Value { return f.lower(asm.FnGetCurrentUidGid) },
	"username":        func(f *fn, _ *typed.Builtin) *ir.Value { return f.lower(asm.FnGetCurrentUidGid) },
	"gid":             func(f *fn, _ *typed.Builtin) *ir.Value { return f.upper(asm.FnGetCurrentUidGid) },
	"cpu":             func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.PureCall(asm.FnGetSmpProcessorId) },
	"numaid":          func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.PureCall(asm.FnGetNumaNodeId) },
	"cgroup":          func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.PureCall(asm.FnGetCurrentCgroupId) },
	"nsecs":           func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.Call(asm.FnKtimeGetBootNs) },
	"nsecs_monotonic": func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.Call(asm.FnKtimeGetNs) },
	"nsecs_tai":       (*fn).hardTAI,
	"nsecs_sw_tai":    (*fn).softTAI,
	"elapsed":         (*fn).elapsed,
	"jiffies":         func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.Call(asm.FnJiffies64) },
	"rand":            (*fn).random,
	"ncpus":           func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.Const(int64(f.target.PossibleCPUs())) },
	"cpid":            func(f *fn, _ *typed.Builtin) *ir.Value { return f.b.Const(int64(f.opts.ChildPID)) },
	"usermode":        (*fn).usermode,
	"curtask":         (*fn).curtask,
	"ctx":             func(f *fn, _ *typed.Builtin) *ir.Value { return f.context() },
	"probe":           (*fn).probe,
	"func":            (*fn).function,
}

func (f *fn) builtinWord(e *typed.Builtin) *ir.Value {
	if h := words[e.Name]; h != nil {
		return h(f, e)
	}
	internal("builtin %s is not a word", e.Name)
	return nil
}

// memories builds the builtins that are not scalars.
var memories = map[string]func(*fn, *typed.Builtin, mem){
	"comm":   (*fn).comm,
	"kstack": (*fn).stack,
	"ustack": (*fn).stack,
	"func":   (*fn).userFunction,
}

func (f *fn) builtinMemory(e *typed.Builtin, dst mem) {
	h := memories[e.Name]
	if h == nil {
		internal("builtin %s is not memory", e.Name)
	}
	h(f, e, dst)
}

// comm is written in place, and zero behind its NUL.
func (f *fn) comm(e *typed.Builtin, dst mem) {
	f.b.Call(asm.FnGetCurrentComm, f.addr(dst), f.b.Const(int64(e.T.Size)))
}

// upper and lower are the halves of what a pure helper returns.
func (f *fn) upper(h asm.BuiltinFunc) *ir.Value {
	return f.b.Bin(ir.OpShr, f.b.PureCall(h), f.b.Const(32))
}

func (f *fn) lower(h asm.BuiltinFunc) *ir.Value {
	return f.b.Extend(f.b.PureCall(h), 4, false)
}

func (f *fn) random(*typed.Builtin) *ir.Value {
	return f.b.Extend(f.b.Call(asm.FnGetPrandomU32), 4, false)
}

func (f *fn) elapsed(*typed.Builtin) *ir.Value {
	return f.b.Bin(ir.OpSub, f.b.Call(asm.FnKtimeGetBootNs), f.b.Const(int64(f.opts.StartBootNS)))
}

func (f *fn) hardTAI(e *typed.Builtin) *ir.Value {
	f.need(target.FeatureTAI, e.Span, "nsecs(tai)", "nsecs(sw_tai) is nearly the same")
	return f.b.Call(asm.FnKtimeGetTaiNs)
}

func (f *fn) softTAI(*typed.Builtin) *ir.Value {
	return f.b.Bin(ir.OpAdd, f.b.Call(asm.FnKtimeGetBootNs), f.b.Const(f.opts.TAIOffsetNS))
}

// usermode tests the privilege level in the interrupted code segment.
func (f *fn) usermode(e *typed.Builtin) *ir.Value {
	if f.target.Arch() != "amd64" {
		panic(&Unsupported{Span: e.Span, Msg: "usermode is known on amd64 only"})
	}
	level := f.b.Bin(ir.OpAnd, f.reg("cs", e.Span), f.b.Const(3))
	return f.b.Bin(ir.OpEq, level, f.b.Const(3))
}

func (f *fn) curtask(*typed.Builtin) *ir.Value {
	if f.target.Have(target.FeatureTaskBTF) {
		return f.b.PureCall(asm.FnGetCurrentTaskBtf)
	}
	return f.b.PureCall(asm.FnGetCurrentTask)
}

// probe is the index of the probe's name: known, or the point's cookie.
func (f *fn) probe(*typed.Builtin) *ir.Value {
	if f.group.cookie {
		return f.b.PureCall(asm.FnGetAttachCookie, f.context())
	}
	return f.b.Const(int64(f.probeName(f.group.points[0].Name)))
}

// function is the address of the traced function.
func (f *fn) function(e *typed.Builtin) *ir.Value {
	if c := f.clause.Context; c == point.Fentry || c == point.Fexit {
		f.need(target.FeatureFuncIP, e.Span, "func in "+string(c), "the probe builtin names the function, too")
		return f.b.PureCall(asm.FnGetFuncIp, f.context())
	}
	m := f.machine(e.Span)
	switch f.clause.Context {
	case point.Kprobe:
		if f.target.Have(target.FeatureFuncIP) && f.atEntry() {
			return f.b.PureCall(asm.FnGetFuncIp, f.context())
		}
		return f.b.Bin(ir.OpSub, f.reg(m.ip, e.Span), f.b.Const(m.trap))
	case point.Kretprobe, point.Uretprobe:
		// The instruction pointer is where the function returns to. Of user
		// functions Linux before 6.7 knows no entry, and gives zero.
		f.need(target.FeatureFuncIP, e.Span, "func in a "+string(f.clause.Context), "")
		return f.b.PureCall(asm.FnGetFuncIp, f.context())
	}
	return f.reg(m.ip, e.Span)
}

// userFunction is func as a user symbol: with the process it is of.
func (f *fn) userFunction(e *typed.Builtin, dst mem) {
	f.store(dst, 0, 8, f.function(e))
	f.store(dst, 8, 8, f.upper(asm.FnGetCurrentPidTgid))
}

// atEntry reports whether all points are the first bytes of functions, where
// alone bpf_get_func_ip has an answer.
func (f *fn) atEntry() bool {
	for _, p := range f.group.points {
		if p.Attach.Offset != 0 {
			return false
		}
	}
	return true
}
