package bpf

import "github.com/gotrace/gotrace/codegen/ir"

// branch selects the end of a block with two successors, folding the
// comparison; legalise has left no constant conditions.
func (s *selector) branch(b *ir.Block) inst {
	i := blank(opBranch)
	cond := b.Cond
	if !cond.Op.IsCompare() {
		i.cmp, i.a, i.b = ir.OpNe, s.inReg(s.operand(cond)), constant(0)
		return i
	}
	s.at = cond
	x := cond.Args[0]
	switch {
	case s.skip[x.ID] && x.Op == ir.OpExtend:
		i.cmp, i.narrow = cond.Op, true
		i.a, i.b = s.inReg(s.operand(x.Args[0])), constant(int64(int32(cond.Args[1].Imm)))
	case s.skip[x.ID]:
		i.cmp, i.test = cond.Op, true
		i.a, i.b = s.inReg(s.operand(x.Args[0])), s.immOrReg(s.operand(x.Args[1]))
	default:
		i.cmp, i.a, i.b = s.compare(cond)
	}
	return i
}

// absorb finds masks and truncations that a branch instruction can do itself:
// those that only a comparison uses which only one branch uses.
func (s *selector) absorb(f *ir.Func) {
	branches := map[*ir.Value]int{}
	for _, b := range f.Blocks {
		if b.Term == ir.TermIf {
			branches[b.Cond]++
		}
	}
	for _, b := range f.Blocks {
		if c := b.Cond; b.Term == ir.TermIf && c.Op.IsCompare() && branches[c] == 1 && s.uses[c.ID] == 0 {
			if x := c.Args[0]; s.uses[x.ID] == 1 && absorbs(c, x) {
				s.skip[x.ID] = true
			}
		}
	}
}

func absorbs(c, x *ir.Value) bool {
	n := c.Args[1]
	if n.Op != ir.OpConst {
		return false
	}
	equality := c.Op == ir.OpEq || c.Op == ir.OpNe
	switch {
	case x.Op == ir.OpAnd:
		return equality && n.Imm == 0
	case x.Op != ir.OpExtend || x.Size != 4:
		return false
	case x.Signed:
		return n.Imm == int64(int32(n.Imm)) && (equality || c.Op >= ir.OpSLt)
	}
	return n.Imm == int64(uint32(n.Imm)) && c.Op < ir.OpSLt
}
