package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

// eventCalls is how many system calls one sample takes: a tenth of a second.
const eventCalls = 300_000

// resolution is the difference in ns that several runs of the same program
// show anyway.
const resolution = 5

// event measures what the kernel accounts to the programs for each event. Every
// sample has an empty program's beside it, from the same moment, which is taken
// from the figures: most of that is the accounting itself.
func (b *bench) event() error {
	stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME)
	if err != nil {
		return fmt.Errorf("enabling BPF statistics: %w", err)
	}
	defer stats.Close()
	empty := b.table.row("ns per event, less an empty program's", "(an empty program)", "%.0f", 0)
	for _, s := range []script{
		{action: "@ = count();", ply: "@[0] = count();"},
		{action: "@[comm] = count();", ply: "@[comm] = count();"},
		{action: "@[pid, comm] = count();", ply: "@[pid, comm] = count();"},
		{action: "@ = hist(nsecs);", ply: "@[0] = quantize(time);"},
		{action: "@[kstack] = count();", ply: "@[stack] = count();"},
	} {
		s.call = "sys_enter_getppid"
		r := b.table.row(empty.group, s.action, "%.0f", 1.05)
		r.below = resolution
		b.interleave(s.action, func(t *tool) error {
			none, err := emptyCost()
			if err != nil {
				return err
			}
			ns, err := t.eventCost(s)
			if errors.Is(err, errNoWord) {
				return nil
			} else if err != nil {
				return err
			}
			r.less = append(r.less, none)
			empty.add(t, none)
			r.add(t, ns)
			return nil
		})
	}
	return nil
}

// eventCost runs the loop under the tool and returns the time that all of its
// programs took, per event.
func (t *tool) eventCost(s script) (float64, error) {
	r, err := t.begin(s, nil)
	if err != nil {
		return 0, err
	}
	defer r.end()
	before, err := r.programs()
	if err != nil {
		return 0, err
	}
	callGetppid(eventCalls)
	after, err := r.programs()
	if err != nil {
		return 0, err
	}
	if runs := after.runs - before.runs; runs < eventCalls {
		return 0, fmt.Errorf("the programs ran %d times on %d events", runs, eventCalls)
	}
	return float64(after.ns-before.ns) / eventCalls, nil
}

// usage is what the kernel accounts to programs.
type usage struct{ ns, runs int64 }

var (
	progID = regexp.MustCompile(`(?m)^prog_id:\s+(\d+)$`)
	runNS  = regexp.MustCompile(`(?m)^run_time_ns:\s+(\d+)$`)
	runCnt = regexp.MustCompile(`(?m)^run_cnt:\s+(\d+)$`)
)

// programs sums up the usage of the programs that the process holds, directly
// or by a link.
func (r *tracing) programs() (usage, error) {
	var u usage
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", r.cmd.Process.Pid))
	if err != nil {
		return u, err
	}
	seen := map[string]bool{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // closed since
		}
		id := progID.FindSubmatch(text)
		if id == nil || seen[string(id[1])] {
			continue
		}
		one, err := programUsage(string(id[1]), text)
		if err != nil {
			return u, err
		}
		seen[string(id[1])] = true
		u.ns += one.ns
		u.runs += one.runs
	}
	if len(seen) == 0 {
		return u, errors.New("the tool holds no program")
	}
	return u, nil
}

// programUsage reads the figures from a program's fdinfo; a link's has only
// the program's number, by which the kernel is asked.
func programUsage(id string, fdinfo []byte) (usage, error) {
	ns, runs := runNS.FindSubmatch(fdinfo), runCnt.FindSubmatch(fdinfo)
	if ns != nil && runs != nil {
		n, err := strconv.ParseInt(string(ns[1]), 10, 64)
		c, err2 := strconv.ParseInt(string(runs[1]), 10, 64)
		return usage{n, c}, errors.Join(err, err2)
	}
	number, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return usage{}, err
	}
	p, err := ebpf.NewProgramFromID(ebpf.ProgramID(number))
	if err != nil {
		return usage{}, err
	}
	defer p.Close()
	return statsOf(p)
}

func statsOf(p *ebpf.Program) (usage, error) {
	s, err := p.Stats()
	if err != nil {
		return usage{}, err
	}
	return usage{int64(s.Runtime), int64(s.RunCount)}, nil
}

// emptyCost is the cost of a program that does nothing, on the same event.
func emptyCost() (float64, error) {
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type: ebpf.TracePoint, License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 1), asm.Return()},
	})
	if err != nil {
		return 0, err
	}
	defer p.Close()
	l, err := link.Tracepoint("syscalls", "sys_enter_getppid", p, nil)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	callGetppid(eventCalls)
	u, err := statsOf(p)
	if err != nil {
		return 0, err
	}
	if u.runs < eventCalls {
		return 0, fmt.Errorf("the empty program ran %d times on %d events", u.runs, eventCalls)
	}
	return float64(u.ns) / float64(u.runs), nil
}

// callGetppid makes n calls from one thread, and a few before that to warm up
// what is lazily made for the first event.
func callGetppid(n int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for end := time.Now().Add(limit); n > 0 && time.Now().Before(end); n -= 10_000 {
		for range min(n, 10_000) {
			unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		}
	}
}
