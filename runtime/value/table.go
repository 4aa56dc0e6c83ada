package value

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/gotrace/gotrace/lang/types"
)

// Table is a map of the script as it was read from the kernel: per-CPU copies
// merged, keys and values one after the other in flat memory, so that a map of
// a hundred thousand keys is a handful of allocations.
type Table struct {
	// Name is the map's name with its "@".
	Name string
	// Key is nil for a map without keys; then there is at most one row.
	Key   *types.Type
	Value *types.Type
	// Keys and Values hold rows of KeySize and ValueSize bytes.
	Keys, Values       []byte
	KeySize, ValueSize int
	Rows               int
	// Buckets holds the buckets of each row of a histogram.
	Buckets [][]Bucket
	// Series holds the samples of each row of a time series, and Latest is the
	// number of the last interval of all rows, zero if there is no sample.
	Series [][]Sample
	Latest uint64
	// Order is the order of rows to print, set by Sort.
	Order []int32
}

// IsHist reports whether the values are histograms.
func (t *Table) IsHist() bool {
	return t.Value.Kind == types.Agg && (t.Value.Agg == types.Hist || t.Value.Agg == types.LHist)
}

// KeyAt returns the bytes of a row's key.
func (t *Table) KeyAt(row int32) []byte {
	at := int(row) * t.KeySize
	return t.Keys[at : at+t.KeySize]
}

// ValueAt returns the bytes of a row's value.
func (t *Table) ValueAt(row int32) []byte {
	at := int(row) * t.ValueSize
	return t.Values[at : at+t.ValueSize]
}

// DecodeValue decodes a row's value.
func (t *Table) DecodeValue(d *Decoder, v *Value, row int32) error {
	if t.IsHist() {
		v.Type, v.Buckets = t.Value, t.Buckets[row]
		return nil
	}
	if t.IsSeries() {
		t.series(v, row)
		return nil
	}
	return d.Decode(v, t.Value, t.ValueAt(row))
}

// sortKey is what rows are compared by before their keys are looked at.
type sortKey struct {
	value, key uint64
	row        int32
}

// Sort sets Order: by value, the smallest first, where values are numbers or
// aggregations, then by key. Rows of other values are sorted by key alone.
func (t *Table) Sort(d *Decoder) {
	keys := make([]sortKey, t.Rows)
	var v Value
	whole := t.Key != nil && (t.Key.Kind == types.Int || t.Key.Kind == types.Enum || t.Key.Kind == types.Pointer)
	for i := range keys {
		keys[i].row = int32(i)
		keys[i].value = t.rank(d, &v, int32(i))
		if whole {
			keys[i].key = ordered(Number(t.KeyAt(int32(i))[:t.Key.Size], t.Key.Signed), t.Key.Signed)
		}
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if c := cmp.Compare(a.value, b.value); c != 0 {
			return c
		}
		if whole || t.Key == nil {
			return cmp.Compare(a.key, b.key)
		}
		return compare(t.Key, t.KeyAt(a.row), t.KeyAt(b.row), 0)
	})
	t.Order = make([]int32, len(keys))
	for i := range keys {
		t.Order[i] = keys[i].row
	}
}

// rank maps a row's value to a number with the same order, or to zero.
func (t *Table) rank(d *Decoder, v *Value, row int32) uint64 {
	if t.Value.Kind != types.Agg && t.Value.Kind != types.Int {
		return 0
	}
	if err := t.DecodeValue(d, v, row); err != nil {
		return 0
	}
	if t.Value.Kind == types.Int {
		return ordered(v.Num, t.Value.Signed)
	}
	switch t.Value.Agg {
	case types.Hist, types.LHist:
		return v.Total()
	case types.TSeries:
		return 0
	case types.Count:
		return v.Num
	case types.Avg, types.Stats:
		return ordered(v.Average(), t.Value.Signed)
	}
	return ordered(v.Num, t.Value.Signed)
}

// ordered maps signed numbers to unsigned ones of the same order.
func ordered(n uint64, signed bool) uint64 {
	if signed {
		return n ^ 1<<63
	}
	return n
}

// compare orders two values in memory: numbers as numbers, strings as text, and
// tuples by their first element that differs.
func compare(t *types.Type, a, b []byte, depth int) int {
	if depth > maxDepth || t.Size > len(a) || t.Size > len(b) || t.Size < 0 {
		return bytes.Compare(a, b)
	}
	a, b = a[:t.Size], b[:t.Size]
	switch t.Kind {
	case types.Int, types.Enum, types.Bool, types.Pointer:
		return cmp.Compare(ordered(Number(a, t.Signed), t.Signed), ordered(Number(b, t.Signed), t.Signed))
	case types.Record, types.Tuple:
		for i := range t.Members {
			m := &t.Members[i]
			if m.Offset < 0 || m.Offset > len(a) {
				break
			}
			if c := compare(&m.Type, a[m.Offset:], b[m.Offset:], depth+1); c != 0 {
				return c
			}
		}
		return 0
	}
	return bytes.Compare(a, b)
}
