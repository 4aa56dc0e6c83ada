// Package point describes a place in the system where a program can be
// attached, as plain data: probes finds points, the type checker reads their
// arguments, the object carries them, and probes/attach attaches to them.
package point

import "github.com/gotrace/gotrace/lang/types"

// Context is the kind of context a program runs in: it decides the BPF program
// type, what the context pointer points at and which builtins mean something.
type Context string

// The contexts.
const (
	// Timer programs are raw tracepoint programs that user space runs by
	// BPF_PROG_TEST_RUN: begin, end, interval, self and test; bench is an XDP
	// program, the kernel repeats no others.
	Timer Context = "timer"
	// Tracepoint contexts are the record that the event's format file describes.
	Tracepoint Context = "tracepoint"
	// RawTracepoint contexts are an array of 64-bit arguments.
	RawTracepoint Context = "rawtracepoint"
	// BTFTracepoint is RawTracepoint with arguments the verifier trusts.
	BTFTracepoint Context = "tp_btf"
	// Fentry and Fexit contexts are an array of 64-bit arguments that the verifier
	// trusts; behind those of Fexit is the return value.
	Fentry Context = "fentry"
	Fexit  Context = "fexit"
	// Iter contexts are an array of 64-bit arguments, too: those of the function
	// bpf_iter_NAME. Pointers may be null.
	Iter Context = "iter"
	// Kprobe, Kretprobe, Uprobe and Uretprobe contexts are struct pt_regs.
	Kprobe    Context = "kprobe"
	Kretprobe Context = "kretprobe"
	Uprobe    Context = "uprobe"
	Uretprobe Context = "uretprobe"
	// USDT contexts are struct pt_regs, too, but the arguments are where the
	// point's Operands say.
	USDT Context = "usdt"
	// PerfEvent contexts are struct bpf_perf_event_data: profile, software,
	// hardware.
	PerfEvent Context = "perf_event"
)

// Trusted reports whether the verifier knows what a context's arguments point
// at, so that they may be loaded through.
func (c Context) Trusted() bool {
	return c == BTFTracepoint || c == Fentry || c == Fexit || c == Iter
}

// Nullable reports whether the verifier wants arguments compared with null
// before they are loaded through.
func (c Context) Nullable() bool { return c == BTFTracepoint || c == Iter }

// User reports whether a context is that of a program's code, so that addresses
// are the program's.
func (c Context) User() bool { return c == Uprobe || c == Uretprobe || c == USDT }

// Point is one attachable place.
type Point struct {
	// Provider is the long name: "tracepoint", "kprobe", "interval".
	Provider string `json:"provider"`
	// Name is the whole name as the probe builtin prints it, such as
	// "tracepoint:syscalls:sys_enter_execve".
	Name    string  `json:"name"`
	Context Context `json:"context"`
	// Args describes args: of a Tracepoint a record of the format's fields at
	// their offsets; of the raw kinds and typed functions a record whose member
	// i is argument i (offsets 8*i); nil where arguments have no names.
	Args *types.Type `json:"-"`
	// Ret is the type of retval, where it is known.
	Ret *types.Type `json:"-"`
	// Operands are the arguments of a USDT probe.
	Operands []Operand `json:"-"`
	// Note is a warning about the point, for whoever asked for it.
	Note string `json:"-"`
	// Attach tells how to attach.
	Attach Attach `json:"attach"`
}

// Attach is what the kernel needs to attach a program; which fields mean
// something depends on the provider.
type Attach struct {
	// Category and Event name a tracepoint; Event alone a raw tracepoint, a
	// software or hardware event ("page-faults").
	Category string `json:"category,omitempty"`
	Event    string `json:"event,omitempty"`
	// Symbol is the function of a kprobe or uprobe, Module the kernel module it
	// must be in (empty: any), Offset the distance from its first byte.
	Symbol string `json:"symbol,omitempty"`
	Module string `json:"module,omitempty"`
	Offset uint64 `json:"offset,omitempty"`
	// Address is an absolute kernel address (kprobe) or a file offset (uprobe);
	// for uprobes it is set by the provider, Offset included.
	Address uint64 `json:"address,omitempty"`
	// Path is the binary of a uprobe or USDT probe.
	Path string `json:"path,omitempty"`
	// AtReturn says that a uretprobe's Address is that of a return instruction,
	// and the probe one like those on entries.
	AtReturn bool `json:"atReturn,omitempty"`
	// Semaphore is the place in the binary of a USDT probe's counter of tracers,
	// which the kernel counts up while the probe is attached to.
	Semaphore uint64 `json:"semaphore,omitempty"`
	// Length is how many bytes a watchpoint watches at Address; PerfConfig is its
	// bp_type.
	Length uint64 `json:"length,omitempty"`
	// Period is nanoseconds between runs of an interval or profile, or the
	// number of events between samples of a software or hardware event.
	Period uint64 `json:"period,omitempty"`
	// Frequency in Hz replaces Period for profile:hz:N, if not zero.
	Frequency uint64 `json:"frequency,omitempty"`
	// PerfType and PerfConfig are perf_event_attr's fields of a software or
	// hardware event.
	PerfType   uint32 `json:"perfType,omitempty"`
	PerfConfig uint64 `json:"perfConfig,omitempty"`
}
