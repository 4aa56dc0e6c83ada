package output

import "strconv"

const (
	lowerDigits = "0123456789abcdef"
	upperDigits = "0123456789ABCDEF"
)

// spec is how a directive lays out what it prints.
type spec struct {
	width, prec           int // prec is -1 when not given
	left, zero, plus, alt bool
}

// pad appends text in a field of the spec's width.
func (s *spec) pad(dst, text []byte) []byte {
	fill := s.width - len(text)
	if fill <= 0 {
		return append(dst, text...)
	}
	if s.left {
		return appendFill(append(dst, text...), ' ', fill)
	}
	return append(appendFill(dst, ' ', fill), text...)
}

func appendFill(dst []byte, c byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, c)
	}
	return dst
}

// signed appends a number as C's %d does.
func (s *spec) signed(dst []byte, n int64) []byte {
	var room [24]byte
	sign := ""
	magnitude := uint64(n)
	switch {
	case n < 0:
		sign, magnitude = "-", -magnitude
	case s.plus:
		sign = "+"
	}
	return s.digits(dst, sign, strconv.AppendUint(room[:0], magnitude, 10), magnitude == 0)
}

// unsigned appends a number as C's %u, %x, %X and %o do.
func (s *spec) unsigned(dst []byte, n uint64, base int, upper bool) []byte {
	var room [24]byte
	digits, prefix := room[:0], ""
	switch {
	case base == 16 && upper:
		digits = appendBase(digits, n, 4, upperDigits)
		prefix = "0X"
	case base == 16:
		digits = appendBase(digits, n, 4, lowerDigits)
		prefix = "0x"
	case base == 8:
		digits = appendBase(digits, n, 3, lowerDigits)
		prefix = "0"
	default:
		digits = strconv.AppendUint(digits, n, 10)
	}
	if !s.alt || n == 0 {
		prefix = ""
	}
	return s.digits(dst, prefix, digits, n == 0)
}

// pointer appends an address, of which zero is a plain 0: %p.
func (s *spec) pointer(dst []byte, n uint64) []byte {
	if n == 0 {
		return s.pad(dst, []byte{'0'})
	}
	var room [24]byte
	return s.pad(dst, appendHex(room[:0], n))
}

// digits lays out a number: blanks, prefix, zeros, digits, blanks.
func (s *spec) digits(dst []byte, prefix string, digits []byte, isZero bool) []byte {
	if s.prec == 0 && isZero {
		digits = nil
	}
	zeros := max(0, s.prec-len(digits))
	fill := s.width - len(prefix) - zeros - len(digits)
	if s.zero && !s.left && s.prec < 0 && fill > 0 {
		zeros, fill = fill, 0
	}
	if !s.left {
		dst = appendFill(dst, ' ', fill)
	}
	dst = append(dst, prefix...)
	dst = appendFill(dst, '0', zeros)
	dst = append(dst, digits...)
	if s.left {
		dst = appendFill(dst, ' ', fill)
	}
	return dst
}

func appendBase(dst []byte, n uint64, bits uint, digits string) []byte {
	var room [24]byte
	i := len(room)
	mask := uint64(1)<<bits - 1
	for {
		i--
		room[i] = digits[n&mask]
		if n >>= bits; n == 0 {
			return append(dst, room[i:]...)
		}
	}
}

// appendHex appends 0x and the hexadecimal digits of n.
func appendHex(dst []byte, n uint64) []byte {
	return appendBase(append(dst, '0', 'x'), n, 4, lowerDigits)
}
