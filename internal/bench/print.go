package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// printCalls is how many lines one sample asks for: as fast as a thread can
// fire them, which takes a second or less.
const printCalls = 1_000_000

// pacedRate is a load that every consumer should follow, in events per second.
const (
	pacedRate  = 200_000
	pacedCalls = 200_000
)

// loadComm is the name of the thread that makes the events.
const loadComm = "gtload"

// print measures the consumer of printf: first a load that it can follow, then
// one that it hardly can.
func (b *bench) print() error {
	for _, c := range []struct {
		name, load string
		fired      int
	}{
		{fmt.Sprintf("printf(\"%%d %%s\\n\"), %d lines/s", pacedRate), fmt.Sprintf("paced:%d", pacedCalls), pacedCalls},
		{"printf(\"%d %s\\n\"), one thread at full rate", fmt.Sprintf("full:%d", printCalls), printCalls},
	} {
		cpu := b.table.row(c.name, "consumer's CPU, ns per line", "%.0f", 1)
		rate := b.table.row(c.name, "lines printed, thousands/s", "%.0f", 0)
		lost := b.table.row(c.name, "lost, % of the events", "%.2f", 0)
		untold := b.table.row(c.name, "lost and not told, % of the events", "%.2f", 0)
		b.interleave(c.name, func(t *tool) error {
			p, err := t.printing(c.load, c.fired)
			if errors.Is(err, errNoWord) {
				return nil
			} else if err != nil {
				return err
			}
			missing := float64(c.fired - p.lines)
			cpu.add(t, float64(p.cpu.Nanoseconds())/float64(max(p.lines, 1)))
			rate.add(t, float64(p.lines)/p.wall.Seconds()/1000)
			lost.add(t, 100*missing/float64(c.fired))
			untold.add(t, 100*(missing-float64(p.told))/float64(c.fired))
			return nil
		})
	}
	return nil
}

// printed is what one run of the load gave.
type printed struct {
	lines, told int
	cpu, wall   time.Duration
}

// printing runs the load under a tool that prints a line for each event into a
// file in memory, and accounts for all of them.
func (t *tool) printing(load string, fired int) (printed, error) {
	var p printed
	out, err := os.CreateTemp("/dev/shm", "gotrace-bench")
	if err != nil {
		return p, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	r, err := t.begin(script{
		call: "sys_enter_getppid", filter: loadComm, action: `printf("%d %s\n", pid, comm);`, ply: `printf("%d %s\n", pid, comm);`,
	}, out)
	if err != nil {
		return p, err
	}
	before, began := r.cpu(), time.Now()
	loadErr := exec.Command("/proc/self/exe", "load", load).Run()
	p.wall = time.Since(began)
	p.cpu = r.cpu() - before
	// (What comes after the load is draining and, for all, detaching.)
	usedBefore := r.cpu()
	if err := errors.Join(loadErr, r.end()); err != nil {
		return p, err
	}
	p.cpu += max(r.cmd.ProcessState.UserTime()+r.cmd.ProcessState.SystemTime()-usedBefore, 0)
	if p.lines, err = countLines(out.Name(), loadComm); err != nil {
		return p, err
	}
	p.told = toldLost(r.stderr.String())
	if p.lines > fired+1000 {
		return p, fmt.Errorf("%d lines for %d events", p.lines, fired)
	}
	return p, nil
}

func countLines(path, text string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n, buf, want := 0, make([]byte, 1<<20), []byte(text+"\n")
	for kept := 0; ; {
		got, err := f.Read(buf[kept:])
		data := buf[:kept+got]
		n += bytes.Count(data, want)
		// A match may lie across two reads: keep what could be its beginning.
		kept = copy(buf, data[max(0, bytes.LastIndexByte(data, '\n')+1):])
		if err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

var (
	lostLine  = regexp.MustCompile(`(?i)lost (\d+)|(\d+) [^\n]*lost`)
	totalLine = regexp.MustCompile(`Total lost event count: (\d+)`)
)

// toldLost is how many events the tool says that it lost. bpftrace prints a
// total, the numbers of gotrace are totals so far, and ply's are to be added up.
func toldLost(stderr string) int {
	if m := totalLine.FindStringSubmatch(stderr); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	totals := strings.Contains(stderr, "WARNING: lost ") || strings.Contains(stderr, "in all, lost ")
	told := 0
	for _, m := range lostLine.FindAllStringSubmatch(stderr, -1) {
		n, _ := strconv.Atoi(m[1] + m[2])
		if told += n; totals {
			told = n
		}
	}
	return told
}

// load is the other process: it makes the events and ends.
func load(what string) {
	runtime.LockOSThread() // the name is the thread's
	name := append([]byte(loadComm), 0)
	unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&name[0])), 0, 0, 0)
	var n int
	if _, err := fmt.Sscanf(what, "full:%d", &n); err == nil {
		callGetppid(n)
		return
	}
	if _, err := fmt.Sscanf(what, "paced:%d", &n); err != nil {
		fmt.Fprintf(os.Stderr, "bench: unknown load %q\n", what)
		os.Exit(2)
	}
	began := time.Now()
	for done := 0; done < n; {
		due := min(int(time.Since(began).Seconds()*pacedRate), n)
		for ; done < due; done++ {
			unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		}
		time.Sleep(100 * time.Microsecond)
	}
}
