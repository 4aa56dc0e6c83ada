package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// The tests of this file use gotrace in every way that its help and README
// name, over workloads of known size.

func countScript(comm string) string {
	return fmt.Sprintf(`tracepoint:syscalls:sys_enter_getppid /comm == "%s"/ { @n[comm] = count(); }`, comm)
}

// wantCount wants the count of countScript in the output.
func wantCount(t *testing.T, r result, comm string, n int) {
	t.Helper()
	if want := fmt.Sprintf("@n[%s]: %d\n", comm, n); !strings.Contains(r.stdout, want) || r.code != 0 {
		t.Errorf("want %q and exit code 0, have code %d\nstdout: %s\nstderr: %s", want, r.code, r.stdout, r.stderr)
	}
}

// TestWaysToGiveAProgram: as an argument with either form of block, as a file,
// on standard input, and as a script that the system runs.
func TestWaysToGiveAProgram(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := countScript(comm)
	angle := strings.NewReplacer("{", "<", "; }", " >").Replace(script)
	file := filepath.Join(workdir, comm+".bt")
	hashbang := "#!" + gotrace + "\n// A script.\n" + script + "\n"
	if err := os.WriteFile(file, []byte(hashbang), 0o755); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		o       options
		program string
		args    []string
	}{
		{"braces", options{}, gotrace, []string{"-e", script}},
		{"angles", options{}, gotrace, []string{"-e", angle}},
		{"no last semicolon", options{}, gotrace, []string{"-e", strings.Replace(script, "; }", " }", 1)}},
		{"file", options{}, gotrace, []string{file}},
		{"standard input", options{stdin: script}, gotrace, []string{"-"}},
		{"hashbang", options{}, file, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			work := func() { runWorkload(t, comm, "getppid", "321") }
			wantCount(t, trace(t, c.o, work, c.program, c.args...), comm, 321)
		})
	}
}

func TestAngleBlocksHoldComparisons(t *testing.T) {
	needRoot(t)
	r := run(t, options{}, gotrace, "-q", "-e", `begin < $a = 5; if ($a > 3) { printf("%d %d\n", $a > 4, $a >> 1); } exit() >`)
	if r.stdout = attachedLine.ReplaceAllString(r.stdout, ""); strings.TrimSpace(r.stdout) != "1 2" {
		t.Errorf("printed %q, stderr %s", r.stdout, r.stderr)
	}
}

func TestAttachedLine(t *testing.T) {
	needRoot(t)
	script := `t:syscalls:sys_enter_getppid, t:syscalls:sys_exit_getppid { @ = count(); } begin { exit(); }`
	r := run(t, options{}, gotrace, "-e", script)
	if !strings.Contains(r.stdout+r.stderr, "Attached 3 probes\n") {
		t.Errorf("no \"Attached 3 probes\": %s%s", r.stdout, r.stderr)
	}
	if !strings.Contains(r.stdout, marker+"\n") {
		t.Errorf("no %s, though the environment asks for it: %s", marker, r.stdout)
	}
	r = run(t, options{}, gotrace, "-f", "json", "-e", script)
	if !strings.Contains("\n"+r.stdout, "\n"+marker+"\n") {
		t.Errorf("no line %s in JSON: %s", marker, r.stdout)
	}
	r = run(t, options{}, gotrace, "-q", "-e", script)
	if strings.Contains(r.stdout+r.stderr, "Attached") {
		t.Errorf("-q is not quiet: %s%s", r.stdout, r.stderr)
	}
}

// TestCommand traces exactly one command, and ends with it.
func TestCommand(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	command := filepath.Join(workdir, comm) + " getppid 77"
	wantCount(t, run(t, options{}, gotrace, "-e", countScript(comm), "-c", command), comm, 77)

	r := run(t, options{}, gotrace, "-e", `t:syscalls:sys_enter_exit_group /pid == cpid/ { @code = max(args.error_code); }`,
		"-c", filepath.Join(workdir, comm)+" exit 5")
	if !strings.Contains(r.stdout, "@code: 5\n") {
		t.Errorf("the command's own exit was not seen: %s%s", r.stdout, r.stderr)
	}
}

// TestCommandsExec: a command is a fork of gotrace until all is attached, so that
// its own exec is seen, once, by the thread that cpid names.
func TestCommandsExec(t *testing.T) {
	needRoot(t)
	r := run(t, options{}, gotrace, "-e", `t:syscalls:sys_enter_execve /pid == cpid/ { @[comm, pid == tid] = count(); }
		t:sched:sched_process_exec /pid == cpid/ { @after[comm] = count(); }`, "-c", "/bin/true")
	for _, want := range []string{"@[" + filepath.Base(gotrace) + ", true]: 1\n", "@after[true]: 1\n"} {
		if !strings.Contains(r.stdout, want) || r.code != 0 {
			t.Errorf("no %q in %s%s", want, r.stdout, r.stderr)
		}
	}
	comm := newComm(t)
	command := filepath.Join(workdir, comm)
	r = run(t, options{}, gotrace, "-e", fmt.Sprintf(`uprobe:%s:"main.main" /pid == cpid/ { printf("%%s of %%s\n", func, comm); }`, command), "-c", command+" threads 2 100000")
	if want := "main.main of " + comm + "\n"; !strings.Contains(r.stdout, want) {
		t.Errorf("no %q in %s%s", want, r.stdout, r.stderr)
	}
}

// TestMainThread: begin and end run on the thread that has the process's number.
func TestMainThread(t *testing.T) {
	needRoot(t)
	r := run(t, options{}, gotrace, "-e", `begin { printf("begin %d\n", pid == tid); exit(); } end { printf("end %d\n", pid == tid); }`)
	if !strings.Contains(r.stdout, "begin 1\n") || !strings.Contains(r.stdout, "end 1\n") {
		t.Errorf("%s%s", r.stdout, r.stderr)
	}
}

// TestPid traces one of two processes of the same name, and ends with it.
func TestPid(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	target := exec.Command(filepath.Join(workdir, comm), "wait", "55")
	stdin, err := target.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Start(); err != nil {
		t.Fatal(err)
	}
	defer target.Process.Kill()
	tr := start(t, options{}, gotrace, "-p", itoa(target.Process.Pid), "-e", countScript(comm))
	tr.waitAttached(t)
	runWorkload(t, comm, "getppid", "1000")
	stdin.Close()
	if err := target.Wait(); err != nil {
		t.Fatal(err)
	}
	wantCount(t, tr.wait(t), comm, 55)
}

func TestOutputFile(t *testing.T) {
	needRoot(t)
	file := filepath.Join(t.TempDir(), "out")
	r := run(t, options{}, gotrace, "-o", file, "-e", `begin { printf("line\n"); @x = 5; exit(); }`)
	text, err := os.ReadFile(file)
	if err != nil || r.code != 0 {
		t.Fatalf("%v, code %d: %s", err, r.code, r.stderr)
	}
	if !strings.Contains(string(text), "line\n") || !strings.Contains(string(text), "@x: 5\n") {
		t.Errorf("the file holds %q", text)
	}
	if out := attachedLine.ReplaceAllString(r.stdout, ""); strings.TrimSpace(out) != "" {
		t.Errorf("on standard output too: %q", out)
	}
}

// TestBuffering: none and line give each line at once; full gives it by the end.
func TestBuffering(t *testing.T) {
	needRoot(t)
	for _, mode := range []string{"none", "line"} {
		tr := start(t, options{}, gotrace, "-B", mode, "-e", `begin { printf("early\n"); } i:s:60 { @ = 1; }`)
		tr.waitOutput(t, "early\n")
		if r := tr.stop(t); r.code != 0 {
			t.Errorf("-B %s: exit code %d: %s", mode, r.code, r.stderr)
		}
	}
	r := run(t, options{}, gotrace, "-B", "full", "-e", `begin { printf("late\n"); exit(); }`)
	if !strings.Contains(r.stdout, "late\n") {
		t.Errorf("-B full lost the output: %q %s", r.stdout, r.stderr)
	}
}

// TestInfoFlags: what needs no program.
func TestInfoFlags(t *testing.T) {
	cases := []struct {
		args []string
		want string
		root bool
	}{
		{[]string{"--version"}, `^gotrace \S+`, false},
		{[]string{"-V"}, `^gotrace \S+`, false},
		{[]string{"--help"}, `(?s)-e.*--unsafe`, false},
		{[]string{"--info"}, `(?i)kernel`, true},
		{[]string{"-l", "tracepoint:syscalls:sys_enter_getppid"}, `^tracepoint:syscalls:sys_enter_getppid\n$`, true},
		{[]string{"-lv", "tracepoint:syscalls:sys_enter_openat"}, `const char \* filename\n`, true},
		{[]string{"-l", "-e", "t:sched:sched_process_e* { @ = count(); }"}, `(?s)tracepoint:sched:sched_process_exec\n.*tracepoint:sched:sched_process_exit\n`, true},
		{[]string{"--dry-run", "-e", "t:sched:sched_switch { @ = count(); }"}, ``, true},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			if c.root {
				needRoot(t)
			}
			r := run(t, options{}, gotrace, c.args...)
			if r.code != 0 || !regexp.MustCompile(c.want).MatchString(r.stdout) {
				t.Errorf("code %d, stdout %.2000q, stderr %s", r.code, r.stdout, r.stderr)
			}
		})
	}
}

// TestListsAsBpftrace compares listings as sets of lines.
func TestListsAsBpftrace(t *testing.T) {
	needRoot(t)
	peer := bpftrace(t)
	for _, args := range [][]string{
		{"-l", "tracepoint:sched:*"}, {"-l", "t:syscalls:*open*"}, {"-l", "software:*"}, {"-l", "hardware:*"},
		{"-lv", "tracepoint:syscalls:sys_enter_openat"}, {"-lv", "tracepoint:sched:sched_switch"},
		{"-lv", "tracepoint:sock:inet_sock_set_state"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			c := &diffCase{sections: []section{{"normalise", "sort"}}}
			want := c.normalise(t, run(t, options{}, peer, args...), "\x00")
			got := c.normalise(t, run(t, options{}, gotrace, args...), "\x00")
			if got != want {
				t.Errorf("bpftrace lists\n%s\ngotrace lists\n%s", want, got)
			}
		})
	}
}

// TestEnding: by which signal it ends, with what code, and what it prints then.
func TestEnding(t *testing.T) {
	needRoot(t)
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			tr := start(t, options{}, gotrace, "-e", `t:syscalls:sys_enter_getppid { @ = count(); } end { printf("the end\n"); @last = 1; }`)
			tr.waitAttached(t)
			tr.signal(signal)
			r := tr.wait(t)
			if r.code != 0 || !strings.Contains(r.stdout, "the end\n") || !strings.Contains(r.stdout, "@last: 1\n") {
				t.Errorf("code %d, stdout %q, stderr %q", r.code, r.stdout, r.stderr)
			}
		})
	}
}

// TestKilled: nothing can be done at SIGKILL, and nothing need be.
func TestKilled(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := fmt.Sprintf(`t:syscalls:sys_enter_open* { @[comm] = count(); } profile:hz:49 { @s = count(); }
		interval:ms:100 { print(@s); } uprobe:%s:"main.touch" { @u = count(); } software:faults:100 { @f = count(); }`,
		filepath.Join(workdir, comm))
	tr := start(t, options{}, gotrace, "-e", script)
	tr.waitAttached(t)
	ids := heldBy(t, tr.cmd.Process.Pid)
	tr.signal(syscall.SIGKILL)
	if r := tr.wait(t); r.code != -int(syscall.SIGKILL) {
		t.Errorf("ended with %d", r.code)
	}
	ids.gone(t)
	for _, file := range []string{"uprobe_events", "kprobe_events"} {
		text, err := os.ReadFile("/sys/kernel/tracing/" + file)
		if err == nil && strings.Contains(string(text), comm) {
			t.Errorf("%s still has %s", file, text)
		}
	}
	pinned, _ := filepath.Glob("/sys/fs/bpf/*gotrace*")
	if len(pinned) > 0 {
		t.Errorf("pinned: %v", pinned)
	}
}

// TestSymbols: stacks and functions have names, of the kernel and of a program.
func TestSymbols(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := fmt.Sprintf(`uprobe:%s:"main.touch" /comm == "%s"/ { @u[ustack(2)] = count(); @f[func] = count(); @a[usym(reg("ip"))] = count(); }
		t:syscalls:sys_enter_getppid /comm == "%s"/ { @k[kstack] = count(); @p[ustack(perf, 5)] = count(); }`, filepath.Join(workdir, comm), comm, comm)
	tr := start(t, options{}, gotrace, "-e", script)
	tr.waitAttached(t)
	target := exec.Command(filepath.Join(workdir, comm), "stay", "5")
	stdin, err := target.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := target.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 5)); err != nil { // "ready"
		t.Fatal(err)
	}
	r := tr.stop(t)
	stdin.Close()
	if err := target.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`@u\[\n +main\.touch\+0\n +main\.\w+\+\d+\n\]: 5`, `@f\[main\.touch\]: 5`, `@a\[main\.touch\]: 5`,
		`(?s)@k\[\n.*do_syscall_64\+\d+\n.*\]: 5`, `(?s)@p\[\n\s+[0-9a-f]+ \S+.*main\.getppid\+\d+ .*\]: 5`,
	} {
		if !regexp.MustCompile(want).MatchString(r.stdout) {
			t.Errorf("no match for %s in %s%s", want, r.stdout, r.stderr)
		}
	}
}
