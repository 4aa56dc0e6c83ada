package output

import (
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/fatih/color"
)

// Log prints messages about a trace: errors, warnings and losses. They go to
// the standard error stream as text, and into the trace itself as records when
// that is JSON.
type Log struct {
	mu         sync.Mutex // links that close at once may complain at once
	err        io.Writer
	json       *Writer // nil in text mode
	warn, fail *color.Color
	noWarnings bool
}

// LogOptions are the choices of a Log.
type LogOptions struct {
	// JSON is where records go, nil for text.
	JSON *Writer
	// Color allows colours: the caller knows whether err is a terminal and
	// whether NO_COLOR is set.
	Color bool
	// NoWarnings drops warnings (--no-warnings).
	NoWarnings bool
}

// NewLog returns a log on err.
func NewLog(err io.Writer, opts LogOptions) *Log {
	l := &Log{
		err: err, json: opts.JSON, noWarnings: opts.NoWarnings,
		warn: color.New(color.FgYellow, color.Bold), fail: color.New(color.FgRed, color.Bold),
	}
	for _, c := range []*color.Color{l.warn, l.fail} {
		if opts.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	return l
}

// Raw writes text as it is. A log that cannot be written has nobody to tell.
func (l *Log) Raw(text []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.err.Write(text)
}

// Warnf tells of something that does not stop the trace.
func (l *Log) Warnf(format string, args ...any) {
	if !l.noWarnings {
		l.line(l.warn.Sprint("WARNING"), ": "+fmt.Sprintf(format, args...))
	}
}

// Errorf tells of something that failed.
func (l *Log) Errorf(format string, args ...any) {
	l.line(l.fail.Sprint("ERROR"), ": "+fmt.Sprintf(format, args...))
}

func (l *Log) line(head, rest string) { l.Raw([]byte(head + rest + "\n")) }

// ScriptError prints a message of errorf().
func (l *Log) ScriptError(at Place, msg []byte) { l.script("errorf", l.fail, "ERROR", at, msg) }

// ScriptWarning prints a message of warnf().
func (l *Log) ScriptWarning(at Place, msg []byte) {
	if !l.noWarnings {
		l.script("warnf", l.warn, "WARNING", at, msg)
	}
}

func (l *Log) script(kind string, c *color.Color, word string, at Place, msg []byte) {
	if l.json != nil {
		b := append(l.json.buf, `{"type": `...)
		b = appendString(b, kind)
		b = append(b, `, "msg": `...)
		b = AppendJSONString(b, msg)
		l.json.buf = appendPlace(b, at)
		l.json.commit()
		return
	}
	if n := len(msg); n > 0 && msg[n-1] == '\n' {
		msg = msg[:n-1]
	}
	l.Raw(fmt.Appendf(nil, "%s: %s: %s\n", at, c.Sprint(word), msg))
}

// Lost tells of n events that were lost, in the words of text.
func (l *Log) Lost(at Place, n uint64, text, advice string) {
	if l.json == nil {
		l.problem(at, text, advice)
		return
	}
	b := append(l.json.buf, `{"type": "lost_events", "data": {"events": `...)
	b = strconv.AppendUint(b, n, 10)
	l.json.buf = append(b, "}}\n"...)
	l.json.commit()
}

// Problem tells of n times that something else went wrong in the kernel.
func (l *Log) Problem(at Place, n uint64, text, advice string) {
	if l.json == nil {
		l.problem(at, text, advice)
		return
	}
	b := append(l.json.buf, `{"type": "runtime_error", "msg": `...)
	b = appendString(b, text)
	b = append(b, `, "count": `...)
	b = strconv.AppendUint(b, n, 10)
	l.json.buf = appendPlace(b, at)
	l.json.commit()
}

func (l *Log) problem(at Place, text, advice string) {
	if l.noWarnings {
		return
	}
	if advice != "" {
		advice = " (" + advice + ")"
	}
	l.Raw(fmt.Appendf(nil, "%s: %s: %s%s\n", at.Point(), l.warn.Sprint("WARNING"), text, advice))
}

// appendPlace appends the members that tell a place and ends the record.
func appendPlace(b []byte, at Place) []byte {
	b = append(b, `, "filename": `...)
	b = appendString(b, at.File)
	b = append(b, `, "line": `...)
	b = strconv.AppendInt(b, int64(at.Line), 10)
	b = append(b, `, "col": `...)
	b = strconv.AppendInt(b, int64(at.Col), 10)
	return append(b, "}\n"...)
}

// String is the place as bpftrace writes it: file:line:from-to.
func (p Place) String() string {
	if p.EndCol > p.Col {
		return p.Point() + "-" + strconv.Itoa(p.EndCol)
	}
	return p.Point()
}

// Point is the place's beginning: file:line:column.
func (p Place) Point() string {
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}
