package output

import (
	"strings"
	"testing"
	"time"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// series makes a table without keys of a time series with an interval of 100 ms
// that begins at the epoch of the wall clock.
func series(signed bool, samples ...value.Sample) *value.Table {
	v := &types.Type{Kind: types.Agg, Agg: types.TSeries, Signed: signed, Step: 1e8, Len: 20}
	t := &value.Table{Name: "@", Value: v, Rows: 1, Series: [][]value.Sample{samples}}
	if n := len(samples); n > 0 {
		t.Latest = samples[n-1].Epoch
	}
	return t
}

// inUTC runs a test with the local time that the expected outputs were made in.
func inUTC(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
}

// TestSeries holds time series against bpftrace 0.27.1's output.
func TestSeries(t *testing.T) {
	inUTC(t)
	minus := func(n int64) uint64 { return uint64(-n) }
	stale := series(true)
	stale.Latest = 7
	for _, tt := range []struct {
		name       string
		table      *value.Table
		text, json string
	}{
		{"signs and a gap", series(true, value.Sample{Epoch: 1, Num: minus(1)}, value.Sample{Epoch: 2, Num: 1},
			value.Sample{Epoch: 4, Num: 6}), `@:
             -1                                                  6
hh:mm:ss.ms  |___________________________________________________|
00:00:00.100 *      .                                            | -1
00:00:00.200 |      .      *                                     | 1
00:00:00.300 |      .                                            | -
00:00:00.400 |      .                                            * 6
             v___________________________________________________v
             -1                                                  6

`, `{"type": "tseries", "data": {"@": [{"interval_start":"1970-01-01 00:00:00.100000000","value":-1},` +
			`{"interval_start":"1970-01-01 00:00:00.200000000","value":1},{"interval_start":"1970-01-01 00:00:00.400000000","value":6}]}}` + "\n"},
		{"one value, unsigned", series(false, value.Sample{Epoch: 5, Num: 0}), `@:
                   0                                                   1
hh:mm:ss.ns        |___________________________________________________|
00:00:00.500000000 *                                                   | 0
                   v___________________________________________________v
                   0                                                   1

`, `{"type": "tseries", "data": {"@": [{"interval_start":"1970-01-01 00:00:00.500000000","value":0}]}}` + "\n"},
		{"another row is later", stale, `@:
                   null                                             null
hh:mm:ss.ns        |___________________________________________________|
00:00:00.700000000 |                                                   | -
                   v___________________________________________________v
                   null                                             null

`, `{"type": "tseries", "data": {"@": []}}` + "\n"},
		{"zeroed", series(true), "@:\n<no data>\n", `{"type": "tseries", "data": {"@": []}}` + "\n"},
	} {
		text, json := render(t, tt.table, 1, 2)
		if text != tt.text || json != tt.json {
			t.Errorf("%s:\n%s%s\nwant\n%s%s", tt.name, text, json, tt.text, tt.json)
		}
	}
}

// TestSeriesColumns checks that the extremes are on the borders, and that a
// value in between does not lose a column to rounding.
func TestSeriesColumns(t *testing.T) {
	g := graph{least: 0, most: 26}
	for n, want := range map[uint64]int{0: 0, 13: 26, 15: 30, 26: 52} {
		if got := g.column(n); got != want {
			t.Errorf("column of %d is %d, want %d", n, got, want)
		}
	}
	whole := graph{least: 1 << 63, most: 1<<63 - 1, signed: true}
	if lo, mid, hi := whole.column(1<<63), whole.column(0), whole.column(1<<63-1); lo != 0 || mid != 26 || hi != 52 {
		t.Errorf("columns of all numbers: %d, %d, %d", lo, mid, hi)
	}
}

// TestSeriesTimes checks how the time is written by the length of intervals.
func TestSeriesTimes(t *testing.T) {
	inUTC(t)
	for _, tt := range []struct {
		step time.Duration
		head string
	}{
		{2500 * time.Millisecond, "hh:mm:ss |"}, {time.Second, "hh:mm:ss |"}, {1500 * time.Microsecond, "hh:mm:ss.ms  |"},
		{time.Microsecond, "hh:mm:ss.us     |"}, {100, "hh:mm:ss.ns        |"},
	} {
		tb := series(true, value.Sample{Epoch: 1, Num: 1}, value.Sample{Epoch: 2, Num: 2})
		tb.Value.Step = int64(tt.step)
		text, _ := render(t, tb, 0, 0)
		lines := strings.Split(text, "\n")
		if !strings.HasPrefix(lines[2], tt.head) || len(lines[3]) != len(lines[2])+2 {
			t.Errorf("%v:\n%s", tt.step, text)
		}
	}
}
