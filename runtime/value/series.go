package value

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/gotrace/gotrace/lang/types"
)

// SampleSize is the size of an interval of a time series in a map: its value,
// a word of bookkeeping, and its number (see object.SeriesHash).
const SampleSize = 24

// Sample is an interval of a time series: its number, counted from the epoch of
// the wall clock, and its value.
type Sample struct {
	Epoch, Num uint64
}

// IsSeries reports whether the values are time series.
func (t *Table) IsSeries() bool {
	return t.Value.Kind == types.Agg && t.Value.Agg == types.TSeries
}

// AddSample adds an interval, as it was merged of the copies of all CPUs, to the
// samples of a row. One that is not set is left out.
func (t *Table) AddSample(row int, b []byte) {
	if len(b) < SampleSize {
		return
	}
	num, meta := binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint64(b[8:])
	epoch := binary.NativeEndian.Uint64(b[16:])
	if epoch == 0 || meta == 0 {
		return
	}
	if t.Value.By == types.Avg {
		average := Value{Type: t.Value, Num: num, Count: meta}
		num = average.Average()
	}
	t.Series[row] = append(t.Series[row], Sample{Epoch: epoch, Num: num})
	t.Latest = max(t.Latest, epoch)
}

// EndSeries is called after the last AddSample: it sorts the samples and drops
// those that have left the window.
func (t *Table) EndSeries() {
	for i, list := range t.Series {
		list = slices.DeleteFunc(list, func(s Sample) bool { return t.Latest-s.Epoch >= uint64(t.Value.Len) })
		slices.SortFunc(list, func(a, b Sample) int { return cmp.Compare(a.Epoch, b.Epoch) })
		t.Series[i] = list
	}
}

// series decodes a row's time series; its number is that of the last sample.
func (t *Table) series(v *Value, row int32) {
	v.Type, v.Series, v.Latest, v.Num = t.Value, t.Series[row], t.Latest, 0
	if n := len(v.Series); n > 0 {
		v.Num = v.Series[n-1].Num
	}
}

// mergeInterval folds one CPU's copy of a slot into dst: the later interval
// wins, and the values of the same one are put together.
func mergeInterval(dst []byte, t *types.Type, src []byte) {
	if len(dst) < SampleSize || len(src) < SampleSize {
		return
	}
	word := binary.NativeEndian.Uint64
	have, is := word(dst[16:]), word(src[16:])
	switch {
	case is == 0 || is < have:
	case is > have:
		copy(dst[:SampleSize], src)
	case t.By == types.Sum || t.By == types.Avg:
		add(dst, src)
		add(dst[8:], src[8:])
	case t.By == types.Min || t.By == types.Max:
		extreme := types.Type{Agg: t.By, Signed: t.Signed}
		mergeExtreme(dst, &extreme, src)
	case word(src[8:]) > word(dst[8:]): // the last: by its time
		copy(dst[:16], src)
	}
}
