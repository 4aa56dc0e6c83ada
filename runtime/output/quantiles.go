package output

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/runtime/value"
)

// Quantile is a percentile to print of a histogram: its name as in the script
// ("p99.9") and the share of the values that are not above it.
type Quantile struct {
	Name  string
	Share float64
}

// ParseQuantiles reads the names of percentiles with blanks between them. The
// type checker lets only such lists through.
func ParseQuantiles(names string) []Quantile {
	var out []Quantile
	for _, name := range strings.Fields(names) {
		percent, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
		if err == nil {
			out = append(out, Quantile{Name: name, Share: percent / 100})
		}
	}
	return out
}

// quantile estimates a percentile: the values of a bucket are taken to be spread
// evenly. In the open buckets at the ends only their border is known; sign says
// on which side of it the value is.
func quantile(v *value.Value, share float64) (n int64, sign string, ok bool) {
	total := v.Total()
	if total == 0 {
		return 0, "", false
	}
	rank := max(1, uint64(math.Ceil(share*float64(total))))
	var before uint64
	for _, b := range v.Buckets {
		if before+b.Count < rank {
			before += b.Count
			continue
		}
		bounds := value.BucketBounds(v.Type, b.Index)
		switch {
		case bounds.Below:
			return bounds.Max, "<", true
		case bounds.Above:
			return bounds.Min, ">=", true
		}
		return between(bounds, rank-before, b.Count), "", true
	}
	return 0, "", false
}

// between is where value number k of the count of a bucket is, in the middle of
// its part of it.
func between(b value.Bounds, k, count uint64) int64 {
	at := new(big.Int).SetUint64(2*k - 1)
	at.Mul(at, big.NewInt(b.Max-b.Min))
	at.Quo(at, new(big.Int).SetUint64(2*count))
	return b.Min + at.Int64()
}

// Quantiles prints "@x[1]: p50 12, p99 340" for each element.
func (p *textPrinter) Quantiles(t *value.Table, qs []Quantile) {
	for _, row := range rows(t, 0) {
		p.w.buf = p.name(p.w.buf, t, row)
		if err := t.DecodeValue(p.dec, &p.val, row); err == nil {
			for i, q := range qs {
				if i > 0 {
					p.w.buf = append(p.w.buf, ',')
				}
				p.w.buf = append(append(append(p.w.buf, ' '), q.Name...), ' ')
				n, sign, ok := quantile(&p.val, q.Share)
				if !ok {
					p.w.buf = append(p.w.buf, '-')
					continue
				}
				p.w.buf = strconv.AppendInt(append(p.w.buf, sign...), n, 10)
			}
		}
		p.w.buf = append(p.w.buf, '\n')
	}
	p.w.commit()
}

// Quantiles prints an object of percentiles for each element.
func (p *jsonPrinter) Quantiles(t *value.Table, qs []Quantile) {
	list := rows(t, 0)
	if len(list) == 0 {
		return
	}
	p.open("percentiles")
	p.w.buf = append(appendString(append(p.w.buf, '{'), t.Name), ": "...)
	if t.Key != nil {
		p.w.buf = append(p.w.buf, '{')
	}
	for i, row := range list {
		if i > 0 {
			p.w.buf = append(p.w.buf, ", "...)
		}
		if t.Key != nil {
			if err := p.dec.Decode(&p.key, t.Key, t.KeyAt(row)); err == nil {
				p.w.buf, p.scratch = appendJSONKey(p.w.buf, p.scratch, &p.key)
			}
			p.w.buf = append(p.w.buf, ": "...)
		}
		p.quantiles(t, row, qs)
	}
	if t.Key != nil {
		p.w.buf = append(p.w.buf, '}')
	}
	p.w.buf = append(p.w.buf, '}')
	p.close()
}

func (p *jsonPrinter) quantiles(t *value.Table, row int32, qs []Quantile) {
	if err := t.DecodeValue(p.dec, &p.val, row); err != nil {
		p.w.buf = append(p.w.buf, "null"...)
		return
	}
	p.w.buf = append(p.w.buf, '{')
	for i, q := range qs {
		if i > 0 {
			p.w.buf = append(p.w.buf, ", "...)
		}
		p.w.buf = append(appendString(p.w.buf, q.Name), ": "...)
		if n, _, ok := quantile(&p.val, q.Share); ok {
			p.w.buf = strconv.AppendInt(p.w.buf, n, 10)
		} else {
			p.w.buf = append(p.w.buf, "null"...)
		}
	}
	p.w.buf = append(p.w.buf, '}')
}
