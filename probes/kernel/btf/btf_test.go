package btf_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel/btf"
)

func pinnedBlob(t testing.TB) []byte {
	t.Helper()
	packed, err := os.ReadFile("../../../testdata/snapshot/6.18/btf.gz")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	blob, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

func pinned(t testing.TB) *btf.Set {
	t.Helper()
	f, err := btf.Open(pinnedBlob(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return btf.NewSet(f)
}

func byName(t *testing.T, s *btf.Set, name string) types.Type {
	t.Helper()
	found, err := s.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRecord(t *testing.T) {
	s := pinned(t)
	task := byName(t, s, "struct task_struct")
	if task.Kind != types.Record || task.Size == 0 || task.Incomplete {
		t.Fatalf("%+v", task)
	}
	for name, want := range map[string]string{
		"pid": "int32", "comm": "uint8[16]", "mm": "struct mm_struct*", "real_parent": "struct task_struct*",
		"flags": "uint32", "nsproxy": "struct nsproxy*", "start_time": "uint64",
	} {
		m, ok := task.Member(name)
		if !ok || m.Type.String() != want {
			t.Errorf("%s is %s", name, m.Type)
		}
	}
	parent, _ := task.Member("real_parent")
	if elem := parent.Type.Elem; !elem.Incomplete || elem.Members != nil || elem.Name != "struct task_struct" || elem.Size != task.Size {
		t.Errorf("behind a pointer: %+v", elem)
	}
	if parent.Type.Space != types.Kernel {
		t.Errorf("a pointer in %q", parent.Type.Space)
	}
	whole, err := s.Record(*parent.Type.Elem)
	if err != nil || len(whole.Members) != len(task.Members) {
		t.Errorf("completed: %d members, %v", len(whole.Members), err)
	}
	if comm, _ := task.Member("comm"); comm.Type.Elem.Name != "char" {
		t.Errorf("comm is of %q", comm.Type.Elem.Name)
	}
	if pid, _ := task.Member("pid"); pid.Type.Name != "pid_t" {
		t.Errorf("pid is a %q", pid.Type.Name)
	}
}

func TestBitFieldsUnionsAndFunctions(t *testing.T) {
	s := pinned(t)
	skb := byName(t, s, "struct sk_buff")
	// In the outer record though it is in a union in a struct without names.
	m, ok := skb.Member("pkt_type")
	if !ok || m.BitSize != 3 || m.BitOffset+m.BitSize > 8*m.Type.Size {
		t.Errorf("pkt_type: %+v", m)
	}
	if m, _ = skb.Member("ip_summed"); m.BitSize != 2 || m.BitOffset == 0 {
		t.Errorf("ip_summed: %+v", m)
	}
	address := byName(t, s, "struct in6_addr")
	inner, ok := address.Member("in6_u")
	if !ok || !inner.Type.Union || inner.Type.ID == 0 {
		t.Fatalf("in6_u: %+v", inner)
	}
	if again, err := s.Record(types.Type{Kind: types.Record, ID: inner.Type.ID}); err != nil || len(again.Members) != 3 {
		t.Errorf("by number: %+v, %v", again, err)
	}
	sock := byName(t, s, "struct sock")
	if m, _ := sock.Member("sk_state_change"); m.Type.Kind != types.Pointer || m.Type.Elem.Kind != types.Func {
		t.Errorf("sk_state_change: %+v", m)
	}
}

func TestNames(t *testing.T) {
	s := pinned(t)
	if e := byName(t, s, "enum pid_type"); e.Kind != types.Enum || e.Size != 4 || e.Enumerators[0].Name != "PIDTYPE_PID" {
		t.Errorf("%+v", e)
	}
	if pid := byName(t, s, "pid_t"); pid.String() != "int32" || pid.Name != "pid_t" {
		t.Errorf("%+v", pid)
	}
	if u := byName(t, s, "long unsigned int"); u.String() != "uint64" {
		t.Errorf("%+v", u)
	}
	if a := byName(t, s, "atomic_t"); a.Kind != types.Record || a.Size != 4 {
		t.Errorf("%+v", a)
	}
	for _, name := range []string{"struct nothing", "task_struct", "", "struct ", "enum task_struct"} {
		if found, err := s.ByName(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v, %v", name, found, err)
		}
	}
	value, _, err := s.Constant("IPPROTO_TCP")
	if err != nil || value != 6 {
		t.Errorf("IPPROTO_TCP: %d, %v", value, err)
	}
	if _, _, err := s.Constant("NOTHING"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestDefine(t *testing.T) {
	s := pinned(t)
	for name, want := range map[string]string{
		"struct path":     "struct path {\n\tstruct vfsmount *mnt;\n\tstruct dentry *dentry;\n};",
		"struct in6_addr": "struct in6_addr {\n\tunion {\n\t\t__u8 u6_addr8[16];\n\t\t__be16 u6_addr16[8];\n\t\t__be32 u6_addr32[4];\n\t} in6_u;\n};",
	} {
		if got, in, err := s.Define(name); err != nil || got != want || in != btf.Kernel {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	params, result, err := s.Prototype("vfs_read")
	if got := strings.Join(params, ", "); err != nil || got != "struct file * file, char * buf, size_t count, loff_t * pos" || result != "ssize_t" {
		t.Errorf("%s -> %s, %v", got, result, err)
	}
	params, err = s.RawPrototype("", "sched_switch")
	if got := strings.Join(params, ", "); err != nil || got != "bool preempt, struct task_struct * prev, struct task_struct * next, unsigned int prev_state" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestLive converts every record of the running kernel.
func TestLive(t *testing.T) {
	blob, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if err != nil {
		t.Skipf("needs a kernel with BTF: %v", err)
	}
	f, err := btf.Open(blob, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := btf.NewSet(f)
	names := s.Names()
	if len(names) < 5000 {
		t.Fatalf("only %d types", len(names))
	}
	for i := 0; i < len(names); i += 37 {
		found, err := s.ByName(names[i])
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
		for _, m := range found.Members {
			end := 8*m.Offset + 8*m.Type.Size
			if m.BitSize != 0 {
				end = 8*m.Offset + m.BitOffset + m.BitSize
			}
			if end > 8*found.Size {
				t.Errorf("%s.%s ends at bit %d of %d", names[i], m.Name, end, 8*found.Size)
			}
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	blob, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if err != nil {
		b.Skipf("needs a kernel with BTF: %v", err)
	}
	for b.Loop() {
		if _, err := btf.Open(blob, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTaskStruct(b *testing.B) {
	s := pinned(b)
	for b.Loop() {
		if _, err := s.ByName("struct task_struct"); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	blob := pinnedBlob(f)
	f.Add(blob)
	f.Add(blob[:24])
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := btf.Open(data, nil)
		if err != nil {
			return
		}
		s := btf.NewSet(file)
		for i, name := range s.Names() {
			if i == 20 {
				break
			}
			// Whatever is in the file: errors, but no panic and no endless loop.
			s.ByName(name)
			s.Define(name)
		}
		s.RawTracepoints()
	})
}
