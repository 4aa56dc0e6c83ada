package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestOutputGoesNowhere: a closed pipe and a full disk end the run; nothing
// hangs, nothing crashes, nothing stays in the kernel.
func TestOutputGoesNowhere(t *testing.T) {
	needRoot(t)
	const text = `begin { printf("first\n"); } interval:ms:5 { printf("line\n"); @++; } interval:s:20 { exit(); }`
	closed, broken, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	t.Cleanup(func() { broken.Close() }) // not defer: the cases are parallel
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { full.Close() })
	cases := []struct {
		name    string
		stdout  *os.File
		program string
		args    []string
		want    string
	}{
		{"closed pipe", broken, gotrace, []string{"-e", text}, ``},
		{"full disk", full, gotrace, []string{"-e", text}, `(?i)no space left`},
		{"full disk by -o", nil, gotrace, []string{"-o", "/dev/full", "-e", text}, `(?i)no space left`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, options{stdout: c.stdout}, c.program, c.args...)
			if r.code == 0 {
				t.Error("exit code 0, though nothing could be written")
			}
			if !regexp.MustCompile(c.want).MatchString(r.stderr) {
				t.Errorf("no match for %s in %s", c.want, r.stderr)
			}
			if bad := nobodys.FindString(r.stderr); bad != "" {
				t.Errorf("%q in %s", bad, r.stderr)
			}
			if strings.Count(r.stderr, "\n") > 10 {
				t.Errorf("many lines: %s", r.stderr)
			}
		})
	}
}

// TestClosedOutput: without standard output a trace runs as with /dev/null there
// (the Go runtime sees to that), and nothing else is taken for it.
func TestClosedOutput(t *testing.T) {
	needRoot(t)
	const text = `begin { printf("line\n"); @ = 1; system("echo from a command"); exit(); }`
	r := run(t, options{}, "/bin/sh", "-c", `exec "$0" --unsafe -e "$1" >&-`, gotrace, text)
	if r.code != 0 || nobodys.MatchString(r.stderr) || strings.Count(r.stderr, "\n") > 3 {
		t.Errorf("code %d: %s", r.code, r.stderr)
	}
}

// TestManyWarnings: what is wrong in the same way at hundreds of places, or
// hundreds of times, is told in a few lines.
func TestManyWarnings(t *testing.T) {
	needRoot(t)
	cases := []struct {
		name, script, want string
	}{
		{"compiler", `begin { ` + strings.Repeat(`strlen("abc"); `, 600) + `exit(); }`, `580 more warnings`},
		{"places", `begin { $z = 0; ` + strings.Repeat(`@s += 7 / $z; `, 100) + `exit(); }`, `80 divisions .* in 80 more places`},
		{"times", `begin { $z = 0; for ($i : 0..600) { @s += 7 / $z; } exit(); }`, `600 divisions`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, options{}, gotrace, "-e", c.script)
			if lines := strings.Count(r.stderr, "\n"); r.code != 0 || lines > 100 {
				t.Errorf("code %d, %d lines: %.2000s", r.code, lines, r.stderr)
			}
			if !regexp.MustCompile(c.want).MatchString(r.stderr) {
				t.Errorf("no match for %s in %s", c.want, r.stderr)
			}
		})
	}
}

// The lines by which gotrace and bpftrace tell of lost events.
var lostLine = regexp.MustCompile(`(?i)lost (\d+) |(\d+) (?:events?|lines?)[^\n]* lost`)

// lostEvents returns how many events are reported as lost: the summary at the
// end, which is the last such line, covers the whole run.
func lostEvents(t *testing.T, stderr string) int {
	t.Helper()
	all := lostLine.FindAllStringSubmatch(stderr, -1)
	if len(all) == 0 {
		return 0
	}
	last := all[len(all)-1]
	n, err := strconv.Atoi(last[1] + last[2])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFlood fires more events than can be printed and interrupts in the middle
// of it: what is printed and what is reported as lost make what was fired.
func TestFlood(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	for _, c := range []struct {
		name, env string
	}{
		{"small ring", "BPFTRACE_PERF_RB_PAGES=64"},
		{"default ring", "GOTRACE_NOTHING=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const each = 300_000
			script := fmt.Sprintf(`t:syscalls:sys_enter_getppid /comm == "%s"/ { @fired = count(); printf("EV %%d %%s\n", pid, comm); }`, comm)
			work := func() {
				time.Sleep(1200 * time.Millisecond) // it finds the reader asleep
				runWorkload(t, comm, "flood", itoa(each))
			}
			r := trace(t, options{env: []string{c.env}}, work, gotrace, "-e", script)
			printed := strings.Count(r.stdout, "EV ")
			m := regexp.MustCompile(`@fired: (\d+)`).FindStringSubmatch(r.stdout)
			if m == nil || r.code != 0 {
				t.Fatalf("code %d, no @fired; stderr %s", r.code, r.stderr)
			}
			fired, _ := strconv.Atoi(m[1])
			lost := lostEvents(t, r.stderr)
			if printed+lost != fired || fired%each != 0 {
				t.Errorf("fired %d, printed %d, reported lost %d: %d unaccounted for\n%s", fired, printed, lost, fired-printed-lost, r.stderr)
			}
			if lines := strings.Count(r.stderr, "\n"); lines > 30 {
				t.Errorf("%d lines on standard error: %.1000s", lines, r.stderr)
			}
			t.Logf("fired %d, printed %d, lost %d", fired, printed, lost)
		})
	}
}

// TestWakes: after a while without events the first one is printed at once, and
// not when the reader looks by itself.
func TestWakes(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := fmt.Sprintf(`t:syscalls:sys_enter_getppid /comm == "%s"/ { printf("EV %%d\n", @n++); }`, comm)
	tr := start(t, options{}, gotrace, "-e", script)
	tr.waitAttached(t)
	best := time.Hour
	for i := range 3 {
		time.Sleep(300 * time.Millisecond)
		runWorkload(t, comm, "getppid", "1")
		begin := time.Now()
		tr.waitOutput(t, fmt.Sprintf("EV %d\n", i))
		best = min(best, time.Since(begin))
	}
	if tr.stop(t); best > 100*time.Millisecond {
		t.Errorf("it took %v at best", best)
	}
}

// TestInterruptUnderFlood: SIGINT while the flood goes on. The count of the
// fired is only a bound then, as both go on until the probes are detached.
func TestInterruptUnderFlood(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := fmt.Sprintf(`t:syscalls:sys_enter_getppid /comm == "%s"/ { @fired = count(); printf("EV\n"); }`, comm)
	tr := start(t, options{}, gotrace, "-e", script)
	tr.waitAttached(t)
	flood := start(t, options{}, workdir+"/"+comm, "flood", "5000000")
	tr.waitOutput(t, "EV\nEV\n")
	r := tr.stop(t)
	flood.cmd.Process.Kill()
	flood.cmd.Wait()
	printed, lost := strings.Count(r.stdout, "EV\n"), lostEvents(t, r.stderr)
	m := regexp.MustCompile(`@fired: (\d+)`).FindStringSubmatch(r.stdout)
	if m == nil || r.code != 0 {
		t.Fatalf("code %d, no @fired; stderr %s", r.code, r.stderr)
	}
	if fired, _ := strconv.Atoi(m[1]); printed+lost != fired {
		t.Errorf("fired %d, printed %d, reported lost %d\n%s", fired, printed, lost, r.stderr)
	}
}

// TestFullMap: failed updates are counted, and told in a line or two.
func TestFullMap(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := fmt.Sprintf(`config = { max_map_keys = 10 } t:syscalls:sys_enter_write /comm == "%s" && args.fd == 1000/ { @by[args.count] = count(); }`, comm)
	r := trace(t, options{}, func() { runWorkload(t, comm, "writes", "64") }, gotrace, "-e", script)
	if keys := strings.Count(r.stdout, "@by["); keys != 10 {
		t.Errorf("%d keys in a map of 10", keys)
	}
	if !strings.Contains(r.stderr, "@by") || !regexp.MustCompile(`\b54\b`).MatchString(r.stderr) {
		t.Errorf("does not tell that 54 updates of @by were lost: %s", r.stderr)
	}
	if lines := strings.Count(r.stderr, "\n"); lines > 10 {
		t.Errorf("%d lines on standard error: %s", lines, r.stderr)
	}
}

// TestSharedUpdates: ++ and += lose nothing, on any number of CPUs.
func TestSharedUpdates(t *testing.T) {
	needRoot(t)
	comm := newComm(t)
	script := fmt.Sprintf(`t:syscalls:sys_enter_getppid /comm == "%s"/ { @n++; @s += 3; @k[comm]++; @k2["x", 1] += 2; @d--; }`, comm)
	r := trace(t, options{}, func() { runWorkload(t, comm, "threads", "4", "50000") }, gotrace, "-e", script)
	for _, want := range []string{"@n: 200000\n", "@s: 600000\n", "@k[" + comm + "]: 200000\n", "@k2[x, 1]: 400000\n", "@d: -200000\n"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in %s", want, r.stdout)
		}
	}
}

// TestNoColourOffTerminal: what goes into a pipe or file has no escapes.
func TestNoColourOffTerminal(t *testing.T) {
	r := run(t, options{}, gotrace, "-e", "begin { $x = ; }")
	if strings.Contains(r.stderr+r.stdout, "\x1b") {
		t.Errorf("escapes in %q", r.stderr)
	}
}

// TestKeyedBuckets: has_key() and delete() find a key of a keyed histogram or
// time series, each of which is several elements of the kernel's map.
func TestKeyedBuckets(t *testing.T) {
	needRoot(t)
	r := run(t, options{}, gotrace, "-q", "-e", `config = { unstable_tseries=enable } begin {
		@h[1, "a"] = hist(100); @t[1, "a"] = tseries(5, 1h, 7);
		print((has_key(@h, (1, "a")), has_key(@h, (1, "b")), has_key(@t, (1, "a")), has_key(@t, (2, "a"))));
		print((delete(@h, (1, "a")), delete(@t, (1, "a")), delete(@t, (1, "a"))));
		print((has_key(@h, (1, "a")), has_key(@t, (1, "a"))));
		exit();
	}`)
	if !strings.Contains(r.stdout, "(true, false, true, false)\n(true, true, false)\n(false, false)\n") {
		t.Errorf("%s%s", r.stdout, r.stderr)
	}
}
