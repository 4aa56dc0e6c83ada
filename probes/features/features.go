// Package features finds out what a kernel can do: for code generation, which
// asks for single features (Live, Pinned), and for people, who want to know why
// something does not work (Info).
//
// A feature of the live kernel is tried, never read off a version: kernels are
// patched and configured. Each is tried once and only when asked for, as a try
// costs up to a millisecond of the start.
package features

import (
	"runtime"
	"sync"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/features"

	"github.com/gotrace/gotrace/codegen/target"
)

// Live is the running kernel. It is safe for concurrent use.
type Live struct {
	mu    sync.Mutex
	known map[target.Feature]bool
	cpus  func() int
}

var _ target.Target = (*Live)(nil)

// NewLive returns the running kernel. Nothing is tried yet.
func NewLive() *Live {
	return &Live{known: map[target.Feature]bool{}, cpus: sync.OnceValue(possibleCPUs)}
}

// Have tries a feature, the first time it is asked for. One that cannot be
// tried, for lack of rights, is one that the kernel does not have: loading the
// script will say what is wrong.
func (l *Live) Have(f target.Feature) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	have, tried := l.known[f]
	if !tried {
		have = unlocked(func() error { return try(f) }) == nil
		l.known[f] = have
	}
	return have
}

// Disable makes the kernel one without a feature: --no-feature.
func (l *Live) Disable(f target.Feature) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[f] = false
}

// Arch is the architecture of this program and so of the kernel.
func (l *Live) Arch() string { return runtime.GOARCH }

// PossibleCPUs is how many CPUs the kernel has room for.
func (l *Live) PossibleCPUs() int { return l.cpus() }

func possibleCPUs() int {
	n, err := ebpf.PossibleCPU()
	if err != nil {
		// sysfs is not mounted: those online are what is left to count.
		return runtime.NumCPU()
	}
	return n
}

// try returns nil if the kernel has a feature.
func try(f target.Feature) error {
	switch f {
	case target.FeatureTaskBTF:
		return features.HaveProgramHelper(ebpf.TracePoint, asm.FnGetCurrentTaskBtf)
	case target.FeatureAtomicFetch:
		return load(ebpf.TracePoint, atomicFetch())
	case target.FeatureForEachMapElem:
		return features.HaveProgramHelper(ebpf.TracePoint, asm.FnForEachMapElem)
	case target.FeatureAttachCookie:
		return features.HaveProgramHelper(ebpf.TracePoint, asm.FnGetAttachCookie)
	case target.FeatureFuncIP:
		return features.HaveProgramHelper(ebpf.Kprobe, asm.FnGetFuncIp)
	case target.FeatureLoop:
		return features.HaveProgramHelper(ebpf.TracePoint, asm.FnLoop)
	case target.FeatureKprobeMulti:
		return features.HaveBPFLinkKprobeMulti()
	case target.FeaturePerCPULookup:
		return features.HaveProgramHelper(ebpf.TracePoint, asm.FnMapLookupPercpuElem)
	case target.FeatureLazyHash:
		return lazyHash()
	case target.FeatureTAI:
		return features.HaveProgramHelper(ebpf.TracePoint, asm.FnKtimeGetTaiNs)
	case target.FeatureUprobeMulti:
		return features.HaveBPFLinkUprobeMulti()
	case target.FeatureSignedDivision:
		return load(ebpf.TracePoint, signedDivision())
	}
	return ebpf.ErrNotSupported
}

// load tries whether the kernel takes a program.
func load(kind ebpf.ProgramType, code asm.Instructions) error {
	prog, err := ebpf.NewProgramWithOptions(
		&ebpf.ProgramSpec{Name: "gotrace_try", Type: kind, License: "GPL", Instructions: code},
		ebpf.ProgramOptions{LogDisabled: true},
	)
	if err != nil {
		return err
	}
	return prog.Close()
}

// atomicFetch adds to memory and gets what was there.
func atomicFetch() asm.Instructions {
	add := asm.FetchAdd.Mem(asm.RFP, asm.R1, asm.DWord, -8)
	// BPF_FETCH: cilium/ebpf v0.22.0 leaves the constant out when it encodes the
	// instruction, which makes a plain add of it.
	add.Constant = 1
	return asm.Instructions{
		asm.Mov.Imm(asm.R1, 1),
		asm.StoreMem(asm.RFP, -8, asm.R1, asm.DWord),
		add,
		asm.Mov.Imm(asm.R0, 0),
		asm.Return(),
	}
}

// signedDivision divides in the way that instruction set v4 brought.
func signedDivision() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R0, -6),
		asm.SDiv.Imm(asm.R0, 2),
		asm.Mov.Imm(asm.R0, 0),
		asm.Return(),
	}
}

// lazyHash uses a hash that allocates when written from the program type that
// was the last to be allowed it: perf events, which run in NMIs.
func lazyHash() error {
	// BPF_F_NO_PREALLOC (include/uapi/linux/bpf.h).
	const noPrealloc = 1
	m, err := ebpf.NewMap(&ebpf.MapSpec{
		Name: "gotrace_try", Type: ebpf.Hash, KeySize: 8, ValueSize: 8, MaxEntries: 1, Flags: noPrealloc,
	})
	if err != nil {
		return err
	}
	defer m.Close()
	return load(ebpf.PerfEvent, asm.Instructions{
		asm.StoreImm(asm.RFP, -8, 0, asm.Word),
		asm.StoreImm(asm.RFP, -4, 0, asm.Word),
		asm.LoadMapPtr(asm.R1, m.FD()),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, -8),
		asm.FnMapDeleteElem.Call(),
		asm.Mov.Imm(asm.R0, 0),
		asm.Return(),
	})
}
