package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// exampleWants says, for each script of examples, what it must print over the
// busy workload: COMM is the workload's name. A script that nothing can trigger
// here has an empty string: it must load and attach.
var exampleWants = map[string][]string{
	"bashlines.bt":  {`(?m)^TIME +PID`, `(?m)\d +echo typed line$`},
	"becomes.bt":    {`COMM .*setresuid\(-1, -1, -1\)`, `@group_calls\[COMM, tracepoint:syscalls:sys_enter_setresgid\]: 3`},
	"connects.bt":   {`COMM +127\.0\.0\.1:\d+ +(0|-115)`},
	"cpuprofile.bt": {`@samples\[COMM, `, `(?m)^\s+\w+\+\d+$`},
	"disklat.bt":    {`@us\[\d+, \d+, \w+\]:`, `@bytes\[`},
	"execsnoop.bt":  {`/bin/sh -c exit 3`, `/bin/bash -c x=\$\(echo y\); echo \$x`},
	"exitcodes.bt":  {`exit code 3`, `signal 15`, `@exits\[failed\]: `, `@exits\[killed\]: `, `@exits\[well\]: `},
	"filelife.bt":   {`COMM +\d+ +/tmp/gotrace-busy\d+/short-lived`},
	"forks.bt":      {`@made\[COMM, process\]: `, `@made\[COMM, thread\]: `},
	"fsynclat.bt":   {`@us\[COMM\]: \{ \.count = 3, \.average = \d+, \.total = \d+ \}`, `@slowest\[COMM\]: \d+`},
	"futexwait.bt":  {`@us\[COMM\]:`, `@longest\[COMM, \d+, \d+\]: \d+`},
	"killsnoop.bt":  {`COMM +kill +0 \d+ +0`, `sh +kill +15 \d+ +0`},
	"mallocs.bt":    {`@bytes\[bash\]:`, `@total\[bash\]: \d+`},
	"memgrow.bt":    {`@bytes\[COMM, \d+\]: \d{7,}`, `@from\[COMM, `},
	"migrations.bt": {`@from_to\[\d+, \d+\]: \d+`},
	"mountsnoop.bt": {`COMM +mount /nonexistent/gotrace on /nonexistent/gotrace, type tmpfs, flags 0x0`, `COMM +failed with error 2`, `COMM +umount /nonexistent/gotrace`},
	"offcpu.bt":     {`@us\[`, `schedule\+\d+`},
	"oomkills.bt":   {``},
	"opensnoop.bt":  {`COMM +-2 00\w+ /nonexistent/gotrace`, `COMM +\d+ \w+ /tmp/gotrace-busy\d+/short-lived`},
	"pagefaults.bt": {`@minor_hundreds\[COMM\]: \d+`},
	"readlat.bt":    {`@us\[COMM\]:\n\[.*\|@`},
	"runqlat.bt":    {`@us:\n[\[(].*\|@?`, `@worst\[COMM\]: \d+`},
	"sigsnoop.bt":   {`COMM +23 `, `@signals\[sh, 15\]: `},
	"sleepers.bt":   {`@ms\[COMM\]:\n\[.*\|@`, `@naps\[COMM, \d+\]: \d+`},
	"softirqs.bt":   {`@us\[\d+\]:`, `@total_us\[\d+\]: \d+`},
	"syscount.bt":   {`@calls\[COMM\]: \d+`, `@number\[0\]: \d+`},
	"syserrors.bt":  {`@failed\[COMM, 257, 2\]: \d+`},
	"tcpstates.bt":  {`127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +2 -> 1`},
	"vfsread.bt":    {`@us\[COMM\]:`, `@asked:`},
	"writesizes.bt": {`@written\[COMM\]: \d+`, `@mean\[COMM\]: \d+`, `@bytes:`},
}

// TestExamples runs each script as its header says, over the busy workload.
func TestExamples(t *testing.T) {
	needRoot(t)
	scripts, err := filepath.Glob("../../examples/*.bt")
	if err != nil || len(scripts) < 20 {
		t.Fatalf("%d examples, %v; want 20 or more", len(scripts), err)
	}
	for _, script := range scripts {
		name := filepath.Base(script)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wants, ok := exampleWants[name]
			if !ok {
				t.Fatal("exampleWants does not say what this script prints")
			}
			skipWithoutKernelSupport(t, script)
			runExample(t, script, wants)
		})
	}
}

func runExample(t *testing.T, script string, wants []string) {
	t.Helper()
	comm := newComm(t)
	tr := start(t, options{}, gotrace, script)
	tr.waitAttached(t)
	ids := heldBy(t, tr.cmd.Process.Pid)
	runWorkload(t, comm, "busy")
	interactiveBash(t)
	r := tr.stop(t)
	if r.code != 0 {
		t.Errorf("exit code %d after SIGINT", r.code)
	}
	out := strings.ReplaceAll(r.stdout, comm, "COMM")
	for _, want := range wants {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no match for %s in\n%.4000s", want, out)
		}
	}
	if r.stderr = attachedLine.ReplaceAllString(r.stderr, ""); strings.TrimSpace(r.stderr) != "" {
		t.Errorf("on standard error: %.2000s", r.stderr)
	}
	ids.gone(t)
}

// interactiveBash types two lines into a shell of its own.
func interactiveBash(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/bin/bash", "--norc", "-i")
	cmd.Stdin = strings.NewReader("echo typed line\nexit\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("bash -i: %v\n%s", err, out)
	}
}

// skipWithoutKernelSupport skips what this kernel cannot do at all.
func skipWithoutKernelSupport(t *testing.T, script string) {
	t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^k(ret)?probe:`).Match(text) && !haveKprobes() {
		t.Skip("this kernel has no kprobes; make test-vm runs the script on one that has")
	}
	if strings.Contains(string(text), "uretprobe:/bin/bash") {
		if _, err := os.Stat("/bin/bash"); err != nil {
			t.Skip("no /bin/bash")
		}
	}
}

func haveKprobes() bool {
	_, err := os.Stat("/sys/bus/event_source/devices/kprobe/type")
	return err == nil
}

// TestExampleHeaders keeps the scripts' first lines in one form.
func TestExampleHeaders(t *testing.T) {
	form := regexp.MustCompile(`\A#!/usr/bin/env gotrace\n/\*\n \* (\S+): [^\n]+\n \*\n \* Usage: sudo gotrace examples/(\S+)\.bt`)
	scripts, _ := filepath.Glob("../../examples/*.bt")
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		m := form.FindSubmatch(text)
		name := strings.TrimSuffix(filepath.Base(script), ".bt")
		if m == nil || string(m[1]) != name || string(m[2]) != name {
			t.Errorf("%s: the header is not of the form of the others", script)
		}
		if info, err := os.Stat(script); err == nil && info.Mode()&0o111 == 0 {
			t.Errorf("%s is not executable", script)
		}
	}
}

// TestExamplesAreAcceptedByBpftrace: the scripts are the common language.
func TestExamplesAreAcceptedByBpftrace(t *testing.T) {
	needRoot(t)
	peer := bpftrace(t)
	if testing.Short() {
		t.Skip("takes half a second a script")
	}
	scripts, _ := filepath.Glob("../../examples/*.bt")
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			t.Parallel()
			skipWithoutKernelSupport(t, script)
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			// (By its text: the peer may be in a chroot.)
			if r := run(t, options{}, peer, "--no-warnings", "--dry-run", "-e", string(text)); r.code != 0 {
				t.Errorf("exit code %d: %s", r.code, r.stderr)
			}
		})
	}
}
