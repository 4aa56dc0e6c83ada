package repl

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chzyer/readline"
	"golang.org/x/sys/unix"
)

// keySuspend is Ctrl-Z, keyClear Ctrl-L.
const (
	keySuspend = 26
	keyClear   = 12
)

// historyLimit is how many entries the history file keeps.
const historyLimit = 2000

// editor is the line editor. The terminal is raw from its start to its end, so
// that keys typed while a command runs are neither echoed nor lost.
type editor struct {
	c    *console
	keys *keys
	rl   *readline.Instance
	fd   int
	raw  *readline.State
	// closing is set before readline is told to end.
	closing atomic.Bool
	// vi says whether the keys of vi are wanted: the editor's own goroutine turns
	// them on.
	vi atomic.Bool
	// empty says that nothing is typed yet.
	empty atomic.Bool
}

func newEditor(c *console) (*editor, error) {
	fd := int(c.opts.Stdin.Fd())
	raw, err := readline.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	ed := &editor{c: c, fd: fd, raw: raw}
	ed.keys = newKeys(c.opts.Stdin, c.interrupt)
	c.keys = ed.keys
	painter := &painter{console: c}
	ed.rl, err = readline.NewEx(&readline.Config{
		HistoryFile: c.opts.History, HistoryLimit: historyLimit, HistorySearchFold: true, DisableAutoSaveHistory: true,
		AutoComplete: newCompleter(c), Painter: painter,
		Listener:            readline.FuncListener(ed.onKey),
		FuncFilterInputRune: ed.filter,
		InterruptPrompt:     "^C", EOFPrompt: "\n",
		Stdin: ed.keys, Stdout: c.opts.Stdout, Stderr: c.opts.Stdout,
		FuncMakeRaw: func() error { return nil }, FuncExitRaw: func() error { return nil },
		FuncIsTerminal: func() bool { return true },
		FuncGetWidth:   func() int { return terminalWidth(c.opts.Stdout) },
	})
	if err != nil {
		return nil, errors.Join(err, readline.Restore(fd, raw))
	}
	c.screen.above = &aboveWriter{rl: ed.rl, out: c.opts.Stdout}
	_, err = io.WriteString(c.opts.Stdout, pasteOn)
	return ed, err
}

// terminalWidth returns the columns of a terminal, 80 if they are not known.
func terminalWidth(f *os.File) int {
	if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Col > 0 {
		return int(size.Col)
	}
	return 80
}

// terminalHeight returns the rows of a terminal, 24 if they are not known.
func terminalHeight(f *os.File) int {
	if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Row > 0 {
		return int(size.Row)
	}
	return 24
}

// Line implements lineSource.
func (ed *editor) Line(prompt string) (string, error) {
	if ed.closing.Load() {
		return "", io.EOF
	}
	ed.rl.SetPrompt(prompt)
	ed.c.screen.Flush()
	ed.c.screen.setState(editing)
	line, err := ed.rl.Readline()
	ed.c.screen.setState(notEditing)
	if errors.Is(err, readline.ErrInterrupt) {
		err = errInterrupt
	}
	return line, err
}

// Remember implements lineSource. An entry of several lines is one line of the
// history.
func (ed *editor) Remember(entry string) {
	// A history that cannot be written is not worth a word.
	_ = ed.rl.SaveHistory(strings.ReplaceAll(entry, "\n", foldMark))
}

// Close implements lineSource.
func (ed *editor) Close() {
	if ed.closing.Swap(true) {
		return
	}
	if ed.c.screen.leaveEditing() {
		ed.rl.Clean() // the prompt goes: what is printed now has its line
	}
	_ = ed.keys.Close()
	_ = ed.rl.Close()
	_, _ = io.WriteString(ed.c.opts.Stdout, pasteOff)
	_ = readline.Restore(ed.fd, ed.raw)
}

// filter sees each key before the editor does: those that end the line stop the
// drawing above it until the line is taken.
func (ed *editor) filter(r rune) (rune, bool) {
	if want := ed.vi.Load(); want != ed.rl.IsVimMode() {
		ed.rl.SetVimMode(want)
	}
	switch r {
	case deleteMark:
		return readline.CharDelete, !ed.empty.Load()
	case readline.CharEnter, readline.CharCtrlJ, readline.CharInterrupt, readline.CharDelete, 0:
		ed.c.screen.setState(entering)
	case keyClear:
		_, _ = io.WriteString(ed.c.opts.Stdout, "\x1b[2J")
	case keySuspend:
		ed.suspend()
		return r, false
	}
	return r, true
}

// suspend gives the terminal back and stops the process, as Ctrl-Z should.
func (ed *editor) suspend() {
	ed.release()
	_ = unix.Kill(0, unix.SIGTSTP)
	time.Sleep(50 * time.Millisecond) // the signal arrives, and we stop, in here
	ed.grab()
}

// release gives the terminal to another program; grab takes it back.
func (ed *editor) release() {
	_, _ = io.WriteString(ed.c.opts.Stdout, pasteOff)
	_ = readline.Restore(ed.fd, ed.raw)
}

func (ed *editor) grab() {
	if _, err := readline.MakeRaw(ed.fd); err == nil {
		_, _ = io.WriteString(ed.c.opts.Stdout, pasteOn)
	}
}

// onKey is called when a key has done its work. It puts a paste in the place of
// its mark.
func (ed *editor) onKey(line []rune, _ int, key rune) ([]rune, int, bool) {
	ed.empty.Store(len(line) == 0)
	if key != pasteMark {
		return nil, 0, false
	}
	for i, r := range line {
		if r == pasteMark {
			text := []rune(ed.keys.paste())
			whole := append(append(append([]rune{}, line[:i]...), text...), line[i+1:]...)
			return whole, i + len(text), true
		}
	}
	return nil, 0, false
}

// aboveWriter writes above the line being edited.
type aboveWriter struct {
	rl  *readline.Instance
	out io.Writer
}

// Write waits for the editor to begin to read, which it does a moment after it
// has shown the prompt. When it does not read, it is about to take a line: that
// is wiped here and drawn anew by the editor.
func (a *aboveWriter) Write(p []byte) (int, error) {
	for range 25 {
		if a.rl.Terminal.IsReading() {
			return a.rl.Stdout().Write(p)
		}
		time.Sleep(200 * time.Microsecond)
	}
	a.rl.Clean()
	return a.out.Write(p)
}
