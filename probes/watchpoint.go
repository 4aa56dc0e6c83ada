package probes

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
)

// hwBreakpoint are the values of perf_event_attr.bp_type
// (include/uapi/linux/hw_breakpoint.h).
const (
	hwBreakpointRead    = 1
	hwBreakpointWrite   = 2
	hwBreakpointExecute = 4
)

const watchpointUsage = "write watchpoint:ADDRESS:LENGTH:MODE, such as watchpoint:0x10000000:8:rw"

// watchpointPoints resolves "watchpoint:address:length:mode", which the
// processor's debug registers watch. With -p or -c the address is the process's,
// else the kernel's.
func watchpointPoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	if strings.EqualFold(spec.Parts[0].Text, "asyncwatchpoint") {
		return nil, &typecheck.Unsupported{Part: 0, Msg: "asyncwatchpoint probes are not supported", Hint: "use watchpoint with an address"}
	}
	if err := shape(spec, 3, 3, watchpointUsage); err != nil {
		return nil, err
	}
	address, err := parseNumber(spec.Parts[1].Text)
	if err != nil {
		return nil, hint(1, watchpointUsage, "the address %s: %q", err, spec.Parts[1].Text)
	}
	length, err := parseNumber(spec.Parts[2].Text)
	if err != nil || length != 1 && length != 2 && length != 4 && length != 8 {
		return nil, hint(2, "the processor watches 1, 2, 4 or 8 bytes", "a watchpoint cannot have a length of %q", spec.Parts[2].Text)
	}
	if address%length != 0 {
		return nil, bad(1, "the address of a watchpoint of %d bytes must be a multiple of that", length)
	}
	mode, err := watchpointMode(spec.Parts[3].Text)
	if err != nil {
		return nil, err
	}
	return []point.Point{{
		Provider: "watchpoint",
		Name:     fmt.Sprintf("watchpoint:0x%x:%d:%s", address, length, spec.Parts[3].Text),
		Context:  point.PerfEvent,
		Attach: point.Attach{
			Address: address, Length: length, Period: 1, PerfType: unix.PERF_TYPE_BREAKPOINT, PerfConfig: mode,
		},
	}}, nil
}

// listWatchpoints lists nothing: every address is one.
func listWatchpoints(*World, query, func(entry)) error { return nil }

// watchpointMode parses a combination of r, w and x.
func watchpointMode(text string) (uint64, error) {
	bits := map[rune]uint64{'r': hwBreakpointRead, 'w': hwBreakpointWrite, 'x': hwBreakpointExecute}
	mode := uint64(0)
	for _, c := range text {
		if bits[c] == 0 || mode&bits[c] != 0 {
			return 0, hint(3, "a mode is r, w, rw or x", "%q is not a mode of a watchpoint", text)
		}
		mode |= bits[c]
	}
	switch mode {
	case 0:
		return 0, hint(3, "a mode is r, w, rw or x", "a watchpoint needs a mode")
	case hwBreakpointRead:
		// x86 cannot tell; the kernel refuses it there.
		mode |= hwBreakpointWrite
	case hwBreakpointExecute, hwBreakpointWrite, hwBreakpointRead | hwBreakpointWrite:
	default:
		return 0, hint(3, "a mode is r, w, rw or x", "a watchpoint cannot watch for execution and for access")
	}
	return mode, nil
}
