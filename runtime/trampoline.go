package runtime

import (
	"errors"
	"os"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// enotsupp is an errno of the kernel's own that leaks from where it makes
// trampolines (include/linux/errno.h).
const enotsupp = unix.Errno(524)

// walkedLog is more lines than the verifier writes where it refuses a program
// for its target, before it looks at the first instruction.
const walkedLog = 4

// trampolineError corrects the reason why a tracing program was not taken: it
// is often the function, or the kernel's configuration, and not the program.
func trampolineError(spec *ebpf.ProgramSpec, err error) error {
	var e *LoadError
	if spec.Type != ebpf.Tracing || !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Reason == ReasonPermission && os.Geteuid() == 0,
		e.Reason == ReasonSupport,
		errors.Is(err, enotsupp),
		e.Reason == ReasonVerifier && len(e.Log) < walkedLog:
		e.Reason = ReasonTrampoline
		e.Hint = "use a kprobe, or a tracepoint on a kernel without kprobes"
	}
	return e
}
