package tracefs_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/tracefs"
)

// head is what every format file begins with.
const head = `name: test
ID: 42
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

`

func TestFieldTypes(t *testing.T) {
	tests := []struct {
		field string // without "field:"
		want  string // type, name, offset
	}{
		{"int dfd;	offset:16;	size:8;	signed:0;", "int32 dfd 16"},
		{"umode_t mode;	offset:40;	size:8;	signed:0;", "uint16 mode 40"},
		{"unsigned long ip;	offset:8;	size:8;	signed:0;", "uint64 ip 8"},
		{"xfs_ino_t ino;	offset:8;	size:8;	signed:0;", "uint64 ino 8"},
		{"tid_t tid;	offset:8;	size:4;	signed:1;", "int32 tid 8"},
		{"bool x;	offset:9;	size:1;	signed:0;", "bool x 9"},
		{"char comm[16];	offset:8;	size:16;	signed:0;", "int8[16] comm 8"},
		{"u8 mac[ETH_ALEN];	offset:8;	size:6;	signed:0;", "uint8[6] mac 8"},
		{"__u8 addr[sizeof(struct x)];	offset:8;	size:28;	signed:0;", "uint8[28] addr 8"},
		{"unsigned long args[6];	offset:16;	size:48;	signed:0;", "uint64[6] args 16"},
		{"const char * name;	offset:8;	size:8;	signed:0;", "int8* name 8"},
		{"const char *const * argv;	offset:8;	size:8;	signed:0;", "int8** argv 8"},
		{"const char *name;	offset:8;	size:8;	signed:0;", "int8* name 8"},
		{"void * p;	offset:8;	size:8;	signed:0;", "void* p 8"},
		{"const struct iovec * vec;	offset:8;	size:8;	signed:0;", "struct iovec* vec 8"},
		{"sigset_t * set;	offset:8;	size:8;	signed:0;", "sigset_t* set 8"},
		{"struct thing s;	offset:8;	size:24;	signed:0;", "uint8[24] s 8"},
		{"enum zone_type zone;	offset:8;	size:4;	signed:0;", "enum zone_type zone 8"},
		{"enum other_type zone;	offset:8;	size:4;	signed:1;", "int32 zone 8"},
		{"__data_loc char[] name;	offset:8;	size:4;	signed:0;", "loc int8[0] name 8"},
		{"__data_loc unsigned long[] list;	offset:8;	size:4;	signed:0;", "loc uint64[0] list 8"},
		{"__data_loc cpumask_t mask;	offset:8;	size:4;	signed:0;", "loc uint8[0] mask 8"},
		{"__rel_loc char[] name;	offset:8;	size:4;	signed:0;", "uint32 name 8"},
	}
	resolve := func(name string) (types.Type, bool) {
		return types.Type{Kind: types.Enum, Name: name, Size: 4}, name == "enum zone_type"
	}
	for _, test := range tests {
		format, err := tracefs.ParseFormat(head + "\tfield:" + test.field + "\n\nprint fmt: \"\"\n")
		if err != nil {
			t.Errorf("%s: %v", test.field, err)
			continue
		}
		args := format.Args(types.User, resolve)
		if len(args.Members) != 1 {
			t.Errorf("%s: %d members", test.field, len(args.Members))
			continue
		}
		m := args.Members[0]
		got := m.Type.String() + " " + m.Name + " " + itoa(m.Offset)
		if m.DataLoc {
			got = "loc " + got
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.field, got, test.want)
		}
		if m.Type.Kind == types.Pointer && m.Type.Space != types.User {
			t.Errorf("%s: in space %q", test.field, m.Type.Space)
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestUserTag(t *testing.T) {
	field := `const char __attribute__((btf_type_tag("user"))) * name;	offset:8;	size:8;	signed:0;`
	format, err := tracefs.ParseFormat(head + "\tfield:" + field + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if m := format.Args(types.Kernel, nil).Members[0]; m.Type.Space != types.User || m.Type.String() != "int8*" {
		t.Errorf("%+v", m)
	}
}

func TestBadFormats(t *testing.T) {
	for _, text := range []string{
		"", "format:\n", "name: x\nID: y\n", head + "\tfield:int;\toffset:0;\n",
		head + "\tfield:char x[;\toffset:0;\n", head + "\tfield:int x;\toffset:-1;\n",
		head + "\tfield:int x;\toffset:99999999;\n", head + "\tfoo\n\tfield:;\n",
	} {
		if f, err := tracefs.ParseFormat(text); err == nil {
			t.Errorf("%q: %+v", text, f)
		}
	}
}

func TestFS(t *testing.T) {
	f := tracefs.New(fstest.MapFS{
		"available_events":           {Data: []byte("sched:b\nfib:x\nfib6:x\nsched:a\n")},
		"available_filter_functions": {Data: []byte("vfs_read\n__ftrace_invalid_address___12\nkvm_exit [kvm]\n")},
		"events/sched/a/format":      {Data: []byte(head)},
		"events/sched/a/id":          {Data: []byte("42\n")},
	}, "")
	events, err := f.Events()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range events {
		names = append(names, e.String())
	}
	// As bpftrace sorts: by the whole name.
	if got := strings.Join(names, " "); got != "fib6:x fib:x sched:a sched:b" {
		t.Error(got)
	}
	if format, err := f.Format("sched", "a"); err != nil || format.ID != 42 || format.Name != "test" {
		t.Errorf("%+v, %v", format, err)
	}
	if id, err := f.ID("sched", "a"); err != nil || id != 42 {
		t.Errorf("%d, %v", id, err)
	}
	for _, name := range []string{"nothing", "..", "", "a/b"} {
		if _, err := f.Format("sched", name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
	var functions []string
	err = f.Functions(func(name, module string) bool {
		functions = append(functions, name+"/"+module)
		return true
	})
	if got := strings.Join(functions, " "); err != nil || got != "vfs_read/ kvm_exit/kvm" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestLiveFormats parses every format of the running kernel.
func TestLiveFormats(t *testing.T) {
	f, err := tracefs.Find()
	if err != nil {
		t.Skipf("needs a readable tracefs: %v", err)
	}
	events, err := f.Events()
	if err != nil {
		t.Skipf("needs a readable tracefs: %v", err)
	}
	parsed := 0
	for _, e := range events {
		format, err := f.Format(e.Category, e.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		parsed++
		for _, m := range format.Args(types.Kernel, nil).Members {
			if m.Type.Kind == types.Invalid || m.Type.Size == 0 && !m.DataLoc && m.Type.Kind != types.Array {
				t.Errorf("%s: %s is %+v", e, m.Name, m.Type)
			}
		}
	}
	if parsed < len(events)*9/10 {
		t.Errorf("only %d of %d events have a format", parsed, len(events))
	}
}

func FuzzParseFormat(f *testing.F) {
	f.Add(head + "\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:0;\n")
	f.Add(head + "\tfield:const char *const * argv;\toffset:8;\tsize:8;\tsigned:0;\n\nprint fmt: \"x\"\n")
	if text, err := os.ReadFile("../../testdata/snapshot/6.18/tracefs/events/sched/sched_switch/format"); err == nil {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		format, err := tracefs.ParseFormat(text)
		if err != nil {
			return
		}
		args := format.Args(types.Kernel, nil)
		if len(args.Members) != len(format.Fields) {
			t.Errorf("%d members of %d fields", len(args.Members), len(format.Fields))
		}
		for _, m := range args.Members {
			_ = m.Type.String()
		}
	})
}
