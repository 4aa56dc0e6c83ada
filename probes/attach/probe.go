package attach

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
)

// retprobe is the bit of perf_event_attr.config that makes a return probe
// (/sys/bus/event_source/devices/kprobe/format/retprobe).
const retprobe = 1

// semaphoreShift is where in the config a uprobe's reference counter is
// (/sys/bus/event_source/devices/uprobe/format/ref_ctr_offset, Linux 4.20).
const semaphoreShift = 32

// kprobe attaches to a kernel function by the kprobe PMU (Linux 4.17).
func (a *attacher) kprobe(p point.Point, cookie *uint64) error {
	kind, err := pmuType("kprobe")
	if err != nil {
		return &Error{Point: p, Msg: "this kernel has no kprobes", Hint: "use a tracepoint, or run a kernel with CONFIG_KPROBE_EVENTS", Err: err}
	}
	attr := unix.PerfEventAttr{Type: kind}
	if p.Context == point.Kretprobe {
		attr.Config = retprobe
	}
	if p.Attach.Symbol == "" {
		attr.Ext2 = p.Attach.Address
		return explainIf(p, a.perfEvent(p, attr, -1, 0, cookie))
	}
	symbol := p.Attach.Symbol
	if p.Attach.Module != "" && p.Attach.Module != "vmlinux" {
		symbol = p.Attach.Module + ":" + symbol
	}
	attr.Ext2 = p.Attach.Offset
	return explainIf(p, a.probeByName(p, attr, symbol, -1, 0, cookie))
}

// uprobe attaches to a place in a file by the uprobe PMU (Linux 4.17).
func (a *attacher) uprobe(p point.Point, cookie *uint64) error {
	kind, err := pmuType("uprobe")
	if err != nil {
		return &Error{Point: p, Msg: "this kernel has no uprobes", Hint: "run a kernel with CONFIG_UPROBE_EVENTS", Err: err}
	}
	attr := unix.PerfEventAttr{Type: kind, Ext2: p.Attach.Address}
	if p.Context == point.Uretprobe && !p.Attach.AtReturn {
		attr.Config = retprobe
	}
	attr.Config |= p.Attach.Semaphore << semaphoreShift
	pid, cpu := -1, 0
	if a.opts.PID > 0 {
		pid, cpu = a.opts.PID, -1
	}
	return explainIf(p, a.probeByName(p, attr, p.Attach.Path, pid, cpu, cookie))
}

// probeByName opens a probe whose symbol or path the kernel reads from memory.
func (a *attacher) probeByName(p point.Point, attr unix.PerfEventAttr, name string, pid, cpu int, cookie *uint64) error {
	text, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	// The kernel gets the address as a number, so nothing else keeps the string.
	attr.Ext1 = uint64(uintptr(unsafe.Pointer(text)))
	err = a.perfEvent(p, attr, pid, cpu, cookie)
	runtime.KeepAlive(text)
	return err
}

// pmuType returns the number of a performance monitoring unit.
func pmuType(name string) (uint32, error) {
	text, err := os.ReadFile("/sys/bus/event_source/devices/" + name + "/type")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("the type of %s: %w", name, err)
	}
	return uint32(n), nil
}
