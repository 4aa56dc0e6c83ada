package attach_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/attach"
	"github.com/gotrace/gotrace/probes/features"
)

// victimVariable makes the test program one that attaches and waits: see
// TestKillLeavesNothing.
const victimVariable = "GOTRACE_TEST_ATTACH_AND_WAIT"

// gone waits until a program is not in the kernel any more.
func gone(t *testing.T, id ebpf.ProgramID) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		prog, err := ebpf.NewProgramFromID(id)
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		if err == nil {
			prog.Close()
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("program %d is still there: %v", id, err)
		}
	}
}

func programID(t *testing.T, prog *ebpf.Program) ebpf.ProgramID {
	t.Helper()
	info, err := prog.Info()
	if err != nil {
		t.Fatal(err)
	}
	id, ok := info.ID()
	if !ok {
		t.Skip("this kernel's programs have no numbers")
	}
	return id
}

func manyPoints() []point.Point {
	var points []point.Point
	for _, call := range []string{"getppid", "getuid", "getgid", "geteuid", "getegid", "getsid", "getpgid", "getcpu"} {
		points = append(points, tracepoint("syscalls", "sys_enter_"+call))
	}
	return points
}

func TestCloseLeavesNothing(t *testing.T) {
	c := newCounter(t, ebpf.TracePoint, ebpf.AttachNone, os.Getpid())
	id := programID(t, c.Program)
	before := descriptors(t)
	link := c.put(t, attach.Options{}, manyPoints()...)
	if err := attach.CloseAll(link, link); err != nil {
		t.Error(err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors left open", after-before)
	}
	if err := c.Program.Close(); err != nil {
		t.Error(err)
	}
	gone(t, id)
}

func TestKillLeavesNothing(t *testing.T) {
	if os.Getenv(victimVariable) != "" {
		c := newCounter(t, ebpf.TracePoint, ebpf.AttachNone, 0)
		c.put(t, attach.Options{}, manyPoints()...)
		fmt.Printf("attached %d\n", programID(t, c.Program))
		time.Sleep(time.Hour)
	}
	needRoot(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestKillLeavesNothing$")
	cmd.Env = append(os.Environ(), victimVariable+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var id ebpf.ProgramID
	lines := bufio.NewScanner(out)
	for id == 0 && lines.Scan() {
		fmt.Sscanf(lines.Text(), "attached %d", &id)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if id == 0 {
		t.Fatal("the other process did not attach")
	}
	gone(t, id)
}

func TestCookies(t *testing.T) {
	needRoot(t)
	if !features.NewLive().Have(target.FeatureAttachCookie) {
		t.Skip("this kernel has no cookies")
	}
	last, err := ebpf.NewMap(&ebpf.MapSpec{Name: "last", Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer last.Close()
	prog, err := ebpf.NewProgram(&ebpf.ProgramSpec{Name: "gt_test", Type: ebpf.TracePoint, License: "GPL", Instructions: asm.Instructions{
		asm.Mov.Reg(asm.R6, asm.R1),
		asm.FnGetCurrentPidTgid.Call(),
		asm.RSh.Imm(asm.R0, 32),
		asm.JNE.Imm(asm.R0, int32(os.Getpid()), "out"),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.FnGetAttachCookie.Call(),
		asm.LoadMapValue(asm.R1, last.FD(), 0),
		asm.StoreMem(asm.R1, 0, asm.R0, asm.DWord),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("out"),
		asm.Return(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer prog.Close()
	link, err := attach.Attach(t.Context(), prog, object.Program{
		Context: point.Tracepoint,
		Points:  []point.Point{tracepoint("syscalls", "sys_enter_getppid"), tracepoint("syscalls", "sys_enter_getuid")},
		Cookies: []uint64{7, 1 << 40},
	}, attach.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	for _, test := range []struct {
		call func() int
		want uint64
	}{{unix.Getppid, 7}, {unix.Getuid, 1 << 40}} {
		test.call()
		var got uint64
		if err := last.Lookup(uint32(0), &got); err != nil || got != test.want {
			t.Errorf("cookie %d, want %d, %v", got, test.want, err)
		}
	}
}

// BenchmarkClose is what the user waits for at the end.
func BenchmarkClose(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("needs root to load BPF programs")
	}
	prog, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.TracePoint, License: "GPL", Instructions: asm.Instructions{
		asm.Mov.Imm(asm.R0, 0), asm.Return(),
	}})
	if err != nil {
		b.Fatal(err)
	}
	defer prog.Close()
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				link, err := attach.Attach(b.Context(), prog, object.Program{Context: point.Tracepoint, Points: manyPoints()[:n]}, attach.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				link.Close()
			}
		})
	}
}
