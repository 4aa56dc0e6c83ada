package repl

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// flood is a clause that prints more than a million lines a minute.
const flood = `interval:ms:10 { for ($i : 0..200) { printf("%d a line of the flood\n", $i); } }`

// TestEchoUnderFlood measures how long a key takes to be seen while a million
// events a minute stream by.
func TestEchoUnderFlood(t *testing.T) {
	term := openTerminal(t)
	term.start()
	term.send(flood + "\r")
	time.Sleep(500 * time.Millisecond)
	from, began := term.drawn(), time.Now()
	var waits []time.Duration
	for i := range 40 {
		want := strings.Repeat("k", i+1)
		sent := time.Now()
		term.send("k")
		term.await("the echo", func() bool {
			row, _ := term.cursor()
			return strings.HasSuffix(term.row(row), "gotrace> "+want)
		})
		waits = append(waits, time.Since(sent))
		time.Sleep(17 * time.Millisecond)
	}
	lines := float64(term.drawn()-from) / 24 / time.Since(began).Minutes()
	slices.Sort(waits)
	median, worst := waits[len(waits)/2], waits[len(waits)-1]
	t.Logf("%.0f lines a minute drawn; echo: median %s, 95%% %s, worst %s", lines, median, waits[len(waits)*95/100], worst)
	if limit := 50 * time.Millisecond; waits[len(waits)*95/100] > limit && os.Getenv("GOTRACE_SLOW_MACHINE") == "" {
		t.Errorf("a key takes %s, want less than %s", waits[len(waits)*95/100], limit)
	}
	term.send("\x15")
	began = time.Now()
	term.send("\x03")
	term.await("the end of the stream", func() bool { return strings.Contains(strings.Join(term.rows(), "\n"), "stream stopped") })
	if took := time.Since(began); took > time.Second {
		t.Errorf("Ctrl-C takes %s under a flood", took)
	}
}

// drawn returns how many bytes the console has written.
func (term *terminal) drawn() int {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.bytes
}

// TestTabIsFast holds the time of a Tab among all probes, once they are read.
func TestTabIsFast(t *testing.T) {
	c := openConsole(t)
	p := newCompleter(c)
	<-c.engine.catalog().list("tracepoint:*").ready
	for _, line := range []string{"tracepoint:", "tracepoint:syscalls:sys_enter_o", "t:sched:", ".li", "begin { @x = c"} {
		began := time.Now()
		names, _ := p.Do([]rune(line), len([]rune(line)))
		took := time.Since(began)
		t.Logf("%q: %d names in %s", line, len(names), took)
		if took > 20*time.Millisecond || len(names) == 0 {
			t.Errorf("%q: %d names in %s", line, len(names), took)
		}
	}
}

// TestTabAmongFiftyThousand completes among as many names as a kernel has
// functions.
func TestTabAmongFiftyThousand(t *testing.T) {
	l := &nameList{ready: make(chan struct{})}
	for i := range 50000 {
		l.names = append(l.names, "kprobe:function_"+string(rune('a'+i%26))+strings.Repeat("x", i%7)+string(rune('a'+i/26%26)))
	}
	slices.Sort(l.names)
	close(l.ready)
	began := time.Now()
	found := len(l.prefixed("kprobe:function_q", tabWait))
	if took := time.Since(began); found == 0 || took > 5*time.Millisecond {
		t.Errorf("%d names in %s", found, took)
	}
}
