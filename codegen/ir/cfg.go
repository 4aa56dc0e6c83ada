package ir

// This file answers questions about the shape of a function: order of blocks,
// predecessors, dominators, loops. A CFG is a snapshot: whoever changes edges
// or adds blocks makes a new one.
//
// Dominators are computed by the iterative method of Cooper, Harvey and
// Kennedy, "A Simple, Fast Dominance Algorithm"; dominance queries then compare
// the entry and exit times of a walk over the dominator tree. Loops are the
// natural loops of back edges, that is of edges to a dominating block; what the
// builder makes from structured source has no others.

// CFG is what is known about a function's control flow.
type CFG struct {
	// Order lists the blocks that can be reached, in reverse post-order.
	Order []*Block

	nodes []cfgNode // by block id
}

type cfgNode struct {
	index     int // in Order, or -1
	preds     []*Block
	idom      *Block
	children  []*Block
	pre, post int
	depth     int    // loops around it
	loop      *Block // header of the innermost loop around it
}

// NewCFG looks at a function.
func NewCFG(f *Func) *CFG {
	c := &CFG{nodes: make([]cfgNode, f.nextBlock)}
	for i := range c.nodes {
		c.nodes[i].index = -1
	}
	c.order(f.Blocks[0])
	for _, b := range c.Order {
		for _, e := range b.Succs {
			n := &c.nodes[e.To.ID]
			n.preds = append(n.preds, b)
		}
	}
	c.dominators()
	c.loops()
	return c
}

// order fills Order by an explicit stack, as unrolled code nests deeply.
func (c *CFG) order(entry *Block) {
	type frame struct {
		b    *Block
		next int
	}
	var post []*Block
	stack := []frame{{b: entry}}
	c.nodes[entry.ID].index = 0
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next == len(top.b.Succs) {
			post = append(post, top.b)
			stack = stack[:len(stack)-1]
			continue
		}
		// The last successor first, so that reverse post-order has the first
		// one, the "then" side, right after the block.
		to := top.b.Succs[len(top.b.Succs)-1-top.next].To
		top.next++
		if c.nodes[to.ID].index < 0 {
			c.nodes[to.ID].index = 0
			stack = append(stack, frame{b: to})
		}
	}
	for i := len(post) - 1; i >= 0; i-- {
		c.nodes[post[i].ID].index = len(c.Order)
		c.Order = append(c.Order, post[i])
	}
}

func (c *CFG) dominators() {
	entry := c.Order[0]
	c.nodes[entry.ID].idom = entry
	for changed := true; changed; {
		changed = false
		for _, b := range c.Order[1:] {
			n := &c.nodes[b.ID]
			var idom *Block
			for _, p := range n.preds {
				switch {
				case c.nodes[p.ID].idom == nil:
				case idom == nil:
					idom = p
				default:
					idom = c.intersect(idom, p)
				}
			}
			if n.idom != idom {
				n.idom, changed = idom, true
			}
		}
	}
	for _, b := range c.Order[1:] {
		d := &c.nodes[c.nodes[b.ID].idom.ID]
		d.children = append(d.children, b)
	}
	c.nodes[entry.ID].idom = nil
	c.number(entry)
}

func (c *CFG) intersect(a, b *Block) *Block {
	for a != b {
		for c.nodes[a.ID].index > c.nodes[b.ID].index {
			a = c.nodes[a.ID].idom
		}
		for c.nodes[b.ID].index > c.nodes[a.ID].index {
			b = c.nodes[b.ID].idom
		}
	}
	return a
}

func (c *CFG) number(entry *Block) {
	clock := 0
	var walk func(*Block)
	walk = func(b *Block) {
		n := &c.nodes[b.ID]
		n.pre = clock
		clock++
		for _, child := range n.children {
			walk(child)
		}
		n.post = clock
	}
	walk(entry)
}

func (c *CFG) loops() {
	// Inner headers come later in reverse post-order than outer ones, so the
	// last header to claim a block is its innermost.
	for _, h := range c.Order {
		body := map[*Block]bool{}
		for _, p := range c.nodes[h.ID].preds {
			if c.Dominates(h, p) {
				c.gather(h, p, body)
			}
		}
		for b := range body {
			n := &c.nodes[b.ID]
			n.depth++
			n.loop = h
		}
	}
}

func (c *CFG) gather(header, b *Block, body map[*Block]bool) {
	body[header] = true
	work := []*Block{b}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if body[b] {
			continue
		}
		body[b] = true
		work = append(work, c.nodes[b.ID].preds...)
	}
}

// Reachable reports that a path leads from the entry to b.
func (c *CFG) Reachable(b *Block) bool { return b.ID < len(c.nodes) && c.nodes[b.ID].index >= 0 }

// Index returns b's place in Order.
func (c *CFG) Index(b *Block) int { return c.nodes[b.ID].index }

// Preds returns the reachable predecessors, one twice if it has two edges.
func (c *CFG) Preds(b *Block) []*Block { return c.nodes[b.ID].preds }

// Idom returns the immediate dominator, nil for the entry.
func (c *CFG) Idom(b *Block) *Block { return c.nodes[b.ID].idom }

// Children returns the blocks that b immediately dominates.
func (c *CFG) Children(b *Block) []*Block { return c.nodes[b.ID].children }

// Dominates reports that every path to b goes through a. A block dominates
// itself.
func (c *CFG) Dominates(a, b *Block) bool {
	m, n := &c.nodes[a.ID], &c.nodes[b.ID]
	return m.pre <= n.pre && n.pre < m.post
}

// Common returns the nearest block that dominates both; nil stands for "none
// yet" and gives the other.
func (c *CFG) Common(a, b *Block) *Block {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	for !c.Dominates(a, b) {
		a = c.nodes[a.ID].idom
	}
	return a
}

// LoopDepth returns how many loops b is in.
func (c *CFG) LoopDepth(b *Block) int { return c.nodes[b.ID].depth }

// LoopHeader returns the header of the innermost loop b is in, or nil.
func (c *CFG) LoopHeader(b *Block) *Block { return c.nodes[b.ID].loop }

// SoleEntry returns the only predecessor of b that is not behind b itself, as
// the ends of a loop are, or nil.
func (c *CFG) SoleEntry(b *Block) *Block {
	var only *Block
	for _, p := range c.Preds(b) {
		switch {
		case c.Dominates(b, p):
		case only != nil:
			return nil
		default:
			only = p
		}
	}
	return only
}
