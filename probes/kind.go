package probes

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
)

// Kind is a provider of probes.
type Kind struct {
	// Name is the long name, which the points carry.
	Name string
	// Short and Old are other names: the documented short one, and those of
	// earlier versions of the language.
	Short string
	Old   []string
	// Context is that of the kind's points.
	Context point.Context
	// Listed says when a listing without a provider shows the kind.
	Listed Listed

	// points resolves an attach point.
	points func(w *World, spec *ast.AttachPoint) ([]point.Point, error)
	// list calls yield with the probes that a query may match.
	list func(w *World, q query, yield func(entry)) error
}

// Listed says when a listing over all kinds shows one.
type Listed int

// A kind of the kernel is always shown; one of user space only for a binary or
// a process; the return probes and timers never, as they would only repeat.
const (
	ListedNever Listed = iota
	ListedKernel
	ListedUser
)

// Kinds returns the table of providers. A new one is a row here and a file.
func Kinds() []Kind {
	return []Kind{
		{Name: "begin", Context: point.Timer, points: beginPoints},
		{Name: "end", Context: point.Timer, points: beginPoints},
		{Name: "fentry", Short: "f", Old: []string{"kfunc"}, Context: point.Fentry, Listed: ListedKernel, points: fentryPoints, list: listFentry},
		{Name: "fexit", Short: "fr", Old: []string{"kretfunc"}, Context: point.Fexit, points: fentryPoints, list: listFentry},
		{Name: "hardware", Short: "h", Context: point.PerfEvent, Listed: ListedKernel, points: hardwarePoints, list: listHardware},
		{Name: "interval", Short: "i", Context: point.Timer, points: intervalPoints, list: listUnits},
		{Name: "kprobe", Short: "k", Context: point.Kprobe, Listed: ListedKernel, points: kprobePoints, list: listKprobes},
		{Name: "kretprobe", Short: "kr", Context: point.Kretprobe, points: kprobePoints, list: listKprobes},
		{Name: "profile", Short: "p", Context: point.PerfEvent, points: profilePoints, list: listUnits},
		{Name: "rawtracepoint", Short: "rt", Context: point.RawTracepoint, Listed: ListedKernel, points: rawTracepointPoints, list: listRawTracepoints},
		{Name: "software", Short: "s", Context: point.PerfEvent, Listed: ListedKernel, points: softwarePoints, list: listSoftware},
		{Name: "tracepoint", Short: "t", Context: point.Tracepoint, Listed: ListedKernel, points: tracepointPoints, list: listTracepoints},
		{Name: "uprobe", Short: "u", Context: point.Uprobe, Listed: ListedUser, points: uprobePoints, list: listUprobes},
		{Name: "uretprobe", Short: "ur", Context: point.Uretprobe, points: uprobePoints, list: listUprobes},

		{Name: "usdt", Short: "U", Context: point.USDT, Listed: ListedUser, points: usdtPoints, list: listUSDT},
		{Name: "self", Context: point.Timer, points: selfPoints, list: listSelf},
		{Name: "watchpoint", Short: "w", Old: []string{"asyncwatchpoint"}, Context: point.PerfEvent, points: watchpointPoints, list: listWatchpoints},
		{Name: "bench", Context: point.Timer, points: namedPoints},
		{Name: "iter", Short: "it", Context: point.Iter, Listed: ListedKernel, points: iterPoints, list: listIter},
		{Name: "test", Context: point.Timer, points: namedPoints},
	}
}

// KindByName finds a kind by any of its names. The case of long names does not
// matter: BEGIN and END are begin and end.
func KindByName(name string) (Kind, bool) {
	kinds := Kinds()
	for _, k := range kinds {
		if name == k.Name || name == k.Short && name != "" {
			return k, true
		}
	}
	for _, k := range kinds {
		if strings.EqualFold(name, k.Name) {
			return k, true
		}
		for _, old := range k.Old {
			if strings.EqualFold(name, old) {
				return k, true
			}
		}
	}
	return Kind{}, false
}

// kindNames returns all names that a script may use, for suggestions.
func kindNames() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
		names = append(names, k.Old...)
	}
	return names
}
