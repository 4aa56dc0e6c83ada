package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// fit cuts a word to the width of an integer type after arithmetic.
func (f *fn) fit(v *ir.Value, t types.Type) *ir.Value {
	if t.Size >= 8 || t.Size == 0 {
		return v
	}
	return f.b.Extend(v, t.Size, signed(t))
}

func (f *fn) unary(e *typed.Unary) *ir.Value {
	x := f.word(e.X)
	switch e.Op {
	case typed.Neg:
		return f.fit(f.b.Neg(x), e.T)
	case typed.BitNot:
		return f.fit(f.b.Bin(ir.OpXor, x, f.b.Const(-1)), e.T)
	case typed.Not:
		return f.b.Bin(ir.OpEq, x, f.b.Const(0))
	}
	internal("unary %s", e.Op)
	return nil
}

func (f *fn) binary(e *typed.Binary) *ir.Value {
	x := f.word(e.X)
	y := f.word(e.Y)
	switch e.Op {
	case typed.Div, typed.Mod:
		return f.fit(f.divide(e, x, y), e.T)
	case typed.And, typed.Or, typed.Xor:
		return f.b.Bin(binaryOp(e.Op, e.T), x, y)
	}
	return f.fit(f.b.Bin(binaryOp(e.Op, e.T), x, y), e.T)
}

func binaryOp(op typed.Op, t types.Type) ir.Op {
	switch op {
	case typed.Add:
		return ir.OpAdd
	case typed.Sub:
		return ir.OpSub
	case typed.Mul:
		return ir.OpMul
	case typed.And:
		return ir.OpAnd
	case typed.Or:
		return ir.OpOr
	case typed.Xor:
		return ir.OpXor
	case typed.Shl:
		return ir.OpShl
	case typed.Shr:
		return ir.OpShr
	case typed.Div:
		if signed(t) {
			return ir.OpSDiv
		}
		return ir.OpUDiv
	case typed.Mod:
		if signed(t) {
			return ir.OpSMod
		}
		return ir.OpUMod
	}
	internal("binary %s", op)
	return 0
}

// divide gives 1 and counts a loss if the divisor is zero.
func (f *fn) divide(e *typed.Binary, x, y *ir.Value) *ir.Value {
	op := binaryOp(e.Op, e.T)
	if c, ok := e.Y.(*typed.Const); ok && c.Value != 0 {
		return f.b.Bin(op, x, y)
	}
	result := &ir.Var{Name: "quotient"}
	ok, zero, end := f.b.NewBlock("divide"), f.b.NewBlock("by.zero"), f.b.NewBlock("end")
	zero.Cold = true
	f.b.If(y, ok, zero)
	f.b.Seal(ok)
	f.b.Seal(zero)
	f.b.SetBlock(ok)
	f.b.Set(result, f.b.Bin(op, x, y))
	f.b.Jump(end)
	f.b.SetBlock(zero)
	f.lose(object.LossDivision, nil, e.Span)
	f.b.Set(result, f.b.Const(1))
	f.b.Jump(end)
	f.b.Seal(end)
	f.b.SetBlock(end)
	return f.b.Get(result)
}

func (f *fn) pointerAdd(e *typed.PtrAdd) *ir.Value {
	x := f.word(e.X)
	if _, fixed := e.Index.(*typed.Const); !fixed && f.known(e.X) {
		panic(&Unsupported{
			Span: e.Span, Msg: "only a constant can be added to the address of a variable, a map's value or the context",
			Hint: "make a number of it first: (uint64)pointer + n",
		})
	}
	n := f.scale(f.word(e.Index), max(1, e.T.Elem.Size))
	if e.Sub {
		return f.b.Bin(ir.OpSub, x, n)
	}
	return f.b.Bin(ir.OpAdd, x, n)
}

// scale multiplies by a size.
func (f *fn) scale(v *ir.Value, size int) *ir.Value {
	if size == 1 {
		return v
	}
	return f.b.Bin(ir.OpMul, v, f.b.Const(int64(size)))
}

// compareOps gives the IR's comparison, for unsigned and signed operands.
var compareOps = map[typed.Op][2]ir.Op{
	typed.Eq: {ir.OpEq, ir.OpEq},
	typed.Ne: {ir.OpNe, ir.OpNe},
	typed.Lt: {ir.OpULt, ir.OpSLt},
	typed.Le: {ir.OpULe, ir.OpSLe},
	typed.Gt: {ir.OpUGt, ir.OpSGt},
	typed.Ge: {ir.OpUGe, ir.OpSGe},
}

func (f *fn) compare(e *typed.Compare) *ir.Value {
	t := e.X.Type()
	if !t.Scalar() {
		return f.compareMemory(e)
	}
	ops, ok := compareOps[e.Op]
	if !ok {
		internal("compare %s", e.Op)
	}
	op := ops[0]
	if signed(t) {
		op = ops[1]
	}
	x := f.word(e.X)
	return f.b.Bin(op, x, f.word(e.Y))
}

// incDec adds to a variable or an element and gives the value before or after.
func (f *fn) incDec(e *typed.IncDec) *ir.Value {
	switch target := e.Target.(type) {
	case *typed.VarRef:
		old := f.readVar(target.Var)
		next := f.fit(f.b.Bin(ir.OpAdd, old, f.b.Const(e.Delta)), target.Var.Type)
		f.writeVar(target.Var, next)
		if e.Prefix {
			return next
		}
		return old
	case *typed.MapRead:
		return f.incDecMap(e, target)
	}
	internal("increment of %T", e.Target)
	return nil
}

// lose counts a loss at the current place.
func (f *fn) lose(cause object.Cause, m *typed.Map, span source.Span) {
	l := object.Loss{Cause: cause, Clause: f.clause.Index, Probe: f.probeText(), Span: span}
	if m != nil {
		l.Map = "@" + m.Name
	}
	f.bump(f.loss(l))
}

// probeText is the clause's probe as messages name it.
func (f *fn) probeText() string {
	if len(f.clause.Points) == 0 {
		return ""
	}
	return f.clause.Points[0].Name
}
