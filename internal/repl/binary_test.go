package repl

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// buildBinary builds the command.
func buildBinary(t *testing.T) string {
	t.Helper()
	needKernel(t)
	binary := filepath.Join(t.TempDir(), "gotrace")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/gotrace").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// openBinary builds the command and starts it on a terminal.
func openBinary(t *testing.T, args ...string) *terminal {
	t.Helper()
	binary := buildBinary(t)
	term := &terminal{t: t, done: make(chan struct{}), screen: vt10x.New(vt10x.WithSize(testColumns, testRows))}
	term.cmd = exec.Command(binary, args...)
	term.cmd.Dir = t.TempDir()
	term.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "HOME="+term.cmd.Dir)
	tty, err := pty.StartWithSize(term.cmd, &pty.Winsize{Rows: testRows, Cols: testColumns})
	if err != nil {
		t.Fatal(err)
	}
	term.tty = tty
	go term.read()
	t.Cleanup(term.close)
	return term
}

// TestIssueInTheBuiltBinary types the session that the console was promised
// with into the command, as a person does.
func TestIssueInTheBuiltBinary(t *testing.T) {
	term := openBinary(t)
	term.start()
	check := func(line string, want ...string) {
		t.Helper()
		if got := term.enter(line); !matchRows(want, got) {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", line, indent(got), indent(want))
		}
	}
	check(`tracepoint:syscalls:sys_enter_openat /comm != "gotrace"/ { @n[comm] = count(); }`,
		"p1  attached  1 hook  2 maps  <n> KiB  <n> instructions  verified in <n> ms")
	check(".run cat /dev/null", "ended after <n> s")
	check("@n", "...", "@n[cat]: <n>", "...")
	term.send(".watch 1s .top @n 5\r")
	term.await("the view", func() bool {
		row, _ := term.cursor()
		return matchRows([]string{"...", "every 1s: .top @n 5<*>", "@n  <n> key<*>, sum <n>", "...", "<*>%<*>", "..."}, term.rows()) && row > 3
	})
	term.send("q")
	term.await("the prompt", func() bool { row, _ := term.cursor(); return term.row(row) == "gotrace>" })
	check(".drop p1", "p1  dropped")
	check("@n", "...", "@n[cat]: <n>", "...")
}

// TestLive shows a script as top does, and leaves it.
func TestLive(t *testing.T) {
	script := filepath.Join(t.TempDir(), "live.bt")
	text := `interval:ms:20 { @ticks["fast"] = count(); } interval:ms:50 { @ticks["slow"] = count(); }`
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	term := openBinary(t, "--live", script)
	want := []string{
		"...", "every 1s: <*>live.bt   [space pause, c clear, s sort by rate, q quit]", "@ticks  2 keys, sum <n>",
		"<*><n>/s <*> fast", "<*><n>/s <*> slow",
	}
	term.await("the view with rates", func() bool {
		rows := term.rows()
		return matchRows(want, rows) && !pattern("<*> 0/s <*> fast").MatchString(rows[len(rows)-2])
	})
	term.send("q")
	select {
	case <-term.done:
	case <-time.After(5 * time.Second):
		t.Error("q does not leave the view")
	}
}

// TestTerminationRestoresTheTerminal ends a console by SIGTERM: it detaches,
// prints the maps, and leaves the terminal as it was.
func TestTerminationRestoresTheTerminal(t *testing.T) {
	term := openTerminal(t)
	term.start()
	term.enter("begin { @x = 5; }")
	if err := term.cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-term.done:
	case <-time.After(5 * time.Second):
		t.Fatal("SIGTERM does not end the console")
	}
	if rows := term.rows(); rows[len(rows)-1] != "@x: 5" {
		t.Errorf("the maps are not printed:\n%s", indent(rows))
	}
	if raw := term.raw.String(); !strings.Contains(raw, pasteOff) {
		t.Error("the terminal still marks pastes")
	}
}

// TestSavedSessionsRun saves sessions and has the command run what was saved.
func TestSavedSessionsRun(t *testing.T) {
	binary := buildBinary(t)
	for _, entries := range [][]string{
		{`tracepoint:syscalls:sys_enter_openat { @n[comm] = count(); }`, `interval:s:1 { print(@n, 3); }`},
		{`macro twice(x) { x * 2 }`, `let @small = hash(3);`, "begin {\n  @small[1] = twice(21);\n}"},
		{`.set max_strlen 64`, `.set max_map_keys 100`, `.target comm cat`, `tracepoint:sched:sched_process_e* /pid > 1/ { @x = count(); }`},
		{`begin { @a = 1 } begin { @b = 2 }`, `.off p1`},
	} {
		c := openConsole(t)
		for _, entry := range entries {
			c.do(t.Context(), entry)
		}
		saved := filepath.Join(t.TempDir(), "saved.bt")
		c.do(t.Context(), ".save "+saved)
		if out, err := exec.Command(binary, "--dry-run", saved).CombinedOutput(); err != nil {
			text, _ := os.ReadFile(saved)
			t.Errorf("%v\n%s\nof:\n%s", err, out, text)
		}
	}
}
