package value

import (
	"slices"
	"testing"

	"github.com/gotrace/gotrace/lang/types"
)

// TestSeries merges the copies of two CPUs in every way, and keeps the window.
func TestSeries(t *testing.T) {
	for _, tt := range []struct {
		by   types.AggKind
		a, b []byte // value, meta, epoch
		want Sample
	}{
		{"", words(1, 100, 9), words(2, 50, 9), Sample{9, 1}},
		{"", words(1, 50, 9), words(2, 100, 9), Sample{9, 2}},
		{"", words(1, 50, 9), words(2, 40, 8), Sample{9, 1}},
		{types.Sum, words(1, 1, 9), words(2, 3, 9), Sample{9, 3}},
		{types.Sum, words(1, 1, 4), words(2, 3, 9), Sample{9, 2}},
		{types.Avg, words(10, 2, 9), words(20, 1, 9), Sample{9, 10}},
		{types.Avg, words(-10, 2, 9), words(0, 0, 0), Sample{9, ^uint64(4)}},
		{types.Min, words(-10, 1, 9), words(20, 1, 9), Sample{9, ^uint64(9)}},
		{types.Max, words(-10, 1, 9), words(20, 1, 9), Sample{9, 20}},
	} {
		v := &types.Type{Kind: types.Agg, Agg: types.TSeries, By: tt.by, Signed: true, Step: 1, Len: 3}
		for _, copies := range [][][]byte{{tt.a, tt.b}, {tt.b, tt.a}} {
			merged := make([]byte, AggSize(v))
			for _, c := range copies {
				Merge(merged, v, c)
			}
			tb := &Table{Value: v, Series: make([][]Sample, 1)}
			tb.AddSample(0, merged)
			if got := tb.Series[0]; len(got) != 1 || got[0] != tt.want {
				t.Errorf("%q: %v, want %v", tt.by, got, tt.want)
			}
		}
	}
	v := &types.Type{Kind: types.Agg, Agg: types.TSeries, Signed: true, Step: 1, Len: 3}
	tb := &Table{Value: v, Series: make([][]Sample, 2), Rows: 2}
	for _, s := range []struct {
		row   int
		epoch int64
	}{{0, 9}, {0, 7}, {0, 6}, {1, 5}, {0, 0}} {
		tb.AddSample(s.row, words(s.epoch, 1, s.epoch))
	}
	tb.EndSeries()
	if want := []Sample{{7, 7}, {9, 9}}; tb.Latest != 9 || !slices.Equal(tb.Series[0], want) || len(tb.Series[1]) != 0 {
		t.Errorf("window %v, latest %d", tb.Series, tb.Latest)
	}
}
