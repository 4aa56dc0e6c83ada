package ir

import "github.com/gotrace/gotrace/lang/source"

// NewValue returns a value with an id of its own that is in no block yet.
func (f *Func) NewValue(op Op, span source.Span, args ...*Value) *Value {
	v := &Value{ID: f.nextValue, Op: op, Span: span, Args: args}
	f.nextValue++
	return v
}

// NewBlock appends an empty block.
func (f *Func) NewBlock(name string) *Block {
	b := &Block{ID: f.nextBlock, Name: name, sealed: true}
	f.nextBlock++
	f.Blocks = append(f.Blocks, b)
	return b
}

// NumValues is one more than the largest value id.
func (f *Func) NumValues() int { return f.nextValue }

// NumBlocks is one more than the largest block id.
func (f *Func) NumBlocks() int { return f.nextBlock }

// Append puts v at the end of the block.
func (b *Block) Append(v *Value) *Value {
	v.Block = b
	b.Instrs = append(b.Instrs, v)
	return v
}

// SplitAt moves the instructions from index i on, and the terminator, to a new
// block and jumps there.
func (f *Func) SplitAt(b *Block, i int, name string) *Block {
	rest := f.NewBlock(name)
	rest.Instrs = append(rest.Instrs, b.Instrs[i:]...)
	for _, v := range rest.Instrs {
		v.Block = rest
	}
	rest.Term, rest.Cond, rest.Succs, rest.Span, rest.Cold = b.Term, b.Cond, b.Succs, b.Span, b.Cold
	b.Instrs = b.Instrs[:i:i]
	b.Term, b.Cond, b.Succs = TermJump, nil, []Edge{{To: rest}}
	return rest
}

// ForArgs calls fn with the address of every place in the function that uses a
// value, so that fn may put another there.
func (f *Func) ForArgs(fn func(use **Value)) {
	for _, b := range f.Blocks {
		b.ForArgs(fn)
	}
}

// ForArgs is Func.ForArgs for one block: its instructions and terminator.
func (b *Block) ForArgs(fn func(use **Value)) {
	for _, v := range b.Instrs {
		for i := range v.Args {
			fn(&v.Args[i])
		}
	}
	if b.Cond != nil {
		fn(&b.Cond)
	}
	for i := range b.Succs {
		for j := range b.Succs[i].Args {
			fn(&b.Succs[i].Args[j])
		}
	}
}

// Clone returns a deep copy, ids included.
func (p *Program) Clone() *Program {
	q := &Program{Name: p.Name}
	for _, f := range p.Funcs {
		q.Funcs = append(q.Funcs, f.Clone())
	}
	return q
}

// Clone returns a deep copy, ids included. The copy cannot be built further
// with a Builder.
func (f *Func) Clone() *Func {
	c := cloner{values: make(map[*Value]*Value, f.nextValue), blocks: map[*Block]*Block{}, slots: map[*Slot]*Slot{}}
	g := &Func{Name: f.Name, nextValue: f.nextValue, nextBlock: f.nextBlock}
	for _, s := range f.Slots {
		t := *s
		c.slots[s] = &t
		g.Slots = append(g.Slots, &t)
	}
	for _, b := range f.Blocks {
		nb := &Block{ID: b.ID, Name: b.Name, Term: b.Term, Cold: b.Cold, Span: b.Span, sealed: true}
		c.blocks[b] = nb
		g.Blocks = append(g.Blocks, nb)
	}
	g.Params = c.list(f.Params)
	for _, b := range f.Blocks {
		nb := c.blocks[b]
		nb.Params, nb.Instrs = c.list(b.Params), c.list(b.Instrs)
		if b.Cond != nil {
			nb.Cond = c.value(b.Cond)
		}
		for _, e := range b.Succs {
			nb.Succs = append(nb.Succs, Edge{To: c.blocks[e.To], Args: c.list(e.Args)})
		}
	}
	return g
}

type cloner struct {
	values map[*Value]*Value
	blocks map[*Block]*Block
	slots  map[*Slot]*Slot
}

func (c *cloner) value(v *Value) *Value {
	if w, ok := c.values[v]; ok {
		return w
	}
	w := *v
	c.values[v] = &w // before the arguments: a loop's values use one another
	w.Args = c.list(v.Args)
	w.Block = c.blocks[v.Block]
	if v.Slot != nil {
		w.Slot = c.slots[v.Slot]
	}
	return &w
}

func (c *cloner) list(vs []*Value) []*Value {
	if vs == nil {
		return nil
	}
	out := make([]*Value, len(vs))
	for i, v := range vs {
		out[i] = c.value(v)
	}
	return out
}
