package attach

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
)

// sample attaches to profile, software and hardware events: a perf event on
// each CPU or, for one process, on each of its threads, inherited by those that
// it starts later.
func (a *attacher) sample(p point.Point, cookie *uint64) error {
	attr := unix.PerfEventAttr{Type: p.Attach.PerfType, Config: p.Attach.PerfConfig, Sample: p.Attach.Period}
	if p.Provider == "profile" {
		attr.Type, attr.Config = unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CPU_CLOCK
	}
	if p.Attach.Frequency != 0 {
		attr.Sample = p.Attach.Frequency
		attr.Bits |= unix.PerfBitFreq
	}
	process := a.opts.PID
	if p.Attach.Length != 0 {
		attr.Config, attr.Bp_type, attr.Ext1, attr.Ext2 = 0, uint32(p.Attach.PerfConfig), p.Attach.Address, p.Attach.Length
		if process == 0 {
			// What ran before the command has other things at the address.
			process = a.opts.Child
			attr.Bits |= unix.PerfBitEnableOnExec
		}
	}
	if process > 0 {
		return a.sampleProcess(p, attr, process, cookie)
	}
	cpus, err := onlineCPUs()
	if err != nil {
		return explain(p, err)
	}
	for _, cpu := range cpus {
		err := a.perfEvent(p, attr, -1, cpu, cookie)
		if errors.Is(err, unix.ENODEV) {
			continue // went offline since
		}
		if err != nil {
			return explain(p, err)
		}
	}
	return nil
}

func (a *attacher) sampleProcess(p point.Point, attr unix.PerfEventAttr, process int, cookie *uint64) error {
	attr.Bits |= unix.PerfBitInherit
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", process))
	if err != nil {
		return explain(p, unix.ESRCH)
	}
	attached := 0
	for _, t := range threads {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		err = a.perfEvent(p, attr, tid, -1, cookie)
		if errors.Is(err, unix.ESRCH) {
			continue // ended since
		}
		if err != nil {
			return explain(p, err)
		}
		attached++
	}
	if attached == 0 {
		return explain(p, unix.ESRCH)
	}
	return nil
}

// onlineCPUs returns the numbers of the CPUs that run.
func onlineCPUs() ([]int, error) {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, err
	}
	return parseCPUs(strings.TrimSpace(string(text)))
}

// parseCPUs parses the kernel's lists, such as "0-3,5".
func parseCPUs(text string) ([]int, error) {
	var cpus []int
	for part := range strings.SplitSeq(text, ",") {
		low, high, found := strings.Cut(part, "-")
		if !found {
			high = low
		}
		first, err := strconv.Atoi(low)
		if err != nil {
			return nil, fmt.Errorf("bad list of CPUs %q", text)
		}
		last, err := strconv.Atoi(high)
		if err != nil || last < first || last > 1<<16 {
			return nil, fmt.Errorf("bad list of CPUs %q", text)
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}
