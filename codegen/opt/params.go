package opt

import "github.com/gotrace/gotrace/codegen/ir"

// trivialParams removes block parameters that are always the same value: those
// whose arguments, apart from the parameter itself, are one value. The builder
// makes them wherever a variable is read in a loop that does not change it.
// Removing one may make another trivial, hence the repetition.
func trivialParams(f *ir.Func, _ bool) {
	for {
		same := map[*ir.Value]*ir.Value{}
		cfg := ir.NewCFG(f)
		edges := incoming(cfg)
		for _, b := range cfg.Order[1:] {
			for i, p := range b.Params {
				if x := onlyArg(p, i, edges[b.ID]); x != nil {
					if x.Op == ir.OpConst {
						x = constantAtEntry(f, x.Imm) // equal ones may be in blocks apart
					}
					same[p] = x
				}
			}
		}
		if len(same) == 0 {
			return
		}
		replace(f, same)
		for _, b := range f.Blocks {
			dropParams(b, same, edges[b.ID])
		}
	}
}

// edgeRef is an edge by its place, so that its arguments can be changed.
type edgeRef struct {
	from *ir.Block
	succ int
}

func (e edgeRef) edge() *ir.Edge { return &e.from.Succs[e.succ] }

// incoming lists the edges into each block, by block id, from reachable blocks.
func incoming(cfg *ir.CFG) map[int][]edgeRef {
	in := map[int][]edgeRef{}
	for _, b := range cfg.Order {
		for i, e := range b.Succs {
			in[e.To.ID] = append(in[e.To.ID], edgeRef{b, i})
		}
	}
	return in
}

// onlyArg returns the one value that parameter i of a block can have, or nil.
func onlyArg(p *ir.Value, i int, edges []edgeRef) *ir.Value {
	var only *ir.Value
	for _, e := range edges {
		a := e.edge().Args[i]
		switch {
		case a == p || a == only:
		case only == nil:
			only = a
		case a.Op == ir.OpConst && only.IsConst(a.Imm):
		default:
			return nil
		}
	}
	return only
}

// replace puts values in place of others in all uses. What replaces a value may
// itself be replaced.
func replace(f *ir.Func, by map[*ir.Value]*ir.Value) {
	f.ForArgs(func(use **ir.Value) {
		for steps := 0; steps <= len(by); steps++ {
			x, ok := by[*use]
			if !ok {
				return
			}
			*use = x
		}
	})
}

// dropParams removes the parameters of a block that have a replacement.
func dropParams(b *ir.Block, same map[*ir.Value]*ir.Value, edges []edgeRef) {
	var keep []int
	for i, p := range b.Params {
		if _, drop := same[p]; !drop {
			keep = append(keep, i)
		}
	}
	if len(keep) == len(b.Params) {
		return
	}
	b.Params = pick(b.Params, keep)
	for _, e := range edges {
		e.edge().Args = pick(e.edge().Args, keep)
	}
}

func pick(vs []*ir.Value, keep []int) []*ir.Value {
	var out []*ir.Value
	for _, i := range keep {
		out = append(out, vs[i])
	}
	return out
}
