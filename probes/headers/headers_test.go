package headers

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree makes files with their own path as text.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func read(t *testing.T, set fs.FS, name string) string {
	t.Helper()
	f, err := set.Open(name)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestUserOrder(t *testing.T) {
	root := tree(t, "first/a.h", "second/a.h", "second/b.h", "third/b.h", "third/sys/c.h", "third/d/x")
	set := User([]string{filepath.Join(root, "first")}, env(map[string]string{
		"CPATH": filepath.Join(root, "second") + ":" + filepath.Join(root, "none"), "C_INCLUDE_PATH": filepath.Join(root, "third"),
	}), "amd64")
	got := map[string]string{}
	for _, name := range []string{"a.h", "b.h", "sys/c.h", "d", "../first/a.h", "/etc/passwd"} {
		got[name] = read(t, set, name)
	}
	want := map[string]string{
		"a.h": "first/a.h", "b.h": "second/b.h", "sys/c.h": "third/sys/c.h", "d": "open d: file does not exist",
		"../first/a.h": "open ../first/a.h: invalid argument", "/etc/passwd": "open /etc/passwd: invalid argument",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestKernelTrees(t *testing.T) {
	source := tree(t, "include/net/sock.h", "include/uapi/linux/in.h", "arch/x86/include/asm/a.h", "include/linux/in.h")
	build := tree(t, "include/generated/autoconf.h", "arch/x86/include/generated/asm/b.h")
	set := Kernel("1.2.3", "amd64", env(map[string]string{"BPFTRACE_KERNEL_SOURCE": source, "BPFTRACE_KERNEL_BUILD": build}))
	for name, want := range map[string]string{
		"net/sock.h": "include/net/sock.h", "linux/in.h": "include/linux/in.h", "asm/a.h": "arch/x86/include/asm/a.h",
		"asm/b.h": "arch/x86/include/generated/asm/b.h", "generated/autoconf.h": "include/generated/autoconf.h",
		"linux/none.h": "open linux/none.h: file does not exist",
	} {
		if got := read(t, set, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if dirs := Kernel("no-such-release", "amd64", env(nil)).List(); len(dirs) != 0 {
		t.Errorf("a kernel without headers has %v", dirs)
	}
}
