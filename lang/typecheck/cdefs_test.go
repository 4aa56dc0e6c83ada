package typecheck_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
)

// headers are those of a machine that has some.
func headers() typecheck.Headers {
	return typecheck.Headers{
		User: fstest.MapFS{
			"mine.h":         {Data: []byte("#include <linux/types.h>\n#define LIMIT 7\nstruct mine { int a; char b[LIMIT]; };\ntypedef struct mine mine_t;\nenum color { RED, GREEN = 5 };\n#define ME pid\n#define MAJOR(dev) ((unsigned int) ((dev) >> 20))\n")},
			"linux/futex.h":  {Data: []byte("#define FUTEX_OWN 77\nstruct robust { long a; };\n")},
			"linux/kernel.h": {Data: []byte("#define USER_SIDE 1\n")},
		},
		Kernel: fstest.MapFS{"linux/kernel.h": {Data: []byte("#ifdef __KERNEL__\n#define KERNEL_SIDE (1 << 4)\n#endif\nstatic inline broken;\n")}},
	}
}

// TestDefinitions checks what a script's C makes of expressions: constants are
// folded, so that the printed text is the value.
func TestDefinitions(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"#define A (1 << 3)\nbegin { print(A); }", "8"},
		{"#define A 3\n#define B (A * 2)\nbegin { print(B); }", "6"},
		{"#define A \"x\" \"y\"\nbegin { print(A); }", `"xy"`},
		{"#define A 1\n#undef A\n#define A 2\nbegin { print(A); }", "2"},
		{"#define F(x, y) ((x) * 10 + (y))\nbegin { print(F(4, 2)); }", "42"},
		{"#define F(x) ((x) + 1)\n#define G F(F(0))\nbegin { print(G); }", "2"},
		{"#define WHO pid\nbegin { print(WHO); }", "pid"},
		{"#define F(x) (pid + x)\nbegin { $x = 1; print(F($x)); }", "(<uint64>(pid) + <uint64>($x.0))"},
		{"#define V $x\nbegin { $x = (uint64)5; print(V); }", "$x.0"},
		{"struct s { char a; int b; };\nbegin { print(sizeof(struct s)); }", "8"},
		{"struct s { char a; struct { int b; }; };\nbegin { print(offsetof(struct s, b)); }", "4"},
		{"struct s { char a; int b; } __attribute__((packed));\nbegin { print(sizeof(struct s)); }", "5"},
		{"#define N 5\ntypedef struct { char a[N]; } t;\nbegin { print(sizeof(t)); }", "5"},
		{"union u { long a; char b[3]; };\nbegin { print(sizeof(union u)); }", "8"},
		{"enum e { A, B = 7 };\nbegin { print((uint64)B); }", "7"},
		{"struct s { struct path p; char c; };\nbegin { print(sizeof(struct s)); }", "24"},
		{"struct path { int own; };\nbegin { print(sizeof(struct path)); }", "4"},
		{"#include <linux/socket.h>\nbegin { print(AF_INET6); }", "10"},
		{"#include <net/sock.h>\nstruct s { char a[SOCK_DGRAM]; };\nbegin { print(sizeof(struct s)); }", "2"},
		{"#include <errno.h>\nbegin { print(EAGAIN); }", "11"},
		{"#include <mine.h>\nbegin { print(LIMIT + sizeof(struct mine) + sizeof(mine_t)); }", "31"},
		{"#include \"mine.h\"\nbegin { print(ME); }", "pid"},
		{"#include <mine.h>\nbegin { print((uint64)GREEN); }", "5"},
		{"#include <mine.h>\nbegin { print(MAJOR(0x500001)); }", "5"},
		{"#include \"linux/socket.h\"\nbegin { print(AF_INET); }", "2"},
		{"#include <linux/futex.h>\nbegin { print(FUTEX_OWN + FUTEX_WAKE); }", "78"},
		{"#include <linux/futex.h>\nbegin { print(sizeof(struct robust)); }", "8"},
		{"#include <linux/kernel.h>\nbegin { print(KERNEL_SIDE + USER_SIDE); }", "17"},
		{"#include <linux/nothing.h>\nbegin { print(1); }", "1"},
		{"#if defined(A) || 0\n#define X 1\n#elif 3 > 2 && !defined B\n#define X 2\n#else\n#define X 3\n#endif\nbegin { print(X); }", "2"},
		{"#define undefined_x 1\n#if undefined_x && defined ( undefined_x )\nbegin { print(4); }\n#endif", "4"},
		{"#define V (5 << 1)\n#if V == 10\nbegin { print(1); }\n#else\nstruct bad { nothing };\n#endif", "1"},
		{"#define K(a, b) ((a) * 100 + (b))\n#if K(5, 1) >= 500\nbegin { print(2); }\n#endif", "2"},
		{"#ifdef BPFTRACE_HAVE_BTF\nbegin { print(1); }\n#else\nbegin { print(2); }\n#endif", "1"},
	} {
		prog, messages := check(test.script, typecheck.Options{Headers: headers(), Arch: "amd64"})
		if prog == nil {
			t.Errorf("%s\n%s", test.script, messages)
			continue
		}
		var b strings.Builder
		typed.Dump(&b, prog)
		dump := b.String()
		if !strings.Contains(dump, "print("+test.want+")") && !strings.Contains(dump, "print "+test.want+"\n") {
			t.Errorf("%s: not %s:\n%s", test.script, test.want, dump)
		}
	}
}

// TestScriptRecords reads through a pointer to a struct of the script's own,
// which has a member of the kernel's and points at another of its own.
func TestScriptRecords(t *testing.T) {
	const script = `struct box { struct box *next; struct path path; unsigned low:3, high:5; struct { int deep; }; };
kprobe:f { $b = (struct box*)arg0; print($b.next.high); print($b.path.dentry.d_flags); print($b.next.deep); }`
	if prog, messages := check(script, typecheck.Options{}); prog == nil {
		t.Error(messages)
	}
}

func TestHeaderFlag(t *testing.T) {
	_, messages := check("#include <far/away.h>\nbegin { }", typecheck.Options{Headers: headers()})
	if !strings.Contains(messages, `there is no header "far/away.h"`) || !strings.Contains(messages, "-I") {
		t.Error(messages)
	}
}
