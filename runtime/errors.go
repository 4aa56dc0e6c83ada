package runtime

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/source"
)

// LoadReason classifies why the kernel did not take a program or map.
type LoadReason string

// The reasons.
const (
	// ReasonVerifier is a refusal by the verifier, which for a script that
	// passed the type checker is an error of gotrace.
	ReasonVerifier   LoadReason = "verifier"
	ReasonPermission LoadReason = "permission"
	ReasonMemory     LoadReason = "memory"
	ReasonTooLarge   LoadReason = "too large"
	ReasonFiles      LoadReason = "open files"
	ReasonSupport    LoadReason = "not supported"
	// ReasonTrampoline is a kernel that does not let fentry, fexit or BTF
	// tracepoint programs be, or not on the function asked for.
	ReasonTrampoline LoadReason = "trampoline"
	// ReasonHelper is a kernel without a helper function.
	ReasonHelper LoadReason = "helper"
	ReasonOther  LoadReason = "other"
)

// LoadError is a program or map that the kernel did not take.
type LoadError struct {
	Reason LoadReason
	// Object is what was loaded: "program p0", "map AT_x".
	Object string
	// Span is the place in the script, zero if it is not known.
	Span source.Span
	// Hint is advice, or empty.
	Hint string
	// Log is the verifier's log of a refusal.
	Log []string
	Err error
}

// Error is one line.
func (e *LoadError) Error() string {
	switch e.Reason {
	case ReasonVerifier:
		return fmt.Sprintf("internal error: the kernel's verifier refused %s: %s", e.Object, e.lastLine())
	case ReasonPermission:
		return "tracing needs root, or the capabilities CAP_BPF and CAP_PERFMON"
	case ReasonFiles:
		return "too many open files: each map, program and probe is one"
	case ReasonMemory:
		return fmt.Sprintf("not enough memory for %s", e.Object)
	case ReasonTooLarge:
		return fmt.Sprintf("%s is too large for the kernel", e.Object)
	case ReasonHelper:
		return noHelper(unknownHelper.FindStringSubmatch(strings.Join(e.Log, "\n"))[1])
	case ReasonTrampoline:
		if line := e.lastLine(); len(e.Log) > 0 {
			return fmt.Sprintf("the kernel cannot trace this function by fentry or fexit: %s", line)
		}
		return "this kernel does not allow fentry and fexit probes"
	case ReasonSupport:
		return fmt.Sprintf("this kernel does not support what %s needs: %v", e.Object, e.Err)
	}
	return fmt.Sprintf("load %s: %v", e.Object, e.Err)
}

// Unwrap returns the kernel's error.
func (e *LoadError) Unwrap() error { return e.Err }

// lastLine returns what the verifier complained of: the last line of its log
// that is not its statistics.
func (e *LoadError) lastLine() string {
	for i := len(e.Log) - 1; i >= 0; i-- {
		line := strings.TrimSpace(e.Log[i])
		if line != "" && !strings.HasPrefix(line, "processed ") && !strings.HasPrefix(line, "verification time") &&
			!strings.HasPrefix(line, "stack depth") {
			return line
		}
	}
	return e.Err.Error()
}

// tooLarge is what the verifier says of a program that is too long for it: of
// its walk, and of a jump that its own rewriting made too long.
var tooLarge = regexp.MustCompile(`BPF program is too large|cannot be patched due to 16-bit range`)

// MapConflictError is a map that a unit wants with another type than the map of
// that name has already.
type MapConflictError struct {
	Name string // with "@"
	Have string
	Want string
	Span source.Span
}

func (e *MapConflictError) Error() string {
	return fmt.Sprintf("map %s is %s already and cannot be %s", e.Name, e.Have, e.Want)
}

// AttachError is a program that could not be attached.
type AttachError struct {
	Program string
	Span    source.Span
	Err     error
}

func (e *AttachError) Error() string { return e.Err.Error() }

// Unwrap returns the attacher's error.
func (e *AttachError) Unwrap() error { return e.Err }

// OutputError is output that could not be written.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return fmt.Sprintf("write output: %v", e.Err) }

// Unwrap returns the error of writing.
func (e *OutputError) Unwrap() error { return e.Err }

// Closed reports whether the reader of the output went away (EPIPE), which is
// a way to end a trace and no failure to speak of.
func (e *OutputError) Closed() bool { return errors.Is(e.Err, unix.EPIPE) }

// loadError classifies an error of creating maps or loading programs.
func loadError(object string, span source.Span, err error) error {
	if err == nil {
		return nil
	}
	e := &LoadError{Reason: ReasonOther, Object: object, Span: span, Err: err}
	var refused *ebpf.VerifierError
	hasLog := errors.As(err, &refused) && len(refused.Log) > 0
	if hasLog {
		e.Log = refused.Log
	}
	switch {
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		e.Reason = ReasonFiles
		e.Hint = "raise the limit: ulimit -n 65536"
	case hasLog && tooLarge.MatchString(e.lastLine()):
		e.Reason = ReasonTooLarge
		e.Hint = "the verifier walks at most a million instructions: shorten loops or the script"
	case hasLog && unknownHelper.MatchString(strings.Join(e.Log, "\n")):
		e.Reason = ReasonHelper
	case hasLog:
		e.Reason = ReasonVerifier
		e.Hint = "run with -v for the verifier's log, and please report this script"
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		e.Reason = ReasonPermission
	case errors.Is(err, unix.ENOMEM):
		e.Reason = ReasonMemory
		e.Hint = "lower max_map_keys or perf_rb_pages, or the sizes in let @map = ...(n)"
	case errors.Is(err, unix.E2BIG):
		e.Reason = ReasonTooLarge
		e.Hint = "lower max_map_keys, or shorten the script"
		if strings.HasPrefix(object, "map ") {
			e.Hint = "before Linux 5.16 the keys of a map have at most 512 bytes: lower max_strlen; else lower max_map_keys"
		}
	case errors.Is(err, ebpf.ErrNotSupported):
		e.Reason = ReasonSupport
	}
	return e
}
