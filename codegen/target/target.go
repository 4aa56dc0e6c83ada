// Package target says what a kernel offers to code generation: the features
// that change the code, and the choices of a run. It is apart from package
// codegen so that whoever answers for a kernel need not import the compiler.
package target

// Feature is something that only some kernels have and that changes the code
// generated. The kernel version that brought it is in the comment; code asks
// for the feature, never for the version.
type Feature string

// The features. See the kernel's include/uapi/linux/bpf.h for the helpers.
const (
	FeatureTaskBTF        Feature = "get_current_task_btf"   // 5.11
	FeatureAtomicFetch    Feature = "atomic fetch"           // 5.12
	FeatureForEachMapElem Feature = "for_each_map_elem"      // 5.13
	FeatureAttachCookie   Feature = "attach cookie"          // 5.15
	FeatureFuncIP         Feature = "get_func_ip"            // 5.15 (kprobes)
	FeatureLoop           Feature = "bpf_loop"               // 5.17
	FeatureKprobeMulti    Feature = "kprobe_multi"           // 5.18
	FeaturePerCPULookup   Feature = "map_lookup_percpu_elem" // 5.19
	// FeatureLazyHash: all tracing programs, perf events too, may use hash maps
	// whose elements are allocated when they are inserted (BPF_F_NO_PREALLOC).
	FeatureLazyHash       Feature = "hash without preallocation" // 6.1
	FeatureTAI            Feature = "ktime_get_tai_ns"           // 6.1
	FeatureUprobeMulti    Feature = "uprobe_multi"               // 6.6
	FeatureSignedDivision Feature = "signed division"            // 6.6 (ISA v4)
)

// Since is the version of Linux that brought a feature, for messages.
func (f Feature) Since() string {
	switch f {
	case FeatureTaskBTF:
		return "5.11"
	case FeatureAtomicFetch:
		return "5.12"
	case FeatureForEachMapElem:
		return "5.13"
	case FeatureAttachCookie, FeatureFuncIP:
		return "5.15"
	case FeatureLoop:
		return "5.17"
	case FeatureKprobeMulti:
		return "5.18"
	case FeaturePerCPULookup:
		return "5.19"
	case FeatureLazyHash, FeatureTAI:
		return "6.1"
	}
	return "6.6"
}

// Features lists all features, in the order --info prints them.
func Features() []Feature {
	return []Feature{
		FeatureTaskBTF, FeatureAtomicFetch, FeatureForEachMapElem, FeatureAttachCookie,
		FeatureFuncIP, FeatureLoop, FeatureKprobeMulti, FeaturePerCPULookup,
		FeatureLazyHash, FeatureTAI, FeatureUprobeMulti, FeatureSignedDivision,
	}
}

// Target is the kernel to compile for.
type Target interface {
	// Have reports a feature. It may be slow the first time and is asked only
	// about what a script needs.
	Have(Feature) bool
	// Arch is the CPU in Go's naming ("amd64", "arm64"): it decides the layout
	// of struct pt_regs.
	Arch() string
	// PossibleCPUs is how many CPUs per-CPU maps have room for.
	PossibleCPUs() int
}

// Options are choices of the run that change the code.
type Options struct {
	// TargetPID limits probes to a process (-p): a filter for those that the
	// kernel cannot limit itself.
	TargetPID int
	// ChildPID is the value of cpid (-c).
	ChildPID int
	// StartBootNS is the value of CLOCK_BOOTTIME at the start, for elapsed.
	StartBootNS uint64
	// TAIOffsetNS is CLOCK_TAI less CLOCK_BOOTTIME at the start, for
	// nsecs(sw_tai).
	TAIOffsetNS int64
	// WallOffsetNS is CLOCK_REALTIME less CLOCK_BOOTTIME at the start, for
	// tseries.
	WallOffsetNS int64
	// SharedMaps says that programs of other objects may update the maps of this
	// one: in a session to which objects are added.
	SharedMaps bool
	// NamePrefix begins the names of programs and maps in the kernel.
	NamePrefix string
}
