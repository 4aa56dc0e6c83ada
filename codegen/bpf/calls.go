package bpf

import "github.com/gotrace/gotrace/codegen/ir"

// callGraph says which functions of a program call which, directly or through
// a helper that is given a callback.
type callGraph struct {
	callees [][]int
}

func newCallGraph(p *ir.Program) *callGraph {
	index := map[string]int{}
	for i, f := range p.Funcs {
		index[f.Name] = i
	}
	g := &callGraph{callees: make([][]int, len(p.Funcs))}
	for i, f := range p.Funcs {
		for _, b := range f.Blocks {
			for _, v := range b.Instrs {
				if v.Op == ir.OpFuncPtr || v.Op == ir.OpCallFunc {
					g.callees[i] = append(g.callees[i], index[v.Sym])
				}
			}
		}
	}
	return g
}

// deepest returns the stack that the deepest chain of calls from the entry
// takes, given the size of each function's frame. One function alone is not
// rounded up; in a chain, each is.
func (g *callGraph) deepest(sizes []int) int {
	if len(sizes) == 1 {
		return sizes[0]
	}
	deepest := make([]int, len(sizes))
	active := make([]bool, len(sizes))
	var walk func(i int) int
	walk = func(i int) int {
		if active[i] || deepest[i] > 0 {
			return deepest[i] // recursion is for the verifier to refuse
		}
		active[i] = true
		below := 0
		for _, c := range g.callees[i] {
			below = max(below, walk(c))
		}
		active[i] = false
		deepest[i] = roundUp(max(sizes[i], 1), frameUnit) + below
		return deepest[i]
	}
	return walk(0)
}
