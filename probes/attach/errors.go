package attach

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
)

// Error is why a program could not be attached to a point: a sentence that
// names it, and advice.
type Error struct {
	Point point.Point
	Msg   string
	Hint  string
	// Err is what the kernel said.
	Err error
}

func (e *Error) Error() string { return e.Msg }

func (e *Error) Unwrap() error { return e.Err }

func explainIf(p point.Point, err error) error {
	if err == nil {
		return nil
	}
	return explain(p, err)
}

// explain makes a sentence of what the kernel said to an attachment.
func explain(p point.Point, err error) *Error {
	e := &Error{Point: p, Err: err}
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		e.Msg, e.Hint = forbidden(p)
	case errors.Is(err, unix.ENOENT), errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.EADDRNOTAVAIL):
		e.Msg, e.Hint = absent(p)
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, enotsupp), errors.Is(err, ebpf.ErrNotSupported), errors.Is(err, unix.ENOSYS):
		e.Msg, e.Hint = unsupported(p)
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EILSEQ):
		e.Msg, e.Hint = refused(p)
	case p.Attach.Length != 0 && errors.Is(err, unix.ENOSPC):
		e.Msg, e.Hint = "all of the processor's debug registers are in use", "it has four: use fewer watchpoints"
	case errors.Is(err, unix.EBUSY):
		e.Msg, e.Hint = p.Name+" is in use by something that does not share it", "stop the other tracer; `perf list` and /sys/kernel/tracing/enabled_functions may show it"
	case errors.Is(err, unix.E2BIG):
		e.Msg, e.Hint = p.Name+" has the most programs that the kernel allows on a probe (64)", "stop some of the other tracers"
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		e.Msg, e.Hint = "too many open files to attach to "+p.Name, "raise the limit: ulimit -n 65536"
	case errors.Is(err, unix.ENOMEM), errors.Is(err, unix.ENOSPC):
		e.Msg, e.Hint = "the kernel has no room to attach to "+p.Name, "attach to fewer probes"
	case errors.Is(err, unix.ESRCH):
		e.Msg, e.Hint = "the process of "+p.Name+" has ended", ""
	case errors.Is(err, unix.ETXTBSY), errors.Is(err, unix.EIO):
		e.Msg, e.Hint = fmt.Sprintf("the kernel cannot put a probe into %s", p.Attach.Path), "the file may lie on a file system that cannot be mapped"
	default:
		e.Msg = fmt.Sprintf("cannot attach to %s: %v", p.Name, rootCause(err))
	}
	return e
}

// enotsupp is an errno of the kernel's own that leaks from perf_event_open
// (include/linux/errno.h).
const enotsupp = unix.Errno(524)

// rootCause is the innermost error: what the kernel said without how we asked.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func forbidden(p point.Point) (msg, hint string) {
	switch {
	case lockedDown():
		return "the kernel is locked down and forbids " + p.Name, "kernel lockdown=confidentiality allows no tracing: see /sys/kernel/security/lockdown"
	case os.Geteuid() != 0:
		return "may not attach to " + p.Name, "run as root, or with CAP_BPF and CAP_PERFMON"
	}
	return "the kernel forbids to attach to " + p.Name, "the container may lack CAP_PERFMON, or seccomp may forbid perf_event_open"
}

// lockedDown reports whether the kernel refuses even root to read it.
func lockedDown() bool {
	state, err := os.ReadFile("/sys/kernel/security/lockdown")
	return err == nil && strings.Contains(string(state), "[confidentiality]")
}

func absent(p point.Point) (msg, hint string) {
	switch p.Context {
	case point.Kprobe, point.Kretprobe:
		return fmt.Sprintf("there is no kernel function %q to probe", p.Attach.Symbol), "it may be inlined, or its module unloaded; gotrace -l 'kprobe:*' lists what can be probed"
	case point.Uprobe, point.Uretprobe, point.USDT:
		return fmt.Sprintf("there is no file %q", p.Attach.Path), ""
	case point.RawTracepoint, point.BTFTracepoint:
		return fmt.Sprintf("there is no raw tracepoint %q", p.Attach.Event), "gotrace -l 'rawtracepoint:*' lists them all"
	case point.PerfEvent:
		return "this machine does not count " + p.Name, "a virtual machine often has no hardware counters: use software:cpu-clock or profile"
	}
	return p.Name + " does not exist any more", "its kernel module may have been unloaded"
}

func unsupported(p point.Point) (msg, hint string) {
	switch p.Context {
	case point.PerfEvent:
		return "this machine cannot sample " + p.Name, "a virtual machine often has no hardware counters: use software:cpu-clock or profile"
	case point.Fentry, point.Fexit:
		return fmt.Sprintf("the kernel cannot trace function %q by %s", p.Attach.Symbol, p.Provider), "use a kprobe"
	case point.Uprobe, point.Uretprobe, point.USDT:
		return fmt.Sprintf("the instruction at %s cannot be probed", p.Name), "choose another place in the function"
	}
	return "this kernel cannot attach to " + p.Name, "gotrace --info shows what it can do"
}

func refused(p point.Point) (msg, hint string) {
	switch p.Context {
	case point.Fentry, point.Fexit:
		return fmt.Sprintf("the kernel cannot trace function %q by %s", p.Attach.Symbol, p.Provider), "use a kprobe"
	case point.Kprobe, point.Kretprobe:
		if p.Attach.Offset != 0 {
			return fmt.Sprintf("no instruction of %s begins at offset %d", p.Attach.Symbol, p.Attach.Offset), "objdump -d or `perf probe -L` shows where instructions begin"
		}
		return fmt.Sprintf("kernel function %q cannot be probed", p.Attach.Symbol), "it is marked as not traceable; see /sys/kernel/debug/kprobes/blacklist"
	case point.Uprobe, point.Uretprobe, point.USDT:
		return fmt.Sprintf("no instruction can be probed at %s", p.Name), "the place must be the beginning of an instruction in the code of the file"
	case point.PerfEvent:
		return "the kernel refuses the rate of " + p.Name, "sysctl kernel.perf_event_max_sample_rate shows the highest"
	}
	return "the kernel refuses to attach to " + p.Name, "gotrace --info shows what it can do"
}
