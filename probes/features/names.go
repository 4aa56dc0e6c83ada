package features

import (
	"bytes"
	"os"
)

// tracepointNames reports whether the kernel's types tell the names of raw
// tracepoints' arguments, by functions that newer kernels keep for that.
func tracepointNames() bool {
	types, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	return err == nil && (bytes.Contains(types, []byte("\x00__probestub_sched_switch\x00")) ||
		bytes.Contains(types, []byte("\x00__bpf_trace_sched_switch\x00")))
}
