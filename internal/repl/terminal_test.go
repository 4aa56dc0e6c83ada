package repl

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// The size of the terminal that tests see: high enough that a session does not
// scroll.
const (
	testColumns = 120
	testRows    = 250
)

// childVariable makes the test binary a console in place of a test.
const childVariable = "GOTRACE_REPL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(runChild())
	}
	// Sessions wait more than they work.
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("6"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// runChild is the console as the command runs it.
func runChild() int {
	terminal := os.Getenv(childVariable) == "terminal"
	code, err := Run(context.Background(), Options{
		Stdin: os.Stdin, Stdout: os.Stdout, Terminal: terminal, Color: os.Getenv("COLOR") != "",
		Editor: os.Getenv("EDITOR"), History: os.Getenv("HISTORY"), Script: os.Getenv("SCRIPT"), Env: map[string]string{},
	})
	if err != nil {
		fmt.Println("error:", err)
	}
	return code
}

// terminal is a console behind a pseudo-terminal, and what a person sees of it.
type terminal struct {
	t    testing.TB
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{}

	mu     sync.Mutex
	screen vt10x.Terminal
	last   time.Time // when something was drawn
	bytes  int
	raw    strings.Builder
}

// needKernel skips a test that traces.
func needKernel(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("tracing needs root")
	}
	var info unix.Utsname
	if err := unix.Uname(&info); err != nil {
		t.Skipf("uname: %v", err)
	}
}

// openTerminal starts a console.
func openTerminal(t testing.TB, env ...string) *terminal {
	t.Helper()
	return openTerminalOf(t, testRows, env...)
}

// openTerminalOf starts a console on a terminal of so many rows.
func openTerminalOf(t testing.TB, rows int, env ...string) *terminal {
	t.Helper()
	needKernel(t)
	term := &terminal{t: t, done: make(chan struct{}), screen: vt10x.New(vt10x.WithSize(testColumns, rows))}
	term.cmd = exec.Command(os.Args[0])
	term.cmd.Dir = t.TempDir()
	term.cmd.Env = append(os.Environ(), childVariable+"=terminal", "TERM=xterm", "TMPDIR="+term.cmd.Dir)
	term.cmd.Env = append(term.cmd.Env, env...)
	tty, err := pty.StartWithSize(term.cmd, &pty.Winsize{Rows: uint16(rows), Cols: testColumns})
	if err != nil {
		t.Fatal(err)
	}
	term.tty = tty
	go term.read()
	t.Cleanup(term.close)
	return term
}

func (term *terminal) read() {
	defer close(term.done)
	buf := make([]byte, 64<<10)
	for {
		n, err := term.tty.Read(buf)
		term.mu.Lock()
		term.screen.Write(buf[:n])
		term.last = time.Now()
		term.bytes += n
		if term.raw.Len() < 1<<20 {
			term.raw.Write(buf[:n])
		}
		term.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// close ends the console if the session did not.
func (term *terminal) close() {
	ended := make(chan struct{})
	go func() {
		_ = term.cmd.Wait()
		close(ended)
	}()
	term.send("\x15\x04")
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		term.t.Errorf("the console does not end; the screen:\n%s", strings.Join(term.rows(), "\n"))
		_ = term.cmd.Process.Kill()
		<-ended
	}
	_ = term.tty.Close()
	<-term.done
}

func (term *terminal) send(keys string) { _, _ = term.tty.WriteString(keys) }

// rows returns what is on the screen, without blanks at the end of lines.
func (term *terminal) rows() []string {
	term.mu.Lock()
	defer term.mu.Unlock()
	rows := strings.Split(term.screen.String(), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	for len(rows) > 0 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// cursor returns the row of the cursor and how long nothing was drawn.
func (term *terminal) cursor() (row int, quiet time.Duration) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.screen.Cursor().Y, time.Since(term.last)
}

// row returns a row of the screen.
func (term *terminal) row(n int) string {
	term.mu.Lock()
	defer term.mu.Unlock()
	columns, rows := term.screen.Size()
	if n < 0 || n >= rows {
		return ""
	}
	var b strings.Builder
	for x := range columns {
		b.WriteRune(term.screen.Cell(x, n).Char)
	}
	return strings.TrimRight(b.String(), " \x00")
}

// prompted reports whether the cursor is in a row with an empty prompt.
func (term *terminal) prompted(below int) bool {
	row, quiet := term.cursor()
	text := term.row(row)
	return row > below && quiet > 15*time.Millisecond && (text == "gotrace>" || strings.TrimSpace(text) == "..>")
}

// await waits until something holds.
func (term *terminal) await(what string, holds func() bool) {
	term.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			term.t.Fatalf("waited in vain for %s; the screen:\n%s", what, strings.Join(term.rows(), "\n"))
		}
		time.Sleep(3 * time.Millisecond)
	}
}

// enter types a line and waits for the next prompt. It returns the rows between.
func (term *terminal) enter(line string) []string {
	term.t.Helper()
	term.send(line)
	// Not before the line is seen: what is printed above moves it.
	tail := strings.TrimSpace(line[max(0, len(line)-20):])
	term.await("the echo of "+line, func() bool {
		row, _ := term.cursor()
		return strings.Contains(term.row(row-1)+term.row(row), tail)
	})
	from, _ := term.cursor()
	term.send("\r")
	term.await("the prompt after "+line, func() bool {
		select {
		case <-term.done:
			return true
		default:
			return term.prompted(from)
		}
	})
	to, _ := term.cursor()
	rows := term.rows()
	from++
	return rows[min(from, len(rows)):min(max(to, from), len(rows))]
}

// start waits for the first prompt.
func (term *terminal) start() {
	term.t.Helper()
	term.await("the first prompt", func() bool { return term.prompted(-1) })
}
