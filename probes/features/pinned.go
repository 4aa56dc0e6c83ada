package features

import (
	"fmt"

	"github.com/gotrace/gotrace/codegen/target"
)

// pinned is a kernel of which everything is known beforehand.
type pinned struct {
	arch string
	cpus int
	have map[target.Feature]bool
}

func (p *pinned) Have(f target.Feature) bool { return p.have[f] }
func (p *pinned) Arch() string               { return p.arch }
func (p *pinned) PossibleCPUs() int          { return p.cpus }

// pinnedCPUs is how many CPUs pinned kernels have: more than one, so that the
// tests notice who forgets the others.
const pinnedCPUs = 4

// PinnedNames lists the kernels that Pinned has.
func PinnedNames() []string { return []string{"5.10", "6.1", "6.12", "6.18"} }

// Pinned returns a kernel with the features of a release, as its developers
// left it, for tests. The tests in a VM hold the tables against real kernels.
func Pinned(release, arch string) (target.Target, error) {
	var have []target.Feature
	switch release {
	case "5.10":
	case "6.1":
		have = []target.Feature{
			target.FeatureTaskBTF, target.FeatureAtomicFetch, target.FeatureForEachMapElem, target.FeatureAttachCookie,
			target.FeatureFuncIP, target.FeatureLoop, target.FeatureKprobeMulti, target.FeaturePerCPULookup,
			target.FeatureLazyHash, target.FeatureTAI,
		}
	case "6.12", "6.18":
		have = target.Features()
	default:
		return nil, fmt.Errorf("there is no pinned kernel %q", release)
	}
	p := &pinned{arch: arch, cpus: pinnedCPUs, have: map[target.Feature]bool{}}
	for _, f := range have {
		p.have[f] = true
	}
	return p, nil
}
