package output

import (
	"math/big"
	"strconv"

	"github.com/gotrace/gotrace/lang/types"
)

// unit is a unit of measurement and how many of the smallest it is.
type unit struct {
	name string
	size uint64
}

// The units from the largest to the smallest.
var (
	durations = []unit{
		{"h", 3600e9}, {"min", 60e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1},
	}
	byteCounts = []unit{
		{"EiB", 1 << 60}, {"PiB", 1 << 50}, {"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1},
	}
)

// appendDuration appends nanoseconds as %t does: 1.2 ms.
func appendDuration(dst []byte, n uint64, signed bool, prec int) []byte {
	return appendAmount(dst, n, signed, prec, durations)
}

// appendByteCount appends a number of bytes as %B does: 3.4 MiB.
func appendByteCount(dst []byte, n uint64, signed bool, prec int) []byte {
	return appendAmount(dst, n, signed, prec, byteCounts)
}

// appendAmount appends a number in the largest unit that it has one of. There is
// one digit behind the point if no precision says otherwise, and none of what
// cannot be divided.
func appendAmount(dst []byte, n uint64, signed bool, prec int, units []unit) []byte {
	if signed && int64(n) < 0 {
		dst, n = append(dst, '-'), -n
	}
	if prec < 0 {
		prec = 1
	}
	for i, u := range units {
		if n < u.size && i < len(units)-1 {
			continue
		}
		if u.size == 1 {
			dst = strconv.AppendUint(dst, n, 10)
		} else {
			dst = appendRatio(dst, new(big.Int).SetUint64(n), new(big.Int).SetUint64(u.size), prec)
		}
		dst = append(dst, ' ')
		return append(dst, u.name...)
	}
	return dst
}

// appendRatio appends a quotient with digits behind the point, cut and not
// rounded up: 999.99 ms are not 1000.0 ms.
func appendRatio(dst []byte, num, den *big.Int, prec int) []byte {
	scaled := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(prec)), nil)
	scaled.Mul(scaled, num).Quo(scaled, den)
	digits := new(big.Int).Abs(scaled).Append(nil, 10)
	if scaled.Sign() < 0 {
		dst = append(dst, '-')
	}
	for len(digits) <= prec {
		digits = append([]byte{'0'}, digits...)
	}
	dst = append(dst, digits[:len(digits)-prec]...)
	if prec == 0 {
		return dst
	}
	return append(append(dst, '.'), digits[len(digits)-prec:]...)
}

// defaultDigits is how many digits %f prints behind the point, as in C.
const defaultDigits = 6

// appendQuotient runs %f: of an integer, or of the two sides of a division.
func (p *Program) appendQuotient(dst []byte, o *op, s *spec, rec []byte) ([]byte, error) {
	if err := p.decode(o, rec); err != nil {
		return dst, err
	}
	prec := s.prec
	if prec < 0 {
		prec = defaultDigits
	}
	num, den := wide(p.v.Num, p.v.Type), big.NewInt(1)
	if p.v.Type.Kind == types.Tuple && len(p.v.Elems) == 2 {
		a, b := &p.v.Elems[0], &p.v.Elems[1]
		num, den = wide(a.Num, a.Type), wide(b.Num, b.Type)
	}
	if den.Sign() == 0 {
		return s.pad(dst, []byte("nan")), nil
	}
	p.field = appendRatio(p.field[:0], num, den, prec)
	return s.pad(dst, p.field), nil
}

// wide is a number of a type.
func wide(n uint64, t *types.Type) *big.Int {
	if t.Signed {
		return big.NewInt(int64(n))
	}
	return new(big.Int).SetUint64(n)
}
