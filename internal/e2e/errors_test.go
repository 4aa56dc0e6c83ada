package e2e

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// nobodys is what no message to a user may hold: a crash, or the inside of
// the implementation.
var nobodys = regexp.MustCompile(`panic|goroutine \d|runtime error|nil pointer|\.go:\d+|%!|cilium|internal error|invalid indirect|insns \(limit|bpf_prog_load|\bEINVAL\b`)

// badInput is a command line that cannot work, and what the first line on
// standard error must say. Where a script is at fault the line has the place.
type badInput struct {
	name  string
	args  []string
	want  string
	stdin string
	root  bool // the answer depends on the kernel, which only root may ask
}

func script(text string) []string { return []string{"-e", text} }

func badInputs(t *testing.T) []badInput {
	t.Helper()
	// (The test's own folder is closed to other users.)
	dir := filepath.Join(workdir, "bad")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) []string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	}
	junk := make([]byte, 4096)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range junk {
		junk[i] = byte(random.Uint32())
	}
	deep := func(name, open, end string) []string {
		return file(name+".bt", "begin { $a = "+strings.Repeat(open, 50000)+"1"+strings.Repeat(end, 50000)+"; }")
	}
	return []badInput{
		{name: "syntax", args: script("begin { exit(3"), want: `1:15.*(expected|end of|not closed)`},
		{name: "syntax in a file", args: file("bad.bt", "begin {\n\t$x = ;\n}\n"), want: `bad\.bt:2:7`},
		{name: "syntax on standard input", args: []string{"-"}, stdin: "begin {\n  @x[ = 1;\n}", want: `stdin:2:7`},
		{name: "no such probe kind", args: script("kprobee:vfs_read { @ = count(); }"), want: `1:1.*kprobee`},
		{name: "no such function", args: script(`begin { prinft("x"); }`), want: `1:9.*prinft`},
		{name: "no such variable", args: script(`begin { print($nope); }`), want: `1:15.*\$nope`},
		{name: "no such builtin", args: script(`begin { print(commm); }`), want: `1:15.*commm`},
		{name: "too few arguments", args: script(`begin { str(); }`), want: `1:9.*str`},
		{name: "argument of another type", args: script(`begin { @ = sum("a"); }`), want: `1:\d+.*sum`},
		{name: "value types in conflict", args: script(`begin { @x = 1; @x = "a"; }`), want: `1:\d+.*@x`},
		{name: "key types in conflict", args: script(`begin { @x[1] = 1; @x["a"] = 2; }`), want: `1:\d+.*@x`},
		{name: "key or no key", args: script(`begin { @x[1] = 1; @x = 2; }`), want: `1:\d+.*@x`},
		{name: "aggregations in conflict", args: script(`begin { @x = count(); @x = sum(1); }`), want: `1:\d+.*@x`},
		{name: "string compared with a number", args: script(`begin { if (comm == 5) { exit(); } }`), want: `1:\d+`},
		{name: "branches of different types", args: script(`begin { $x = 1 ? "a" : 2; }`), want: `1:\d+`},
		{name: "printf wants more", args: script(`begin { printf("%d %s\n", 1); }`), want: `1:20.*%s`},
		{name: "printf of another type", args: script(`begin { printf("%d\n", "a"); }`), want: `1:\d+`},
		{name: "bad lhist", args: script(`begin { @ = lhist(1, 10, 5, 1); }`), want: `1:\d+.*lhist`},
		{name: "break outside", args: script(`begin { break; }`), want: `1:9.*break`},
		{name: "empty text", args: script(``), want: `program`},
		{name: "empty file", args: file("empty.bt", ""), want: `empty\.bt.*(empty|no probe)`},
		{name: "a comment only", args: file("comment.bt", "// nothing\n"), want: `(empty|no probe)`},
		{name: "binary junk", args: file("junk.bt", string(junk)), want: `junk\.bt`},
		{name: "an ELF file", args: []string{gotrace}, want: `gotrace`},
		{name: "deep parentheses", args: deep("parentheses", "(", ")"), want: `parentheses\.bt.*(nest|deep|too long)`},
		{name: "deep minus", args: deep("minus", "- - ", ""), want: `minus\.bt.*(nest|deep|too long)`},
		{name: "deep not", args: deep("not", "!!!", ""), want: `not\.bt.*(nest|deep|too long)`},
		{name: "deep ternary", args: deep("ternary", "1 ? ", " : 1"), want: `ternary\.bt.*(nest|deep|too long)`},
		{name: "deep blocks", args: file("blocks.bt", "begin "+strings.Repeat("{ if (1) ", 20000)), want: `blocks\.bt`},
		{name: "missing file", args: []string{"/nonexistent/x.bt"}, want: `/nonexistent/x\.bt`},
		{name: "a folder", args: []string{dir}, want: `directory`},
		{name: "nothing", args: nil, want: `program`},
		{name: "bad flag", args: []string{"--nope"}, want: `--nope`},
		{name: "bad letter", args: []string{"-Z"}, want: `-Z`},
		{name: "bad buffering", args: []string{"-B", "most", "-e", "begin { exit(); }"}, want: `most`},
		{name: "bad format", args: []string{"-f", "xml", "-e", "begin { exit(); }"}, want: `xml`},
		{name: "bad stage", args: []string{"-d", "nope", "-e", "begin { exit(); }"}, want: `nope`},
		{name: "bad pid", args: []string{"-p", "abc", "-e", "begin { exit(); }"}, want: `abc`},
		{name: "unsafe", args: script(`begin { system("true"); }`), want: `1:9.*system`},

		{name: "no such tracepoint", args: script(`tracepoint:syscalls:sys_enter_execv { @ = count(); }`), want: `1:21.*sys_enter_execv`, root: true},
		{name: "no such field", args: script(`tracepoint:syscalls:sys_enter_openat { @[args.filenam] = count(); }`), want: `1:\d+.*filenam`, root: true},
		{name: "no such member", args: script(`begin { print(curtask->piid); }`), want: `1:\d+.*piid`, root: true},
		{name: "no such structure", args: script(`begin { $x = (struct no_such_thing *)0; print($x->a); }`), want: `1:\d+.*no_such_thing`, root: true},
		{name: "no kernel symbol", args: script(`begin { print(kaddr("no_such_symbol_x")); }`), want: `no_such_symbol_x`, root: true},
		{name: "no such binary", args: script(`uprobe:/nonexistent/bin:main { @ = count(); }`), want: `/nonexistent/bin`, root: true},
		{name: "no such symbol", args: script(`uprobe:/bin/bash:no_such_function { @ = count(); }`), want: `no_such_function`, root: true},
		{name: "a text as a binary", args: script(`uprobe:/etc/passwd:main { @ = count(); }`), want: `/etc/passwd`, root: true},
		{name: "no such software event", args: script(`software:nope:1 { @ = count(); }`), want: `nope`, root: true},
		{name: "no such process", args: []string{"-p", "4194304", "-e", "t:syscalls:sys_enter_read { @ = count(); }"}, want: `4194304`, root: true},
		{name: "no such command", args: []string{"-c", "/nonexistent/cmd", "-e", "t:syscalls:sys_enter_read { @ = count(); }"}, want: `/nonexistent/cmd`, root: true},
		{name: "output to nowhere", args: []string{"-o", "/nonexistent/dir/out", "-e", "begin { exit(); }"}, want: `/nonexistent/dir/out`, root: true},
		{name: "a huge key", args: script(`begin { @x[` + strings.Repeat(`str(uptr(1)), `, 600) + `1] = 1; }`), want: `1:\d+|large|size`, root: true},
		{name: "a program too large", args: file("large.bt", "t:syscalls:sys_enter_getppid {\n"+strings.Repeat("\t@x[pid, tid] = stats(nsecs);\n", 60000)+"}\n"), want: `large\.bt:\d+|large|instructions`, root: true},
		{name: "nothing matches", args: script(`tracepoint:no_such_group:* { @ = count(); }`), want: `no_such_group`, root: true},
		{name: "no such list", args: []string{"-l", "nosuchkind:*"}, want: `nosuchkind`, root: true},
	}
}

// TestBadInput: each is refused with a line that names the thing, and nothing
// of the inside shows. It holds for every user, so that the tests without the
// kernel are run as nobody as well.
func TestBadInput(t *testing.T) {
	for _, c := range badInputs(t) {
		t.Run(c.name, func(t *testing.T) {
			if c.root {
				needRoot(t)
			}
			checkRefused(t, c, options{stdin: c.stdin})
			if !c.root && os.Geteuid() == 0 {
				checkRefused(t, c, options{stdin: c.stdin, uid: nobody})
			}
		})
	}
}

func checkRefused(t *testing.T, c badInput, o options) {
	t.Helper()
	r := run(t, o, gotrace, c.args...)
	if r.code <= 0 {
		t.Errorf("exit code %d, want a positive one", r.code)
	}
	first, _, _ := strings.Cut(r.stderr, "\n")
	if !regexp.MustCompile(c.want).MatchString(first) {
		t.Errorf("the first line does not match %s: %.600q", c.want, r.stderr)
	}
	if len(first) > 300 {
		t.Errorf("the first line has %d characters: %.300s...", len(first), first)
	}
	if bad := nobodys.FindString(r.stderr + r.stdout); bad != "" {
		t.Errorf("%q in the message:\n%.3000s", bad, r.stderr)
	}
	if lines := strings.Count(r.stderr, "\n"); lines > 60 {
		t.Errorf("%d lines of message", lines)
	}
}

// TestSuggestions: a slip of the finger is answered with the right name.
func TestSuggestions(t *testing.T) {
	needRoot(t)
	for text, want := range map[string]string{
		`begin { prntf("x"); }`:                                         "printf",
		`begin { @ = cuont(); }`:                                        "count",
		`tracepoint:syscalls:sys_enter_execv { @ = count(); }`:          "sys_enter_execve",
		`tracepoint:syscalls:sys_enter_openat { print(args.filenam); }`: "filename",
		`begin { print(curtask->piid); }`:                               "pid",
		`begin { $x = (struct task_strukt *)curtask; print($x->pid); }`: "task_struct",
		`kprob:vfs_read { @ = count(); }`:                               "kprobe",
		`tracepint:syscalls:sys_enter_execve { @ = count(); }`:          "tracepoint",
		`begin { $value = 1; print($valu); }`:                           "$value",
		`software:page-fault:1 { @ = count(); }`:                        "page-faults",
	} {
		r := run(t, options{}, gotrace, "-e", text)
		if r.code <= 0 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: code %d, no %q in %s", text, r.code, want, r.stderr)
		}
	}
	if r := run(t, options{}, gotrace, "--unsfe", "-e", "begin { exit(); }"); !strings.Contains(r.stderr, "--unsafe") {
		t.Errorf("--unsfe: %s", r.stderr)
	}
}

// TestSeveralErrors: one run tells of more than one.
func TestSeveralErrors(t *testing.T) {
	text := "begin {\n\tprint($one);\n\tprint($two);\n}\nend {\n\tnofunction(3);\n}\n"
	r := run(t, options{stdin: text}, gotrace, "-d", "types", "-")
	for _, want := range []string{"2:8", "3:8", "6:2"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("nothing about %s in %s", want, r.stderr)
		}
	}
	text = "begin {\n\t$x = ;\n}\nend {\n\t$y = 1 +;\n}\n"
	r = run(t, options{stdin: text}, gotrace, "-d", "ast", "-")
	for _, want := range []string{"2:7", "5:10"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("nothing about %s in %s", want, r.stderr)
		}
	}
}

// TestWithoutPrivileges: tracing needs root, and the message says so.
func TestWithoutPrivileges(t *testing.T) {
	o := options{}
	if os.Geteuid() == 0 {
		o.uid = nobody
	}
	for _, text := range []string{
		`tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }`, `begin { printf("x\n"); exit(); }`,
		`profile:hz:9 { @ = count(); }`,
	} {
		c := badInput{args: script(text), want: `.`}
		checkRefused(t, c, o)
		if r := run(t, o, gotrace, c.args...); !regexp.MustCompile(`(?i)\broot\b|CAP_`).MatchString(r.stderr) {
			t.Errorf("does not say who may: %s", r.stderr)
		}
	}
}

// TestNoKprobes: this kernel has none, which is not the user's mistake.
func TestNoKprobes(t *testing.T) {
	needRoot(t)
	if haveKprobes() {
		t.Skip("this kernel has kprobes")
	}
	checkRefused(t, badInput{args: script(`kprobe:vfs_read { @ = count(); }`), want: `kprobe`}, options{})
	if r := run(t, options{}, gotrace, "-e", `kprobe:vfs_read { @ = count(); }`); !regexp.MustCompile(`(?i)kernel.*(without|no|not).*kprobe|CONFIG_KPROBES|kprobes.*kernel`).MatchString(r.stderr) {
		t.Errorf("does not say that the kernel has no kprobes: %s", r.stderr)
	}
}

// TestMissingCapabilities: being root does not help without the capability.
func TestMissingCapabilities(t *testing.T) {
	needRoot(t)
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("no setpriv (util-linux)")
	}
	for _, text := range []string{`begin { exit(); }`, `t:syscalls:sys_enter_getppid { @ = count(); }`} {
		r := run(t, options{}, setpriv, "--bounding-set=-sys_admin,-bpf,-perfmon", gotrace, "-e", text)
		if r.code <= 0 || !regexp.MustCompile(`CAP_|(?i)privilege|permi`).MatchString(r.stderr) || nobodys.MatchString(r.stderr) {
			t.Errorf("code %d: %s", r.code, r.stderr)
		}
	}
}

// TestWithoutTracefs: where it is not mounted, gotrace mounts it, in a mount
// namespace of the test's own.
func TestWithoutTracefs(t *testing.T) {
	needRoot(t)
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip("no unshare (util-linux)")
	}
	const without = `umount -l /sys/kernel/tracing 2>/dev/null; umount -l /sys/kernel/debug 2>/dev/null; exec "$0" -q -e "$1"`
	r := run(t, options{}, unshare, "-m", "--propagation", "private", "sh", "-c", without, gotrace,
		`begin { printf("here\n"); exit(); } t:syscalls:sys_enter_getppid { @ = count(); }`)
	if r.code != 0 || !strings.Contains(r.stdout, "here\n") {
		t.Errorf("code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
