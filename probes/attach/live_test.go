package attach_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/attach"
)

// counter is a program that counts its runs by this process, or by any.
type counter struct {
	*ebpf.Program
	runs *ebpf.Map
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to load BPF programs")
	}
}

// newCounter loads a program that returns 0 after adding one to a counter. Pid
// limits it to a process; zero does not.
func newCounter(t *testing.T, kind ebpf.ProgramType, attachType ebpf.AttachType, pid int) counter {
	t.Helper()
	needRoot(t)
	runs, err := ebpf.NewMap(&ebpf.MapSpec{Name: "runs", Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { runs.Close() })
	var code asm.Instructions
	if pid != 0 {
		code = asm.Instructions{
			asm.FnGetCurrentPidTgid.Call(),
			asm.RSh.Imm(asm.R0, 32),
			asm.JNE.Imm(asm.R0, int32(pid), "out"),
		}
	}
	code = append(code,
		asm.LoadMapValue(asm.R1, runs.FD(), 0),
		asm.Mov.Imm(asm.R2, 1),
		asm.AddAtomic.Mem(asm.R1, asm.R2, asm.DWord, 0),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("out"),
		asm.Return(),
	)
	prog, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "gt_test", Type: kind, AttachType: attachType, License: "GPL", Instructions: code,
	})
	if errors.Is(err, ebpf.ErrNotSupported) {
		t.Skipf("this kernel does not have such programs: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { prog.Close() })
	return counter{prog, runs}
}

func (c counter) count(t *testing.T) uint64 {
	t.Helper()
	var n uint64
	if err := c.runs.Lookup(uint32(0), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// put attaches a counter to points, until the end of the test at the latest.
func (c counter) put(t *testing.T, opts attach.Options, points ...point.Point) *attach.Link {
	t.Helper()
	link, err := attach.Attach(t.Context(), c.Program, object.Program{Context: points[0].Context, Points: points}, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return link
}

func tracepoint(category, event string) point.Point {
	return point.Point{
		Provider: "tracepoint", Name: "tracepoint:" + category + ":" + event, Context: point.Tracepoint,
		Attach: point.Attach{Category: category, Event: event},
	}
}

func TestTracepointCountsOnEveryCPU(t *testing.T) {
	c := newCounter(t, ebpf.TracePoint, ebpf.AttachNone, os.Getpid())
	link := c.put(t, attach.Options{}, tracepoint("syscalls", "sys_enter_getppid"))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old unix.CPUSet
	if err := unix.SchedGetaffinity(0, &old); err != nil {
		t.Fatal(err)
	}
	defer unix.SchedSetaffinity(0, &old)
	want := uint64(0)
	for cpu := range 8 {
		if !old.IsSet(cpu) {
			continue
		}
		var one unix.CPUSet
		one.Set(cpu)
		if err := unix.SchedSetaffinity(0, &one); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			unix.Getppid()
		}
		want += 100
	}
	if got := c.count(t); got != want {
		t.Errorf("%d runs, want %d", got, want)
	}
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	unix.Getppid()
	if got := c.count(t); got != want {
		t.Errorf("%d runs after the link was closed, want %d", got, want)
	}
}

func TestRawTracepoint(t *testing.T) {
	c := newCounter(t, ebpf.RawTracepoint, ebpf.AttachNone, os.Getpid())
	link := c.put(t, attach.Options{}, point.Point{
		Provider: "rawtracepoint", Name: "rawtracepoint:vmlinux:sys_enter", Context: point.RawTracepoint,
		Attach: point.Attach{Event: "sys_enter", Module: "vmlinux"},
	})
	for range 100 {
		unix.Getppid()
	}
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	if got := c.count(t); got < 100 {
		t.Errorf("%d runs, want at least 100", got)
	}
}

func TestProfileSamplesBusyCPU(t *testing.T) {
	c := newCounter(t, ebpf.PerfEvent, ebpf.AttachNone, 0)
	for _, opts := range []attach.Options{{}, {PID: os.Getpid()}} {
		before := c.count(t)
		link := c.put(t, opts, point.Point{
			Provider: "profile", Name: "profile:hz:997", Context: point.PerfEvent,
			Attach: point.Attach{Frequency: 997, Period: 1_000_000_000 / 997},
		})
		spin(200 * time.Millisecond)
		if err := link.Close(); err != nil {
			t.Error(err)
		}
		if got := c.count(t) - before; got < 50 {
			t.Errorf("pid %d: %d samples of 200 ms at 997 Hz", opts.PID, got)
		}
		after := c.count(t)
		spin(20 * time.Millisecond)
		if got := c.count(t); got != after {
			t.Errorf("%d samples after the link was closed", got-after)
		}
	}
}

// spin uses the CPU for a time, however many others want it too.
func spin(d time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for start := threadTime(); threadTime()-start < d; {
		// Only to use the CPU.
	}
}

func threadTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		panic(err)
	}
	return time.Duration(now.Nano())
}

func TestSoftwareEventPeriod(t *testing.T) {
	c := newCounter(t, ebpf.PerfEvent, ebpf.AttachNone, os.Getpid())
	link := c.put(t, attach.Options{}, point.Point{
		Provider: "software", Name: "software:page-faults:10", Context: point.PerfEvent,
		Attach: point.Attach{Event: "page-faults", Period: 10, PerfType: unix.PERF_TYPE_SOFTWARE, PerfConfig: unix.PERF_COUNT_SW_PAGE_FAULTS},
	})
	const pages = 1000
	memory, err := unix.Mmap(-1, 0, pages*4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Madvise(memory, unix.MADV_NOHUGEPAGE); err != nil {
		t.Log(err)
	}
	for i := range pages {
		memory[i*4096] = 1
	}
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	unix.Munmap(memory)
	// Faults of others on the same CPU count towards the period as well.
	if got := c.count(t); got < pages/10*8/10 || got > pages/10*3 {
		t.Errorf("%d samples of %d faults, every 10th", got, pages)
	}
}

func TestMissingTracepointUndoesTheOthers(t *testing.T) {
	c := newCounter(t, ebpf.TracePoint, ebpf.AttachNone, os.Getpid())
	program := object.Program{Context: point.Tracepoint, Points: []point.Point{
		tracepoint("syscalls", "sys_enter_getppid"), tracepoint("syscalls", "sys_enter_nothing"),
	}}
	before := descriptors(t)
	_, err := attach.Attach(t.Context(), c.Program, program, attach.Options{})
	var named *attach.Error
	if !errors.As(err, &named) || named.Point.Name != "tracepoint:syscalls:sys_enter_nothing" || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v", err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors left open", after-before)
	}
	unix.Getppid()
	if got := c.count(t); got != 0 {
		t.Errorf("the first point is still attached: %d runs", got)
	}
	var skipped []string
	link, err := attach.Attach(t.Context(), c.Program, program, attach.Options{Skip: func(p point.Point, _ error) bool {
		skipped = append(skipped, p.Name)
		return true
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if len(skipped) != 1 || len(link.Points()) != 1 {
		t.Errorf("skipped %v, attached %v", skipped, link.Points())
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestCancelledContext(t *testing.T) {
	c := newCounter(t, ebpf.TracePoint, ebpf.AttachNone, os.Getpid())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	program := object.Program{Context: point.Tracepoint, Points: []point.Point{tracepoint("syscalls", "sys_enter_getppid")}}
	if _, err := attach.Attach(ctx, c.Program, program, attach.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
