package probes

import (
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
)

// selfPoints resolves "self:signal:SIGUSR1", which user space runs when gotrace
// itself gets the signal.
func selfPoints(_ *World, spec *ast.AttachPoint) ([]point.Point, error) {
	const usage = "write self:signal:SIGUSR1"
	if err := shape(spec, 2, 2, usage); err != nil {
		return nil, err
	}
	if spec.Parts[1].Text != "signal" {
		return nil, hint(1, usage, "there is no self:%s", spec.Parts[1].Text)
	}
	name := spec.Parts[2].Text
	if name != "SIGUSR1" && name != "SIGUSR2" {
		return nil, hint(2, "SIGUSR1 and SIGUSR2 are free for this", "self:signal does not take %q", name)
	}
	return []point.Point{{
		Provider: "self", Name: "self:signal:" + name, Context: point.Timer, Attach: point.Attach{Event: name},
	}}, nil
}

// listSelf lists the signals.
func listSelf(_ *World, q query, yield func(entry)) error {
	for _, name := range []string{"signal:SIGUSR1", "signal:SIGUSR2"} {
		if q.match(name) {
			yield(entry{name: name})
		}
	}
	return nil
}
