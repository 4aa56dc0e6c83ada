package runtime

import (
	"fmt"
	"regexp"
)

// unknownHelper finds the helper function in the verifier's log that this
// kernel does not have, or not for this type of program.
var unknownHelper = regexp.MustCompile(`(?:unknown func|program of this type cannot use helper|cannot use helper) (bpf_\w+)#\d+`)

// noHelper says what a kernel lacks.
func noHelper(name string) string {
	msg := fmt.Sprintf("this kernel does not have %s", name)
	switch name {
	case "bpf_override_return":
		return msg + ", which override() needs (CONFIG_BPF_KPROBE_OVERRIDE)"
	case "bpf_ktime_get_tai_ns":
		return msg + ", which nsecs(tai) needs (Linux 6.1)"
	case "bpf_get_attach_cookie", "bpf_get_func_ip":
		return msg + " for this kind of probe (Linux 5.15)"
	case "bpf_d_path":
		return msg + " for this function, which path() needs (Linux 5.10)"
	}
	return msg
}
