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
	if text, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID()) + "/comm"); err != nil || strings.TrimSpace(string(text)) != "sh" {
		t.Errorf("comm %q, %v", text, err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, p.Done())
	if code, ok := p.ExitCode(); code != 3 || !ok {
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
