package uapi

import (
	"strings"
	"testing"
)

func TestConstants(t *testing.T) {
	table := For("amd64")
	for name, want := range map[string]int64{
		"AF_INET": 2, "AF_INET6": 10, "SOCK_STREAM": 1, "IPPROTO_TCP": 6, "O_CREAT": 0o100, "O_LARGEFILE": 0o100000,
		"EPERM": 1, "EINPROGRESS": 115, "SIGKILL": 9, "S_IFMT": 0o170000, "CLONE_NEWNS": 0x20000, "TCP_ESTABLISHED": 1,
		"TCP_NEW_SYN_RECV": 12, "MSG_PEEK": 2, "PROT_EXEC": 4, "MAP_ANONYMOUS": 0x20, "FMODE_WRITE": 2, "NSEC_PER_SEC": 1e9,
		"AT_FDCWD": -100, "TASK_RUNNING": 0, "SYS_openat": 257, "PATH_MAX": 4096, "ULONG_MAX": -1, "STDERR_FILENO": 2,
	} {
		if got, ok := table.Constant(name); !ok || got != want {
			t.Errorf("%s is %d, %v; want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "AF_INE", "AF_INET 2\nAF_INET6", "F_INET", "linux/socket.h", ">linux/socket.h", "2"} {
		if got, ok := table.Constant(name); ok {
			t.Errorf("%q is %d", name, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	table := For("amd64")
	for _, name := range []string{"linux/socket.h", "sys/socket.h", "net/sock.h", "linux/net.h", "linux/futex.h", "errno.h"} {
		if !table.Has(name) {
			t.Errorf("nothing is known of %s", name)
		}
	}
	for _, name := range []string{"", "socket.h", "linux/socket", "linux/nothing.h", "AF_INET", "EPERM 1"} {
		if table.Has(name) {
			t.Errorf("%q is a header", name)
		}
	}
	for name, want := range map[string]string{"AF_INET": "linux/socket.h", "EPERM": "linux/errno.h", "FUTEX_WAIT": "linux/futex.h", "SYS_read": "sys/syscall.h", "NOTHING": ""} {
		if got, _ := table.Header(name); got != want {
			t.Errorf("%s is in %q, want %q", name, got, want)
		}
	}
}

func TestOtherCPUs(t *testing.T) {
	table := For("arm64")
	if v, ok := table.Constant("AF_INET"); !ok || v != 2 {
		t.Errorf("AF_INET is %d, %v", v, ok)
	}
	for _, name := range []string{"O_DIRECT", "SYS_read", "__NR_read"} {
		if v, ok := table.Constant(name); ok {
			t.Errorf("%s is %d as on x86-64", name, v)
		}
	}
}

// TestTable holds the generated file to its form: the functions rely on it.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(strings.TrimPrefix(table, "\n")) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, ">") {
			continue
		}
		name, value, ok := strings.Cut(line, " ")
		if _, number := number(value); !ok || !number || seen[name] {
			t.Errorf("line %q", line)
		}
		seen[name] = true
	}
	if len(seen) < 2000 {
		t.Errorf("only %d constants", len(seen))
	}
}
