package probes

import (
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel/btf"
)

// namedArgsLimit is how many points of a wildcard are given the names of their
// arguments: more than anybody can mean by args.x.
const namedArgsLimit = 4096

// withArgs gives the points at entries of functions their arguments by name, of
// the prototypes in the kernel's types. Copies have none: the compiler may have
// dropped or changed what they take.
func (k *kprobe) withArgs(points []point.Point) []point.Point {
	if k.kind.Context != point.Kprobe || k.offset != 0 || k.world.Types == nil || len(points) > namedArgsLimit {
		return points
	}
	wanted := map[string]int{}
	for i, p := range points {
		wanted[p.Attach.Symbol] = i
	}
	set := func(f btf.Function) {
		if i, ok := wanted[f.Name]; ok && points[i].Args == nil {
			args := registerArguments(f.Args)
			points[i].Args = &args
		}
	}
	if len(points) == 1 {
		if f, err := k.world.Types.Function(points[0].Attach.Module, points[0].Attach.Symbol); err == nil {
			set(f)
		}
		return points
	}
	found, err := k.world.Types.MatchFunctions(func(_, name string) bool {
		_, ok := wanted[name]
		return ok
	})
	if err != nil {
		return points
	}
	for _, f := range found {
		set(f)
	}
	return points
}

// registerArguments are the arguments up to the first that is passed otherwise
// than in one register or one word of the stack.
func registerArguments(args types.Type) types.Type {
	for i, m := range args.Members {
		if !m.Type.Scalar() || m.Type.Size > 8 {
			args.Members = args.Members[:i:i]
			break
		}
	}
	return args
}
