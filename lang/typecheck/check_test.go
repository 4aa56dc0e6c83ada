package typecheck_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/imports"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// check parses and checks a script in the fake world. The messages are rendered
// as people see them. An accepted program has passed typed.Verify.
func check(script string, opts typecheck.Options) (*typed.Program, string) {
	set := &source.Set{}
	id := set.Add("script.bt", script)
	file, list := parser.Parse(set, id)
	if list.HasErrors() {
		return nil, render(set, list)
	}
	file, list = imports.Resolve(set, file, nil)
	if list.HasErrors() {
		return nil, render(set, list)
	}
	opts.ParseExpr = parser.ParseExpr
	if opts.CgroupID == nil {
		opts.CgroupID = func(path string) (uint64, error) {
			if path != "/sys/fs/cgroup" {
				return 0, errors.New("no such file or directory")
			}
			return 1, nil
		}
	}
	prog, list := typecheck.Check(set, file, newFakeWorld(), opts)
	return prog, render(set, list)
}

func render(set *source.Set, list *source.List) string {
	var b strings.Builder
	for _, d := range list.Sorted() {
		b.WriteString(set.Render(d))
	}
	return b.String()
}

func dump(t *testing.T, p *typed.Program) string {
	t.Helper()
	var b strings.Builder
	if err := typed.Dump(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPrograms checks the typed program of each script of testdata/programs
// against the golden file beside it, warnings first.
func TestPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.bt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, script := range strings.Split(string(text), separator) {
			prog, messages := check(script, typecheck.Options{Unsafe: true, Params: []string{"42", "word"}})
			if prog == nil {
				t.Errorf("%s: refused:\n%s%s", file, script, messages)
				continue
			}
			got = append(got, messages+dump(t, prog))
		}
		golden(t, strings.TrimSuffix(file, ".bt")+".golden", strings.Join(got, separator))
	}
}

// TestDeterminism checks a script twice and wants the same text.
func TestDeterminism(t *testing.T) {
	const script = `tracepoint:syscalls:sys_enter_* { @a[probe] = count(); @b = args.__syscall_nr; $x = @c; @c = nsecs; @d[$x] = 1 }`
	first, _ := check(script, typecheck.Options{})
	for range 20 {
		again, _ := check(script, typecheck.Options{})
		if a, b := dump(t, first), dump(t, again); a != b {
			t.Fatalf("two results:\n%s\n%s", a, b)
		}
	}
}

// valueType returns the type that a map @x gets from a script's expression.
func valueType(t *testing.T, expr string) types.Type {
	t.Helper()
	prog, messages := check("kprobe:f { $v = "+expr+"; print($v); }", typecheck.Options{})
	if prog == nil {
		t.Fatalf("%s: %s", expr, messages)
	}
	return prog.Clauses[0].Vars[len(prog.Clauses[0].Vars)-1].Type
}

// TestPromotion is the table of the language reference: what arithmetic on and
// joins of integer types give.
func TestPromotion(t *testing.T) {
	sizes := []string{"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"}
	for _, a := range sizes {
		for _, b := range sizes {
			x, y := "("+a+")pid", "("+b+")tid"
			signed := a[0] == 'i' || b[0] == 'i'
			want := types.IntOf(8, signed)
			for _, op := range []string{"+", "*", "/", "%", "&", "|", "^"} {
				if got := valueType(t, x+op+y); !got.Equal(want) {
					t.Errorf("%s %s %s is %s, want %s", a, op, b, got, want)
				}
			}
			if got := valueType(t, x+"-"+y); !got.Equal(types.Int64()) {
				t.Errorf("%s - %s is %s", a, b, got)
			}
			if got := valueType(t, x+"<<"+y); got.Signed != (a[0] == 'i') {
				t.Errorf("%s << %s is %s", a, b, got)
			}
			if got := valueType(t, x+"<"+y); got.Kind != types.Bool {
				t.Errorf("%s < %s is %s", a, b, got)
			}
		}
	}
}

// TestLiterals is about integer literals, which take the sign of what they meet.
func TestLiterals(t *testing.T) {
	for _, test := range []struct{ expr, want string }{
		{"1", "int64"},
		{"-1", "int64"},
		{"1 + 2", "int64"},
		{"0xffffffffffffffff", "uint64"},
		{"nsecs + 1", "uint64"},
		{"nsecs - 1", "int64"},
		{"nsecs * -1", "int64"},
		{"1 + (int32)pid", "int64"},
		{"(uint8)1", "uint8"},
		{"pid", "uint32"},
		{"pid ? 1 : nsecs", "uint64"},
		{"pid ? 1 : 2", "int64"},
		{"pid ? (uint8)1 : (uint16)2", "uint16"},
		{"pid ? (int8)1 : (uint8)2", "int16"},
		{"pid ? (int32)1 : (uint32)2", "int64"},
		{"~0", "int64"},
		{"~pid", "uint32"},
		{"-pid", "int64"},
		{"!pid", "bool"},
		{"true", "bool"},
		{"sizeof(uint32)", "int64"},
		{"pid == 1 && tid == 2", "bool"},
		{`"abc"`, "string[4]"},
		{"comm", "string[16]"},
		{`pid ? "a" : comm`, "string[16]"},
		{"str(arg0)", "string[1024]"},
		{"str(arg0, 7)", "string[7]"},
		{"buf(arg0, 7)", "buffer[7]"},
		{"(1, comm)", "(int64,string[16])"},
		{"(a=pid, b=1)", "(a=uint32,b=int64)"},
		{"(1, 2).0", "int64"},
		{"curtask", "struct task_struct*"},
		{"curtask.comm", "string[16]"},
		{"curtask.comm[0]", "int8"},
		{"curtask.flags.high", "int32"},
		{"curtask.a", "uint16"},
		{"curtask.addr.v6", "uint8[16]"},
		{"curtask.state", "enum state"},
		{"curtask.state + 1", "uint64"},
		{"STATE_OPEN", "enum state"},
		{"curtask.matrix[1]", "int32[3]"},
		{"curtask.real_parent.group_leader.pid", "int32"},
		{"*curtask", "struct task_struct"},
		{"ppid", "uint32"},
		{"pcomm", "string[16]"},
		{"kstack", "kstack"},
		{"ksym(arg0)", "ksym"},
		{"usym(arg0)", "usym"},
		{"ntop(arg0)", "inet"},
		{"func", "funcname"},
		{"probe", "probename"},
		{"strftime(\"%H\", nsecs)", "timestamp"},
		{"username", "username"},
		{"reg(\"ip\")", "uint64"},
		{"(int8[8])12345", "int8[8]"},
		{"(uint64)(int8[8])12345", "uint64"},
		{"(uint8[])(uint32)1", "uint8[4]"},
		{"(int8[])\"abc\"", "int8[4]"},
		{"pton(\"127.0.0.1\")", "uint8[4]"},
		{"pton(\"::1\")", "uint8[16]"},
		{"(uint32)pton(\"127.0.0.1\")", "uint32"},
		{"bswap((uint16)1)", "uint16"},
		{"kptr((uint64*)arg0)", "uint64*"},
		{"*(uint16*)arg0", "uint16"},
		{"*arg0", "uint64"},
		{"((uint32*)arg0)[3]", "uint32"},
		{"((uint32*)arg0) + 1", "uint32*"},
		{"strlen(comm)", "uint64"},
		{"len(comm)", "int64"},
		{"len(kstack)", "int64"},
		{"strncmp(comm, \"a\", 1)", "uint64"},
		{"kaddr(\"jiffies\")", "uint64"},
		{"{ let $y = 1; $y + pid }", "uint64"},
	} {
		if got := valueType(t, test.expr).String(); got != test.want {
			t.Errorf("%s is %s, want %s", test.expr, got, test.want)
		}
	}
}

// TestConstants checks what is computed before the script runs.
func TestConstants(t *testing.T) {
	for _, test := range []struct{ expr, want string }{
		{"1 + 2 * 3", "7"},
		{"7 / -2", "-3"},
		{"7 % -2", "1"},
		{"-7 % 2", "-1"},
		{"1 << 10", "1024"},
		{"-8 >> 1", "-4"},
		{"~5", "-6"},
		{"-(-5)", "5"},
		{"(uint8)300", "44"},
		{"(int8)200", "-56"},
		{"(uint64)-1", "18446744073709551615"},
		{"0xffffffffffffffff", "18446744073709551615"},
		{"9223372036854775807 + 1", "9223372036854775808"},
		{"(uint64)1 - (uint64)2", "-1"},
		{"(uint64)-1 / 2", "9223372036854775807"},
		{"sizeof(struct task_struct) > 100", "true"},
		{"offsetof(struct flags, whole)", "4"},
		{"sizeof(uint32*[10])", "80"},
		{`"a" == "a"`, "true"},
		{`"a" != "a"`, "false"},
		{"1 < 2", "true"},
		{"-1 < 1", "true"},
		{"true ? 5 : 6", "5"},
		{"false || 1", "true"},
		{"$#", "2"},
		{"$1 + 1", "43"},
		{"$2", `"word"`},
		{"str($1)", `"42"`},
		{"str($2 + 1)", `"ord"`},
		{"$3", "0"},
		{`str($3)`, `""`},
		{`"word" == $2`, "true"},
		{`$3 == ""`, "true"},
		{`getopt("depth", 5)`, "7"},
		{`getopt("other", 5)`, "5"},
		{`getopt("flag")`, "true"},
		{`getopt("noflag")`, "false"},
		{`getopt("name", "x")`, `"seven"`},
		{"bswap((uint32)0x12345678)", "2018915346"},
		{`strlen("four")`, "4"},
		{`strstr("haystack", "stack")`, "3"},
		{"is_integer(pid)", "true"},
		{"is_str(comm)", "true"},
		{"is_ptr(pid)", "false"},
		{"probetype", `"kprobe"`},
		{"has_cpid", "false"},
		{"pid == 1 && false", "false"},
	} {
		opts := typecheck.Options{Params: []string{"42", "word"}, Named: map[string]string{"depth": "7", "flag": "true", "name": "seven"}}
		prog, messages := check("kprobe:f { print("+test.expr+"); }", opts)
		if prog == nil {
			t.Errorf("%s: %s", test.expr, messages)
			continue
		}
		got := strings.TrimSpace(strings.SplitN(dump(t, prog), "\n", 2)[1])
		if want := "print(" + test.want + ")"; got != want && test.expr != "pid == 1 && false" {
			t.Errorf("%s: got %s, want %s", test.expr, got, want)
		}
	}
}
