package lower

import (
	"fmt"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// The bodies of loops over maps and of long loops are functions of their own,
// which the kernel calls back. What they share with the rest of the clause is
// in a frame: a slot on the entry function's stack whose address each callback
// gets. Words are in the frame itself; of what is larger it has the address.
const (
	frameContext = 0 // the program's context pointer
	frameSignal  = 8 // why a callback stopped the loop, if for more than the loop
	frameVars    = 16

	signalReturn = 1 // return: leave the clause
	signalExit   = 2 // exit(): end the run
)

// frame is the shared memory of a clause with callbacks.
type frame struct {
	slot    *ir.Slot
	size    int
	offsets map[*typed.Var]int
	large   map[*typed.Var]mem
	// loops are those with callbacks: the offset of two words for each, where the
	// loop begins (of a range loop) and whether it is over.
	loops map[typed.Stmt]int
	// verdict is the offset of the value that a callback of a test returns.
	verdict int
}

// loopOver is where, behind a loop's first word, its second is.
const loopOver = 8

func (fr *frame) holds(v *typed.Var) bool {
	if fr == nil {
		return false
	}
	_, ok := fr.offsets[v]
	return ok
}

func (fr *frame) callback(s typed.Stmt) bool {
	if fr == nil {
		return false
	}
	_, ok := fr.loops[s]
	return ok
}

// framePlanner finds the loops of a clause that need callbacks, and the
// variables that more than one function uses.
type framePlanner struct {
	u     *unit
	frame *frame
	seen  map[*typed.Var]typed.Stmt // the function that uses it: its loop, or nil
	order []*typed.Var              // shared ones
}

// planFrame returns the frame of a clause, or nil if it has no callbacks.
func (f *fn) planFrame(c *typed.Clause) *frame {
	p := &framePlanner{
		u:     f.unit,
		frame: &frame{size: frameVars, offsets: map[*typed.Var]int{}, large: map[*typed.Var]mem{}, loops: map[typed.Stmt]int{}},
		seen:  map[*typed.Var]typed.Stmt{},
	}
	p.stmts(c.Body, nil, 1)
	if len(p.frame.loops) == 0 {
		return nil
	}
	if f.group.test() {
		p.frame.verdict = p.word()
	}
	return p.frame
}

func (p *framePlanner) word() int {
	p.frame.size += 8
	return p.frame.size - 8
}

// use notes that the function of a loop uses a variable.
func (p *framePlanner) use(v *typed.Var, in typed.Stmt) {
	first, ok := p.seen[v]
	if !ok {
		p.seen[v] = in
		return
	}
	if first != in && !p.frame.holds(v) {
		p.frame.offsets[v] = p.word()
		p.order = append(p.order, v)
	}
}

func (p *framePlanner) expr(e typed.Expr, in typed.Stmt, trips int) {
	if e == nil {
		return
	}
	if ref, ok := e.(*typed.VarRef); ok {
		p.use(ref.Var, in)
	}
	for _, x := range typed.Children(e) {
		p.expr(x, in, trips)
	}
	if block, ok := e.(*typed.BlockExpr); ok {
		p.stmts(block.Stmts, in, trips)
	}
}

func (p *framePlanner) stmts(list []typed.Stmt, in typed.Stmt, trips int) {
	for _, s := range list {
		p.stmt(s, in, trips)
	}
}

func (p *framePlanner) stmt(s typed.Stmt, in typed.Stmt, trips int) {
	inner, around := in, in // the functions of the body and of the expressions
	switch s := s.(type) {
	case *typed.SetVar:
		p.use(s.Var, in)
	case *typed.ForMap:
		inner = s
		trips = 1
	case *typed.While:
		if p.u.target.Have(target.FeatureLoop) {
			inner, around = s, s
			trips = 1
		}
	case *typed.ForRange:
		if n, known := rounds(s); p.u.inlineLoop(s, trips) {
			if known {
				trips *= int(max(1, min(n, cappedRounds)))
			}
		} else {
			inner = s
			trips = 1
		}
	}
	if inner != in {
		p.frame.loops[s] = p.word()
		p.word()
	}
	switch s := s.(type) {
	case *typed.ForRange:
		p.use(s.Var, inner)
	case *typed.ForMap:
		p.use(s.Var, inner)
	}
	exprs, bodies := typed.Operands(s), typed.Bodies(s)
	for _, e := range exprs {
		p.expr(e, around, trips)
	}
	for _, body := range bodies {
		p.stmts(body, inner, trips)
	}
}

// enterFrame makes the frame at the start of a clause.
func (f *fn) enterFrame() {
	fr := f.frame
	if fr == nil {
		return
	}
	fr.slot = f.b.NewSlot("frame", fr.size, 8)
	fr.slot.Persistent = true
	base := f.b.SlotAddr(fr.slot, 0)
	f.zero(slotMem(fr.slot).plus(frameSignal), fr.size-frameSignal)
	f.b.Store(8, base, frameContext, f.ctx)
	for _, v := range f.clause.Vars {
		if !fr.holds(v) || v.Type.Scalar() && !v.AddressTaken {
			continue
		}
		m := f.temp("$"+v.Name, v.Type)
		m.slot.Persistent = true
		if m.slot.Size <= inlineCopy {
			f.zero(m, m.slot.Size)
		}
		fr.large[v] = m
		f.b.Store(8, base, int64(fr.offsets[v]), f.addr(m))
	}
}

// frameBase is the address of the frame.
func (f *fn) frameBase() *ir.Value {
	if f.frameAddr != nil {
		return f.frameAddr
	}
	return f.b.SlotAddr(f.frame.slot, 0)
}

// frameMem is the memory of a shared variable.
func (f *fn) frameMem(v *typed.Var) mem {
	off := f.frame.offsets[v]
	m, large := f.frame.large[v]
	switch {
	case large && f.frameAddr == nil:
		return m
	case large:
		return baseMem(f.b.Load(8, false, f.frameAddr, int64(off)), 8)
	case f.frameAddr == nil:
		return slotMem(f.frame.slot).plus(off)
	}
	return baseMem(f.frameAddr, 8).plus(off)
}

// callback lowers a function of the program; its frame address is parameter
// number frameParam.
func (f *fn) callback(params, frameParam int, body func(*fn, []*ir.Value)) string {
	name := fmt.Sprintf("%s_%d", f.out.Name, len(f.out.Funcs))
	g := *f
	g.b = ir.NewBuilder(name, params)
	g.b.Span = f.b.Span
	g.ctx, g.leave, g.exit, g.loop, g.trips = nil, nil, nil, nil, 1
	g.vars = map[*typed.Var]*variable{}
	f.out.Funcs = append(f.out.Funcs, g.b.Func)
	g.frameAddr = g.b.Func.Params[frameParam]
	body(&g, g.b.Func.Params)
	g.b.Ret(g.b.Const(0))
	g.b.Finish()
	return name
}

// loopCallback lowers the function that is the body of a loop.
//
// A round of a loop that is over returns at once. The kernel does not run such
// rounds, but the verifier goes on with them after a round that stops the loop,
// and would follow a variable that the body counts up without end.
func (f *fn) loopCallback(loop typed.Stmt, params, frameParam int, body func(*fn, []*ir.Value)) string {
	over := int64(f.frame.loops[loop] + loopOver)
	f.b.Store(8, f.frameBase(), over, f.b.Const(0))
	return f.callback(params, frameParam, func(g *fn, args []*ir.Value) {
		g.over = over
		g.ifNonZero(g.b.Load(8, false, g.frameAddr, over), false, func() { g.b.Ret(g.b.Const(1)) })
		body(g, args)
	})
}

// stopLoop ends the loop that the function is the body of.
func (f *fn) stopLoop() {
	f.b.Store(8, f.frameAddr, f.over, f.b.Const(1))
	f.b.Ret(f.b.Const(1))
}

// afterCallback goes on where a callback asked to.
func (f *fn) afterCallback(body []typed.Stmt) {
	if !leaves(body) {
		return
	}
	signal := f.b.Load(8, false, f.frameBase(), frameSignal)
	f.ifNonZero(signal, false, func() {
		if f.ctx == nil {
			f.stopLoop()
			return
		}
		f.takeVerdict()
		end := f.b.NewBlock("exit.run")
		f.b.If(f.b.Bin(ir.OpEq, signal, f.b.Const(signalExit)), end, f.leave)
		f.b.Seal(end)
		f.b.SetBlock(end)
		f.b.Jump(f.exit)
	})
}

// leaves reports whether a loop's body may leave more than the loop.
func leaves(body []typed.Stmt) bool {
	found := false
	eachStmt(body, func(s typed.Stmt) {
		if _, ok := s.(*typed.Return); ok {
			found = true
		}
	})
	typed.WalkStmts(body, func(e typed.Expr) {
		if call, ok := e.(*typed.Call); ok && call.Name == "exit" {
			found = true
		}
	})
	return found
}

// forRangeCallback is a range loop by bpf_loop.
func (f *fn) forRangeCallback(s *typed.ForRange) {
	first := int64(f.frame.loops[s])
	lo, hi := f.word(s.Lo), f.word(s.Hi)
	f.b.Store(8, f.frameBase(), first, lo)
	name := f.loopCallback(s, 2, 1, func(g *fn, params []*ir.Value) {
		i := g.b.Bin(ir.OpAdd, g.b.Load(8, false, g.frameAddr, first), params[0])
		g.writeVar(s.Var, g.fit(i, s.Var.Type))
		g.stmts(s.Body)
	})
	// The call is where there are rounds for certain: a callback that the
	// verifier finds is never called trips it up.
	more := f.b.Bin(compareOps[typed.Lt][signedIndex(s.Var)], lo, hi)
	f.ifNonZero(more, false, func() {
		count := &ir.Var{Name: "count"}
		f.b.Set(count, f.b.Bin(ir.OpSub, hi, lo))
		f.ifNonZero(f.b.Bin(ir.OpUGt, f.b.Get(count), f.b.Const(mostRounds)), true, func() {
			f.lose(object.LossLoop, nil, s.Span)
			f.b.Set(count, f.b.Const(mostRounds))
		})
		f.bpfLoop(f.b.Get(count), name)
	})
	f.afterCallback(s.Body)
}

// whileCallback is a while loop by bpf_loop: each round tests the condition.
func (f *fn) whileCallback(s *typed.While) {
	name := f.loopCallback(s, 2, 1, func(g *fn, _ []*ir.Value) {
		body, stop := g.b.NewBlock("round"), g.b.NewBlock("stop")
		g.branch(s.Cond, body, stop)
		g.b.Seal(body)
		g.b.Seal(stop)
		g.b.SetBlock(stop)
		g.stopLoop()
		g.b.SetBlock(body)
		g.stmts(s.Body)
	})
	n := f.bpfLoop(f.b.Const(mostRounds), name)
	f.ifNonZero(f.b.Bin(ir.OpEq, n, f.b.Const(mostRounds)), true, func() { f.lose(object.LossLoop, nil, s.Span) })
	f.afterCallback(s.Body)
}

// forMap walks a map.
func (f *fn) forMap(s *typed.ForMap) {
	f.need(target.FeatureForEachMapElem, s.Span, "a for loop over a map", "")
	m := f.maps[s.Map.Index]
	name := f.loopCallback(s, 4, 3, func(g *fn, params []*ir.Value) {
		g.buildPair(m, s.Var, params[1], params[2])
		g.stmts(s.Body)
	})
	f.b.Call(asm.FnForEachMapElem, f.b.MapPtr(m.key), f.b.FuncPtr(name), f.frameBase(), f.b.Const(0))
	f.afterCallback(s.Body)
}

// buildPair copies an element's key and value into the loop's variable.
func (f *fn) buildPair(m *mapInfo, v *typed.Var, key, value *ir.Value) {
	pair := f.variable(v).mem
	f.zeroGaps(v.Type, pair)
	k, e := v.Type.Members[0], v.Type.Members[1]
	f.copyValue(pair.plus(k.Offset), baseMem(key, 8), k.Type, *m.m.Key, false)
	dst := pair.plus(e.Offset)
	switch {
	case m.agg() != "" && m.perCPU:
		f.store(dst, 0, e.Type.Size, f.mergeCPUs(m, key))
	case m.agg() != "":
		f.store(dst, 0, e.Type.Size, f.aggregateValue(m, baseMem(value, 8)))
	case e.Type.Kind == types.Int:
		f.store(dst, 0, e.Type.Size, f.load(baseMem(value, 8), 0, m.value.Size, false))
	default:
		f.copyValue(dst, baseMem(value, 8), e.Type, m.value, false)
	}
}
