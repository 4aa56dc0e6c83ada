package output

import (
	"testing"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// TestQuantiles takes percentiles of small histograms.
func TestQuantiles(t *testing.T) {
	exact := &types.Type{Kind: types.Agg, Agg: types.LHist, Min: 0, Max: 100, Step: 1}
	coarse := &types.Type{Kind: types.Agg, Agg: types.LHist, Min: 0, Max: 100, Step: 50}
	var even []value.Bucket // one of each number from 0 to 99
	for i := range uint32(100) {
		even = append(even, value.Bucket{Index: i + 1, Count: 1})
	}
	for _, test := range []struct {
		typ     *types.Type
		buckets []value.Bucket
		share   float64
		want    int64
		sign    string
	}{
		{exact, even, 0.5, 49, ""},
		{exact, even, 0.99, 98, ""},
		{exact, even, 1, 99, ""},
		{exact, even, 0.001, 0, ""},
		{coarse, []value.Bucket{{Index: 1, Count: 50}, {Index: 2, Count: 50}}, 0.5, 49, ""},
		{coarse, []value.Bucket{{Index: 1, Count: 50}, {Index: 2, Count: 50}}, 0.75, 74, ""},
		{coarse, []value.Bucket{{Index: 0, Count: 1}}, 0.5, 0, "<"},
		{coarse, []value.Bucket{{Index: 1, Count: 1}, {Index: 3, Count: 9}}, 0.99, 100, ">="},
	} {
		n, sign, ok := quantile(&value.Value{Type: test.typ, Buckets: test.buckets}, test.share)
		if !ok || n != test.want || sign != test.sign {
			t.Errorf("p%g is %s%d %v, want %s%d", 100*test.share, sign, n, ok, test.sign, test.want)
		}
	}
	if _, _, ok := quantile(&value.Value{Type: exact}, 0.5); ok {
		t.Error("an empty histogram has a median")
	}
}
