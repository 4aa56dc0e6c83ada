package repl

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/value"
)

// datumKind is the sort of a datum.
type datumKind string

const (
	aNumber    datumKind = "a number"
	aText      datumKind = "text"
	aList      datumKind = "a list"
	aTable     datumKind = "a map"
	aHistogram datumKind = "a histogram"
	aStats     datumKind = "statistics"
)

// datum is a value of a query: what a map holds, copied, or what was computed
// of it.
type datum struct {
	kind datumKind
	// A number is f; whole says that it is the integer i as well, exactly, and
	// unsigned that i's bits are those of an unsigned one.
	f        float64
	i        int64
	whole    bool
	unsigned bool
	// s is text, and how an enumerator or a boolean prints.
	s       string
	list    []datum
	table   *shot
	buckets []bucket
	// Statistics have a total of f and a count.
	count uint64
}

// bucket is one of a histogram: lo <= n < hi.
type bucket struct {
	lo, hi float64
	n      uint64
}

// shot is a map as it was at one moment, or a table computed of such.
type shot struct {
	// name is the map's, empty for what was computed.
	name  string
	keyed bool
	rows  []row
	at    time.Time
}

// row is a key with its value, the least value first.
type row struct {
	keys    []datum
	keyText string
	val     datum
	// text is the row as the map prints, of histograms several lines.
	text string
}

func whole(i int64) datum       { return datum{kind: aNumber, i: i, f: float64(i), whole: true} }
func float(f float64) datum     { return datum{kind: aNumber, f: f} }
func text(s string) datum       { return datum{kind: aText, s: s} }
func tableDatum(t *shot) datum  { return datum{kind: aTable, table: t} }
func listDatum(l []datum) datum { return datum{kind: aList, list: l} }
func truth(b bool) datum {
	return datum{kind: aNumber, i: bit(b), f: float64(bit(b)), whole: true, s: strconv.FormatBool(b)}
}
func bit(b bool) (n int64) {
	if b {
		n = 1
	}
	return n
}

// unsignedDatum makes a number of unsigned bits.
func unsignedDatum(n uint64) datum {
	return datum{kind: aNumber, i: int64(n), f: float64(n), whole: true, unsigned: true}
}

// datumOf copies a decoded value.
func datumOf(v *value.Value) datum {
	switch v.Type.Kind {
	case types.Int, types.Pointer, types.Enum, types.Bool:
		d := whole(v.Int())
		if !v.Type.Signed {
			d = unsignedDatum(v.Num)
		}
		if v.Type.Kind != types.Int {
			d.s = string(output.AppendText(nil, v))
		}
		return d
	case types.Tuple, types.Array:
		var list []datum
		for i := range v.Elems {
			list = append(list, datumOf(&v.Elems[i]))
		}
		return listDatum(list)
	case types.Agg:
		return aggDatum(v)
	}
	return text(string(output.AppendText(nil, v)))
}

func aggDatum(v *value.Value) datum {
	total := float64(v.Num)
	if v.Type.Signed && v.Type.Agg != types.Count {
		total = float64(v.Int())
	}
	switch v.Type.Agg {
	case types.Avg:
		if v.Count == 0 {
			return whole(0)
		}
		return float(total / float64(v.Count))
	case types.Stats:
		return datum{kind: aStats, f: total, count: v.Count}
	case types.Hist, types.LHist:
		d := datum{kind: aHistogram}
		for _, b := range v.Buckets {
			at := value.BucketBounds(v.Type, b.Index)
			lo, hi := float64(at.Min), float64(at.Max)
			switch {
			case at.Below:
				lo = hi
			case at.Above:
				hi = lo
			}
			d.buckets = append(d.buckets, bucket{lo: lo, hi: hi, n: b.Count})
		}
		return d
	case types.TSeries:
		if len(v.Series) == 0 {
			return text("a time series without values")
		}
	}
	if v.Type.Signed && v.Type.Agg != types.Count {
		return whole(v.Int())
	}
	return unsignedDatum(v.Num)
}

// String writes a datum on one line.
func (d datum) String() string {
	switch d.kind {
	case aText:
		return d.s
	case aList:
		var parts []string
		for _, x := range d.list {
			parts = append(parts, x.String())
		}
		return "(" + strings.Join(parts, ", ") + ")"
	case aStats:
		return "{ .count = " + strconv.FormatUint(d.count, 10) + ", .average = " + number(d.mean()) + ", .total = " + number(d.f) + " }"
	case aHistogram:
		return "histogram of " + strconv.FormatUint(uint64(d.samples()), 10)
	case aTable:
		return "map of " + strconv.Itoa(len(d.table.rows))
	}
	switch {
	case d.s != "":
		return d.s
	case d.whole && d.unsigned:
		return strconv.FormatUint(uint64(d.i), 10)
	case d.whole:
		return strconv.FormatInt(d.i, 10)
	}
	return number(d.f)
}

// number writes a float with as many digits as are worth reading.
func number(f float64) string {
	switch a := math.Abs(f); {
	case f == math.Trunc(f) && a < 1e15:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case a >= 100:
		return trimZeros(strconv.FormatFloat(f, 'f', 1, 64))
	case a >= 0.01:
		return trimZeros(strconv.FormatFloat(f, 'f', 3, 64))
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}

// trimZeros takes off what a fraction does not need.
func trimZeros(s string) string { return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") }

// mean is the average of statistics or of a histogram, whose samples are taken
// to be in the middle of their buckets.
func (d datum) mean() float64 {
	switch {
	case d.kind == aStats && d.count > 0:
		return d.f / float64(d.count)
	case d.kind == aHistogram && d.samples() > 0:
		sum := 0.0
		for _, b := range d.buckets {
			sum += float64(b.n) * (b.lo + max(b.hi-1, b.lo)) / 2
		}
		return sum / d.samples()
	}
	return d.f
}

// samples returns how many numbers a histogram has counted.
func (d datum) samples() float64 {
	n := 0.0
	for _, b := range d.buckets {
		n += float64(b.n)
	}
	return n
}

// percentile returns the number below which p percent of a histogram's samples
// are, taking them to be spread evenly over each bucket.
func (d datum) percentile(p float64) float64 {
	left := d.samples() * p / 100
	for _, b := range d.buckets {
		if n := float64(b.n); left <= n && n > 0 {
			return b.lo + (b.hi-b.lo)*left/n
		} else {
			left -= n
		}
	}
	return 0
}

// weight is the number that a value is sorted by.
func (d datum) weight() float64 {
	switch d.kind {
	case aStats:
		return d.mean()
	case aHistogram:
		return d.samples()
	}
	return d.f
}

// compareDatums orders values: numbers by size, the rest as text.
func compareDatums(a, b datum) int {
	if a.kind == aText || b.kind == aText || a.kind == aList {
		return strings.Compare(a.String(), b.String())
	}
	return cmp.Compare(a.weight(), b.weight())
}

// same reports whether a key of a query is a key of a map.
func same(a, b datum) bool {
	if a.kind == aNumber && b.kind == aNumber {
		if a.whole && b.whole {
			return a.i == b.i
		}
		return a.f == b.f
	}
	if a.kind == aList && b.kind == aList {
		return slices.EqualFunc(a.list, b.list, same)
	}
	return a.String() == b.String()
}

// sorted returns a copy of the table with the least value first.
func (t *shot) sorted() *shot {
	c := *t
	c.rows = slices.Clone(t.rows)
	slices.SortStableFunc(c.rows, func(a, b row) int { return compareDatums(a.val, b.val) })
	return &c
}

// find returns the row of a key.
func (t *shot) find(keyText string) (row, bool) {
	i := slices.IndexFunc(t.rows, func(r row) bool { return r.keyText == keyText })
	if i < 0 {
		return row{}, false
	}
	return t.rows[i], true
}
