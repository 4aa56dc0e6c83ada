package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestIterators runs each iterator over this process: what it has open and
// mapped is found, and the trace ends by itself.
func TestIterators(t *testing.T) {
	needRoot(t)
	data, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	comm := strings.TrimSpace(string(data))
	file, err := os.Create(filepath.Join(t.TempDir(), "iterated"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	mapped, err := unix.MmapPtr(-1, 0, nil, 1<<20, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.MunmapPtr(mapped, 1<<20); err != nil {
			t.Error(err)
		}
	})
	fill := strings.NewReplacer("COMM", comm, "FILE", file.Name(), "FD", fmt.Sprint(file.Fd()), "ADDRESS", fmt.Sprint(uintptr(mapped)))
	cases := []struct{ name, script, want string }{
		{"task", `iter:task /ctx.task.comm == "COMM"/ { printf("%s %s %d\n", probe, ctx.task.comm, ctx.task.tgid != 0); }`, "iter:task COMM 1\n"},
		{"task_file", `iter:task_file /path(ctx.file.f_path) == "FILE"/ { printf("%s %d\n", ctx.task.comm, ctx.fd); }`, "COMM FD\n"},
		{"task_vma", `iter:task_vma /ctx.task.comm == "COMM" && ctx.vma.vm_start <= ADDRESS && ctx.vma.vm_end > ADDRESS/ { printf("%s\n", ctx->task->comm); }`, "COMM\n"},
		{"map", `iter:task { @all = count(); }`, "@all: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, options{}, gotrace, "-e", fill.Replace(c.script))
			if r.code != 0 {
				t.Fatalf("exit code %d: %s", r.code, r.stderr)
			}
			if want := fill.Replace(c.want); !strings.Contains(r.stdout, want) {
				t.Errorf("no %q in %q", want, r.stdout)
			}
		})
	}
}

// TestIteratorList lists what the iterators have in ctx.
func TestIteratorList(t *testing.T) {
	needRoot(t)
	r := run(t, options{}, gotrace, "-lv", "iter:task_v*")
	const want = "iter:task_vma\n    struct bpf_iter_meta * meta\n    struct task_struct * task\n    struct vm_area_struct * vma\n"
	if r.stdout != want {
		t.Errorf("%q", r.stdout)
	}
}

// TestIteratorAlone refuses what bpftrace refuses.
func TestIteratorAlone(t *testing.T) {
	needRoot(t)
	for script, want := range map[string]string{
		`begin { } iter:task { }`:          "1:11: error: an iterator cannot be mixed with other probes",
		`begin, it:task { }`:               "1:8: error: an iterator cannot be mixed with other probes",
		`iter:task, iter:task_vma { }`:     "1:1: error: an iterator cannot be mixed with other probes",
		`iter:task { print(args.task); }`:  "those of ctx",
		`iter:task { print(ctx.taks); }`:   `has no argument "taks"`,
		`iter:task_* { print(ctx.task); }`: "iter takes no wildcards",
	} {
		if r := run(t, options{}, gotrace, "-e", script); r.code == 0 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: %s", script, r.stderr)
		}
	}
}
