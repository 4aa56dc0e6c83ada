package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Options are the choices of a console.
type Options struct {
	// Stdin and Stdout are the terminal, or where the session is read from and
	// written to.
	Stdin, Stdout *os.File
	// Terminal says that both are terminals: lines are edited.
	Terminal bool
	// Color allows colours.
	Color bool
	// Unsafe allows functions that change the system.
	Unsafe bool
	// Env are the BPFTRACE_ and GOTRACE_ variables of the environment.
	Env map[string]string
	// Editor is the command of .edit ($EDITOR).
	Editor string
	// History is the file that keeps the lines entered; empty for none.
	History string
	// PID, if not zero, is the process that clauses are limited to (-p).
	PID int
	// Script, if not empty, is run at once and shown live (--live): the console
	// is a view of its maps, and ends when that is left.
	Script string
}

// errInterrupt says that the user gave up the line being typed.
var errInterrupt = errors.New("interrupted")

// lineSource is where entries come from.
type lineSource interface {
	// Line returns the next line; io.EOF at the end, errInterrupt when the user
	// gave one up. What was typed of it is returned too.
	Line(prompt string) (string, error)
	// Remember puts an entry into the history.
	Remember(entry string)
	// Close ends a Line under way and gives the terminal back.
	Close()
}

// console is a running console.
type console struct {
	opts   Options
	engine *engine
	screen *screen
	lines  lineSource
	keys   *keys // nil without a terminal
	paint  *palette

	timing  bool
	quit    bool
	history []string
	undo    []undoStep
	snaps   map[string]*snapshot
	rates   map[string]*shot
	view    *view    // the view that is redrawn, nil at the prompt
	queued  []string // lines of a paste or a file, entered before more are read

	// work is held by whoever changes the engine: the entry under way, or the
	// reaper of clauses that ended by themselves.
	work sync.Mutex

	mu     sync.Mutex
	cancel context.CancelFunc // of the command under way
	ids    []string           // of the clauses
}

// Run opens a console and returns the exit code of the process when it is left.
func Run(ctx context.Context, opts Options) (int, error) {
	c, err := open(opts)
	if err != nil {
		return 1, err
	}
	stop := c.watchSignals()
	defer stop()
	if opts.Script == "" {
		c.loop(ctx)
	} else {
		err = c.live(ctx, opts.Script)
	}
	return c.leave(err)
}

// open starts a session and opens what entries are read from.
func open(opts Options) (*console, error) {
	c := &console{
		opts: opts, screen: newScreen(opts.Stdout), paint: newPalette(opts.Color),
		snaps: map[string]*snapshot{}, rates: map[string]*shot{},
	}
	engine, err := newEngine(opts, c.screen)
	if err != nil {
		c.screen.close()
		return nil, err
	}
	c.engine = engine
	if err := c.openLines(); err != nil {
		c.screen.close()
		return nil, errors.Join(err, engine.close(func() {}))
	}
	if opts.PID > 0 {
		if c.engine.filter, err = newFilter("pid", strconv.Itoa(opts.PID)); err != nil {
			_, err = c.leave(err)
			return nil, err
		}
	}
	if opts.Script == "" {
		go c.reaper()
	}
	return c, nil
}

// openLines opens the line editor, or plain reading.
func (c *console) openLines() error {
	if !c.opts.Terminal {
		c.lines = newPlainLines(c.opts.Stdin)
		return nil
	}
	ed, err := newEditor(c)
	if err != nil {
		return err
	}
	c.lines = ed
	return nil
}

// leave ends the session: everything is detached, what is left is printed.
func (c *console) leave(err error) (int, error) {
	c.work.Lock()
	defer c.work.Unlock()
	c.lines.Close()
	c.screen.setState(notEditing)
	c.screen.mute(false)
	c.screen.Flush()
	c.screen.dropBlank()
	closeErr := c.engine.close(func() {
		c.screen.Flush()
		c.printKept()
		// The session has told what was lost of late; this was lost before.
		c.screen.Print(lossReport(c.engine, false))
	})
	c.screen.close()
	if err = errors.Join(err, closeErr); err != nil {
		return 1, err
	}
	return 0, nil
}

// watchSignals makes SIGINT interrupt what is under way, and SIGTERM and SIGHUP
// end the session as .quit does.
func (c *console) watchSignals() func() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	signal.Ignore(unix.SIGPIPE)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-signals:
				if c.interrupt() && s == unix.SIGINT {
					continue
				}
				if s != unix.SIGINT || !c.opts.Terminal {
					c.lines.Close()
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// interrupt stops the command under way, if there is one.
func (c *console) interrupt() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel == nil {
		return false
	}
	c.cancel()
	return true
}

// loop reads entries and does what they say until the end.
func (c *console) loop(ctx context.Context) {
	if c.opts.Terminal {
		c.screen.Print(c.paint.dim("gotrace console: clauses are traced at once, expressions are answered, .help tells more\n"))
	}
	for !c.quit {
		text, err := c.read()
		switch {
		case errors.Is(err, errInterrupt):
			c.stopStream(text)
			continue
		case err != nil:
			return
		}
		c.do(ctx, text)
	}
}

// read returns the next entry: a line, or several while brackets are open.
func (c *console) read() (string, error) {
	entry := ""
	for {
		line, err := c.nextLine(entry != "")
		if err != nil {
			if entry != "" && errors.Is(err, io.EOF) {
				return entry, nil // what is missing will be told
			}
			return entry + line, err
		}
		if entry != "" {
			line = entry + "\n" + line
		}
		if !unfinished(line) {
			return line, nil
		}
		entry = line
	}
}

func (c *console) nextLine(more bool) (string, error) {
	if len(c.queued) > 0 {
		line := c.queued[0]
		c.queued = c.queued[1:]
		return line, nil
	}
	prompt := c.paint.prompt("gotrace> ")
	if more {
		prompt = c.paint.prompt("     ..> ")
	}
	line, err := c.lines.Line(prompt)
	if err == nil {
		line = c.unfold(line)
	}
	return line, err
}

// unfold takes apart what was pasted: with commands in it it is entered line by
// line, else it is one entry.
func (c *console) unfold(line string) string {
	line = strings.ReplaceAll(line, foldMark, "\n")
	if !strings.Contains(line, "\n") || !regexp.MustCompile(`(?m)^\s*\.[a-z]`).MatchString(line) {
		return line
	}
	parts := strings.Split(line, "\n")
	c.queued = append(parts[1:], c.queued...)
	return parts[0]
}

// stopStream is what Ctrl-C does at the prompt: with a line typed it gives that
// up, else it stops the stream of events.
func (c *console) stopStream(typed string) {
	if strings.TrimSpace(typed) != "" || !c.screen.streaming() {
		return
	}
	c.screen.mute(true)
	c.screen.Print(c.paint.dim("stream stopped, the clauses go on; .resume shows it again\n"))
}

// do carries out an entry. Its errors are told and end nothing.
func (c *console) do(ctx context.Context, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	c.remember(text)
	began := time.Now()
	c.work.Lock()
	defer c.work.Unlock()
	err := c.guarded(ctx, func(ctx context.Context) error { return c.dispatch(ctx, text) })
	c.report(err)
	if c.timing {
		c.screen.Print(c.paint.dim(fmt.Sprintf("(%.2f ms)\n", float64(time.Since(began).Microseconds())/1000)))
	}
	c.noteIDs()
	c.screen.Flush()
}

// guarded runs something that Ctrl-C may stop.
func (c *console) guarded(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.mu.Lock()
	c.cancel = cancel
	c.mu.Unlock()
	err := f(ctx)
	c.mu.Lock()
	c.cancel = nil
	c.mu.Unlock()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// report prints an error.
func (c *console) report(err error) {
	if err != nil {
		c.screen.Print(c.paint.problem(describe(err)))
	}
}

func (c *console) remember(text string) {
	if n := len(c.history); n == 0 || c.history[n-1] != text {
		c.history = append(c.history, text)
	}
	c.lines.Remember(text)
}
