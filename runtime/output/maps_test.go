package output

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

func agg(kind types.AggKind) types.Type {
	return types.Type{Kind: types.Agg, Agg: kind, Signed: true}
}

func words(n ...int64) []byte {
	var b []byte
	for _, w := range n {
		b = binary.NativeEndian.AppendUint64(b, uint64(w))
	}
	return b
}

// table makes a table of 64-bit keys.
func table(name string, v types.Type, keys []int64, size int, values []byte) *value.Table {
	key := types.Int64()
	return &value.Table{
		Name: name, Key: &key, Value: &v, KeySize: 8, Keys: words(keys...),
		ValueSize: size, Values: values, Rows: len(keys),
	}
}

func scalar(name string, v types.Type, values ...int64) *value.Table {
	return &value.Table{Name: name, Value: &v, ValueSize: 8 * len(values), Values: words(values...), Rows: 1}
}

func hist(name string, v types.Type, buckets ...value.Bucket) *value.Table {
	return &value.Table{Name: name, Value: &v, Rows: 1, Buckets: [][]value.Bucket{buckets}}
}

// render prints a table in both formats.
func render(t *testing.T, tb *value.Table, top, div int) (text, json string) {
	t.Helper()
	for _, f := range []Format{Text, JSON} {
		var out bytes.Buffer
		w := NewWriter(&out, BufferFull)
		dec := testDecoder()
		tb.Sort(dec)
		NewPrinter(f, w, NewLog(&out, LogOptions{}), dec).Map(tb, top, div)
		w.Flush()
		if f == Text {
			text = out.String()
		} else {
			json = out.String()
		}
	}
	return text, json
}

// The expected outputs are bpftrace 0.27.1's, but for the order of rows with
// equal values, which there is that of the kernel's hash table.
func TestMaps(t *testing.T) {
	full := "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
	half := "@@@@@@@@@@@@@@@@@@@@@@@@@@                          "
	none := "                                                    "
	lhist := agg(types.LHist)
	lhist.Min, lhist.Max, lhist.Step = 3, 14, 5
	fine := agg(types.Hist)
	fine.Bits = 2
	tests := []struct {
		name       string
		table      *value.Table
		top, div   int
		text, json string
	}{
		{"ints", table("@", types.Int64(), []int64{4, 2, 3, 1}, 8, words(3, 3, 9, -5)), 0, 0,
			"@[1]: -5\n@[2]: 3\n@[4]: 3\n@[3]: 9\n",
			`{"type": "map", "data": {"@": {"1": -5, "2": 3, "4": 3, "3": 9}}}` + "\n"},
		{"top and div", table("@", types.Int64(), []int64{4, 2, 3, 1}, 8, words(3, 4, 9, 5)), 2, 2,
			"@[1]: 2\n@[3]: 4\n", `{"type": "map", "data": {"@": {"1": 2, "3": 4}}}` + "\n"},
		{"none", table("@", types.Int64(), nil, 8, nil), 0, 0, "", ""},
		{"count", scalar("@c", agg(types.Count), 7), 0, 0, "@c: 7\n", `{"type": "map", "data": {"@c": 7}}` + "\n"},
		{"avg", scalar("@a", agg(types.Avg), -7, 2), 0, 0, "@a: -3\n", `{"type": "stats", "data": {"@a": -3}}` + "\n"},
		{"avg of nothing", scalar("@a", agg(types.Avg), 0, 0), 0, 0, "@a: 0\n", `{"type": "stats", "data": {"@a": 0}}` + "\n"},
		{"stats", table("@s", agg(types.Stats), []int64{1, 2}, 16, words(24, 3, 10, 1)), 0, 2,
			"@s[1]: { .count = 3, .average = 4, .total = 24 }\n@s[2]: { .count = 1, .average = 5, .total = 10 }\n",
			`{"type": "stats", "data": {"@s": {"1": {"count": 3, "average": 4, "total": 24}, "2": {"count": 1, "average": 5, "total": 10}}}}` + "\n"},
		{"hist", hist("@h", agg(types.Hist), value.Bucket{Index: 0, Count: 1}, value.Bucket{Index: 2, Count: 2}, value.Bucket{Index: 12, Count: 2}), 0, 0,
			"@h:\n(..., 0)               1 |" + half + "|\n[0]                    0 |" + none + "|\n[1]                    2 |" + full + "|\n" +
				"[2, 4)                 0 |" + none + "|\n[4, 8)                 0 |" + none + "|\n[8, 16)                0 |" + none + "|\n" +
				"[16, 32)               0 |" + none + "|\n[32, 64)               0 |" + none + "|\n[64, 128)              0 |" + none + "|\n" +
				"[128, 256)             0 |" + none + "|\n[256, 512)             0 |" + none + "|\n[512, 1K)              0 |" + none + "|\n" +
				"[1K, 2K)               2 |" + full + "|\n\n", ""},
		{"hist in JSON", hist("@h", agg(types.Hist), value.Bucket{Index: 0, Count: 1}, value.Bucket{Index: 3, Count: 2}), 0, 0, "",
			`{"type": "hist", "data": {"@h": [{"max": -1, "count": 1},{"min": 0, "max": 0, "count": 0},{"min": 1, "max": 1, "count": 0},{"min": 2, "max": 3, "count": 2}]}}` + "\n"},
		{"hist with bits", hist("@h", fine, value.Bucket{Index: 36, Count: 1}, value.Bucket{Index: 37, Count: 1}), 0, 0,
			"@h:\n[896, 1024)            1 |" + full + "|\n[1024, 1280)           1 |" + full + "|\n\n", ""},
		{"lhist", hist("@q", lhist, value.Bucket{Index: 1, Count: 1}, value.Bucket{Index: 3, Count: 2}), 0, 0,
			"@q:\n[3, 8)                 1 |" + half + "|\n[8, 13)                0 |" + none + "|\n[13, ...)              2 |" + full + "|\n\n",
			`{"type": "hist", "data": {"@q": [{"min": 3, "max": 7, "count": 1},{"min": 8, "max": 12, "count": 0},{"min": 13, "count": 2}]}}` + "\n"},
		{"zeroed hist", hist("@z", agg(types.Hist)), 0, 0, "@z:\n\n", `{"type": "hist", "data": {"@z": []}}` + "\n"},
	}
	for _, tt := range tests {
		text, json := render(t, tt.table, tt.top, tt.div)
		if (tt.text != "" || tt.json == "") && text != tt.text {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, text, tt.text)
		}
		if (tt.json != "" || tt.text == "") && json != tt.json {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, json, tt.json)
		}
	}
}

// TestKeys prints keys of several kinds.
func TestKeys(t *testing.T) {
	inner := types.TupleOf([]types.Type{types.Int64(), types.Int64()}, nil)
	rec := types.TupleOf([]types.Type{types.Int64(), types.StringOf(8)}, []string{"a", "b"})
	for _, tt := range []struct {
		key        types.Type
		bytes      []byte
		text, json string
	}{
		{types.TupleOf([]types.Type{inner, types.Int64()}, nil), words(1, 2, 3), "@[(1, 2), 3]: 1\n", `"(1,2),3"`},
		{rec, append(words(1), "x y\x00\x00\x00\x00\x00"...), "@[{ .a = 1, .b = x y }]: 1\n", `"{.a=1,.b=x y}"`},
		{types.BoolType(), []byte{1}, "@[true]: 1\n", `"true"`},
		{types.PointerTo(types.Int64(), types.Kernel), words(50), "@[0x32]: 1\n", `"0x32"`},
		{types.StackOf(false, types.StackBpftrace, 3), words(1, 2), "@[\n        f+1\n        main+20\n]: 1\n", `"\nf+1\nmain+20\n"`},
		{buf("a\"").typ, buf("a\"\x01").bytes, "@[a\"\\x01]: 1\n", `"a\"\\x01"`},
	} {
		v := types.Int64()
		tb := &value.Table{Name: "@", Key: &tt.key, Value: &v, KeySize: len(tt.bytes), Keys: tt.bytes, ValueSize: 8, Values: words(1), Rows: 1}
		text, json := render(t, tb, 0, 0)
		if text != tt.text {
			t.Errorf("%s: %q, want %q", tt.key, text, tt.text)
		}
		if want := `{"type": "map", "data": {"@": {` + tt.json + ": 1}}}\n"; json != want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.key, json, want)
		}
	}
}

// TestValues prints the values of print(expression).
func TestValues(t *testing.T) {
	record := types.Type{Kind: types.Record, Size: 32, Members: []types.Member{
		{Name: "a", Type: types.Int32()},
		{Name: "b", Type: types.StringOf(4), Offset: 4},
		{Name: "p", Type: types.PointerTo(types.Int32(), types.Kernel), Offset: 8},
		{Name: "ar", Type: types.ArrayOf(types.Int16(), 2), Offset: 16},
		{Name: "bf", Type: types.Uint8(), Offset: 20, BitOffset: 2, BitSize: 3},
		{Name: "in", Type: types.TupleOf([]types.Type{types.Int8()}, []string{"x"}), Offset: 21},
	}}
	bytesOf := append(append(words(0), words(-1)...), 1, 0, 2, 0, 0b10110, 5, 0, 0)
	bytesOf = append(bytesOf, words(0)...)
	copy(bytesOf, []byte{9, 0, 0, 0, 'h', 'i', 0, 0})
	for _, tt := range []struct {
		typ        types.Type
		bytes      []byte
		text, json string
	}{
		{record, bytesOf, "{ .a = 9, .b = hi, .p = 0xffffffffffffffff, .ar = [1,2], .bf = 5, .in = { .x = 5 } }",
			`{"a": 9, "b": "hi", "p": "18446744073709551615", "ar": [1,2], "bf": 5, "in": {"x": 5}}`},
		{types.Uint64(), words(1 << 53), "9007199254740992", "9007199254740992"},
		{types.Int64(), words(1<<53 + 1), "9007199254740993", `"9007199254740993"`},
		{types.Int64(), words(-(1 << 60)), "-1152921504606846976", "-1152921504606846976"},
		{types.StringOf(8), []byte("a\"\n\x01\xff\xc3\xa9\x00"), "a\"\n\x01\xff\xc3\xa9", `"a\"\n\u0001\u00ffé"`},
		{types.BufferOf(4), []byte{3, 0, 0, 0, 'a', 1, 34, 0}, `a\x01"`, "[97,1,34]"},
		{types.Type{Kind: types.Inet, Size: 20}, append([]byte{10, 0, 0, 0}, words(0, 1<<56)...), "::1", `"::1"`},
		{types.Type{Kind: types.MAC, Size: 8}, []byte{5, 4, 0xab, 2, 1, 2, 0, 0}, "05:04:AB:02:01:02", `"05:04:AB:02:01:02"`},
	} {
		var v value.Value
		if err := testDecoder().Decode(&v, &tt.typ, tt.bytes); err != nil {
			t.Errorf("%s: %v", tt.typ, err)
			continue
		}
		if got := string(AppendText(nil, &v)); got != tt.text {
			t.Errorf("%s: %q, want %q", tt.typ, got, tt.text)
		}
		if got := string(AppendJSON(nil, &v)); got != tt.json {
			t.Errorf("%s: %s, want %s", tt.typ, got, tt.json)
		}
	}
}

func TestLog(t *testing.T) {
	at := Place{File: "a.bt", Line: 1, Col: 9, EndCol: 22}
	var err, out bytes.Buffer
	text := NewLog(&err, LogOptions{})
	text.ScriptError(at, []byte("x 3"))
	text.ScriptWarning(at, []byte("y\n"))
	text.Lost(at, 17, "lost 17 events", "raise it")
	want := "a.bt:1:9-22: ERROR: x 3\na.bt:1:9-22: WARNING: y\na.bt:1:9: WARNING: lost 17 events (raise it)\n"
	if err.String() != want {
		t.Errorf("text:\n%s\nwant\n%s", &err, want)
	}
	w := NewWriter(&out, BufferFull)
	json := NewLog(&err, LogOptions{JSON: w})
	json.ScriptError(at, []byte("x 3"))
	json.Lost(at, 17, "lost 17 events", "")
	w.Flush()
	want = `{"type": "errorf", "msg": "x 3", "filename": "a.bt", "line": 1, "col": 9}
{"type": "lost_events", "data": {"events": 17}}
`
	if out.String() != want {
		t.Errorf("JSON:\n%s\nwant\n%s", &out, want)
	}
}
