package output

import (
	"math/bits"
	"strconv"
	"unicode/utf8"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// AppendJSON appends a value as JSON, in the form of bpftrace's -f json: a
// record is an object, a tuple or array or buffer an array, and an integer
// that a double cannot hold exactly is a string.
func AppendJSON(dst []byte, v *value.Value) []byte {
	switch v.Type.Kind {
	case types.Enum:
		if _, text := v.Type.OtherName(); text {
			name, _ := v.Enumerator()
			return AppendJSONString(dst, []byte(name))
		}
		return appendJSONInt(dst, v.Num, v.Type.Signed)
	case types.Int:
		return appendJSONInt(dst, v.Num, v.Type.Signed)
	case types.Pointer:
		return appendJSONInt(dst, v.Num, false)
	case types.Bool:
		return strconv.AppendBool(dst, v.Num != 0)
	case types.Buffer:
		dst = append(dst, '[')
		for i, c := range v.Text {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendUint(dst, uint64(c), 10)
		}
		return append(dst, ']')
	case types.Tuple, types.Record:
		if named(v.Type) {
			return appendJSONObject(dst, v)
		}
		return appendJSONArray(dst, v.Elems)
	case types.Array:
		return appendJSONArray(dst, v.Elems)
	case types.Agg:
		return appendJSONAgg(dst, v)
	case types.Void, types.Invalid, types.Func:
		return append(dst, "null"...)
	}
	return AppendJSONString(dst, v.Text)
}

// mantissaBits is how many bits of an integer a double holds.
const mantissaBits = 53

func appendJSONInt(dst []byte, n uint64, signed bool) []byte {
	magnitude := n
	if signed && int64(n) < 0 {
		magnitude = -n
	}
	exact := magnitude == 0 || magnitude>>bits.TrailingZeros64(magnitude) < 1<<mantissaBits
	if !exact {
		dst = append(dst, '"')
	}
	dst = appendInt(dst, n, signed)
	if !exact {
		dst = append(dst, '"')
	}
	return dst
}

func appendJSONArray(dst []byte, elems []value.Value) []byte {
	dst = append(dst, '[')
	for i := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, &elems[i])
	}
	return append(dst, ']')
}

func appendJSONObject(dst []byte, v *value.Value) []byte {
	dst = append(dst, '{')
	for i := range v.Elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendString(dst, v.Type.Members[i].Name)
		dst = append(dst, ": "...)
		dst = AppendJSON(dst, &v.Elems[i])
	}
	return append(dst, '}')
}

func appendJSONAgg(dst []byte, v *value.Value) []byte {
	switch v.Type.Agg {
	case types.Count:
		return appendJSONInt(dst, v.Num, false)
	case types.Avg:
		return appendJSONInt(dst, v.Average(), v.Type.Signed)
	case types.Stats:
		dst = append(dst, `{"count": `...)
		dst = appendJSONInt(dst, v.Count, false)
		dst = append(dst, `, "average": `...)
		dst = appendJSONInt(dst, v.Average(), v.Type.Signed)
		dst = append(dst, `, "total": `...)
		dst = appendJSONInt(dst, v.Num, v.Type.Signed)
		return append(dst, '}')
	case types.Hist, types.LHist:
		return appendJSONHist(dst, v, 1)
	case types.TSeries:
		return appendJSONSeries(dst, v)
	}
	return appendJSONInt(dst, v.Num, v.Type.Signed)
}

func appendJSONHist(dst []byte, v *value.Value, div uint64) []byte {
	dst = append(dst, '[')
	first := true
	eachBucket(v, div, func(index uint32, count uint64) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '{')
		b := value.BucketBounds(v.Type, index)
		if !b.Below {
			dst = append(dst, `"min": `...)
			dst = appendJSONInt(dst, uint64(b.Min), true)
			dst = append(dst, ", "...)
		}
		if !b.Above {
			dst = append(dst, `"max": `...)
			dst = appendJSONInt(dst, uint64(b.Max-1), true)
			dst = append(dst, ", "...)
		}
		dst = append(dst, `"count": `...)
		dst = appendJSONInt(dst, count, false)
		dst = append(dst, '}')
	})
	return append(dst, ']')
}

// AppendJSONString appends text as a JSON string. Bytes that are not UTF-8
// become the code point of their number, so that none is lost.
func AppendJSONString(dst, text []byte) []byte { return appendString(dst, text) }

func appendString[T string | []byte](dst []byte, text T) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			dst = appendJSONByte(dst, c)
			i++
			continue
		}
		n := min(utf8.UTFMax, len(text)-i)
		r, size := utf8.DecodeRuneInString(string(text[i : i+n]))
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, `\u00`...)
			dst = append(dst, lowerDigits[c>>4], lowerDigits[c&15])
		} else {
			dst = append(dst, text[i:i+size]...)
		}
		i += size
	}
	return append(dst, '"')
}

func appendJSONByte(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\t':
		return append(dst, `\t`...)
	case '\r':
		return append(dst, `\r`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	}
	if c < ' ' {
		return append(dst, '\\', 'u', '0', '0', lowerDigits[c>>4], lowerDigits[c&15])
	}
	return append(dst, c)
}

// appendJSONKey appends a map's key as the text of an object's key: the parts
// of several keys are joined by commas without blanks, inner tuples too.
func appendJSONKey(dst []byte, scratch []byte, v *value.Value) (out, grown []byte) {
	scratch = scratch[:0]
	if v.Type.Kind == types.Tuple && !named(v.Type) {
		scratch = appendTightList(scratch, v.Elems)
	} else {
		scratch = appendTight(scratch, v)
	}
	return AppendJSONString(dst, scratch), scratch
}

// appendTight is AppendText without the blanks of its punctuation.
func appendTight(dst []byte, v *value.Value) []byte {
	switch v.Type.Kind {
	case types.Tuple, types.Record:
		if named(v.Type) {
			return appendTightRecord(dst, v)
		}
		dst = append(dst, '(')
		return append(appendTightList(dst, v.Elems), ')')
	case types.Stack:
		return appendUnindented(dst, v.Text)
	}
	return AppendText(dst, v)
}

func appendTightList(dst []byte, elems []value.Value) []byte {
	for i := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendTight(dst, &elems[i])
	}
	return dst
}

func appendTightRecord(dst []byte, v *value.Value) []byte {
	dst = append(dst, '{')
	for i := range v.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '.')
		dst = append(dst, v.Type.Members[i].Name...)
		dst = append(dst, '=')
		dst = appendTight(dst, &v.Elems[i])
	}
	return append(dst, '}')
}

// appendUnindented appends lines without their leading blanks.
func appendUnindented(dst, text []byte) []byte {
	start := true
	for _, c := range text {
		if start && (c == ' ' || c == '\t') {
			continue
		}
		start = c == '\n'
		dst = append(dst, c)
	}
	return dst
}
