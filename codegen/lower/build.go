package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// build evaluates an expression into memory: all bytes of its type's size are
// written, those between the elements of a tuple too. Padded asks for zeroes
// behind the NUL of every string, however long, as map keys need them.
func (f *fn) build(e typed.Expr, dst mem, padded bool) {
	defer f.inSpan(e.Pos())()
	t := e.Type()
	if t.Scalar() {
		f.store(dst, 0, t.Size, f.word(e))
		return
	}
	switch e := e.(type) {
	case *typed.Str:
		f.storeText(dst, e.Value, t.Size)
	case *typed.Zero:
		f.zero(dst, t.Size)
	case *typed.TupleExpr:
		f.buildTuple(t, e.Elems, dst, padded)
	case *typed.VarRef:
		f.copyValue(dst, f.variable(e.Var).mem, t, t, padded)
	case *typed.MapRead, *typed.Deref, *typed.Member, *typed.Element, *typed.ContextField:
		f.buildPlace(e, dst, padded)
	case *typed.Ternary:
		f.choose(e.Cond, types.VoidType(), func() *ir.Value { f.build(e.Then, dst, padded); return nil },
			func() *ir.Value { f.build(e.Else, dst, padded); return nil })
	case *typed.BlockExpr:
		f.stmts(e.Stmts)
		f.build(e.Result, dst, padded)
	case *typed.Convert:
		f.buildConvert(e, dst, padded)
	case *typed.Builtin:
		f.builtinMemory(e, dst)
	case *typed.Call:
		f.buildCall(e, dst, padded)
	default:
		internal("build of %T", e)
	}
}

// buildPlace copies what is at a place.
func (f *fn) buildPlace(e typed.Expr, dst mem, padded bool) {
	t := e.Type()
	f.withLoc(e, func(l loc) *ir.Value {
		if l.space == types.NoSpace {
			f.copyValue(dst, l.mem, t, t, padded)
		} else {
			f.copyPlace(dst, l, t, padded)
		}
		return nil
	}, func() *ir.Value { f.zero(dst, t.Size); return nil })
}

// buildTuple builds the elements where they belong.
func (f *fn) buildTuple(t types.Type, elems []typed.Expr, dst mem, padded bool) {
	f.zeroGaps(t, dst)
	for i, m := range t.Members {
		f.build(elems[i], dst.plus(m.Offset), padded)
	}
}

// zeroGaps clears the padding between the members of a tuple.
func (f *fn) zeroGaps(t types.Type, dst mem) {
	at := 0
	for _, m := range t.Members {
		f.zero(dst.plus(at), m.Offset-at)
		at = m.Offset + m.Type.Size
	}
	if at < t.Size {
		f.zero(dst.plus(at), t.Size-at)
	}
}

// materialize gives memory that holds the value of an expression: that of a
// variable itself where the expression is one, otherwise a fresh slot.
func (f *fn) materialize(e typed.Expr) mem {
	if ref, ok := e.(*typed.VarRef); ok && !ref.T.Scalar() {
		return f.variable(ref.Var).mem
	}
	tmp := f.temp("value", e.Type())
	f.build(e, tmp, false)
	return tmp
}
