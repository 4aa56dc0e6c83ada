// Package kernel knows the running kernel's functions, symbols and types.
//
// Everything is read when first asked for. Types come from the BTF that the
// kernel shows in sysfs (package btf), symbols from /proc/kallsyms, and which
// functions can be probed from tracefs and the kprobes' blacklist, as far as
// this process may read them.
package kernel

import "errors"

// ErrNoBTF says that a kernel has no type information.
var ErrNoBTF = errors.New("this kernel has no BTF type information (/sys/kernel/btf/vmlinux)")

// Function is a kernel function. Module is empty for the kernel proper.
type Function struct {
	Name, Module string
}

// FunctionState is what is known of a function.
type FunctionState int

// The states. Unknown means that there was nothing readable to find out from:
// attaching will tell.
const (
	FunctionUnknown FunctionState = iota
	FunctionFound
	FunctionMissing
	FunctionBlacklisted
)
