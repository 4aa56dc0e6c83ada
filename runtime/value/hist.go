package value

import (
	"math"

	"github.com/gotrace/gotrace/lang/types"
)

// Bounds are the limits of a histogram's bucket: Min <= n < Max. Open ends are
// said by Below (no Min) and Above (no Max).
type Bounds struct {
	Min, Max     int64
	Below, Above bool
}

// BucketBounds returns the limits of a bucket by its number.
//
// hist(n, bits) counts negative numbers in bucket 0 and n in the buckets after
// it: one for each number below 2<<bits, and from there 1<<bits for each power
// of two. lhist(n, min, max, step) has bucket 0 below min, one bucket a step,
// and one more from max up.
func BucketBounds(t *types.Type, index uint32) Bounds {
	if t.Agg == types.LHist {
		return linearBounds(t, index)
	}
	if index == 0 {
		return Bounds{Below: true}
	}
	return Bounds{Min: logStart(index-1, SubBits(t)), Max: logStart(index, SubBits(t))}
}

// BucketCount returns how many buckets a histogram can have.
func BucketCount(t *types.Type) int {
	if t.Agg == types.LHist {
		if t.Step <= 0 || t.Max < t.Min {
			return 2
		}
		return int((uint64(t.Max)-uint64(t.Min))/uint64(t.Step)) + 2
	}
	return (65-SubBits(t))<<SubBits(t) + 1
}

// SubBits returns how many bits of a number below its highest choose the bucket
// of a hist: those of the type, within what the language allows.
func SubBits(t *types.Type) int { return min(max(t.Bits, 0), 5) }

// LogParts splits a bucket of hist (index counted without that of negative
// numbers) into mantissa and power: it starts at mantissa << power.
func LogParts(index uint32, bits int) (mantissa uint64, power int) {
	n := uint32(1) << bits
	if index < 2*n {
		return uint64(index), 0
	}
	return uint64(n + index&(n-1)), int(index>>bits) - 1
}

func logStart(index uint32, bits int) int64 {
	mantissa, power := LogParts(index, bits)
	if power >= 64 || mantissa > math.MaxInt64>>power {
		return math.MaxInt64
	}
	return int64(mantissa << power)
}

func linearBounds(t *types.Type, index uint32) Bounds {
	last := uint32(BucketCount(t) - 1)
	switch {
	case index == 0:
		return Bounds{Max: t.Min, Below: true}
	case index >= last:
		return Bounds{Min: t.Min + int64(last-1)*t.Step, Above: true}
	}
	lo := t.Min + int64(index-1)*t.Step
	return Bounds{Min: lo, Max: lo + t.Step}
}
