package probes

import (
	"fmt"
	"math"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
)

// units are the units of time of interval and profile, in nanoseconds; hz is a
// rate.
func units() []string { return []string{"hz", "ms", "s", "us"} }

// intervalPoints resolves "interval:s:1" and "interval:1s", which user space
// runs from a timer of its own.
func intervalPoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	return periodic(spec, "interval", point.Timer)
}

// profilePoints resolves "profile:hz:99" and "profile:10ms", which run on each
// CPU from a perf event.
func profilePoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	return periodic(spec, "profile", point.PerfEvent)
}

func periodic(spec *ast.AttachPoint, provider string, context point.Context) ([]point.Point, error) {
	usage := fmt.Sprintf("write %s:1s, %[1]s:ms:100 or %[1]s:hz:99", provider)
	if err := shape(spec, 1, 2, usage); err != nil {
		return nil, err
	}
	unit, count := "us", spec.Parts[1]
	at := 1
	if len(spec.Parts) == 3 {
		unit, count, at = spec.Parts[1].Text, spec.Parts[2], 2
	}
	n, err := parseNumber(count.Text)
	if err != nil {
		return nil, hint(at, usage, "the %s of %s %s: %q", rateOrTime(unit), provider, err, count.Text)
	}
	p := point.Point{Provider: provider, Context: context}
	switch {
	case at == 1:
		if n < 1000 {
			return nil, hint(1, "a bare number is nanoseconds; write "+provider+":s:"+count.Text+" for seconds",
				"%s of %d ns is too short: 1000 ns is the shortest", provider, n)
		}
		p.Attach.Period = n
		// As bpftrace names them, whatever the unit was.
		p.Name = fmt.Sprintf("%s:us:%d", provider, n/1000)
	case n == 0:
		return nil, hint(at, usage, "the %s of %s is zero", rateOrTime(unit), provider)
	default:
		if err := setRate(&p.Attach, unit, n); err != nil {
			return nil, err
		}
		p.Name = fmt.Sprintf("%s:%s:%d", provider, unit, n)
	}
	return []point.Point{p}, nil
}

func rateOrTime(unit string) string {
	if unit == "hz" {
		return "rate"
	}
	return "time"
}

// setRate sets how often something happens.
func setRate(a *point.Attach, unit string, n uint64) error {
	factor := uint64(0)
	switch unit {
	case "hz":
		if n > 1e9 {
			return bad(2, "a rate of %d hz is too high", n)
		}
		a.Frequency, a.Period = n, uint64(1e9)/n
		return nil
	case "us":
		factor = 1e3
	case "ms":
		factor = 1e6
	case "s":
		factor = 1e9
	default:
		return hint(1, "the units are s, ms, us and hz", "there is no unit of time %q", unit)
	}
	if n > math.MaxInt64/factor {
		return bad(2, "%d %s is too long", n, unit)
	}
	a.Period = n * factor
	return nil
}

// listUnits lists interval and profile, whose probes are the units.
func listUnits(_ *World, q query, yield func(entry)) error {
	for _, unit := range units() {
		if name := unit + ":"; q.match(name) {
			yield(entry{name: name})
		}
	}
	return nil
}
