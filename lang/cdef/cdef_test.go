package cdef

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
)

// parse reads a text in which "---" lines separate pieces.
func parse(text string, opts Options) (*Result, []string) {
	set := &source.Set{}
	id := set.Add("s.bt", text)
	var defs []Source
	off := 0
	for part := range strings.SplitSeq(text, "---\n") {
		trimmed := strings.TrimRight(part, "\n")
		defs = append(defs, Source{Text: trimmed, Span: source.Span{File: id, Off: int32(off), End: int32(off + len(trimmed))}})
		off += len(part) + len("---\n")
	}
	r, diags := Parse(defs, opts)
	var out []string
	for _, d := range diags {
		p := set.File(id).Position(d.Span.Off)
		out = append(out, fmt.Sprintf("%d:%d-%d %s", p.Line, p.Column, d.Span.End-d.Span.Off, d.Msg))
	}
	return r, out
}

func TestConstants(t *testing.T) {
	tests := []struct{ text, want string }{
		{"#define A 3", "A=3"},
		{"#define A (1 << 3)\n---\n#define B (A | 0x3)\n---\n#define C B", "A=8 B=11 C=11"},
		{"#define A 1 + 2\n---\n#define B A * 2", "A=3 B=5"}, // textually
		{`#define A "x\n\x41\101" "y"`, `A="x\nAAy"`},
		{"#define A 'a'\n---\n#define B '\\n'\n---\n#define C '\\377'", "A=97 B=10 C=-1"},
		{"#define A -1\n---\n#define B (unsigned char)-1\n---\n#define C ((__u32)~0)", "A=-1 B=255 C=4294967295"},
		{"#define A ~0U\n---\n#define B -1U\n---\n#define C (0xffffffff + 1)\n---\n#define D (4294967296 >> 4)", "A=4294967295 B=4294967295 C=0 D=268435456"},
		{"#define A sizeof(long)\n---\n#define B sizeof(void *)\n---\n#define C (sizeof(int) - 5 > 0)", "A=8 B=8 C=1"},
		{"#define A (1 ? 2 : 3)\n---\n#define B (0 || 5 && 2)\n---\n#define C (7 % 4 == 3 != 0)\n---\n#define D (!5 ^ 6 & 3)", "A=2 B=1 C=1 D=2"},
		{"#define F(x) ((x) * 2)\n---\n#define A F(4)\n---\n#define B F(F(A))", "A=8 B=32"},
		{"#define A 010\n---\n#define B 0b101\n---\n#define C 100UL", "A=8 B=5 C=100"},
		{"#define A 1\n---\n#undef A\n---\n#define A 2", "A=2"},
		{"#define A 7\n---\n#undef A", ""},
		{"#define A KNOWN\n---\n#define B (KNOWN << 1)", "A=42 B=84"},
		{"enum e { A, B = 5, C };\n---\nenum { D = C + 1 };", "A=0 B=5 C=6 D=7"},
		{"#define A 4\n---\nenum e { X = A, Y = KNOWN };\n---\n#define B (Y + 1)", "A=4 B=43 X=4 Y=42"},
		{"#define A 1 / 0\n---\n#define B 1 << 64\n---\n#define C (\n---\n#define D\n---\n#define E 1.5\n---\n#define G 1 +", ""},
		{"#define A \\\n 1 + \\\n 2", "A=3"},
		{"#define A 5 /* five */\n---\n#define B 6 // six", "A=5 B=6"},
	}
	opts := Options{Constant: func(name string) (int64, bool) { return 42, name == "KNOWN" }}
	for _, tt := range tests {
		r, diags := parse(tt.text, opts)
		var got []string
		for name, c := range r.Constants {
			if c.IsString {
				got = append(got, fmt.Sprintf("%s=%q", name, c.String))
			} else {
				got = append(got, fmt.Sprintf("%s=%d", name, c.Int))
			}
		}
		sort.Strings(got)
		if strings.Join(got, " ") != tt.want || len(diags) > 0 {
			t.Errorf("%q:\n%v %v, want %s", tt.text, got, diags, tt.want)
		}
	}
}

func TestMacros(t *testing.T) {
	const text = "#define TASK curtask\n---\n#define ADD(a, b) ((a) + \\\n (b))\n---\n#define NONE() pid\n---\n#define EMPTY"
	r, diags := parse(text, Options{})
	if diags != nil {
		t.Error(diags)
	}
	want := map[string]Macro{
		"TASK": {Name: "TASK", Body: "curtask"}, "EMPTY": {Name: "EMPTY"},
		"ADD":  {Name: "ADD", HasParens: true, Params: []string{"a", "b"}, Body: "((a) +    (b))"},
		"NONE": {Name: "NONE", HasParens: true, Body: "pid"},
	}
	for name, m := range r.Macros {
		if in := text[m.Span.Off:m.Span.End]; strings.ReplaceAll(in, "\\\n", "  ") != m.Body {
			t.Errorf("the span of %s covers %q", name, in)
		}
		m.Span = source.Span{}
		r.Macros[name] = m
	}
	if diff := cmp.Diff(want, r.Macros); diff != "" {
		t.Error(diff)
	}
}

// kernel is a little BTF.
func kernel(name string) (types.Type, bool) {
	path := types.Type{Kind: types.Record, Name: "struct path", Size: 16, Members: []types.Member{
		{Name: "mnt", Type: types.PointerTo(types.VoidType(), types.Kernel)},
		{Name: "dentry", Type: types.PointerTo(types.VoidType(), types.Kernel), Offset: 8},
	}}
	pid := types.Int32()
	pid.Name = "pid_t"
	t, ok := map[string]types.Type{
		"struct path": path, "u32": types.Uint32(), "pid_t": pid, "bool": types.BoolType(),
		"enum zone_type": {Kind: types.Enum, Name: "enum zone_type", Size: 4},
		"atomic_t":       {Kind: types.Record, ID: 7, Size: 4, Members: []types.Member{{Name: "counter", Type: types.Int32()}}},
	}[name]
	return t, ok
}

func TestBorrowedTypes(t *testing.T) {
	r, diags := parse(`struct nameidata { struct path path; char c; struct path *p; u32 x; pid_t pid; bool b; atomic_t n; enum zone_type z; int (*f)(u32, pid_t); char name[COMM]; };`,
		Options{Lookup: kernel, Constant: func(name string) (int64, bool) { return 16, name == "COMM" }})
	if diags != nil {
		t.Fatal(diags)
	}
	got := r.Types["struct nameidata"]
	want := `path at 0 size 16
c at 16 size 1
p at 24 size 8
x at 32 size 4
pid at 36 size 4
b at 40 size 1
n at 44 size 4
z at 48 size 4
f at 56 size 8
name at 64 size 16
`
	if diff := cmp.Diff(want, describe(got, 0)); diff != "" {
		t.Error(diff)
	}
	if m, _ := got.Member("path"); len(m.Type.Members) != 2 {
		t.Errorf("a record by value has no members: %+v", m)
	}
	if m, _ := got.Member("p"); !m.Type.Elem.Incomplete || m.Type.Elem.Name != "struct path" {
		t.Errorf("a record behind a pointer: %+v", m)
	}
	if m, _ := got.Member("n"); m.Type.ID != 7 {
		t.Errorf("a typedef of a nameless record: %+v", m)
	}
	if len(r.Types) != 1 {
		t.Errorf("the script declares %d types: %v", len(r.Types), r.Types)
	}
}

func TestTypes(t *testing.T) {
	r, diags := parse("typedef struct { int a; } A;\n---\ntypedef A *P;\n---\ntypedef unsigned long num;\n---\nenum e { X = -1, Y };\n---\n"+
		"struct list { struct list *next; A *a; enum e e; };\n---\ntypedef struct later later_t;\n---\nstruct later { later_t *self; };", Options{})
	if diags != nil {
		t.Fatal(diags)
	}
	if a := r.Types["A"]; a.ID >= 0 || len(a.Members) != 1 {
		t.Errorf("A is %+v", a)
	}
	if p := r.Types["P"]; p.Kind != types.Pointer || p.Elem.ID != r.Types["A"].ID || !p.Elem.Incomplete {
		t.Errorf("P is %+v", p)
	}
	if n := r.Types["num"]; n.Kind != types.Int || n.Size != 8 || n.Signed || n.Name != "num" {
		t.Errorf("num is %+v", n)
	}
	if e := r.Types["enum e"]; !e.Signed || len(e.Enumerators) != 2 || r.Constants["X"].Type.Name != "enum e" {
		t.Errorf("enum e is %+v", e)
	}
	if l := r.Types["later_t"]; l.Name != "struct later" || l.Size != 8 {
		t.Errorf("later_t is %+v", l)
	}
	if len(r.Records) != 3 {
		t.Errorf("%d records: %+v", len(r.Records), r.Records)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"struct x { int };", "1:16-1 unexpected '}', expected struct declarator list"},
		{"#define A 1\n---\nstruct x {\n  foo_t a;\n};", "4:3-5 unknown type \"foo_t\""},
		{"struct x {\n  struct none a;\n};", "2:15-1 struct none is not defined"},
		{"struct x { int a; int a; };", `1:23-1 struct x has two members "a"`},
		{"struct x { int a; };\n---\nstruct x { long b; };", "3:1-6 incompatible redeclaration"},
		{"struct x { char a[-1]; };", "1:19-1 invalid array size"},
		{"struct x { char a[none]; };", "1:19-4 undefined: none"},
		{"struct x { int a:40; };", `1:16-1 bit-field "a" is wider than its type`},
		{"struct x { void a; };", "1:17-1 a member cannot be void"},
		{"struct x { char a[100000000]; };", "1:17-1 an array of 100000000 elements is too large"},
		{"#define", "1:1-7 #define without a name"},
		{"#include <none.h>", `1:1-17 there is no header "none.h"`},
		{"#include <bad.h>", "1:1-16 bad.h:1: unexpected '}'"},
		{"#include <far.h>", `1:1-16 there is no header "gone.h" (far.h:1)`},
		{"#include <self.h>", "1:1-17 this C cannot be read"},
		{"#define A B\n---\n#define B A\n---\nstruct x { char a[A]; };", "undefined: A"},
		{"struct x { int a" + strings.Repeat("(", 3000) + "; };", "1:1-3020 this C is nested too deeply"},
		{"struct x { char a[" + strings.Repeat("-", 300000) + "1]; };", "bytes of C are too many"},
		{"struct x { char a[" + strings.Repeat("-", 30000) + "1]; };", "nested too deeply"},
		{"struct x { struct y { struct x a; } b; };", "1:32-1 struct x contains itself"},
	}
	headers := fstest.MapFS{"bad.h": {Data: []byte("struct b { int };")}, "far.h": {Data: []byte("#include <gone.h>\n")}, "self.h": {Data: []byte("#include <self.h>\n")}}
	for _, tt := range tests {
		_, diags := parse(tt.text, Options{Headers: headers})
		if len(diags) == 0 || !strings.Contains(diags[0], tt.want) {
			t.Errorf("%.200q:\n%q, want %s", tt.text, diags, tt.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	headers := fstest.MapFS{
		"my.h":     {Data: []byte("#ifndef MY\n#define MY\n#include \"sub/in.h\"\n#include <linux/types.h>\n#define LIMIT (DEPTH * 2)\n#define NAME \"x\"\n#define UNUSED 9\n#define CURRENT curtask\nstruct my { struct in in; char c[LIMIT]; };\n#endif\n")},
		"sub/in.h": {Data: []byte("#include \"deep.h\"\nstruct in { int x; };\n")}, "sub/deep.h": {Data: []byte("#define DEPTH 3\nenum { ONE = 1 };\n")},
	}
	opts := Options{Headers: headers, Want: []string{"LIMIT", "NAME", "ONE", "ABSENT", "CURRENT"}, Absent: func(name string) bool { return name == "linux/types.h" }}
	r, diags := parse("#include <my.h>\n---\nstruct t { struct my my; char d[LIMIT]; };", opts)
	if diags != nil {
		t.Fatal(diags)
	}
	if got := r.Types["struct t"].Size; got != 20 {
		t.Errorf("struct t has %d bytes", got)
	}
	want := map[string]Const{"LIMIT": {Int: 6}, "NAME": {IsString: true, String: "x"}, "ONE": {Int: 1}}
	for name, c := range r.Constants {
		c.Type = types.Type{}
		r.Constants[name] = c
	}
	if diff := cmp.Diff(want, r.Constants); diff != "" {
		t.Error(diff)
	}
	if r.Macros["CURRENT"].Body != "curtask" {
		t.Errorf("macros: %+v", r.Macros)
	}
	headers["once.h"] = &fstest.MapFile{Data: []byte("#pragma once\n#pragma GCC poison x\n#include \"once.h\"\nstruct once { int a; };\n#define MAJOR(dev) ((unsigned int)((dev) >> 20))\n")}
	opts.Want = []string{"MAJOR"}
	r, diags = parse("#include <once.h>\n---\n#include <once.h>", opts)
	if m := r.Macros["MAJOR"]; diags != nil || m.Body != "( ( unsigned int ) ( ( dev ) >> 20 ) )" || !cmp.Equal(m.Params, []string{"dev"}) {
		t.Errorf("%v %+v", diags, r.Macros)
	}
	opts.Kernel, opts.Want = true, []string{"LIMIT"}
	if r, _ := parse("#include <my.h>", opts); r.Constants["LIMIT"].Int != 6 || len(r.Types) != 0 {
		t.Errorf("macros only: %+v", r)
	}
}

// TestSystemHeaders reads real headers of the C library and of Linux.
func TestSystemHeaders(t *testing.T) {
	if _, err := os.Stat("/usr/include/netinet/in.h"); err != nil {
		t.Skip("no headers are installed: ", err)
	}
	for header, want := range map[string]string{
		"stdio.h": "FILE", "sys/stat.h": "struct stat", "netinet/in.h": "struct sockaddr_in", "sys/socket.h": "struct msghdr",
		"linux/bpf.h": "union bpf_attr", "linux/tcp.h": "struct tcphdr", "signal.h": "siginfo_t", "pthread.h": "pthread_mutex_t",
		"linux/perf_event.h": "struct perf_event_attr", "sys/epoll.h": "struct epoll_event", "dirent.h": "struct dirent", "limits.h": "",
		"linux/fs.h": "struct fstrim_range", "stdint.h": "uint64_t", "time.h": "struct timespec", "elf.h": "Elf64_Ehdr",
	} {
		r, diags := parse("#include <"+header+">", Options{Headers: system{}})
		if _, ok := r.Types[want]; len(diags) > 0 || !ok && want != "" {
			t.Errorf("%s: %v, %d types, %q is there: %v", header, diags, len(r.Types), want, ok)
		}
	}
	r, _ := parse("#include <sys/epoll.h>", Options{Headers: system{}})
	if r.Types["struct epoll_event"].Size != 12 {
		t.Errorf("the packed struct epoll_event: %+v", r.Types["struct epoll_event"])
	}
}

func FuzzParse(f *testing.F) {
	for _, def := range layouts() {
		f.Add(def)
	}
	f.Add("#define A(x, y) x##y #x\n#include <a.h>\nstruct a { char c[A(1, 2)]; };\n#if A\n#endif")
	f.Add("typedef struct a { struct { int x:3; } b[2]; union { long c; }; } __attribute__((packed, aligned(8))) t, *p;")
	headers := fstest.MapFS{"a.h": {Data: []byte("#define X 1\nstruct h { int a; };\n#include <b.h>\n")}, "b.h": {Data: []byte("typedef int b_t;")}}
	f.Fuzz(func(t *testing.T, text string) {
		defs := pieces(text)
		_, diags := Parse(defs, Options{Headers: headers, Lookup: kernel, Want: []string{"X"}, Constant: func(name string) (int64, bool) { return 3, name == "A" }})
		for _, d := range diags {
			if d.Span.Off < 0 || d.Span.End < d.Span.Off || int(d.Span.End) > len(text) || d.Msg == "" || strings.Contains(d.Msg, "\n") {
				t.Errorf("%q: %+v", text, d)
			}
		}
	})
}
