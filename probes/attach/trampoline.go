package attach

import (
	"github.com/cilium/ebpf/link"

	"github.com/gotrace/gotrace/lang/point"
)

// trampoline attaches to the entry or the exit of the function that the program
// was loaded for.
func (a *attacher) trampoline(p point.Point) error {
	l, err := link.AttachTracing(link.TracingOptions{Program: a.prog})
	return a.keep(p, l, err)
}
