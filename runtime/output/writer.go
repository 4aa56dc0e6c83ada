package output

import "io"

// BufferMode says when output is written out (-B).
type BufferMode string

// The buffer modes.
const (
	// BufferNone writes after every event.
	BufferNone BufferMode = "none"
	// BufferLine writes whenever there is no further event at hand: lines show
	// up as fast as with a write each, but a flood shares its writes.
	BufferLine BufferMode = "line"
	// BufferFull writes when the buffer is full and at the end.
	BufferFull BufferMode = "full"
)

// flushSize is how much is gathered before a write, in every mode.
const flushSize = 64 << 10

// Writer gathers output. Its first error sticks: everything after it is
// dropped, and the session ends by asking Err.
type Writer struct {
	out  io.Writer
	mode BufferMode
	buf  []byte
	err  error
}

// NewWriter returns a Writer on out.
func NewWriter(out io.Writer, mode BufferMode) *Writer {
	if mode == "" {
		mode = BufferLine
	}
	return &Writer{out: out, mode: mode}
}

// Err returns the first error of writing.
func (w *Writer) Err() error { return w.err }

// Write appends p as one event's output. It never fails; see Err.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	w.commit()
	return len(p), nil
}

// commit ends what one event printed.
func (w *Writer) commit() {
	if len(w.buf) >= flushSize || w.mode == BufferNone {
		w.Flush()
	}
}

// Idle tells that no event is waiting.
func (w *Writer) Idle() {
	if w.mode != BufferFull {
		w.Flush()
	}
}

// Flush writes what is gathered.
func (w *Writer) Flush() {
	if len(w.buf) == 0 {
		return
	}
	if w.err == nil {
		_, w.err = w.out.Write(w.buf)
	}
	w.buf = w.buf[:0]
	if cap(w.buf) > 4*flushSize { // one giant map must not stay for ever
		w.buf = nil
	}
}
