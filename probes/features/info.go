package features

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/probes/tracefs"
)

// Item is one thing that --info tells.
type Item struct {
	// Section groups items: "System", "Probes", "Code", "Rights".
	Section string
	Name    string
	OK      bool
	// Detail says more: a version, a path, what is wrong.
	Detail string
	// Consequence says, if not OK, what does not work for it.
	Consequence string
}

// Info asks the system all that decides what gotrace can do on it. It tries
// every feature and takes some 10 ms.
func Info(l *Live) []Item {
	var items []Item
	for _, section := range []func(*Live) []Item{system, providers, code, rights} {
		items = append(items, section(l)...)
	}
	for i := range items {
		if items[i].OK {
			items[i].Consequence = ""
		}
	}
	return items
}

func system(l *Live) []Item {
	kernel := Item{Section: "System", Name: "kernel", OK: true}
	var uts unix.Utsname
	if err := unix.Uname(&uts); err == nil {
		kernel.Detail = unix.ByteSliceToString(uts.Release[:]) + " " + unix.ByteSliceToString(uts.Machine[:])
	}
	cpus := Item{Section: "System", Name: "CPUs", OK: true, Detail: fmt.Sprintf("%d possible", l.PossibleCPUs())}
	btf := Item{Section: "System", Name: "BTF", Consequence: "no struct types, no raw tracepoint arguments by name"}
	if info, err := os.Stat("/sys/kernel/btf/vmlinux"); err == nil {
		btf.OK, btf.Detail = true, fmt.Sprintf("/sys/kernel/btf/vmlinux, %.1f MB", float64(info.Size())/1e6)
	}
	jit := Item{Section: "System", Name: "JIT", Consequence: "programs run several times slower"}
	if text, ok := readLine("/proc/sys/net/core/bpf_jit_enable"); ok {
		jit.OK, jit.Detail = text != "0", "net.core.bpf_jit_enable = "+text
	}
	return []Item{kernel, cpus, btf, jit}
}

func providers(*Live) []Item {
	events := Item{Section: "Probes", Name: "tracefs", OK: true}
	if fs, err := tracefs.Find(); err == nil {
		events.Detail = fs.Root()
	} else {
		events.OK, events.Detail, events.Consequence = false, err.Error(), "no tracepoints"
	}
	items := []Item{
		events,
		pmu("kprobe", "kprobes", "no kprobe or kretprobe: use tracepoints"),
		pmu("uprobe", "uprobes", "no uprobe or uretprobe"),
		readable("/sys/kernel/tracing/available_filter_functions", "traceable functions", "kprobe wildcards come from the symbol table and may match what cannot be probed"),
		readable("/sys/kernel/debug/kprobes/blacklist", "kprobe blacklist", "what cannot be probed shows only when attaching"),
	}
	types := []struct {
		kind        ebpf.ProgramType
		consequence string
	}{
		{ebpf.TracePoint, "no tracepoints"},
		{ebpf.RawTracepoint, "no raw tracepoints, begin, end and interval"},
		{ebpf.Kprobe, "no kprobes and uprobes"},
		{ebpf.PerfEvent, "no profile, software and hardware probes"},
	}
	for _, t := range types {
		err := unlocked(func() error { return features.HaveProgramType(t.kind) })
		items = append(items, tried("Probes", strings.ToLower(t.kind.String())+" programs", err, t.consequence))
	}
	items = append(items, Item{
		Section: "Probes", Name: "tracepoint argument names", OK: tracepointNames(),
		Consequence: "the arguments of rawtracepoint are args.arg0, args.arg1 and so on",
	})
	return append(items, tried("Probes", "fentry", unlocked(fentry), "no fentry and fexit: use kprobes"))
}

// tried makes an item of the outcome of a try.
func tried(section, name string, err error, consequence string) Item {
	return Item{Section: section, Name: name, OK: err == nil, Detail: reason(err), Consequence: consequence}
}

// reason is what the kernel said, without how it was asked.
func reason(err error) string {
	var errno unix.Errno
	switch {
	case err == nil:
		return ""
	case errors.As(err, &errno):
		return errno.Error()
	}
	return err.Error()
}

func pmu(name, title, consequence string) Item {
	path := "/sys/bus/event_source/devices/" + name
	if _, err := os.Stat(path); err != nil {
		return Item{Section: "Probes", Name: title, Detail: "the kernel was built without them", Consequence: consequence}
	}
	return Item{Section: "Probes", Name: title, OK: true}
}

// readable tells whether a file can be read, which under lockdown its mode
// does not say.
func readable(path, name, consequence string) Item {
	file, err := os.Open(path)
	if err == nil {
		_, err = file.Read(make([]byte, 1))
		file.Close()
	}
	item := tried("Probes", name, err, consequence)
	if item.OK {
		item.Detail = path
	}
	return item
}

// code are the features that decide how a script is compiled.
func code(l *Live) []Item {
	var items []Item
	for _, f := range target.Features() {
		items = append(items, Item{Section: "Code", Name: string(f), OK: l.Have(f), Consequence: consequence(f)})
	}
	return items
}

// consequence says how gotrace does without a feature.
func consequence(f target.Feature) string {
	switch f {
	case target.FeatureTaskBTF:
		return "fields of curtask are read by a helper, which is slower"
	case target.FeatureAtomicFetch:
		return "@x++ as a value may see the increment of another CPU"
	case target.FeatureForEachMapElem:
		return "no for loops over maps"
	case target.FeatureAttachCookie:
		return "the probe builtin costs a program for each probe"
	case target.FeatureFuncIP:
		return "the func builtin looks at the instruction pointer"
	case target.FeatureLoop:
		return "loops are limited to about a thousand rounds"
	case target.FeatureKprobeMulti:
		return "many kprobes take long to attach"
	case target.FeaturePerCPULookup:
		return "aggregations that a script reads are shared between CPUs"
	case target.FeatureLazyHash:
		return "maps take their memory at the start"
	case target.FeatureTAI:
		return "no nsecs(tai): nsecs(sw_tai) is nearly the same"
	case target.FeatureUprobeMulti:
		return "many uprobes take long to attach"
	case target.FeatureSignedDivision:
		return "signed division takes a few instructions more"
	}
	return ""
}

// rights are what the system allows this process.
func rights(*Live) []Item {
	symbols := Item{Section: "Rights", Name: "kernel symbols", OK: true}
	if text, ok := readLine("/proc/sys/kernel/kptr_restrict"); ok {
		symbols.Detail = "kernel.kptr_restrict = " + text
		if text == "2" {
			symbols.OK, symbols.Consequence = false, "kernel stacks show addresses in place of names"
		}
	}
	return []Item{capability("CAP_BPF", unix.CAP_BPF), capability("CAP_PERFMON", unix.CAP_PERFMON), lockdown(), symbols, memlock()}
}

// lockdown tells what the kernel withholds even from root. Where its own file
// cannot be read, a file that only a lockdown closes to root gives it away.
func lockdown() Item {
	item := Item{Section: "Rights", Name: "lockdown", OK: true}
	text, ok := readLine("/sys/kernel/security/lockdown")
	switch {
	case ok:
		item.Detail = text
	case os.Geteuid() == 0 && closed("/sys/kernel/tracing/available_filter_functions"):
		item.Detail = "in force, to a degree that only /sys/kernel/security/lockdown tells (mount securityfs)"
	default:
		item.Detail = "not known: /sys/kernel/security/lockdown cannot be read (mount securityfs)"
	}
	if strings.Contains(text, "[confidentiality]") {
		item.OK, item.Consequence = false, "the kernel's memory cannot be read, and most probes fail"
	}
	return item
}

// closed reports whether a file is there and may not be opened.
func closed(path string) bool {
	file, err := os.Open(path)
	if err == nil {
		file.Close()
	}
	return errors.Is(err, fs.ErrPermission)
}

// capability tells whether this process has a capability: CAP_SYS_ADMIN stands
// for both of those that BPF wants.
func capability(name string, bit uint) Item {
	item := Item{Section: "Rights", Name: name, Consequence: "programs cannot be loaded or attached: run as root"}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		item.Detail = err.Error()
		return item
	}
	_, after, found := strings.Cut(string(status), "\nCapEff:")
	line, _, _ := strings.Cut(after, "\n")
	mask, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if found && err == nil {
		item.OK = mask>>bit&1 != 0 || mask>>unix.CAP_SYS_ADMIN&1 != 0
	}
	return item
}

// memlock tells the limit of locked memory, which kernels before 5.11 charge
// maps to.
func memlock() Item {
	item := Item{Section: "Rights", Name: "memlock", OK: true, Detail: "unlimited"}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err == nil && limit.Cur != unix.RLIM_INFINITY {
		item.Detail = fmt.Sprintf("%d kB; gotrace raises it where the kernel counts maps to it", limit.Cur/1024)
	}
	return item
}

func readLine(path string) (string, bool) {
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err == nil
}
