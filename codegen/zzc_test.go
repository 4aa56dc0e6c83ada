package codegen

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

func TestZZBurst(t *testing.T) {
	if os.Getenv("ZZB") == "" {
		t.Skip()
	}
	runtime.LockOSThread()
	w := world(t)
	for _, pre := range []bool{false, true} {
		for _, sc := range []string{"@[nsecs] = count();", "@[nsecs] = 1;", "@[nsecs, kstack] = count();"} {
			prog, err := front(w, "b.bt", "config = { max_map_keys=300000 } tracepoint:syscalls:sys_enter_getppid { "+sc+" }")
			if err != nil {
				t.Fatal(err)
			}
			c := &compiler{prog: prog, target: newest}
			obj, err := c.compile()
			if err != nil {
				t.Fatal(err)
			}
			if pre {
				for _, m := range obj.Spec.Maps {
					m.Flags &^= 1
				}
			}
			coll, err := ebpf.NewCollection(obj.Spec)
			if err != nil {
				t.Fatal(err)
			}
			p := coll.Programs["sys_enter_getppid"]
			l, err := link.Tracepoint("syscalls", "sys_enter_getppid", p, nil)
			if err != nil {
				t.Fatal(err)
			}
			for k := 0; k < 200000; k++ {
				syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
			}
			l.Close()
			for i, ls := range obj.Manifest.Losses {
				var counts []uint64
				_ = coll.Maps["losses"].Lookup(uint32(i), &counts)
				fmt.Println(pre, sc, ls.Cause, counts)
			}
			coll.Close()
		}
	}
}
