package output

import (
	"math/big"
	"testing"
)

// TestAmounts prints durations and byte counts at the borders of their units.
func TestAmounts(t *testing.T) {
	for _, test := range []struct {
		n      uint64
		signed bool
		prec   int
		bytes  bool
		want   string
	}{
		{0, false, -1, false, "0 ns"},
		{999, false, -1, false, "999 ns"},
		{1000, false, -1, false, "1.0 us"},
		{1234567, false, -1, false, "1.2 ms"},
		{1234567, false, 3, false, "1.234 ms"},
		{999999999, false, -1, false, "999.9 ms"},
		{90e9, false, -1, false, "1.5 min"},
		{7200e9, false, 0, false, "2 h"},
		{negated(1500), true, -1, false, "-1.5 us"},
		{1023, false, -1, true, "1023 B"},
		{1024, false, -1, true, "1.0 KiB"},
		{3600000, false, -1, true, "3.4 MiB"},
		{1<<64 - 1, false, -1, true, "15.9 EiB"},
		{1<<64 - 1, true, -1, true, "-1 B"},
	} {
		show := appendDuration
		if test.bytes {
			show = appendByteCount
		}
		if got := string(show(nil, test.n, test.signed, test.prec)); got != test.want {
			t.Errorf("%d is %q, want %q", test.n, got, test.want)
		}
	}
}

func negated(n int64) uint64 { return uint64(-n) }

// TestRatio divides with digits behind the point.
func TestRatio(t *testing.T) {
	for _, test := range []struct {
		num, den int64
		prec     int
		want     string
	}{
		{10, 4, 2, "2.50"}, {1, 3, 6, "0.333333"}, {-1, 3, 2, "-0.33"}, {7, 2, 0, "3"}, {-1, 1000, 1, "0.0"}, {0, -5, 1, "0.0"},
	} {
		if got := string(appendRatio(nil, big.NewInt(test.num), big.NewInt(test.den), test.prec)); got != test.want {
			t.Errorf("%d/%d is %q, want %q", test.num, test.den, got, test.want)
		}
	}
}
