package opt

// A branch that compares a word with a constant is decided if the branches that
// lead to it have already compared the same word: behind x > 0 there is no need
// to ask for x >= 1. What is known is an interval, signed and unsigned.
//
// A word that is added to an address or given to a helper keeps all its checks:
// they may be there for the verifier, and old ones forget a range when the word
// is spilled.

import (
	"math"

	"github.com/gotrace/gotrace/codegen/ir"
)

// impliedBranches makes the conditions of decided branches constants.
func impliedBranches(f *ir.Func, _ bool) {
	cfg := ir.NewCFG(f)
	checks := verifierChecks(f)
	for _, b := range cfg.Order {
		x, n, ok := comparedWithConst(b)
		if !ok || checks[x] {
			continue
		}
		r := rangeAt(cfg, b, x)
		if holds, known := r.decide(b.Cond.Op, n); known {
			b.Cond = constantAtEntry(f, holds)
		}
	}
}

// comparedWithConst returns what a branch compares with which constant.
func comparedWithConst(b *ir.Block) (x *ir.Value, n int64, ok bool) {
	if b.Term != ir.TermIf || !b.Cond.Op.IsCompare() || b.Cond.Args[1].Op != ir.OpConst {
		return nil, 0, false
	}
	return b.Cond.Args[0], b.Cond.Args[1].Imm, true
}

// verifierChecks returns the values whose range the verifier may want to know.
func verifierChecks(f *ir.Func) map[*ir.Value]bool {
	out := map[*ir.Value]bool{}
	for _, b := range f.Blocks {
		for _, v := range b.Instrs {
			sum := (v.Op == ir.OpAdd || v.Op == ir.OpSub) && v.Args[1].Op != ir.OpConst
			if sum || v.Op == ir.OpCall || v.Op == ir.OpCallFunc {
				for _, a := range v.Args {
					out[a] = true
				}
			}
		}
	}
	return out
}

// wordRange is what values a word may have.
type wordRange struct {
	smin, smax int64
	umin, umax uint64
}

// rangeAt gathers what is known of x at the end of b.
func rangeAt(cfg *ir.CFG, b *ir.Block, x *ir.Value) wordRange {
	r := wordRange{math.MinInt64, math.MaxInt64, 0, knownBits(x)}
	r.sync()
	for d := b; d != nil && d != x.Block; d = cfg.Idom(d) {
		p := cfg.SoleEntry(d)
		if p == nil {
			continue
		}
		y, n, ok := comparedWithConst(p)
		if !ok || y != x || p.Succs[0].To == p.Succs[1].To {
			continue
		}
		op := p.Cond.Op
		if p.Succs[1].To == d {
			op = op.Negated()
		}
		r.learn(op, n)
	}
	return r
}

// learn narrows the range by x op n.
func (r *wordRange) learn(op ir.Op, n int64) {
	u := uint64(n)
	switch op {
	case ir.OpEq:
		*r = wordRange{n, n, u, u}
	case ir.OpNe:
		r.exclude(n)
	case ir.OpULt:
		r.umax = min(r.umax, u-min(u, 1))
	case ir.OpULe:
		r.umax = min(r.umax, u)
	case ir.OpUGt:
		r.umin = max(r.umin, u+min(^u, 1))
	case ir.OpUGe:
		r.umin = max(r.umin, u)
	case ir.OpSLt:
		if n > math.MinInt64 {
			r.smax = min(r.smax, n-1)
		}
	case ir.OpSLe:
		r.smax = min(r.smax, n)
	case ir.OpSGt:
		if n < math.MaxInt64 {
			r.smin = max(r.smin, n+1)
		}
	case ir.OpSGe:
		r.smin = max(r.smin, n)
	}
	r.sync()
}

// exclude narrows the range if n is at one of its ends.
func (r *wordRange) exclude(n int64) {
	switch {
	case uint64(n) == r.umin && r.umin < r.umax:
		r.umin++
	case uint64(n) == r.umax && r.umin < r.umax:
		r.umax--
	}
	switch {
	case n == r.smin && r.smin < r.smax:
		r.smin++
	case n == r.smax && r.smin < r.smax:
		r.smax--
	}
}

// sync carries what one interval says over to the other, where the sign is
// known.
func (r *wordRange) sync() {
	if r.umax <= math.MaxInt64 {
		r.smin, r.smax = max(r.smin, int64(r.umin)), min(r.smax, int64(r.umax))
	}
	if r.smin >= 0 {
		r.umin, r.umax = max(r.umin, uint64(r.smin)), min(r.umax, uint64(r.smax))
	}
}

// decide tells whether x op n holds for all values in the range, or for none.
// An empty range is code that is never run, of which nothing is said.
func (r *wordRange) decide(op ir.Op, n int64) (holds int64, known bool) {
	if r.smin > r.smax || r.umin > r.umax {
		return 0, false
	}
	u := uint64(n)
	always, never := false, false
	switch op {
	case ir.OpEq, ir.OpNe:
		never = u < r.umin || u > r.umax || n < r.smin || n > r.smax
		always = r.umin == u && r.umax == u
		if op == ir.OpNe {
			always, never = never, always
		}
	case ir.OpULt, ir.OpUGe:
		always, never = r.umax < u, r.umin >= u
	case ir.OpULe, ir.OpUGt:
		always, never = r.umax <= u, r.umin > u
	case ir.OpSLt, ir.OpSGe:
		always, never = r.smax < n, r.smin >= n
	case ir.OpSLe, ir.OpSGt:
		always, never = r.smax <= n, r.smin > n
	}
	switch op {
	case ir.OpUGe, ir.OpUGt, ir.OpSGe, ir.OpSGt:
		always, never = never, always
	}
	if always {
		return 1, true
	}
	return 0, never
}
