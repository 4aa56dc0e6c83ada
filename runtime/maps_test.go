package runtime

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
)

// addMap adds a map of the script.
func (s *script) addMap(m object.Map, spec ebpf.MapSpec) int {
	m.Spec = "AT_" + m.Name
	spec.Name = m.Spec
	s.obj.Spec.Maps[m.Spec] = &spec
	list := &s.obj.Manifest
	list.Maps = append(list.Maps, m)
	list.PrintOrder = append(list.PrintOrder, len(list.Maps)-1)
	return len(list.Maps) - 1
}

func aggType(kind types.AggKind) types.Type {
	return types.Type{Kind: types.Agg, Agg: kind, Signed: true}
}

// perCPU is a value with the copies of all CPUs: n on the first, and one more
// on each further one.
func perCPU(t testing.TB, n uint64) []uint64 {
	t.Helper()
	cpus, err := ebpf.PossibleCPU()
	if err != nil {
		t.Fatal(err)
	}
	list := make([]uint64, cpus)
	for i := range list {
		list[i] = n + uint64(i)
	}
	return list
}

func put(t testing.TB, m *ebpf.Map, key, value any) {
	t.Helper()
	if err := m.Put(key, value); err != nil {
		t.Fatal(err)
	}
}

func sumOf(list []uint64) (n uint64) {
	for _, v := range list {
		n += v
	}
	return n
}

// TestStorages reads, zeroes and clears a map of each storage.
func TestStorages(t *testing.T) {
	sc := newScript(1)
	i64 := types.Int64()
	sc.addMap(object.Map{Name: "cell", Value: i64, Storage: object.ArrayCell},
		ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 16, MaxEntries: 1})
	sc.addMap(object.Map{Name: "hash", Key: &i64, Value: aggType(types.Count), Storage: object.HashTable, PerCPU: true},
		ebpf.MapSpec{Type: ebpf.PerCPUHash, KeySize: 8, ValueSize: 8, MaxEntries: 16})
	sc.addMap(object.Map{Name: "hist", Value: aggType(types.Hist), Storage: object.BucketArray, PerCPU: true},
		ebpf.MapSpec{Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: 66})
	key := types.StringOf(5)
	sc.addMap(object.Map{Name: "keyed", Key: &key, Value: aggType(types.Hist), Storage: object.BucketHash, PerCPU: true},
		ebpf.MapSpec{Type: ebpf.PerCPUHash, KeySize: 16, ValueSize: 8, MaxEntries: 16})
	sc.addMap(object.Map{Name: "lru", Key: &i64, Value: i64, Storage: object.HashTable},
		ebpf.MapSpec{Type: ebpf.LRUHash, KeySize: 8, ValueSize: 8, MaxEntries: 16})
	s, out, _ := session(t, func(o *Options) { o.Quiet = true })
	add(t, s, sc)
	raw := s.units[0].raw
	one := perCPU(t, 1)
	put(t, raw["AT_cell"], uint32(0), [2]uint64{7, 1})
	put(t, raw["AT_hash"], uint64(5), one)
	put(t, raw["AT_hist"], uint32(3), one)
	put(t, raw["AT_keyed"], keyedBucket("ab", 4), one)
	put(t, raw["AT_keyed"], keyedBucket("ab", 3), one)
	put(t, raw["AT_lru"], uint64(1), uint64(9))
	bar := strings.Repeat("@", 52)
	n := sumOf(one)
	expect := func(want string) {
		t.Helper()
		out.b.Reset()
		s.mu.Lock()
		s.printMaps()
		s.writer.Flush()
		s.mu.Unlock()
		if got := out.String(); got != "\n\n"+want {
			t.Errorf("maps\n%s\nwant\n%s", got, want)
		}
	}
	expect(fmt.Sprintf("@cell: 7\n@hash[5]: %d\n@hist:\n[2, 4)          %8d |%s|\n\n"+
		"@keyed[ab]:\n[2, 4)          %8d |%s|\n[4, 8)          %8d |%s|\n\n@lru[1]: 9\n", n, n, bar, n, bar, n, bar))
	for _, m := range s.units[0].maps {
		if err := m.zero(); err != nil {
			t.Fatal(err)
		}
	}
	expect("@cell: 0\n@hash[5]: 0\n@hist:\n\n@keyed[ab]:\n\n@lru[1]: 0\n")
	for _, m := range s.units[0].maps {
		if err := m.clear(); err != nil {
			t.Fatal(err)
		}
	}
	expect("")
	if ok, err := s.PrintMap("cell", 0, 0); !ok || err != nil || !strings.HasSuffix(out.String(), "@cell: 0\n") {
		t.Errorf("print of a map that is not set: %v, %v, %q", ok, err, out)
	}
}

func keyedBucket(key string, bucket uint64) []byte {
	b := make([]byte, 8, 16)
	copy(b, key)
	return binary.NativeEndian.AppendUint64(b, bucket)
}

// manyKeys makes a session with a map of n keys.
func manyKeys(t testing.TB, n int) *Session {
	i64 := types.Int64()
	sc := newScript(1)
	sc.addMap(object.Map{Name: "", Key: &i64, Value: aggType(types.Count), Storage: object.HashTable, PerCPU: true},
		ebpf.MapSpec{Type: ebpf.PerCPUHash, KeySize: 8, ValueSize: 8, MaxEntries: uint32(n), Flags: 1})
	s, _, _ := session(t, func(o *Options) { o.Out = new(lineCounter); o.Quiet = true })
	add(t, s, sc)
	m := s.units[0].raw["AT_"]
	value := perCPU(t, 0)
	for i := range n {
		value[0] = uint64(i % 1000)
		put(t, m, uint64(i), value)
	}
	return s
}

// TestManyKeys reads every key of a large map exactly once.
func TestManyKeys(t *testing.T) {
	const n = 20000
	s := manyKeys(t, n)
	m := s.units[0].maps[0]
	for _, batches := range []bool{true, false} {
		if !batches {
			m.bytes.NoBatches()
		}
		start := time.Now()
		tb, err := m.table(false)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("batches %v: %v", batches, time.Since(start))
		seen := map[string]bool{}
		for row := range int32(tb.Rows) {
			seen[string(tb.KeyAt(row))] = true
		}
		if tb.Rows != n || len(seen) != n {
			t.Errorf("batches %v: %d rows, %d keys of %d", batches, tb.Rows, len(seen), n)
		}
	}
	if err := m.clear(); err != nil {
		t.Fatal(err)
	}
	if tb, err := m.table(false); err != nil || tb.Rows != 0 {
		t.Errorf("after clear: %d rows, %v", tb.Rows, err)
	}
}

// BenchmarkManyKeys prints a map of 100,000 keys, read and sorted.
func BenchmarkManyKeys(b *testing.B) {
	s := manyKeys(b, 100000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.PrintMap("", 0, 0); err != nil {
			b.Fatal(err)
		}
	}
}
