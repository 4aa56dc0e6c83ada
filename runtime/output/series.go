package output

import (
	"math"
	"time"

	"github.com/gotrace/gotrace/runtime/value"
)

// seriesWidth is the width of a time series between its borders: a star in the
// first and last place stands on the border itself.
const seriesWidth = 51

// resolution is how the time of an interval is written.
type resolution struct {
	least  int64 // the shortest interval that is written so
	head   string
	layout string
}

var nanoseconds = resolution{0, "hh:mm:ss.ns       ", "15:04:05.000000000"}

// resolutions are those that a time series of several intervals may have.
var resolutions = []resolution{
	{int64(time.Second), "hh:mm:ss", "15:04:05"},
	{int64(time.Millisecond), "hh:mm:ss.ms ", "15:04:05.000"},
	{int64(time.Microsecond), "hh:mm:ss.us    ", "15:04:05.000000"},
	nanoseconds,
}

// resolutionOf chooses by the length of the intervals, where there are several.
func resolutionOf(step int64, rows uint64) resolution {
	if rows > 1 {
		for _, r := range resolutions {
			if step >= r.least {
				return r
			}
		}
	}
	return nanoseconds
}

// graph is the layout of a time series: the range of its values, and where
// between the borders they are.
type graph struct {
	least, most uint64
	signed      bool
	empty       bool
	margin      int // before the left border
}

// graphOf finds the range of values. A range of one value is widened by one to
// both sides.
func graphOf(v *value.Value) graph {
	g := graph{signed: v.Type.Signed, empty: len(v.Series) == 0}
	for i, s := range v.Series {
		if i == 0 || g.less(s.Num, g.least) {
			g.least = s.Num
		}
		if i == 0 || g.less(g.most, s.Num) {
			g.most = s.Num
		}
	}
	if g.least != g.most {
		return g
	}
	lowest, highest := uint64(0), uint64(math.MaxUint64)
	if g.signed {
		lowest, highest = 1<<63, math.MaxInt64
	}
	if g.least != lowest {
		g.least--
	}
	if g.most != highest {
		g.most++
	}
	return g
}

func (g *graph) less(a, b uint64) bool {
	if g.signed {
		return int64(a) < int64(b)
	}
	return a < b
}

// column is the place of a value: 0 is the left border, seriesWidth+1 the right.
func (g *graph) column(n uint64) int {
	return int(float64(n-g.least) * (seriesWidth + 1) / float64(g.most-g.least))
}

// appendSeries appends the lines of a time series and the empty line after it.
// They start at its first interval and end with the last of the whole map.
func appendSeries(dst []byte, v *value.Value) []byte {
	if v.Latest == 0 {
		return append(dst, "<no data>\n"...)
	}
	first := v.Latest
	if len(v.Series) > 0 {
		first = v.Series[0].Epoch
	}
	g, r := graphOf(v), resolutionOf(v.Type.Step, v.Latest-first+1)
	g.margin = len(r.head) + 1
	dst = g.appendRange(dst)
	dst = append(append(dst, r.head...), " |"...)
	dst = append(appendFill(dst, '_', seriesWidth), "|\n"...)
	next := 0
	for epoch := first; epoch <= v.Latest; epoch++ {
		dst = append(intervalStart(v, epoch).Local().AppendFormat(dst, r.layout), ' ')
		if next < len(v.Series) && v.Series[next].Epoch == epoch {
			dst = g.appendLine(dst, &v.Series[next])
			next++
			continue
		}
		dst = g.appendLine(dst, nil)
	}
	dst = append(appendFill(dst, ' ', g.margin), 'v')
	dst = append(appendFill(dst, '_', seriesWidth), "v\n"...)
	return append(g.appendRange(dst), '\n')
}

// appendRange appends the line with the least and the greatest value.
func (g *graph) appendRange(dst []byte) []byte {
	least, most := "null", "null"
	if !g.empty {
		least, most = g.text(g.least), g.text(g.most)
	}
	dst = append(appendFill(dst, ' ', g.margin), least...)
	dst = appendFill(dst, ' ', seriesWidth+2-len(least)-len(most))
	return append(append(dst, most...), '\n')
}

func (g *graph) text(n uint64) string {
	var room [24]byte
	return string(appendInt(room[:0], n, g.signed))
}

// appendLine appends the line of an interval: the borders, a point where zero
// is, and a star for the value if there is one.
func (g *graph) appendLine(dst []byte, s *value.Sample) []byte {
	start := len(dst)
	dst = append(appendFill(append(dst, '|'), ' ', seriesWidth), '|')
	if !g.empty && g.less(g.least, 0) && g.less(0, g.most) {
		dst[start+g.column(0)] = '.'
	}
	if s == nil {
		return append(dst, " -\n"...)
	}
	dst[start+g.column(s.Num)] = '*'
	return append(append(append(dst, ' '), g.text(s.Num)...), '\n')
}

// intervalStart is when an interval began.
func intervalStart(v *value.Value, epoch uint64) time.Time {
	return time.Unix(0, int64(epoch)*v.Type.Step)
}

// appendJSONSeries appends the intervals that have a value, in universal time.
func appendJSONSeries(dst []byte, v *value.Value) []byte {
	dst = append(dst, '[')
	for i, s := range v.Series {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"interval_start":"`...)
		dst = intervalStart(v, s.Epoch).UTC().AppendFormat(dst, "2006-01-02 15:04:05.000000000")
		dst = append(dst, `","value":`...)
		dst = appendJSONInt(dst, s.Num, v.Type.Signed)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
