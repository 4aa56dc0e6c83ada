package value

import (
	"encoding/binary"

	"github.com/gotrace/gotrace/lang/types"
)

// decodeAgg decodes an aggregation other than a histogram, whose values are
// spread over many map entries and set by SetBuckets.
func decodeAgg(v *Value, t *types.Type, b []byte) error {
	v.Div = 0
	switch t.Agg {
	case types.Hist, types.LHist:
		v.Buckets = v.Buckets[:0]
		return nil
	case types.TSeries:
		v.Series = v.Series[:0]
		return nil
	case types.Count:
		if len(b) < 8 {
			return ErrShort
		}
		v.Num, v.Count = binary.NativeEndian.Uint64(b), 1
		return nil
	}
	if len(b) < 16 {
		return ErrShort
	}
	v.Num = binary.NativeEndian.Uint64(b)
	v.Count = binary.NativeEndian.Uint64(b[8:])
	return nil
}

// AggSize returns the size of an aggregation's value in a map.
func AggSize(t *types.Type) int {
	switch t.Agg {
	case types.Count, types.Hist, types.LHist:
		return 8
	case types.TSeries:
		return SampleSize
	}
	return 16
}

// Merge folds the copy of one CPU into dst; both have the layout of one value.
// For an aggregation dst must start as zeros. Of a plain value kept per CPU,
// integers are added up and for anything else the first copy that is not zero
// is taken.
func Merge(dst []byte, t *types.Type, src []byte) {
	if t.Kind != types.Agg {
		mergePlain(dst, t, src)
		return
	}
	switch t.Agg {
	case types.Min, types.Max:
		mergeExtreme(dst, t, src)
	case types.Count, types.Hist, types.LHist:
		add(dst, src)
	case types.TSeries:
		mergeInterval(dst, t, src)
	case types.Sum, types.Avg, types.Stats:
		if len(dst) >= 16 && len(src) >= 16 {
			add(dst, src)
			add(dst[8:], src[8:])
		}
	}
}

func add(dst, src []byte) {
	if len(dst) >= 8 && len(src) >= 8 {
		binary.NativeEndian.PutUint64(dst, binary.NativeEndian.Uint64(dst)+binary.NativeEndian.Uint64(src))
	}
}

func mergeExtreme(dst []byte, t *types.Type, src []byte) {
	if len(dst) < 16 || len(src) < 16 || binary.NativeEndian.Uint64(src[8:]) == 0 {
		return
	}
	have, is := binary.NativeEndian.Uint64(dst), binary.NativeEndian.Uint64(src)
	if t.Signed { // order signed numbers as unsigned ones
		have, is = have^1<<63, is^1<<63
	}
	better := is < have
	if t.Agg == types.Max {
		better = is > have
	}
	if better || binary.NativeEndian.Uint64(dst[8:]) == 0 {
		copy(dst[:16], src[:16])
	}
}

func mergePlain(dst []byte, t *types.Type, src []byte) {
	n := min(len(dst), len(src))
	if t.IsInteger() && t.Size <= n && t.Size >= 1 && t.Size <= 8 {
		putNumber(dst[:t.Size], Number(dst[:t.Size], t.Signed)+Number(src[:t.Size], t.Signed))
		for i := t.Size; i < n; i++ { // the word that says the cell was set
			dst[i] |= src[i]
		}
		return
	}
	for _, c := range dst {
		if c != 0 {
			return
		}
	}
	copy(dst, src)
}

func putNumber(b []byte, n uint64) {
	var word [8]byte
	binary.NativeEndian.PutUint64(word[:], n)
	copy(b, word[:])
}
