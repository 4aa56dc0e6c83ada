//go:build linux

package vmtest

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestVMGuest checks what scripts/test-vm.sh promises to the other tests, so
// that a guest that lacks something fails here and says what.
func TestVMGuest(t *testing.T) {
	if os.Getenv("GOTRACE_VM") == "" {
		t.Skip("not in the virtual machine (make test-vm)")
	}

	t.Run("kernel", func(t *testing.T) {
		var uts unix.Utsname
		if err := unix.Uname(&uts); err != nil {
			t.Fatal(err)
		}
		release, want := unix.ByteSliceToString(uts.Release[:]), os.Getenv("GOTRACE_VM_KERNEL")
		if !strings.HasPrefix(release, want+".") {
			t.Errorf("runs Linux %s, want %s", release, want)
		}
	})

	t.Run("files", func(t *testing.T) {
		for _, path := range []string{
			"/sys/kernel/btf/vmlinux",
			"/sys/kernel/tracing/available_filter_functions",
			"/sys/kernel/tracing/kprobe_events",
			"/sys/kernel/tracing/uprobe_events",
			"/sys/kernel/tracing/events/syscalls/sys_enter_openat/format",
			"/sys/kernel/debug/tracing/README",
			"/proc/self/exe",
			"/etc/passwd",
			"../../go.mod",
		} {
			f, err := os.Open(path)
			if err != nil {
				t.Error(err)
				continue
			}
			f.Close()
		}
	})

	t.Run("mounts", func(t *testing.T) {
		for path, magic := range map[string]int64{
			"/sys/fs/bpf":    unix.BPF_FS_MAGIC,
			"/sys/fs/cgroup": unix.CGROUP2_SUPER_MAGIC,
			"/tmp":           unix.TMPFS_MAGIC,
		} {
			var st unix.Statfs_t
			if err := unix.Statfs(path, &st); err != nil {
				t.Errorf("%s: %v", path, err)
			} else if st.Type != magic {
				t.Errorf("%s is of type %#x, want %#x", path, st.Type, magic)
			}
		}
	})

	t.Run("loopback", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	})

	t.Run("commands", func(t *testing.T) {
		for _, name := range []string{os.Getenv("GOTRACE_BIN"), "sh", "ls", "cat", "sleep", "dd", "nc"} {
			if _, err := exec.LookPath(name); err != nil {
				t.Error(err)
			}
		}
	})
}
