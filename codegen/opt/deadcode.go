package opt

import "github.com/gotrace/gotrace/codegen/ir"

// deadCode removes blocks no path leads to, instructions whose result nobody
// needs, and block parameters nobody reads.
func deadCode(f *ir.Func, _ bool) {
	cfg := ir.NewCFG(f)
	kept := f.Blocks[:0]
	for _, b := range f.Blocks {
		if cfg.Reachable(b) {
			kept = append(kept, b)
		}
	}
	f.Blocks = kept
	edges := incoming(cfg)
	live := liveValues(f, edges)
	for _, b := range f.Blocks {
		dead := map[*ir.Value]*ir.Value{}
		for _, p := range b.Params {
			if !live[p.ID] {
				dead[p] = nil
			}
		}
		dropParams(b, dead, edges[b.ID])
		instrs := b.Instrs[:0]
		for _, v := range b.Instrs {
			if live[v.ID] {
				instrs = append(instrs, v)
			}
		}
		b.Instrs = instrs
	}
}

// liveValues marks what effects and branches need, by value id. An argument of
// an edge is needed only if the parameter is.
func liveValues(f *ir.Func, edges map[int][]edgeRef) []bool {
	live := make([]bool, f.NumValues())
	var work []*ir.Value
	mark := func(v *ir.Value) {
		if !live[v.ID] {
			live[v.ID] = true
			work = append(work, v)
		}
	}
	for _, b := range f.Blocks {
		for _, v := range b.Instrs {
			if v.HasEffect() {
				mark(v)
			}
		}
		if b.Cond != nil {
			mark(b.Cond)
		}
	}
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		for _, a := range v.Args {
			mark(a)
		}
		if v.Op == ir.OpParam {
			markArgs(v, edges, mark)
		}
	}
	return live
}

func markArgs(p *ir.Value, edges map[int][]edgeRef, mark func(*ir.Value)) {
	for i, q := range p.Block.Params {
		if q != p {
			continue
		}
		for _, e := range edges[p.Block.ID] {
			mark(e.edge().Args[i])
		}
	}
}
