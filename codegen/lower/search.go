package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
)

func (f *fn) contains(e *typed.Call) *ir.Value {
	return f.b.Bin(ir.OpSGe, f.find(e), f.b.Const(0))
}

// search is looking for one string in another.
type search struct {
	hay, needle mem
	haySize     int // positions are less than this
	needleSize  int
	literal     string // the needle, if it is one
}

// inlineSearch is the size of a haystack up to which the positions are tried
// by a jump back. The verifier remembers two or more branches for each round,
// and no more than 8192 in all.
const inlineSearch = 64

// find is the index of the needle in the haystack, or -1.
func (f *fn) find(e *typed.Call) *ir.Value {
	s := search{haySize: e.Args[0].Type().Size, needleSize: e.Args[1].Type().Size}
	if needle, ok := e.Args[1].(*typed.Str); ok {
		s.literal = needle.Value
		if s.literal == "" {
			return f.b.Const(0)
		}
		if len(s.literal) >= s.haySize {
			return f.b.Const(-1)
		}
	}
	s.hay = f.materialize(e.Args[0])
	if s.literal == "" {
		s.needle = f.materialize(e.Args[1])
	}
	if s.haySize > inlineSearch && f.target.Have(target.FeatureLoop) {
		return f.searchCallback(s)
	}
	result := &ir.Var{Name: "index"}
	f.b.Set(result, f.b.Const(-1))
	f.countLoop(s.positions(), func(i *ir.Value, done *ir.Block) {
		next, more := f.b.NewBlock("next"), f.b.NewBlock("more")
		f.matches(s, i, next)
		f.b.Set(result, i)
		f.b.Jump(done)
		f.b.Seal(next)
		f.b.SetBlock(next)
		f.b.If(f.byteAt(s.hay, i), more, done)
		f.b.Seal(more)
		f.b.SetBlock(more)
	})
	return f.forget(f.b.Get(result))
}

// positions is how many positions there are to try.
func (s *search) positions() int { return s.haySize - len(s.literal) }

// The words of the memory that a search's callback is given.
const (
	searchHay    = 0
	searchNeedle = 8
	searchResult = 16
)

// searchCallback tries the positions by bpf_loop.
func (f *fn) searchCallback(s search) *ir.Value {
	box := f.tempBytes("search", 24)
	box.slot.Persistent = true
	f.store(box, searchHay, 8, f.addr(s.hay))
	f.store(box, searchNeedle, 8, f.b.Const(0))
	if s.literal == "" {
		f.store(box, searchNeedle, 8, f.addr(s.needle))
	}
	f.store(box, searchResult, 8, f.b.Const(-1))
	n := s.positions()
	name := f.callback(2, 1, func(g *fn, params []*ir.Value) {
		i := params[0]
		s.hay = baseMem(g.b.Load(8, false, params[1], searchHay), 1)
		if s.literal == "" {
			s.needle = baseMem(g.b.Load(8, false, params[1], searchNeedle), 1)
		}
		inside, stop, next := g.b.NewBlock("inside"), g.b.NewBlock("stop"), g.b.NewBlock("next")
		g.b.If(g.b.Bin(ir.OpULt, i, g.b.Const(int64(n))), inside, stop)
		g.b.Seal(inside)
		g.b.SetBlock(inside)
		g.matches(s, i, next)
		g.b.Store(8, params[1], searchResult, i)
		g.b.Jump(stop)
		g.b.Seal(next)
		g.b.SetBlock(next)
		more := g.b.NewBlock("more")
		g.b.If(g.byteAt(s.hay, i), more, stop)
		g.b.Seal(stop)
		g.b.SetBlock(stop)
		g.b.Ret(g.b.Const(1))
		g.b.Seal(more)
		g.b.SetBlock(more)
	})
	f.b.Call(asm.FnLoop, f.b.Const(int64(n)), f.b.FuncPtr(name), f.addr(box), f.b.Const(0))
	return f.forget(f.load(box, searchResult, 8, true))
}

// matches goes on if the needle is at position i, otherwise jumps to no.
func (f *fn) matches(s search, i *ir.Value, no *ir.Block) {
	if s.literal == "" {
		f.matchText(s, i, no)
		return
	}
	base, off := f.at(s.hay)
	at := f.b.Bin(ir.OpAdd, base, i)
	for j := range len(s.literal) {
		yes := f.b.NewBlock("same")
		c := f.b.Load(1, false, at, off+int64(j))
		f.b.If(f.b.Bin(ir.OpEq, c, f.b.Const(int64(s.literal[j]))), yes, no)
		f.b.Seal(yes)
		f.b.SetBlock(yes)
	}
}

// matchText is for a needle in memory, which its NUL ends.
func (f *fn) matchText(s search, i *ir.Value, no *ir.Block) {
	found := f.b.NewBlock("found")
	f.countLoop(s.needleSize, func(j *ir.Value, _ *ir.Block) {
		more, inside, same := f.b.NewBlock("more"), f.b.NewBlock("inside"), f.b.NewBlock("same")
		c := f.byteAt(s.needle, j)
		f.b.If(c, more, found)
		f.b.Seal(more)
		f.b.SetBlock(more)
		k := f.b.Bin(ir.OpAdd, i, j)
		f.b.If(f.b.Bin(ir.OpULt, k, f.b.Const(int64(s.haySize))), inside, no)
		f.b.Seal(inside)
		f.b.SetBlock(inside)
		f.b.If(f.b.Bin(ir.OpEq, c, f.byteAt(s.hay, k)), same, no)
		f.b.Seal(same)
		f.b.SetBlock(same)
	})
	f.b.Jump(found)
	f.b.Seal(found)
	f.b.SetBlock(found)
}
