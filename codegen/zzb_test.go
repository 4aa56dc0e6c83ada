package codegen

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

func TestZZBench(t *testing.T) {
	if os.Getenv("ZZB") == "" {
		t.Skip()
	}
	s, err := ebpf.EnableStats(uint32(unix.BPF_STATS_RUN_TIME))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	runtime.LockOSThread()
	w := world(t)
	scripts := []string{"", "@ = count();", "@[comm] = count();", "@ = hist(nsecs);", "@ = lhist(nsecs, 0, 1000000, 1000);", "@[pid, comm] = sum(pid);",
		"@start[tid] = nsecs; ", "@start[tid] = nsecs; if (@start[tid]) { @ns = hist(nsecs - @start[tid]); delete(@start, tid); }",
		`printf("%d %s\n", pid, comm);`, `printf("%s\n", str(uptr((int8*)0x7ffff000)));`, "@[kstack] = count();", "@[ustack] = count();", "@[curtask.pid] = count();", "@x++;", "@x[1]++;",
		`if (comm == "bash") { @ = count(); }`}
	res := make([][]float64, len(scripts))
	for round := 0; round < 5; round++ {
		for i, sc := range scripts {
			prog, err := front(w, "b.bt", "tracepoint:syscalls:sys_enter_getppid { "+sc+" }")
			if err != nil {
				t.Fatal(err)
			}
			c := &compiler{prog: prog, target: newest}
			obj, err := c.compile()
			if err != nil {
				t.Fatal(err)
			}
			if os.Getenv("PRE") != "" {
				for _, m := range obj.Spec.Maps {
					m.Flags &^= 1
				}
			}
			t0 := time.Now()
			coll, err := ebpf.NewCollection(obj.Spec)
			if err != nil {
				t.Fatal(err)
			}
			load := time.Since(t0)
			p := coll.Programs["sys_enter_getppid"]
			l, err := link.Tracepoint("syscalls", "sys_enter_getppid", p, nil)
			if err != nil {
				t.Fatal(err)
			}
			tid := uint32(0)
			_ = tid
			for k := 0; k < 20000; k++ {
				syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
			}
			a, _ := p.Stats()
			for k := 0; k < 100000; k++ {
				syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
			}
			b, _ := p.Stats()
			res[i] = append(res[i], float64(b.Runtime-a.Runtime)/float64(b.RunCount-a.RunCount))
			l.Close()
			coll.Close()
			if round == 4 {
				slices.Sort(res[i])
				fmt.Printf("%7.1f net %7.1f  load %v %s\n", res[i][2], res[i][2]-res[0][2], load, sc)
			}
		}
	}
}
