package lower

import (
	"math"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// How loops are made. A loop of few rounds, known when compiling, is a jump
// back: the verifier walks every round, so the rounds of nested loops multiply.
// Others call bpf_loop with a callback, which it walks once. Without bpf_loop
// a hidden counter ends the loop after as many rounds as the verifier can be
// asked to walk, and the end is counted as a loss.
const (
	inlineRounds = 64      // of nested loops together, where there is bpf_loop
	mostRounds   = 1 << 23 // BPF_MAX_LOOPS
	cappedRounds = 1024    // of a loop without bpf_loop
	walkBudget   = 300_000 // instructions to have the verifier walk for a loop
	jumpBudget   = 4000    // half of BPF_COMPLEXITY_LIMIT_JMP_SEQ
	pathFactor   = 1.2     // how much a branch in the body multiplies that
	mostPaths    = 100
)

// loop is the innermost loop at a place.
type loop struct {
	next, done *ir.Block // of an inline loop
}

// breakLoop leaves the innermost loop, or with all unset starts its next round.
func (f *fn) breakLoop(all bool) {
	switch {
	case f.loop == nil && all:
		f.stopLoop() // the loop is the callback's caller
	case f.loop == nil:
		f.b.Ret(f.b.Const(0))
	case all:
		f.b.Jump(f.loop.done)
	default:
		f.b.Jump(f.loop.next)
	}
}

// countLoop runs body for i from 0 to n-1 by a jump back. A jump to done, which
// body is given, ends it.
func (f *fn) countLoop(n int, body func(i *ir.Value, done *ir.Block)) {
	b := f.b
	i := &ir.Var{Name: "i"}
	head, round, done := b.NewBlock("loop"), b.NewBlock("round"), b.NewBlock("done")
	b.Set(i, b.Const(0))
	b.Jump(head)
	b.SetBlock(head)
	b.If(b.Bin(ir.OpULt, b.Get(i), b.Const(int64(n))), round, done)
	b.Seal(round)
	b.SetBlock(round)
	body(b.Get(i), done)
	b.Set(i, b.Bin(ir.OpAdd, b.Get(i), b.Const(1)))
	b.Jump(head)
	b.Seal(head)
	b.Seal(done)
	b.SetBlock(done)
}

// rounds returns how often a range loop runs, if that is known.
func rounds(s *typed.ForRange) (int64, bool) {
	lo, ok1 := s.Lo.(*typed.Const)
	hi, ok2 := s.Hi.(*typed.Const)
	if !ok1 || !ok2 {
		return 0, false
	}
	return max(0, hi.Value-lo.Value), true
}

// inlineLoop decides how a range loop is made, trips being the product of the
// rounds of the inline loops around it.
func (u *unit) inlineLoop(s *typed.ForRange, trips int) bool {
	n, known := rounds(s)
	if !u.target.Have(target.FeatureLoop) {
		return true
	}
	return known && n*int64(trips) <= inlineRounds
}

func (f *fn) forRange(s *typed.ForRange) {
	if f.frame.callback(s) {
		f.forRangeCallback(s)
		return
	}
	n, known := rounds(s)
	limit := f.roundLimit(s.Body)
	if known && n <= int64(max(limit, inlineRounds)) {
		limit = int(n)
	} else {
		known = false
	}
	b := f.b
	lo, hi := f.word(s.Lo), f.word(s.Hi)
	i, count := &ir.Var{Name: s.Var.Name}, &ir.Var{Name: "rounds"}
	b.Set(i, lo)
	b.Set(count, b.Const(0))
	more := func() *ir.Value {
		if known {
			return b.Bin(ir.OpULt, b.Get(count), b.Const(int64(limit)))
		}
		return b.Bin(compareOps[typed.Lt][signedIndex(s.Var)], b.Get(i), hi)
	}
	f.inlineRounds(limit, known, count, s.Span, func(round, done *ir.Block) { b.If(more(), round, done) },
		func() {
			f.writeVar(s.Var, b.Get(i))
			f.stmts(s.Body)
		}, func() { b.Set(i, f.fit(b.Bin(ir.OpAdd, b.Get(i), b.Const(1)), s.Var.Type)) })
}

func signedIndex(v *typed.Var) int {
	if signed(v.Type) {
		return 1
	}
	return 0
}

func (f *fn) while(s *typed.While) {
	if f.frame.callback(s) {
		f.whileCallback(s)
		return
	}
	count := &ir.Var{Name: "rounds"}
	f.b.Set(count, f.b.Const(0))
	f.inlineRounds(f.roundLimit(s.Body), false, count, s.Span,
		func(round, done *ir.Block) { f.branch(s.Cond, round, done) },
		func() { f.stmts(s.Body) }, func() {})
}

// roundLimit is how many rounds of a body the verifier can be asked to walk.
func (f *fn) roundLimit(body []typed.Stmt) int {
	cost := float64(f.trips*bodyCost(body)) * math.Min(mostPaths, math.Pow(pathFactor, float64(branches(body))))
	// Each branch that is put off is kept until the loop has been walked.
	budget := math.Min(walkBudget/cost, jumpBudget/float64(f.trips*(1+branches(body))))
	fair := math.Pow(budget, 1/float64(1+openLoops(body)))
	return max(4, min(cappedRounds, int(fair)))
}

// openLoops is how deep loops of unknown length nest in a body: they share what
// the verifier can be asked to walk.
func openLoops(body []typed.Stmt) int {
	deepest := 0
	for _, s := range body {
		depth := 0
		switch s := s.(type) {
		case *typed.While:
			depth = 1
		case *typed.ForRange:
			if _, known := rounds(s); !known {
				depth = 1
			}
		}
		bodies := typed.Bodies(s)
		for _, b := range bodies {
			deepest = max(deepest, depth+openLoops(b))
		}
	}
	return deepest
}

// branches counts the places in a body where the verifier may have to follow
// two paths, those that are repeated as often as they are.
func branches(body []typed.Stmt) int {
	n := 0
	for _, s := range body {
		exprs, bodies := typed.Operands(s), typed.Bodies(s)
		inner := 0
		for _, b := range bodies {
			inner += branches(b)
		}
		for _, e := range exprs {
			if e == nil {
				continue
			}
			typed.WalkExpr(e, func(x typed.Expr) {
				switch x := x.(type) {
				case *typed.Logical, *typed.Ternary, *typed.Compare, *typed.MapRead, *typed.Call:
					inner++
				case *typed.Binary:
					if x.Op == typed.Div || x.Op == typed.Mod {
						inner += 2
					}
				}
			})
		}
		if u, ok := s.(*typed.Unroll); ok {
			inner *= u.Count
		}
		n += inner
	}
	return n
}

// bodyCost guesses how many instructions the verifier walks for one round of a
// body, both sides of each branch included.
func bodyCost(body []typed.Stmt) int {
	const perNode, mapNode = 8, 40
	cost := perNode
	for _, s := range body {
		exprs, bodies := typed.Operands(s), typed.Bodies(s)
		inner := 0
		for _, b := range bodies {
			inner += bodyCost(b)
		}
		switch s := s.(type) {
		case *typed.Unroll:
			inner *= s.Count
		case *typed.ForRange:
			if n, known := rounds(s); known {
				inner *= int(max(1, min(n, cappedRounds)))
			}
		case *typed.If:
			inner *= 2 // what follows is walked with either state
		case *typed.SetMap, *typed.AddMap, *typed.Aggregate, *typed.ForMap:
			inner += mapNode
		}
		for _, e := range exprs {
			if e != nil {
				typed.WalkExpr(e, func(x typed.Expr) { inner += exprCost(x, perNode) })
			}
		}
		cost += perNode + inner
	}
	return cost
}

// exprCost guesses for one expression, its operands apart. Strings are compared
// and searched by loops.
func exprCost(x typed.Expr, perNode int) int {
	switch x := x.(type) {
	case *typed.MapRead, *typed.IncDec, *typed.Logical, *typed.Ternary:
		return 4 * perNode
	case *typed.Compare:
		if !x.X.Type().Scalar() {
			return 6 * min(x.X.Type().Size, x.Y.Type().Size)
		}
	case *typed.Call:
		cost := 6 * perNode
		for _, a := range x.Args {
			if a.Type().Kind == types.String {
				cost += perNode * a.Type().Size
			}
		}
		return cost
	case *typed.BlockExpr:
		return bodyCost(x.Stmts)
	}
	return perNode
}

// inlineRounds is the skeleton of a loop that jumps back: test, body, step.
// Unless exact, the count ends the loop at the limit, which is a loss.
func (f *fn) inlineRounds(limit int, exact bool, count *ir.Var, span source.Span,
	test func(round, done *ir.Block), body, step func()) {
	b := f.b
	head, round, next, done := b.NewBlock("loop"), b.NewBlock("round"), b.NewBlock("next"), b.NewBlock("done")
	outer, trips := f.loop, f.trips
	f.loop = &loop{next: next, done: done}
	f.trips *= max(1, limit)
	b.Jump(head)
	b.SetBlock(head)
	test(round, done)
	b.Seal(round)
	b.SetBlock(round)
	if !exact {
		capped, goOn := b.NewBlock("limit"), b.NewBlock("body")
		capped.Cold = true
		b.If(b.Bin(ir.OpULt, b.Get(count), b.Const(int64(limit))), goOn, capped)
		b.Seal(goOn)
		b.Seal(capped)
		b.SetBlock(capped)
		f.lose(object.LossLoop, nil, span)
		b.Jump(done)
		b.SetBlock(goOn)
	}
	body()
	b.Jump(next)
	b.Seal(next)
	b.SetBlock(next)
	step()
	b.Set(count, b.Bin(ir.OpAdd, b.Get(count), b.Const(1)))
	b.Jump(head)
	b.Seal(head)
	b.Seal(done)
	b.SetBlock(done)
	f.loop, f.trips = outer, trips
}

// bpfLoop calls a callback up to n times and returns how often it ran.
func (f *fn) bpfLoop(n *ir.Value, callback string) *ir.Value {
	return f.b.Call(asm.FnLoop, n, f.b.FuncPtr(callback), f.frameBase(), f.b.Const(0))
}
