package repl

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// How output is drawn above the line that is being edited.
const (
	// frame is the least time between two drawings.
	frame = 50 * time.Millisecond
	// frameBytes is the most that one drawing writes: the line being edited is
	// not on the terminal meanwhile, and a key must not wait for it.
	frameBytes = 48 << 10
	// pendingBytes bounds what waits for the terminal. Beyond it the oldest
	// lines go, and are counted.
	pendingBytes = 1 << 20
	// partialWait is how long a line without its end is kept back.
	partialWait = 250 * time.Millisecond
	// holdWait is how long output waits for a line that was entered to be taken.
	holdWait = 200 * time.Millisecond
)

// editState says what the last line of the terminal is.
type editState int

const (
	notEditing editState = iota // free: output is written as it is
	editing                     // a line is being edited: output goes above it
	entering                    // a line was just ended: output waits a moment
	viewing                     // a view is redrawn in place: output waits for that
)

// screen is the only writer of the terminal. What clauses print comes in by
// Write, which never blocks; what commands print by Print.
type screen struct {
	out io.Writer

	mu sync.Mutex
	// above writes text above the line being edited and draws that again.
	above     io.Writer
	state     editState
	since     time.Time // when state became entering
	pending   []byte
	fresh     time.Time // when pending grew last
	lost      int       // lines that were dropped
	muted     bool
	hushed    int              // lines that were not shown as the stream was stopped
	captured  *strings.Builder // takes what commands print, in place of the terminal
	held      bool             // what clauses print waits for what a command says first
	skipBlank bool             // drop empty lines until the next that is not

	wake chan struct{}
	quit chan struct{}
	done chan struct{}
}

// newScreen returns a screen that draws in the background until it is closed.
func newScreen(out io.Writer) *screen {
	s := &screen{out: out, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

// run draws what is pending, once a frame.
func (s *screen) run() {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			return
		case <-s.wake:
		}
		s.mu.Lock()
		more := s.draw(frameBytes, false)
		s.mu.Unlock()
		if more {
			s.nudge()
		}
		select {
		case <-s.quit:
			return
		case <-time.After(frame):
		}
	}
}

func (s *screen) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// close stops the drawing; what is pending is written first.
func (s *screen) close() {
	close(s.quit)
	<-s.done
	s.Flush()
}

// Write takes what clauses print. It never fails and never waits for the
// terminal.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.muted {
		s.hushed += bytes.Count(p, []byte("\n"))
		return len(p), nil
	}
	s.pending = append(s.pending, p...)
	s.fresh = time.Now()
	if len(s.pending) > pendingBytes {
		s.shed()
	}
	s.nudge()
	return len(p), nil
}

// shed drops the older half of what is pending: all at once, as each time what
// is left is moved.
func (s *screen) shed() {
	half := len(s.pending) / 2
	cut := len(s.pending)
	if end := bytes.IndexByte(s.pending[half:], '\n'); end >= 0 {
		cut = half + end + 1
	}
	s.lost += bytes.Count(s.pending[:cut], []byte("\n"))
	s.pending = append(s.pending[:0], s.pending[cut:]...)
}

// Print writes the output of a command, after all that came before it.
func (s *screen) Print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.captured != nil {
		s.captured.WriteString(text)
		return
	}
	if s.state == viewing {
		s.pending = append(s.pending, text...)
		return
	}
	s.drawAll()
	s.emit([]byte(text))
}

// capture returns what f prints.
func (s *screen) capture(f func()) string {
	var text strings.Builder
	s.setCapture(&text)
	defer s.setCapture(nil)
	f()
	return text.String()
}

func (s *screen) setCapture(to *strings.Builder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.captured = to
}

// redraw wipes a view of so many lines, writes what came meanwhile where it
// was, and the view anew below it.
func (s *screen) redraw(lines int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if lines > 0 {
		s.emit(fmt.Appendf(nil, "\x1b[%dA\r\x1b[J", lines))
	}
	s.drawAll()
	s.emit([]byte(text))
}

// Printf is Print with a format.
func (s *screen) Printf(format string, args ...any) { s.Print(fmt.Sprintf(format, args...)) }

// Flush draws all that is pending.
func (s *screen) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawAll()
}

func (s *screen) drawAll() {
	s.state = s.settled()
	if s.held {
		return
	}
	for s.draw(frameBytes, true) {
	}
}

// hold keeps back what clauses print until it is called with false.
func (s *screen) hold(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = on
	s.nudge()
}

// settled ends a wait for a line to be taken that lasts too long: Enter need
// not end a line, in a list of completions it picks one.
func (s *screen) settled() editState {
	if s.state == entering && time.Since(s.since) > holdWait {
		return editing
	}
	return s.state
}

// draw writes up to limit bytes of what is pending, whole lines of it, and
// reports whether there is more to draw later. With all set a line without its
// end is written too.
func (s *screen) draw(limit int, all bool) (more bool) {
	switch s.state = s.settled(); {
	case s.held:
		return false
	case all:
	case s.state == entering:
		return len(s.pending) > 0
	case s.state == viewing:
		return false
	}
	if s.lost > 0 {
		s.emit(fmt.Appendf(nil, "... %d lines not shown: they came faster than the terminal takes them\n", s.lost))
		s.lost = 0
	}
	if len(s.pending) == 0 {
		return false
	}
	n := min(limit, len(s.pending))
	if end := bytes.LastIndexByte(s.pending[:n], '\n'); end >= 0 {
		n = end + 1
	} else if n == len(s.pending) && !all && time.Since(s.fresh) < partialWait {
		return true
	}
	text := s.pending[:n]
	if text[n-1] != '\n' {
		text = append(bytes.Clone(text), '\n')
	}
	s.emit(text)
	s.pending = append(s.pending[:0], s.pending[n:]...)
	return len(s.pending) > 0
}

// emit writes text where it belongs at the moment.
func (s *screen) emit(text []byte) {
	if s.skipBlank {
		text = bytes.TrimLeft(text, "\n")
		s.skipBlank = len(text) == 0
	}
	if len(text) == 0 {
		return
	}
	// A terminal that is gone has nobody to tell.
	if s.state == editing && s.above != nil {
		_, _ = s.above.Write(text)
		return
	}
	_, _ = s.out.Write(text)
}

// setState says what the last line of the terminal is from now on. It returns
// when no drawing is under way any more.
func (s *screen) setState(to editState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == entering && s.state != editing {
		return // the last key of an editor that is closed already
	}
	s.state, s.since = to, time.Now()
	if to != entering && len(s.pending) > 0 {
		s.nudge()
	}
}

// leaveEditing ends the editing of a line, and reports whether one was edited.
func (s *screen) leaveEditing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.state == editing
	s.state = notEditing
	return was
}

// mute stops or lets go on what clauses print, and returns how many lines were
// not shown meanwhile.
func (s *screen) mute(on bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.hushed
	s.muted, s.hushed = on, 0
	if on {
		s.pending = s.pending[:0]
	}
	return n
}

// streaming reports whether clauses have printed within the last moments and
// are shown.
func (s *screen) streaming() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.muted && (len(s.pending) > 0 || time.Since(s.fresh) < time.Second)
}

// dropBlank leaves out the empty lines before the next line.
func (s *screen) dropBlank() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skipBlank = true
}
