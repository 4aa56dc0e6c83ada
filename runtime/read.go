package runtime

import (
	"encoding/binary"
	"slices"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// table reads a map of the script: all entries, the copies of the CPUs merged.
// A map without keys that is not set has a row only if unset is true.
func (m *sharedMap) table(unset bool) (*value.Table, error) {
	d := m.described
	t := &value.Table{Name: "@" + d.Name, Key: d.Key, Value: &d.Value}
	if d.Key != nil {
		t.KeySize = d.Key.Size
	}
	var err error
	switch d.Storage {
	case object.BucketArray:
		err = m.readBuckets(t)
	case object.BucketHash:
		err = m.readKeyedBuckets(t)
	case object.SeriesHash:
		err = m.readSeries(t)
	case object.ArrayCell:
		err = m.readCell(t, unset)
	default:
		err = m.readHash(t)
	}
	return t, err
}

// valueSize returns the size of a merged value.
func valueSize(t *types.Type) int {
	if t.Kind == types.Agg {
		return value.AggSize(t)
	}
	return t.Size
}

func (m *sharedMap) readHash(t *value.Table) error {
	t.ValueSize = valueSize(t.Value)
	return m.bytes.All(func(key, val []byte) {
		t.Keys = append(t.Keys, key[:t.KeySize]...)
		at := len(t.Values)
		t.Values = append(t.Values, make([]byte, t.ValueSize)...)
		m.merge(t.Values[at:], t.Value, val)
		t.Rows++
	})
}

// merge folds all copies of a value into dst, which is zero.
func (m *sharedMap) merge(dst []byte, t *types.Type, val []byte) {
	m.bytes.Copies(val, func(c []byte) { value.Merge(dst, t, c[:min(len(c), len(dst))]) })
}

// readCell reads a map without keys. A plain value is followed by a word that
// says whether it was set.
func (m *sharedMap) readCell(t *value.Table, unset bool) error {
	t.ValueSize = valueSize(t.Value)
	whole := (t.ValueSize+7)&^7 + 8
	if t.Value.Kind == types.Agg {
		whole = t.ValueSize
	}
	val := make([]byte, m.bytes.ValueSize())
	if err := m.bytes.Lookup(make([]byte, 4), val); err != nil {
		return err
	}
	merged := make([]byte, whole)
	m.bytes.Copies(val, func(c []byte) { value.Merge(merged, t.Value, c[:min(len(c), whole)]) })
	// The word that tells is the last one, be it count, set or samples.
	set := binary.NativeEndian.Uint64(merged[whole-8:]) != 0
	if set || unset || m.zeroed {
		t.Values, t.Rows = merged[:t.ValueSize], 1
	}
	return nil
}

func (m *sharedMap) readBuckets(t *value.Table) error {
	var buckets []value.Bucket
	err := m.bytes.All(func(key, val []byte) {
		if n := m.sum(val); n != 0 {
			buckets = append(buckets, value.Bucket{Index: binary.NativeEndian.Uint32(key), Count: n})
		}
	})
	if len(buckets) > 0 || m.zeroed {
		t.Buckets, t.Rows = [][]value.Bucket{buckets}, 1
	}
	return err
}

// readKeyedBuckets gathers the buckets of each key: the bucket number follows
// the key, which is padded to eight bytes.
func (m *sharedMap) readKeyedBuckets(t *value.Table) error {
	rows := map[string]int{}
	err := m.bytes.All(func(key, val []byte) {
		k := key[:t.KeySize]
		row, ok := rows[string(k)]
		if !ok {
			row = len(rows)
			rows[string(k)] = row
			t.Keys = append(t.Keys, k...)
			t.Buckets = append(t.Buckets, nil)
		}
		if n := m.sum(val); n != 0 {
			index := binary.NativeEndian.Uint64(key[len(key)-8:])
			t.Buckets[row] = append(t.Buckets[row], value.Bucket{Index: uint32(index), Count: n})
		}
	})
	t.Rows = len(rows)
	for _, b := range t.Buckets {
		slices.SortFunc(b, func(x, y value.Bucket) int { return int(x.Index) - int(y.Index) })
	}
	return err
}

// readSeries gathers the intervals of each key: the slot follows the key, which
// is padded to eight bytes and is empty for a map without keys.
func (m *sharedMap) readSeries(t *value.Table) error {
	rows := map[string]int{}
	merged := make([]byte, value.SampleSize)
	err := m.bytes.All(func(key, val []byte) {
		k := key[:t.KeySize]
		row, ok := rows[string(k)]
		if !ok {
			row = len(rows)
			rows[string(k)] = row
			t.Keys = append(t.Keys, k...)
			t.Series = append(t.Series, nil)
		}
		clear(merged)
		m.merge(merged, t.Value, val)
		t.AddSample(row, merged)
	})
	t.Rows = len(rows)
	t.EndSeries()
	return err
}

func (m *sharedMap) sum(val []byte) uint64 {
	var n uint64
	m.bytes.Copies(val, func(c []byte) { n += binary.NativeEndian.Uint64(c) })
	return n
}

// element reads the value of one key into a merged value, zeros if the key is
// not there.
func (m *sharedMap) element(key []byte) []byte {
	merged := make([]byte, valueSize(&m.described.Value))
	full := make([]byte, m.bytes.KeySize())
	copy(full, key)
	val := make([]byte, m.bytes.ValueSize())
	if err := m.bytes.Lookup(full, val); err == nil {
		m.merge(merged, &m.described.Value, val)
	}
	return merged
}

// clear deletes what is in the map; a map without keys becomes unset.
func (m *sharedMap) clear() error {
	m.zeroed = false
	return m.bytes.Clear()
}

// zero sets all values to zero; keys stay, and a map without keys stays set.
func (m *sharedMap) zero() error {
	if d := m.described; d.Storage == object.ArrayCell || d.Storage == object.BucketArray {
		t, err := m.table(false)
		if err != nil {
			return err
		}
		m.zeroed = t.Rows > 0
	}
	return m.bytes.Zero()
}
