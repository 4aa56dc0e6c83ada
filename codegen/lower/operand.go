package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// operand reads an argument of a USDT probe. All points of the clause have it in
// the same place: the type checker keeps others apart.
func (f *fn) operand(e *typed.ContextArg) *ir.Value {
	o := f.clause.Points[0].Operands[e.Index]
	switch o.Kind {
	case point.OperandConstant:
		return f.b.Extend(f.b.Const(o.Value), o.Size, o.Signed)
	case point.OperandRegister:
		v := f.reg(o.Base, e.Span)
		if o.Shift != 0 {
			v = f.b.Bin(ir.OpShr, v, f.b.Const(int64(o.Shift)))
		}
		if o.Size == 8 {
			return v
		}
		return f.b.Extend(v, o.Size, o.Signed)
	}
	at := loc{off: o.Value, space: types.User}
	switch {
	case o.Kind == point.OperandCode:
		at.ptr = f.reg(f.machine(e.Span).ip, e.Span)
	case o.Base == "":
		at.ptr = f.scale(f.reg(o.Index, e.Span), int(o.Scale))
	case o.Index == "":
		at.ptr = f.reg(o.Base, e.Span)
	default:
		at.ptr = f.b.Bin(ir.OpAdd, f.reg(o.Base, e.Span), f.scale(f.reg(o.Index, e.Span), int(o.Scale)))
	}
	return f.loadLoc(at, types.IntOf(o.Size, o.Signed), false)
}
