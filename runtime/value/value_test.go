package value

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/gotrace/gotrace/lang/types"
)

// noNames resolves nothing.
type noNames struct{}

func (noNames) KernelSymbol(dst []byte, _ uint64) []byte                   { return append(dst, 'k') }
func (noNames) UserSymbol(dst []byte, _ uint64, _ uint32) []byte           { return append(dst, 'u') }
func (noNames) Stack(dst []byte, _ *types.Type, _ uint64, _ uint32) []byte { return append(dst, 's') }
func (noNames) Username(dst []byte, _ uint32) []byte                       { return append(dst, 'n') }
func (noNames) CgroupPath(dst []byte, _ uint64) []byte                     { return append(dst, 'c') }
func (noNames) ProbeName(dst []byte, _ uint64) []byte                      { return append(dst, 'p') }
func (noNames) Time(dst []byte, _ uint64, _ uint32) []byte                 { return append(dst, 't') }
func (noNames) Function(dst []byte, _ uint64) []byte                       { return append(dst, 'f') }

func agg(kind types.AggKind, signed bool) types.Type {
	return types.Type{Kind: types.Agg, Agg: kind, Signed: signed}
}

func words(n ...int64) []byte {
	var b []byte
	for _, w := range n {
		b = binary.NativeEndian.AppendUint64(b, uint64(w))
	}
	return b
}

// TestMerge folds the copies of CPUs of which some never ran.
func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name   string
		typ    types.Type
		copies [][]byte
		want   []byte
	}{
		{"count", agg(types.Count, false), [][]byte{words(3), words(0), words(4)}, words(7)},
		{"sum wraps", agg(types.Sum, false), [][]byte{words(-1, 1), words(2, 1)}, words(1, 2)},
		{"avg", agg(types.Avg, true), [][]byte{words(-10, 2), words(4, 1)}, words(-6, 3)},
		{"min signed", agg(types.Min, true), [][]byte{words(0, 0), words(5, 1), words(-3, 1)}, words(-3, 1)},
		{"min unsigned", agg(types.Min, false), [][]byte{words(0, 0), words(5, 1), words(-3, 1)}, words(5, 1)},
		{"max signed", agg(types.Max, true), [][]byte{words(-7, 1), words(0, 0), words(-3, 1)}, words(-3, 1)},
		{"max unsigned", agg(types.Max, false), [][]byte{words(-7, 1), words(0, 0), words(3, 1)}, words(-7, 1)},
		{"max of none", agg(types.Max, true), [][]byte{words(0, 0), words(0, 0)}, words(0, 0)},
		{"integers", types.Int64(), [][]byte{words(5), words(-2)}, words(3)},
		{"text", types.StringOf(8), [][]byte{words(0), []byte("abc\x00\x00\x00\x00\x00"), []byte("def\x00\x00\x00\x00\x00")}, []byte("abc\x00\x00\x00\x00\x00")},
	} {
		got := make([]byte, len(tt.want))
		for _, c := range tt.copies {
			Merge(got, &tt.typ, c)
		}
		if string(got) != string(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestBuckets checks that the buckets of both histograms meet without gaps.
func TestBuckets(t *testing.T) {
	for bits := range 6 {
		typ := types.Type{Kind: types.Agg, Agg: types.Hist, Bits: bits}
		last := BucketBounds(&typ, 1)
		if last.Min != 0 {
			t.Errorf("bits %d: bucket 1 starts at %d", bits, last.Min)
		}
		for i := uint32(2); i < uint32(63-bits)<<bits; i++ {
			b := BucketBounds(&typ, i)
			if b.Min != last.Max || b.Max <= b.Min {
				t.Fatalf("bits %d: bucket %d is [%d, %d) after %d", bits, i, b.Min, b.Max, last.Max)
			}
			last = b
		}
	}
	typ := types.Type{Kind: types.Agg, Agg: types.LHist, Min: 3, Max: 14, Step: 5}
	want := []Bounds{{Max: 3, Below: true}, {Min: 3, Max: 8}, {Min: 8, Max: 13}, {Min: 13, Above: true}}
	if n := BucketCount(&typ); n != len(want) {
		t.Errorf("%d buckets", n)
	}
	for i, w := range want {
		if got := BucketBounds(&typ, uint32(i)); got != w {
			t.Errorf("bucket %d is %+v, want %+v", i, got, w)
		}
	}
}

// TestSort orders by value, then key, tuples element by element.
func TestSort(t *testing.T) {
	key := types.TupleOf([]types.Type{types.Int32(), types.StringOf(4)}, nil)
	rows := []struct {
		n int32
		s string
		v int64
	}{{2, "b", 5}, {2, "a", 5}, {-1, "z", 5}, {9, "x", -2}}
	v := types.Int64()
	tb := &Table{Key: &key, Value: &v, KeySize: 8, ValueSize: 8, Rows: len(rows)}
	for _, r := range rows {
		tb.Keys = binary.NativeEndian.AppendUint32(tb.Keys, uint32(r.n))
		tb.Keys = append(tb.Keys, r.s...)
		tb.Keys = append(tb.Keys, 0, 0, 0)
		tb.Values = append(tb.Values, words(r.v)...)
	}
	tb.Sort(&Decoder{Resolver: noNames{}})
	want := []int32{3, 2, 1, 0}
	for i := range want {
		if tb.Order[i] != want[i] {
			t.Fatalf("order %v, want %v", tb.Order, want)
		}
	}
}

// TestReuse decodes different types into one Value.
func TestReuse(t *testing.T) {
	d := &Decoder{Resolver: noNames{}}
	pair := types.TupleOf([]types.Type{types.Int64(), types.StringOf(8)}, nil)
	single := types.ArrayOf(types.Int64(), 1)
	var v Value
	for range 3 {
		if err := d.Decode(&v, &pair, append(words(7), "abc\x00\x00\x00\x00\x00"...)); err != nil {
			t.Fatal(err)
		}
		if len(v.Elems) != 2 || v.Elems[0].Num != 7 || string(v.Elems[1].Text) != "abc" {
			t.Fatalf("pair: %+v", v)
		}
		if err := d.Decode(&v, &single, words(-1)); err != nil {
			t.Fatal(err)
		}
		if len(v.Elems) != 1 || v.Elems[0].Int() != -1 {
			t.Fatalf("array: %+v", v)
		}
	}
}

// FuzzDecode decodes any bytes by any type: it may fail but not panic. The type
// comes as the JSON it has in a manifest.
func FuzzDecode(f *testing.F) {
	seed := func(t types.Type, b []byte) {
		text, err := json.Marshal(t)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, b)
	}
	seed(types.Int64(), words(1))
	seed(types.BufferOf(8), words(3, 4))
	seed(types.TupleOf([]types.Type{types.StringOf(8), types.ArrayOf(types.Int16(), 4)}, []string{"a", "b"}), words(1, 2))
	seed(types.StackOf(true, types.StackPerf, 3), words(1, 2))
	seed(types.Type{Kind: types.Inet, Size: 20}, words(2, 3, 4))
	seed(agg(types.Stats, true), words(1, 2))
	seed(types.Type{Kind: types.Record, Size: 16, Members: []types.Member{
		{Type: types.StringOf(4), DataLoc: true}, {Type: types.Int32(), Offset: 4, BitOffset: 3, BitSize: 5},
	}}, words(0x0004000c, 9))
	f.Fuzz(func(t *testing.T, text, b []byte) {
		var typ types.Type
		if json.Unmarshal(text, &typ) != nil {
			return
		}
		d := &Decoder{Resolver: noNames{}, MaxStrlen: 4, Trailer: ".."}
		var v Value
		if err := d.Decode(&v, &typ, b); err == nil {
			v.Total()
			if typ.Kind == types.Agg {
				v.Average()
			}
			if typ.Kind == types.Enum {
				v.Enumerator()
			}
		}
		compare(&typ, b, b, 0)
		Merge(make([]byte, len(b)), &typ, b)
		BucketBounds(&typ, 5)
	})
}
