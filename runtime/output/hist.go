package output

import (
	"strconv"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// barWidth is the width of the longest bar of a histogram.
const barWidth = 52

// eachBucket calls f for the buckets of a histogram from the first that is not
// zero to the last, those between them included, with the count over div. What
// is zero only after division still has its line.
func eachBucket(v *value.Value, div uint64, f func(index uint32, count uint64)) {
	var next uint32
	started := false
	for _, b := range v.Buckets {
		if b.Count == 0 {
			continue
		}
		for started && next < b.Index {
			f(next, 0)
			next++
		}
		f(b.Index, b.Count/div)
		next, started = b.Index+1, true
	}
}

// appendHist appends the lines of a histogram and the empty line after it.
func appendHist(dst []byte, v *value.Value, div uint64) []byte {
	var most uint64
	for _, b := range v.Buckets {
		most = max(most, b.Count/div)
	}
	eachBucket(v, div, func(index uint32, count uint64) {
		start := len(dst)
		dst = appendBucketLabel(dst, v.Type, index)
		dst = appendFill(dst, ' ', 16-(len(dst)-start))
		var room [24]byte
		digits := strconv.AppendUint(room[:0], count, 10)
		dst = appendFill(dst, ' ', 8-len(digits))
		dst = append(dst, digits...)
		dst = append(dst, " |"...)
		bar := 0
		if most > 0 {
			bar = int(float64(count) / float64(most) * barWidth)
		}
		dst = appendFill(dst, '@', bar)
		dst = appendFill(dst, ' ', barWidth-bar)
		dst = append(dst, "|\n"...)
	})
	return append(dst, '\n')
}

func appendBucketLabel(dst []byte, t *types.Type, index uint32) []byte {
	if t.Agg == types.LHist {
		return appendLinearLabel(dst, t, value.BucketBounds(t, index))
	}
	if index == 0 {
		return append(dst, "(..., 0)"...)
	}
	index--
	bits := value.SubBits(t)
	if index < 2<<bits {
		return appendOne(dst, strconv.FormatUint(uint64(index), 10))
	}
	dst = appendLog(append(dst, '['), index, bits)
	dst = appendLog(append(dst, ", "...), index+1, bits)
	return append(dst, ')')
}

func appendOne(dst []byte, n string) []byte {
	dst = append(dst, '[')
	dst = append(dst, n...)
	return append(dst, ']')
}

// appendLog appends where a bucket of hist starts, in the largest unit of 1024
// that its power of two divides by.
func appendLog(dst []byte, index uint32, bits int) []byte {
	mantissa, power := value.LogParts(index, bits)
	unit := power / 10
	dst = strconv.AppendUint(dst, mantissa<<(power-10*unit), 10)
	if unit > 0 {
		dst = append(dst, "KMGTPE"[unit-1])
	}
	return dst
}

func appendLinearLabel(dst []byte, t *types.Type, b value.Bounds) []byte {
	if !b.Below && !b.Above && t.Step == 1 {
		return appendOne(dst, strconv.FormatInt(b.Min, 10))
	}
	if b.Below {
		dst = append(dst, "(..., "...)
	} else {
		dst = appendLinear(append(dst, '['), b.Min, t.Step)
		dst = append(dst, ", "...)
	}
	if b.Above {
		return append(dst, "...)"...)
	}
	dst = appendLinear(dst, b.Max, t.Step)
	return append(dst, ')')
}

// appendLinear appends a bound of lhist, in M or K if the step is.
func appendLinear(dst []byte, n, step int64) []byte {
	for _, unit := range []struct {
		size int64
		name byte
	}{{1 << 20, 'M'}, {1 << 10, 'K'}} {
		if n != 0 && step%unit.size == 0 && n%unit.size == 0 {
			return append(strconv.AppendInt(dst, n/unit.size, 10), unit.name)
		}
	}
	return strconv.AppendInt(dst, n, 10)
}
