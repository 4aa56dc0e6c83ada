package lower

import (
	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/point"
)

// multi decides whether a program is built for one link over all its points,
// and sets what the kernel must know of that at load time. One link is made
// and, above all, taken away in one go, however many points there are.
func (u *unit) multi(p *Program, g *group) bool {
	if len(g.points) < 2 {
		return false
	}
	switch g.context {
	case point.Kprobe, point.Kretprobe:
		if !u.target.Have(target.FeatureKprobeMulti) || !entries(g.points) {
			return false
		}
		p.AttachType = ebpf.AttachTraceKprobeMulti
	case point.Uprobe, point.Uretprobe, point.USDT:
		if !u.target.Have(target.FeatureUprobeMulti) {
			return false
		}
		p.AttachType = ebpf.AttachTraceUprobeMulti
	default:
		return false
	}
	return true
}

// entries reports whether all points are the first bytes of named functions,
// which is where kprobe_multi can attach.
func entries(points []point.Point) bool {
	for _, p := range points {
		if p.Attach.Symbol == "" || p.Attach.Offset != 0 || p.Attach.Address != 0 {
			return false
		}
	}
	return true
}
