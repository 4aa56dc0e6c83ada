package opt

// Sinking moves a value to the block that dominates all its uses, so that paths
// that do not need it do not compute it: above all pure calls, whose result a
// failed predicate has no use for. A value never moves into a loop. Values other
// than calls move only if they depend on at most one other value, since moving
// them lengthens the lives of what they depend on.

import "github.com/gotrace/gotrace/codegen/ir"

// sinkValues sinks values, the last first, so that what a sunk value depends on
// can follow it.
func sinkValues(f *ir.Func, _ bool) {
	s := sinker{cfg: ir.NewCFG(f)}
	s.collectUses()
	for i := len(s.cfg.Order) - 1; i >= 0; i-- {
		b := s.cfg.Order[i]
		for j := len(b.Instrs) - 1; j >= 0; j-- {
			v := b.Instrs[j]
			if !s.mayMove(v) {
				continue
			}
			if to := s.target(v); to != nil {
				b.Instrs = append(b.Instrs[:j:j], b.Instrs[j+1:]...)
				s.insert(to, v)
			}
		}
	}
}

type sinker struct {
	cfg *ir.CFG
	// users lists the instructions that use a value, and ends the blocks whose
	// terminator does.
	users map[*ir.Value][]*ir.Value
	ends  map[*ir.Value][]*ir.Block
}

func (s *sinker) collectUses() {
	s.users, s.ends = map[*ir.Value][]*ir.Value{}, map[*ir.Value][]*ir.Block{}
	for _, b := range s.cfg.Order {
		for _, v := range b.Instrs {
			for _, a := range v.Args {
				s.users[a] = append(s.users[a], v)
			}
		}
		if b.Cond != nil {
			s.ends[b.Cond] = append(s.ends[b.Cond], b)
		}
		for _, e := range b.Succs {
			for _, a := range e.Args {
				s.ends[a] = append(s.ends[a], b)
			}
		}
	}
}

func (s *sinker) mayMove(v *ir.Value) bool {
	if !v.Movable() || v.Op.IsLeaf() {
		return false
	}
	words := 0
	for _, a := range v.Args {
		if !a.Op.IsLeaf() {
			words++
		}
	}
	return words <= 1
}

// target returns the block to move v to, or nil if it had better stay.
func (s *sinker) target(v *ir.Value) *ir.Block {
	var to *ir.Block
	for _, u := range s.users[v] {
		to = s.cfg.Common(to, u.Block)
	}
	for _, b := range s.ends[v] {
		to = s.cfg.Common(to, b)
	}
	// Out of loops that v is not in. Its own block dominates all of these.
	for to != nil && to != v.Block && s.cfg.LoopDepth(to) > s.cfg.LoopDepth(v.Block) {
		to = s.cfg.Idom(to)
	}
	if to == v.Block {
		return nil
	}
	return to
}

// insert puts v before its first use in the block.
func (s *sinker) insert(b *ir.Block, v *ir.Value) {
	at := len(b.Instrs)
	for i, u := range b.Instrs {
		if uses(u, v) {
			at = i
			break
		}
	}
	v.Block = b
	b.Instrs = append(b.Instrs[:at:at], append([]*ir.Value{v}, b.Instrs[at:]...)...)
}

func uses(u, v *ir.Value) bool {
	for _, a := range u.Args {
		if a == v {
			return true
		}
	}
	return false
}
