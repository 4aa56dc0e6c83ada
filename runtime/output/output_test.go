package output

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"testing"
	"time"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

// fakeNames resolves without a kernel.
type fakeNames struct{}

func (fakeNames) KernelSymbol(dst []byte, addr uint64) []byte { return append(dst, "vfs_read"...) }
func (fakeNames) UserSymbol(dst []byte, addr uint64, _ uint32) []byte {
	return appendHex(dst, addr)
}
func (fakeNames) Stack(dst []byte, t *types.Type, _ uint64, _ uint32) []byte {
	return append(dst, "\n        f+1\n        main+20\n"...)
}
func (fakeNames) Username(dst []byte, _ uint32) []byte   { return append(dst, "root"...) }
func (fakeNames) CgroupPath(dst []byte, _ uint64) []byte { return append(dst, "unified:/"...) }
func (fakeNames) ProbeName(dst []byte, _ uint64) []byte  { return append(dst, "begin"...) }
func (fakeNames) Function(dst []byte, _ uint64) []byte   { return append(dst, "f"...) }
func (fakeNames) Time(dst []byte, n uint64, _ uint32) []byte {
	return AppendTime(dst, "%s.%f", time.Unix(0, int64(n)), true)
}

func testDecoder() *value.Decoder { return &value.Decoder{Resolver: fakeNames{}} }

// arg is an argument of a printf in a test.
type arg struct {
	typ   types.Type
	bytes []byte
}

func i64(n int64) arg { return integer(types.Int64(), n) }

func integer(t types.Type, n int64) arg {
	b := binary.NativeEndian.AppendUint64(nil, uint64(n))
	return arg{t, b[:t.Size]}
}

func str(s string) arg {
	return arg{types.StringOf(16), append([]byte(s), make([]byte, 16-len(s))...)}
}

func buf(s string) arg {
	t := types.BufferOf(16)
	b := binary.NativeEndian.AppendUint32(nil, uint32(len(s)))
	b = append(b, s...)
	return arg{t, append(b, make([]byte, t.Size-len(b))...)}
}

// record lays arguments out as an event.
func record(kind object.EventKind, format string, args []arg) (*object.Event, []byte) {
	e := &object.Event{Kind: kind, Format: format, Map: -1}
	rec := make([]byte, 8)
	for _, a := range args {
		for len(rec)%a.typ.Align() != 0 {
			rec = append(rec, 0)
		}
		e.Args = append(e.Args, object.EventArg{Type: a.typ, Offset: len(rec)})
		rec = append(rec, a.bytes...)
	}
	e.FixedSize = len(rec)
	return e, rec
}

func TestPrintf(t *testing.T) {
	enum := types.Type{Kind: types.Enum, Size: 4, Signed: false, Enumerators: []types.Enumerator{{Name: "ONE", Value: 1}}}
	big := i64(0x12345678abcdef)
	minus := integer(types.Int8(), -1)
	tests := []struct {
		format string
		args   []arg
		want   string
	}{
		{"%d%%\n", []arg{i64(5)}, "5%\n"},
		{"%-6d|%06d|%6d|%+d|% d", []arg{i64(7), i64(-42), i64(3), i64(5), i64(3)}, "7     |-00042|     3|+5|3"},
		{"%5.3d|%.0d|%-+5d|", []arg{i64(6), i64(0), i64(8)}, "    6|0|+8   |"},
		{"%hhx %hx %x %jx %lx %#x %#o %X", []arg{big, big, big, big, big, i64(7), i64(8), i64(255)},
			"ef cdef 78abcdef 12345678abcdef 12345678abcdef 0x7 010 FF"},
		{"%u %lu %hhu %d %x", []arg{minus, minus, minus, minus, minus}, "4294967295 18446744073709551615 255 -1 ffffffff"},
		{"%d %hhd %ld", []arg{integer(types.Uint8(), 200), integer(types.Uint8(), 200), integer(types.Uint8(), 200)}, "200 -56 200"},
		{"%d %lld", []arg{i64(-5000000000), i64(-5000000000)}, "-705032704 -5000000000"},
		{"%d %u", []arg{integer(types.Uint32(), -1), integer(types.Uint32(), -1)}, "-1 4294967295"},
		{"%c%c|%3c|%-3c|", []arg{i64(0x41), i64(0x42), i64(65), i64(66)}, "AB|  A|B  |"},
		{"%p|%20p|%-8p|", []arg{i64(4096), i64(16), i64(17)}, "0x1000|                0x10|0x11    |"},
		{"%s|%10s|%-10s|%.3s|%10.2s|", []arg{str("abcdef"), str("x"), str("y"), str("abcdef"), str("xyz")},
			"abcdef|         x|y         |abcdef|       xyz|"},
		{"%r|%rx|%rh|%6r|%-10rx|", []arg{buf("ab\n\x01"), buf("ab"), buf("ab"), buf("ab"), buf("ab")},
			`ab\x0a\x01|\x61\x62|61 62|    ab|\x61\x62  |`},
		{"%s %d %-5s|%s", []arg{integer(enum, 1), integer(enum, 1), integer(enum, 1), integer(enum, 7)}, "ONE 1 ONE  |7"},
		{"%s %d %5s|", []arg{integer(types.BoolType(), 1), integer(types.BoolType(), 1), integer(types.BoolType(), 0)}, "true 1 false|"},
		{"%s %s", []arg{i64(-5), integer(types.Uint64(), -1)}, "-5 18446744073709551615"},
		{"%*d|%-*d|%.*d|%*.*d|%*d|", []arg{i64(5), i64(3), i64(4), i64(2), i64(3), i64(7), i64(6), i64(3), i64(9), i64(-4), i64(1)},
			"    3|2   |007|   009|1   |"},
		{"%gr|%gr|%gr|%gr", []arg{i64(0xcc0), i64(7), i64(0xdc0), i64(0)},
			"GFP_KERNEL|GFP_DMA|__GFP_HIGHMEM|GFP_DMA32|GFP_KERNEL|__GFP_ZERO|0"},
		{"%12s|%s", []arg{integer(types.Type{Kind: types.KSym, Size: 8}, 1), {types.StackOf(false, "", 3), make([]byte, 16)}},
			"    vfs_read|\n        f+1\n        main+20\n"},
	}
	for _, tt := range tests {
		e, rec := record(object.EventPrintf, tt.format, tt.args)
		p, err := CompileFormat(e, testDecoder())
		if err != nil {
			t.Errorf("CompileFormat(%q): %v", tt.format, err)
			continue
		}
		got, err := p.Append(nil, rec)
		if err != nil || string(got) != tt.want {
			t.Errorf("%q:\n got %q, %v\nwant %q", tt.format, got, err, tt.want)
		}
	}
}

// TestPrintfDynamic prints strings of their true length behind the fixed part,
// and a literal that is not in the record at all.
func TestPrintfDynamic(t *testing.T) {
	literal := "lit"
	e := &object.Event{
		Kind: object.EventPrintf, Format: "%s %d %5s|%r %s\n", FixedSize: 32,
		Args: []object.EventArg{
			{Type: types.StringOf(64), Offset: 8, Dynamic: true},
			{Type: types.Int64(), Offset: 16},
			{Type: types.StringOf(64), Offset: 12, Dynamic: true},
			{Type: types.BufferOf(64), Offset: 24, Dynamic: true},
			{Type: types.StringOf(4), Literal: &literal},
		},
	}
	rec := make([]byte, 32)
	binary.NativeEndian.PutUint32(rec[8:], 5)
	binary.NativeEndian.PutUint32(rec[12:], 2)
	binary.NativeEndian.PutUint64(rec[16:], 42)
	binary.NativeEndian.PutUint32(rec[24:], 3)
	rec = append(rec, "hellohi\x00\x01z"...)
	p, err := CompileFormat(e, testDecoder())
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Append(nil, rec)
	if want := "hello 42    hi|\\x00\\x01z lit\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for n := range rec {
		if _, err := p.Append(nil, rec[:n]); err == nil {
			t.Errorf("a record cut to %d bytes is no error", n)
		}
	}
}

// TestTrailer marks strings that were probably cut.
func TestTrailer(t *testing.T) {
	dec := testDecoder()
	dec.MaxStrlen, dec.Trailer = 5, ".."
	for _, tt := range []struct {
		size       int
		text, want string
	}{{6, "abcde", "abcde.."}, {6, "abcd", "abcd"}, {5, "abcd", "abcd"}, {16, "abcdef", "abcdef"}} {
		typ := types.StringOf(tt.size)
		var v value.Value
		dec.DecodeString(&v, &typ, []byte(tt.text))
		if string(v.Text) != tt.want {
			t.Errorf("%q in %d bytes is %q, want %q", tt.text, tt.size, v.Text, tt.want)
		}
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 5, 43, 45, 806439954, time.UTC)
	for _, tt := range []struct{ format, want string }{
		{"%H:%M:%S.%f %e %j %Z %z %s %n%t%% %Q %A %b", "05:43:45.806439 23 327 UTC +0000 1795412625 \n\t% %Q Monday Nov"},
		{"%c|%D %F %h %I %p %k %l", "Mon Nov 23 05:43:45 2026|11/23/26 2026-11-23 Nov 05 AM 806439954 806"},
		{"%G %V %u %w %U %W %C %g %y %R %r %T %x %X %P", "2026 48 1 1 47 47 20 26 26 05:43 05:43:45 AM 05:43:45 11/23/26 05:43:45 am"},
		{"%", "%"},
	} {
		if got := AppendTime(nil, tt.format, at, true); string(got) != tt.want {
			t.Errorf("%q:\n got %q\nwant %q", tt.format, got, tt.want)
		}
	}
	if got := AppendTime(nil, "%H %f %l", at, false); string(got) != "05 %f  5" {
		t.Errorf("time(): %q", got)
	}
}

// TestBuffering counts the writes of the modes.
func TestBuffering(t *testing.T) {
	for mode, want := range map[BufferMode]string{
		BufferNone: "a|b|", BufferLine: "ab|", BufferFull: "", "": "ab|",
	} {
		var out writes
		w := NewWriter(&out, mode)
		for _, s := range []string{"a", "b"} {
			if _, err := w.Write([]byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		w.Idle()
		if out.String() != want {
			t.Errorf("mode %q wrote %q, want %q", mode, &out, want)
		}
	}
}

// writes is a writer that marks where its writes end.
type writes struct{ bytes.Buffer }

func (w *writes) Write(p []byte) (int, error) {
	w.Buffer.Write(p)
	w.WriteByte('|')
	return len(p), nil
}

func BenchmarkPrintf(b *testing.B) {
	for _, tt := range []struct {
		format string
		args   []arg
	}{
		{"%d %s\n", []arg{i64(1234), str("sshd")}},
		{"%-6d %-16s %s\n", []arg{i64(1234), str("sshd"), str("/etc/passwd")}},
	} {
		b.Run(strconv.Quote(tt.format), func(b *testing.B) {
			e, rec := record(object.EventPrintf, tt.format, tt.args)
			p, err := CompileFormat(e, testDecoder())
			if err != nil {
				b.Fatal(err)
			}
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = p.Append(dst[:0], rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
