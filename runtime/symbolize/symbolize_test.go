package symbolize

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gotrace/gotrace/lang/types"
)

// fakeProc makes a proc directory with the given files.
func fakeProc(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const kallsyms = `ffffffff81000000 T _text
ffffffff81000000 T startup_64
ffffffff81000100 t vfs_read
ffffffff81000200 D some_data
ffffffff81000300 T vfs_write
ffffffffc0000000 t bpf_prog_1	[bpf]
nonsense
`

func TestKernel(t *testing.T) {
	s := New(Options{Proc: fakeProc(t, map[string]string{"kallsyms": kallsyms})})
	for _, tt := range []struct {
		addr uint64
		want string
	}{
		{0xffffffff81000000, "_text+0 "},
		{0xffffffff81000105, "vfs_read+5 "},
		{0xffffffff81000201, "vfs_read+257 "},
		{0xffffffffc0000010, "bpf_prog_1+16 bpf"},
		{10, "none"},
	} {
		name, offset, module, ok := s.Kernel(tt.addr)
		got := fmt.Sprintf("%s+%d %s", name, offset, module)
		if !ok {
			got = "none"
		}
		if got != tt.want {
			t.Errorf("%#x is %q, want %q", tt.addr, got, tt.want)
		}
	}
	if got := string(s.AppendKernel(nil, 10)); got != "0xa" {
		t.Errorf("an address without a name is %q", got)
	}
}

// TestStack prints a stack in each mode; the layout is bpftrace's.
func TestStack(t *testing.T) {
	s := New(Options{Proc: fakeProc(t, map[string]string{"kallsyms": kallsyms})})
	addrs := []uint64{0xffffffff81000105, 10}
	for mode, want := range map[types.StackMode]string{
		"":                  "\n        vfs_read+5\n        0xa\n",
		types.StackBpftrace: "\n        vfs_read+5\n        0xa\n",
		types.StackPerf:     "\n\tffffffff81000105 vfs_read+5\n\ta 0xa\n",
		types.StackRaw:      "\nffffffff81000105\na\n",
	} {
		if got := string(s.AppendStack(nil, mode, 0, addrs)); got != want {
			t.Errorf("mode %q: %q, want %q", mode, got, want)
		}
	}
	if got := string(s.AppendStack(nil, types.StackPerf, 4711, addrs[1:])); got != "\n\ta 0xa ([unknown])\n" {
		t.Errorf("user stack: %q", got)
	}
}

func TestBuildIDs(t *testing.T) {
	frames := make([]byte, 3*buildIDFrame)
	frames[0] = 1
	copy(frames[4:], "\xa2\x26")
	frames[24] = 0x10
	frames[32] = 2
	frames[32+24] = 0x99
	want := "\na226" + strings.Repeat("0", 36) + " 0x10\n99\n"
	if got := string(New(Options{}).AppendBuildIDs(nil, frames)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSelf names a function of this test by its address.
func TestSelf(t *testing.T) {
	s := New(Options{})
	addr := uint64(reflect.ValueOf(TestSelf).Pointer())
	name, offset, file, ok := s.User(addr+3, uint32(os.Getpid()))
	if !ok || !strings.HasSuffix(name, "symbolize.TestSelf") || offset != 3 || !strings.HasSuffix(file, ".test") {
		t.Errorf("%q+%d in %q, %v", name, offset, file, ok)
	}
	if _, _, _, ok := s.User(1, uint32(os.Getpid())); ok {
		t.Error("address 1 has a name")
	}
}

// TestVDSO names a function of the kernel's library.
func TestVDSO(t *testing.T) {
	s := New(Options{})
	for _, m := range s.process(uint32(os.Getpid())).maps {
		if m.path != "[vdso]" {
			continue
		}
		table := s.readVDSO()
		if len(table.funcs) == 0 {
			t.Fatal("the vdso has no functions")
		}
		name, _, file, ok := s.User(m.start+table.funcs[0].addr, uint32(os.Getpid()))
		if !ok || !strings.Contains(name, "vdso") || file != "[vdso]" {
			t.Errorf("%q in %q, %v", name, file, ok)
		}
		return
	}
	t.Skip("no vdso is mapped")
}

// TestGone names addresses of a process that has ended: it was seen before.
func TestGone(t *testing.T) {
	cmd := exec.Command("/bin/sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	time.Sleep(20 * time.Millisecond) // until it has loaded its libraries
	pid := uint32(cmd.Process.Pid)
	s := New(Options{})
	clock := time.Now()
	s.now = func() time.Time { return clock }
	s.Observe(pid)
	var libc mapping
	for _, m := range s.procs[pid].maps {
		if strings.Contains(m.path, "libc") {
			libc = m
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	clock = clock.Add(time.Hour)
	if libc.path == "" {
		t.Skip("sleep has no C library")
	}
	table, err := readELF(libc.path)
	if err != nil {
		t.Fatal(err)
	}
	fn := functionIn(t, table, libc)
	name, offset, file, ok := s.User(fn+1, pid)
	if !ok || name == "" || offset != 1 || file != libc.path {
		t.Errorf("%q+%d in %q, %v", name, offset, file, ok)
	}
}

// TestMissRefreshes: what a process has mapped since it was seen is looked for
// when an address is not in the picture, and not at every such address.
func TestMissRefreshes(t *testing.T) {
	pid := uint32(os.Getpid())
	s := New(Options{})
	clock := time.Now()
	s.now = func() time.Time { return clock }
	s.Observe(pid)
	p := s.procs[pid]
	all := p.maps
	p.maps = nil // as if nothing had been loaded then
	addr := all[0].start + 1
	if s.User(addr, pid); len(p.maps) != 0 {
		t.Error("read anew at once")
	}
	clock = clock.Add(missAfter)
	if s.User(addr, pid); len(p.maps) == 0 {
		t.Error("not read anew")
	}
}

// functionIn returns the address in memory of a function of a mapped file.
func functionIn(t *testing.T, table *elfTable, m mapping) uint64 {
	t.Helper()
	for _, fn := range table.funcs {
		for _, l := range table.loads {
			off := fn.addr - l.addr + l.offset
			if fn.size > 8 && fn.addr >= l.addr && fn.addr-l.addr < l.size && off >= m.offset && off-m.offset < m.end-m.start {
				return m.start + off - m.offset
			}
		}
	}
	t.Skip("no function with a size")
	return 0
}

// TestPerfMap names code that a just-in-time compiler made.
func TestPerfMap(t *testing.T) {
	proc := fakeProc(t, map[string]string{
		"77/maps":                 "1000-3000 r-xp 00000000 00:00 0 \n4000-5000 rw-p 00000000 00:00 0 \n",
		"77/root/tmp/perf-77.map": "1000 20 jit one\n0x1100 0x40 LazyCompile:~two /a b.js:1\nbad\n",
	})
	s := New(Options{Proc: proc})
	for addr, want := range map[uint64]string{0x1005: "jit one", 0x1101: "LazyCompile:~two /a b.js:1", 0x1030: "0x1030", 0x4000: "0x4000"} {
		if got := string(s.AppendUser(nil, addr, 77)); got != want {
			t.Errorf("%#x is %q, want %q", addr, got, want)
		}
	}
}

func TestParseMapping(t *testing.T) {
	m, ok := parseMapping("7f00-7f10 r-xp 00028000 fe:01 1234    /tmp/a b.so (deleted)")
	want := mapping{0x7f00, 0x7f10, 0x28000, "fe:01", 1234, "/tmp/a b.so (deleted)"}
	if !ok || m != want {
		t.Errorf("%+v, %v", m, ok)
	}
	for _, line := range []string{"", "7f00-7f10 rw-p 0 0 0", "x-y r-xp 0 fe:01 1", "1-2 r-xp"} {
		if _, ok := parseMapping(line); ok {
			t.Errorf("%q is a mapping", line)
		}
	}
}

func TestDemangle(t *testing.T) {
	s := New(Options{Demangle: true})
	for in, want := range map[string]string{"_ZN3foo3barEi": "foo::bar(int)", "main": "main", "_start": "_start"} {
		if got := s.readable(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := New(Options{}).readable("_ZN3foo3barEi"); got != "_ZN3foo3barEi" {
		t.Errorf("without demangling: %q", got)
	}
}

// TestCgroup finds the root of the hierarchy by both ways.
func TestCgroup(t *testing.T) {
	info, err := os.Stat("/sys/fs/cgroup")
	if err != nil {
		t.Skip(err)
	}
	id := inode(info)
	s := New(Options{})
	if got := string(s.AppendCgroup(nil, id)); got != "unified:/" {
		t.Errorf("the root is %q", got)
	}
	if got := byInode("/sys/fs/cgroup", id); got != "/" {
		t.Errorf("by inode the root is %q", got)
	}
	if got := string(s.AppendCgroup(nil, 1<<60)); got != "unified:" {
		t.Errorf("no group is %q", got)
	}
}

// FuzzELF reads damaged binaries: it may fail but not panic.
func FuzzELF(f *testing.F) {
	f.Add(vdsoImage("/proc/self"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if table, err := parseELF(strings.NewReader(string(b))); err == nil {
			for _, addr := range []uint64{0, 0x1000, 1 << 40} {
				table.lookup(table.address(addr))
			}
		}
	})
}

func inode(info os.FileInfo) uint64 { return info.Sys().(*syscall.Stat_t).Ino }
