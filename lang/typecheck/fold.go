package typecheck

import (
	"math/big"

	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// foldLiterals computes with integer literals, which are numbers and not words:
// a result that fits neither int64 nor uint64 is an error.
func (c *checker) foldLiterals(span source.Span, op typed.Op, x, y int64) typed.Expr {
	a, b, r := big.NewInt(x), big.NewInt(y), new(big.Int)
	switch op {
	case typed.Add:
		r.Add(a, b)
	case typed.Sub:
		r.Sub(a, b)
	case typed.Mul:
		r.Mul(a, b)
	case typed.Div, typed.Mod:
		if y == 0 {
			c.errorf(span, "division-by-zero", "division by zero")
			return bad(span)
		}
		if op == typed.Div {
			r.Quo(a, b)
		} else {
			r.Rem(a, b)
		}
	case typed.And:
		r.And(a, b)
	case typed.Or:
		r.Or(a, b)
	case typed.Xor:
		r.Xor(a, b)
	case typed.Shl:
		r.Lsh(a, uint(y))
	case typed.Shr:
		r.Rsh(a, uint(y))
	}
	switch {
	case r.IsInt64():
		return literal(span, r.Int64())
	case r.IsUint64():
		return &typed.Const{Base: base(span, types.Uint64()), Value: int64(r.Uint64())}
	}
	c.errorf(span, "overflow", "the value of this expression, %s, does not fit 64 bits", r)
	return bad(span)
}

// foldOp computes with 64-bit words as the compiled program would. The divisor
// is not zero.
func foldOp(op typed.Op, signed bool, x, y int64) int64 {
	switch op {
	case typed.Add:
		return x + y
	case typed.Sub:
		return x - y
	case typed.Mul:
		return x * y
	case typed.And:
		return x & y
	case typed.Or:
		return x | y
	case typed.Xor:
		return x ^ y
	case typed.Shl:
		return x << uint(y&63)
	case typed.Shr:
		return int64(uint64(x) >> uint(y&63))
	case typed.Div:
		if signed {
			return x / y
		}
		return int64(uint64(x) / uint64(y))
	}
	if signed {
		return x % y
	}
	return int64(uint64(x) % uint64(y))
}

// foldCompare compares two words.
func foldCompare(op typed.Op, signed bool, x, y int64) bool {
	less := uint64(x) < uint64(y)
	if signed {
		less = x < y
	}
	switch op {
	case typed.Eq:
		return x == y
	case typed.Ne:
		return x != y
	case typed.Lt:
		return less
	case typed.Le:
		return less || x == y
	case typed.Gt:
		return !less && x != y
	}
	return !less
}
