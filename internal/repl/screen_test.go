package repl

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowWriter is a terminal that takes its time, and counts the writes.
type slowWriter struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	wait   time.Duration
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.wait)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	return w.text.Write(p)
}

func TestScreenBatchesAFlood(t *testing.T) {
	var out slowWriter
	s := newScreen(&out)
	began := time.Now()
	const lines = 20000
	for i := range lines {
		fmt.Fprintf(s, "line %d\n", i)
	}
	time.Sleep(300 * time.Millisecond)
	s.close()
	frames := int(time.Since(began)/frame) + 1
	most := frames + out.text.Len()/frameBytes + 2
	if out.writes > most {
		t.Errorf("%d writes for %d frames", out.writes, frames)
	}
	if got := strings.Count(out.text.String(), "\n"); got != lines {
		t.Errorf("%d lines, want %d", got, lines)
	}
}

func TestScreenDropsTheOldestAndSaysSo(t *testing.T) {
	out := slowWriter{wait: 20 * time.Millisecond}
	s := newScreen(&out)
	began := time.Now()
	line := strings.Repeat("x", 99) + "\n"
	for range 5 * pendingBytes / len(line) {
		_, _ = s.Write([]byte(line))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("writing took %s: it waits for the terminal", took)
	}
	_, _ = s.Write([]byte("the last\n"))
	s.close()
	text := out.text.String()
	if !strings.Contains(text, "lines not shown") || !strings.HasSuffix(text, "the last\n") {
		t.Errorf("the loss is not told, or the end is missing")
	}
}

func TestScreenKeepsOrder(t *testing.T) {
	var out slowWriter
	s := newScreen(&out)
	_, _ = s.Write([]byte("event\n"))
	s.Print("answer\n")
	s.hold(true)
	_, _ = s.Write([]byte("begins\n"))
	s.Print("attached\n")
	s.hold(false)
	s.close()
	if got := out.text.String(); got != "event\nanswer\nattached\nbegins\n" {
		t.Errorf("got %q", got)
	}
}

func TestScreenMute(t *testing.T) {
	var out slowWriter
	s := newScreen(&out)
	s.mute(true)
	_, _ = s.Write([]byte("a\nb\n"))
	s.Print("answer\n")
	if n := s.mute(false); n != 2 {
		t.Errorf("%d lines hushed, want 2", n)
	}
	_, _ = s.Write([]byte("c\n"))
	s.close()
	if got := out.text.String(); got != "answer\nc\n" {
		t.Errorf("got %q", got)
	}
}

func TestScreenUnfinishedLine(t *testing.T) {
	var out slowWriter
	s := newScreen(&out)
	_, _ = s.Write([]byte("no end"))
	time.Sleep(2 * frame)
	out.mu.Lock()
	early := out.text.String()
	out.mu.Unlock()
	time.Sleep(partialWait + 2*frame)
	s.close()
	if early != "" || out.text.String() != "no end\n" {
		t.Errorf("got %q and then %q", early, out.text.String())
	}
}

func TestPasteFilter(t *testing.T) {
	for _, test := range []struct {
		in   []string
		want string
	}{
		{[]string{"abc"}, "k:abc"},
		{[]string{"a\x1b[200~b\nc\x1b[201~d"}, "k:a p:b⏎c k:d"},
		{[]string{"\x1b[20", "0~x", "y\x1b[2", "01~"}, "p:xy"},
		{[]string{"\x1b[A"}, "k:\x1b[A"},
		{[]string{"\x1b"}, "k:\x1b"},
		{[]string{"\x1b[", "A"}, "k:\x1b[A"},
		{[]string{"\x1b[200~\ta\r\nb\x03\n\x1b[201~"}, "p:    a⏎b"},
		{[]string{"\x1b[200~\x1b[201~z"}, "k:z"},
	} {
		var f pasteFilter
		var got []string
		for _, in := range test.in {
			for _, p := range f.feed([]byte(in), false) {
				kind := "k:"
				if p.paste {
					kind = "p:"
				}
				got = append(got, kind+p.text)
			}
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%q: got %q, want %q", test.in, text, test.want)
		}
	}
}
