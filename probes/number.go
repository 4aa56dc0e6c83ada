package probes

import (
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// errNumber and errRange are the ways a number can be wrong.
var (
	errNumber = errors.New("is not a number")
	errRange  = errors.New("is too large")
)

// parseNumber parses a number of an attach point as the language writes them:
// decimal, 0x, 0b or octal, with underscores, an exponent ("1e6") and a unit of
// time, which makes nanoseconds of it ("10ms").
func parseNumber(text string) (uint64, error) {
	s := strings.ReplaceAll(text, "_", "")
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, errNumber
	}
	if len(s) > 2 && s[0] == '0' && strings.ContainsRune("xXbB", rune(s[1])) {
		base := 16
		if s[1] == 'b' || s[1] == 'B' {
			base = 2
		}
		return parseDigits(s[2:], base)
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	base := 10
	if s[0] == '0' && digits > 1 {
		base = 8
	}
	n, err := parseDigits(s[:digits], base)
	if err != nil {
		return 0, err
	}
	rest := s[digits:]
	if len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		exponent := len(rest) - len(strings.TrimLeft(rest[1:], "0123456789"))
		power, err := strconv.ParseUint(rest[1:exponent], 10, 8)
		if err != nil {
			return 0, errNumber
		}
		for range power {
			if n, err = multiply(n, 10); err != nil {
				return 0, err
			}
		}
		rest = rest[exponent:]
	}
	factor, ok := suffix(rest)
	if !ok {
		return 0, errNumber
	}
	return multiply(n, factor)
}

func parseDigits(text string, base int) (uint64, error) {
	n, err := strconv.ParseUint(text, base, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, errRange
	}
	if err != nil {
		return 0, errNumber
	}
	return n, nil
}

func multiply(a, b uint64) (uint64, error) {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return 0, errRange
	}
	return low, nil
}

// suffix returns the factor of a unit of time or of C's length suffixes.
func suffix(s string) (uint64, bool) {
	switch s {
	case "", "u", "ul", "ull", "l", "ll", "ns":
		return 1, true
	case "us":
		return 1e3, true
	case "ms":
		return 1e6, true
	case "s":
		return 1e9, true
	case "m":
		return 60e9, true
	case "h":
		return 3600e9, true
	case "d":
		return 86400e9, true
	}
	return 0, false
}
