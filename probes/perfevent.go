package probes

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
)

// perfEvent is an event of the kernel's perf subsystem.
type perfEvent struct {
	name, alias string
	config      uint64 // perf_event_attr.config: PERF_COUNT_SW_*, PERF_COUNT_HW_*
	period      uint64 // events between samples unless the script says
}

// softwareEvents are those of enum perf_sw_ids (include/uapi/linux/perf_event.h)
// with bpftrace's default periods.
func softwareEvents() []perfEvent {
	return []perfEvent{
		{"alignment-faults", "", unix.PERF_COUNT_SW_ALIGNMENT_FAULTS, 1},
		{"bpf-output", "", unix.PERF_COUNT_SW_BPF_OUTPUT, 1},
		{"context-switches", "cs", unix.PERF_COUNT_SW_CONTEXT_SWITCHES, 1000},
		{"cpu-clock", "cpu", unix.PERF_COUNT_SW_CPU_CLOCK, 1e6},
		{"cpu-migrations", "", unix.PERF_COUNT_SW_CPU_MIGRATIONS, 1},
		{"dummy", "", unix.PERF_COUNT_SW_DUMMY, 1},
		{"emulation-faults", "", unix.PERF_COUNT_SW_EMULATION_FAULTS, 1},
		{"major-faults", "", unix.PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1},
		{"minor-faults", "", unix.PERF_COUNT_SW_PAGE_FAULTS_MIN, 100},
		{"page-faults", "faults", unix.PERF_COUNT_SW_PAGE_FAULTS, 100},
		{"task-clock", "", unix.PERF_COUNT_SW_TASK_CLOCK, 1},
	}
}

// hardwareEvents are those of enum perf_hw_id (include/uapi/linux/perf_event.h)
// with bpftrace's default periods.
func hardwareEvents() []perfEvent {
	return []perfEvent{
		{"backend-stalls", "", unix.PERF_COUNT_HW_STALLED_CYCLES_BACKEND, 1e6},
		{"branch-instructions", "branches", unix.PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 1e5},
		{"branch-misses", "", unix.PERF_COUNT_HW_BRANCH_MISSES, 1e5},
		{"bus-cycles", "", unix.PERF_COUNT_HW_BUS_CYCLES, 1e5},
		{"cache-misses", "", unix.PERF_COUNT_HW_CACHE_MISSES, 1e6},
		{"cache-references", "", unix.PERF_COUNT_HW_CACHE_REFERENCES, 1e6},
		{"cpu-cycles", "cycles", unix.PERF_COUNT_HW_CPU_CYCLES, 1e6},
		{"frontend-stalls", "", unix.PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, 1e6},
		{"instructions", "", unix.PERF_COUNT_HW_INSTRUCTIONS, 1e6},
		{"ref-cycles", "", unix.PERF_COUNT_HW_REF_CPU_CYCLES, 1e6},
	}
}

// softwarePoints resolves "software:faults:100".
func softwarePoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	return perfPoints(spec, "software", unix.PERF_TYPE_SOFTWARE, softwareEvents())
}

// hardwarePoints resolves "hardware:cache-misses:1e6".
func hardwarePoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	return perfPoints(spec, "hardware", unix.PERF_TYPE_HARDWARE, hardwareEvents())
}

func perfPoints(spec *ast.AttachPoint, provider string, perfType uint32, events []perfEvent) ([]point.Point, error) {
	usage := fmt.Sprintf("write %s:EVENT or %[1]s:EVENT:COUNT", provider)
	if err := shape(spec, 1, 2, usage); err != nil {
		return nil, err
	}
	name := spec.Parts[1].Text
	if wildPart(spec.Parts[1]) {
		return nil, bad(1, "%s probes take no wildcards", provider)
	}
	var event *perfEvent
	var names []string
	for i, e := range events {
		if name == e.name || name == e.alias && name != "" {
			event = &events[i]
		}
		names = append(names, e.name)
		if e.alias != "" {
			names = append(names, e.alias)
		}
	}
	if event == nil {
		advice := didYouMean(name, names)
		if advice == "" {
			advice = fmt.Sprintf("gotrace -l '%s:*' lists them all", provider)
		}
		return nil, hint(1, advice, "there is no %s event %q", provider, name)
	}
	p := point.Point{
		Provider: provider,
		Name:     provider + ":" + name,
		Context:  point.PerfEvent,
		Attach:   point.Attach{Event: event.name, Period: event.period, PerfType: perfType, PerfConfig: event.config},
	}
	if len(spec.Parts) == 3 && spec.Parts[2].Text != "" && spec.Parts[2].Text != "*" {
		n, err := parseNumber(spec.Parts[2].Text)
		if err != nil {
			return nil, hint(2, usage, "the count of %s:%s %s: %q", provider, name, err, spec.Parts[2].Text)
		}
		if n > 0 {
			p.Attach.Period = n
			p.Name += fmt.Sprintf(":%d", n)
		}
	}
	return []point.Point{p}, nil
}

func listSoftware(_ *World, q query, yield func(entry)) error {
	return listPerf(softwareEvents(), q, yield)
}

func listHardware(_ *World, q query, yield func(entry)) error {
	return listPerf(hardwareEvents(), q, yield)
}

// listPerf lists events under both of their names.
func listPerf(events []perfEvent, q query, yield func(entry)) error {
	for _, e := range events {
		for _, name := range []string{e.name, e.alias} {
			if name != "" && q.match(name+":") {
				yield(entry{name: name + ":"})
			}
		}
	}
	return nil
}
