package child

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"  ls   -l ", []string{"ls", "-l"}},
		{`sh -c 'echo "a b"; exit 3'`, []string{"sh", "-c", `echo "a b"; exit 3`}},
		{`a "b c"d\ e ''`, []string{"a", "b cd e", ""}},
		{`"a\"b\\c\d"`, []string{`a"b\c\d`}},
	}
	for _, tt := range tests {
		got, err := Split(tt.in)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("Split(%q): %v\n%s", tt.in, err, diff)
		}
	}
	for _, in := range []string{`'`, `a "b`, `"\"`} {
		if _, err := Split(in); err == nil {
			t.Errorf("Split(%q): no error", in)
		}
	}
}

func wait(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the process did not end")
	}
}

func command(t *testing.T, line string) *Process {
	t.Helper()
	p, err := Start(line)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// TestStopped checks that a child does nothing before Start.
func TestStopped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mark")
	p := command(t, "/bin/sh -c 'echo x > "+file+"; exit 3'")
	time.Sleep(50 * time.Millisecond)
	if _, err := os.Stat(file); err == nil {
		t.Error("the child ran before it was started")
	}
	own, _ := os.ReadFile("/proc/self/comm")
	if text, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID()) + "/comm"); err != nil || string(text) != string(own) {
		t.Errorf("comm %q, %v: it has executed something already", text, err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, p.Done())
	if code, ok := p.ExitCode(); code != 3 || !ok {
		t.Errorf("exit code %d, %v", code, ok)
	}
}

// TestInherits checks that a child has the limit of open files, the signals and
// no descriptors but the three that a command has by os/exec.
func TestInherits(t *testing.T) {
	const script = `ulimit -Sn; grep -E "^(Sig(Pnd|Blk|Ign|Cgt)|Threads|TracerPid)" /proc/self/status; ls -l /proc/self/fd | wc -l`
	want, err := exec.Command("/bin/sh", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "out")
	p := command(t, "/bin/sh -c '{ "+script+"; } > "+file+"'")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, p.Done())
	got, err := os.ReadFile(file)
	if diff := cmp.Diff(string(want), string(got)); diff != "" || err != nil {
		t.Errorf("%v\nos/exec - ours +\n%s", err, diff)
	}
}

// TestNotExecutable: what only the kernel can tell is told by Start.
func TestNotExecutable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := command(t, file)
	var e *Error
	if err := p.Start(); !errors.As(err, &e) || !strings.Contains(err.Error(), "exec format error") {
		t.Errorf("Start: %v", err)
	}
	wait(t, p.Done())
	if code, ok := p.ExitCode(); code != notExecuted || !ok {
		t.Errorf("exit code %d, %v", code, ok)
	}
}

// TestStop ends a child that runs, and one that never was started.
func TestStop(t *testing.T) {
	for _, started := range []bool{true, false} {
		p := command(t, "/bin/sleep 60")
		if started {
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
		}
		p.Stop()
		wait(t, p.Done())
		if code, _ := p.ExitCode(); code != 128+15 {
			t.Errorf("started %v: exit code %d", started, code)
		}
	}
}

func TestStartErrors(t *testing.T) {
	for line, want := range map[string]string{
		"/nonexistent/x": "there is no such program",
		"nonexistent-xy": "there is no such program",
		"/etc/passwd":    "it is not executable",
		"":               "it is empty",
		"'":              "a quotation mark is missing",
	} {
		_, err := Start(line)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("Start(%q): %v", line, err)
		}
	}
}

func TestWatch(t *testing.T) {
	cmd := exec.Command("/bin/sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w, err := Watch(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.Done():
		t.Error("done before its end")
	case <-time.After(20 * time.Millisecond):
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	wait(t, w.Done())
	w.Stop()
	if _, err := Watch(cmd.Process.Pid); err == nil {
		t.Error("a process that ended can be watched")
	}
}
