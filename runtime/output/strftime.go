package output

import (
	"strconv"
	"time"
)

// AppendTime appends a time in a format of strftime(3), in the C locale. With
// fractions set, %f is the microseconds, %l the milliseconds and %k the
// nanoseconds, as bpftrace's strftime() has it; time() goes without.
func AppendTime(dst []byte, format string, t time.Time, fractions bool) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			dst = append(dst, format[i])
			continue
		}
		i++
		if (format[i] == 'E' || format[i] == 'O') && i+1 < len(format) {
			i++ // the locale's other form, which C does not have
		}
		dst = appendTimeField(dst, format[i], t, fractions)
	}
	return dst
}

func appendTimeField(dst []byte, c byte, t time.Time, fractions bool) []byte {
	if layout := timeLayout(c); layout != "" {
		return t.AppendFormat(dst, layout)
	}
	if fractions {
		switch c {
		case 'f':
			return appendPadded(dst, t.Nanosecond()/1e3, 6, '0')
		case 'l':
			return appendPadded(dst, t.Nanosecond()/1e6, 3, '0')
		case 'k':
			return appendPadded(dst, t.Nanosecond(), 9, '0')
		}
	}
	if out, ok := appendTimeNumber(dst, c, t); ok {
		return out
	}
	switch c {
	case 'c':
		return t.AppendFormat(dst, "Mon Jan _2 15:04:05 2006")
	case 'P':
		return t.AppendFormat(dst, "pm")
	case 'n':
		return append(dst, '\n')
	case 't':
		return append(dst, '\t')
	case '%':
		return append(dst, '%')
	}
	return append(dst, '%', c)
}

// timeLayout returns Go's layout of a field that has one.
func timeLayout(c byte) string {
	switch c {
	case 'a':
		return "Mon"
	case 'A':
		return "Monday"
	case 'b', 'h':
		return "Jan"
	case 'B':
		return "January"
	case 'd':
		return "02"
	case 'D', 'x':
		return "01/02/06"
	case 'e':
		return "_2"
	case 'F':
		return "2006-01-02"
	case 'H':
		return "15"
	case 'I':
		return "03"
	case 'j':
		return "002"
	case 'm':
		return "01"
	case 'M':
		return "04"
	case 'p':
		return "PM"
	case 'r':
		return "03:04:05 PM"
	case 'R':
		return "15:04"
	case 'S':
		return "05"
	case 'T', 'X':
		return "15:04:05"
	case 'y':
		return "06"
	case 'Y':
		return "2006"
	case 'z':
		return "-0700"
	case 'Z':
		return "MST"
	}
	return ""
}

// appendTimeNumber appends the fields Go has no layout for.
func appendTimeNumber(dst []byte, c byte, t time.Time) ([]byte, bool) {
	isoYear, isoWeek := t.ISOWeek()
	sunday, monday := int(t.Weekday()), (int(t.Weekday())+6)%7
	switch c {
	case 'C':
		return appendPadded(dst, t.Year()/100, 2, '0'), true
	case 'g':
		return appendPadded(dst, isoYear%100, 2, '0'), true
	case 'G':
		return appendPadded(dst, isoYear, 4, '0'), true
	case 'V':
		return appendPadded(dst, isoWeek, 2, '0'), true
	case 'u':
		return strconv.AppendInt(dst, int64(monday+1), 10), true
	case 'w':
		return strconv.AppendInt(dst, int64(sunday), 10), true
	case 'U':
		return appendPadded(dst, (t.YearDay()+6-sunday)/7, 2, '0'), true
	case 'W':
		return appendPadded(dst, (t.YearDay()+6-monday)/7, 2, '0'), true
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10), true
	case 'k':
		return appendPadded(dst, t.Hour(), 2, ' '), true
	case 'l':
		return appendPadded(dst, (t.Hour()+11)%12+1, 2, ' '), true
	}
	return dst, false
}

func appendPadded(dst []byte, n, width int, fill byte) []byte {
	var room [24]byte
	digits := strconv.AppendInt(room[:0], int64(n), 10)
	return append(appendFill(dst, fill, width-len(digits)), digits...)
}
