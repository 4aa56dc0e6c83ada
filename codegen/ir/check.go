package ir

// Check is to this package what the verifier is to the kernel: it is run after
// each pass in tests and says what is wrong in words. Rules about form (what
// dominates what, arities, sizes) are complete. Rules about pointers follow
// the kinds of kinds.go and refuse only what no verifier would accept.

import (
	"errors"
	"fmt"
)

// Check reports what breaks the rules of the representation.
func Check(p *Program) error {
	if len(p.Funcs) == 0 {
		return fmt.Errorf("ir: program %s has no function", p.Name)
	}
	var errs []error
	names := map[string]bool{}
	for _, f := range p.Funcs {
		if names[f.Name] {
			errs = append(errs, fmt.Errorf("ir: two functions named %s", f.Name))
		}
		names[f.Name] = true
	}
	for i, f := range p.Funcs {
		c := checker{f: f, funcs: names, entry: i == 0}
		c.run()
		errs = append(errs, c.errs...)
	}
	return errors.Join(errs...)
}

type checker struct {
	f     *Func
	funcs map[string]bool
	entry bool
	cfg   *CFG
	kinds []Kind
	place map[*Value]int // index of a value within its block
	slots map[*Slot]bool
	errs  []error
}

func (c *checker) errorf(b *Block, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("ir: %s %s: %s", c.f.Name, b, fmt.Sprintf(format, args...)))
}

func (c *checker) run() {
	if len(c.f.Blocks) == 0 {
		c.errs = append(c.errs, fmt.Errorf("ir: function %s has no block", c.f.Name))
		return
	}
	c.cfg = NewCFG(c.f)
	c.index()
	entry := c.f.Blocks[0]
	if len(entry.Params) > 0 || len(c.cfg.Preds(entry)) > 0 {
		c.errorf(entry, "the entry block has parameters or predecessors")
	}
	for _, b := range c.cfg.Order {
		c.shape(b)
	}
	if len(c.errs) > 0 {
		return // the rest relies on the form
	}
	for _, b := range c.cfg.Order {
		c.uses(b)
	}
	if len(c.errs) > 0 {
		return
	}
	c.kinds = Kinds(c.f, c.cfg, c.entry)
	for _, b := range c.cfg.Order {
		c.pointers(b)
	}
}

func (c *checker) index() {
	c.place = map[*Value]int{}
	c.slots = map[*Slot]bool{}
	for _, s := range c.f.Slots {
		c.slots[s] = true
	}
	for _, p := range c.f.Params {
		c.place[p] = -1
	}
	for _, b := range c.f.Blocks {
		for _, p := range b.Params {
			c.place[p] = -1
		}
		for i, v := range b.Instrs {
			if _, twice := c.place[v]; twice {
				c.errorf(b, "v%d occurs twice", v.ID)
			}
			c.place[v] = i
		}
	}
}

// shape checks a block's own form.
func (c *checker) shape(b *Block) {
	succs, cond := 0, false
	switch b.Term {
	case TermJump:
		succs = 1
	case TermIf:
		succs, cond = 2, true
	case TermRet:
		cond = true
	default:
		c.errorf(b, "no terminator")
	}
	if len(b.Succs) != succs || (b.Cond != nil) != cond {
		c.errorf(b, "malformed terminator")
	}
	for _, e := range b.Succs {
		if len(e.Args) != len(e.To.Params) {
			c.errorf(b, "%d arguments for the %d parameters of %s", len(e.Args), len(e.To.Params), e.To)
		}
	}
	for _, v := range b.Instrs {
		if v.Block != b {
			c.errorf(b, "v%d thinks that it is in another block", v.ID)
		}
		if n, ok := v.arity(); !ok {
			c.errorf(b, "v%d is of operation %v", v.ID, v.Op)
		} else if n >= 0 && len(v.Args) != n {
			c.errorf(b, "%v has %d arguments", v.Op, len(v.Args))
		}
		if why := c.malformed(v); why != "" {
			c.errorf(b, "%s: %s", v, why)
		}
	}
}

// arity returns the number of arguments, -1 if that varies.
func (v *Value) arity() (n int, ok bool) {
	switch {
	case v.Op.IsLeaf():
		return 0, true
	case v.Op.IsBinary(), v.Op.IsCompare():
		return 2, true
	}
	switch v.Op {
	case OpNeg, OpExtend, OpSwap, OpLoad, OpZero:
		return 1, true
	case OpStore, OpAtomicAdd, OpAtomicFetchAdd, OpCopy:
		return 2, true
	case OpCall, OpCallFunc:
		return -1, len(v.Args) <= 5
	}
	return 0, false
}

func (c *checker) malformed(v *Value) string {
	size := v.Size
	word := size == 1 || size == 2 || size == 4 || size == 8
	switch v.Op {
	case OpLoad, OpStore, OpExtend:
		if !word {
			return "bad size"
		}
	case OpSwap:
		if !word || size == 1 {
			return "bad size"
		}
	case OpAtomicAdd, OpAtomicFetchAdd:
		if size != 4 && size != 8 {
			return "bad size"
		}
	case OpZero, OpCopy:
		if size < 0 {
			return "bad size"
		}
		if a := v.CopyAlign(); v.Op == OpCopy && a != 1 && a != 2 && a != 4 && a != 8 {
			return "bad alignment"
		}
	case OpSlotAddr:
		if !c.slots[v.Slot] {
			return "slot of another function"
		}
	case OpMapPtr, OpMapValue:
		if v.Sym == "" {
			return "no map"
		}
	case OpFuncPtr, OpCallFunc:
		if !c.funcs[v.Sym] {
			return "no such function"
		}
	}
	return ""
}

// uses checks that definitions dominate uses.
func (c *checker) uses(b *Block) {
	for i, v := range b.Instrs {
		for _, a := range v.Args {
			c.use(b, i, a)
		}
	}
	end := len(b.Instrs)
	if b.Cond != nil {
		c.use(b, end, b.Cond)
	}
	for _, e := range b.Succs {
		for _, a := range e.Args {
			c.use(b, end, a)
		}
	}
}

func (c *checker) use(b *Block, at int, v *Value) {
	place, known := c.place[v]
	switch {
	case !known || v.Block == nil:
		c.errorf(b, "use of v%d, which is in no block", v.ID)
	case !v.HasResult():
		c.errorf(b, "use of v%d, which has no result: %s", v.ID, v)
	case !c.cfg.Reachable(v.Block):
		c.errorf(b, "use of v%d, which is never computed", v.ID)
	case v.Block == b && place >= at:
		c.errorf(b, "v%d is used before it is computed", v.ID)
	case !c.cfg.Dominates(v.Block, b):
		c.errorf(b, "v%d of %s is not computed on all paths", v.ID, v.Block)
	}
}
