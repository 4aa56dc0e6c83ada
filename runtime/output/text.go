package output

import (
	"strconv"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// AppendText appends a value as print() shows it.
func AppendText(dst []byte, v *value.Value) []byte {
	switch v.Type.Kind {
	case types.Int:
		return appendInt(dst, v.Num, v.Type.Signed)
	case types.Bool:
		return strconv.AppendBool(dst, v.Num != 0)
	case types.Enum:
		if name, ok := v.Enumerator(); ok {
			return append(dst, name...)
		}
		return appendInt(dst, v.Num, v.Type.Signed)
	case types.Pointer:
		return appendHex(dst, v.Num)
	case types.Buffer:
		return appendEscaped(dst, v.Text)
	case types.Tuple, types.Record:
		return appendMembers(dst, v)
	case types.Array:
		return appendArray(dst, v)
	case types.Agg:
		return appendAgg(dst, v)
	}
	return append(dst, v.Text...)
}

func appendInt(dst []byte, n uint64, signed bool) []byte {
	if signed {
		return strconv.AppendInt(dst, int64(n), 10)
	}
	return strconv.AppendUint(dst, n, 10)
}

// appendMembers appends "(1, x)" or, where members have names,
// "{ .a = 1, .b = x }".
func appendMembers(dst []byte, v *value.Value) []byte {
	if !named(v.Type) {
		dst = append(dst, '(')
		dst = appendList(dst, v.Elems, ", ")
		return append(dst, ')')
	}
	dst = append(dst, '{')
	first := true
	for i := range v.Elems {
		if first {
			dst = append(dst, ' ')
		} else {
			dst = append(dst, ", "...)
		}
		first = false
		if name := v.Type.Members[i].Name; name != "" {
			dst = append(dst, '.')
			dst = append(dst, name...)
			dst = append(dst, " = "...)
		}
		dst = AppendText(dst, &v.Elems[i])
	}
	return append(dst, " }"...)
}

// named reports whether a record prints with the names of its members.
func named(t *types.Type) bool {
	return t.Kind == types.Record || len(t.Members) > 0 && t.Members[0].Name != ""
}

func appendArray(dst []byte, v *value.Value) []byte {
	dst = append(dst, '[')
	dst = appendList(dst, v.Elems, ",")
	return append(dst, ']')
}

func appendList(dst []byte, elems []value.Value, sep string) []byte {
	for i := range elems {
		if i > 0 {
			dst = append(dst, sep...)
		}
		dst = AppendText(dst, &elems[i])
	}
	return dst
}

// appendAgg appends an aggregation other than a histogram, which takes lines
// of its own and is printed by appendHist.
func appendAgg(dst []byte, v *value.Value) []byte {
	switch v.Type.Agg {
	case types.Count:
		return strconv.AppendUint(dst, v.Num, 10)
	case types.Avg:
		return appendInt(dst, v.Average(), v.Type.Signed)
	case types.Stats:
		dst = append(dst, "{ .count = "...)
		dst = strconv.AppendUint(dst, v.Count, 10)
		dst = append(dst, ", .average = "...)
		dst = appendInt(dst, v.Average(), v.Type.Signed)
		dst = append(dst, ", .total = "...)
		dst = appendInt(dst, v.Num, v.Type.Signed)
		return append(dst, " }"...)
	}
	return appendInt(dst, v.Num, v.Type.Signed)
}

// appendKey appends a map's key between its brackets: several keys, which are
// a tuple without names, go without the tuple's parentheses.
func appendKey(dst []byte, v *value.Value) []byte {
	if v.Type.Kind == types.Tuple && !named(v.Type) {
		return appendList(dst, v.Elems, ", ")
	}
	return AppendText(dst, v)
}
