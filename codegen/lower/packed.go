package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// emitPacked builds a record in scratch memory, each dynamic argument as long
// as it is, and sends what there is.
func (f *fn) emitPacked(id int, e object.Event, args []typed.Expr, flags int64) {
	size := e.FixedSize
	for _, a := range e.Args {
		if a.Dynamic {
			size += (a.Type.Size + 7) &^ 7
		}
	}
	slot := f.b.NewSlot("record", size+8, 8)
	slot.Scratch = true
	record := slotMem(slot)
	f.store(record, 0, 8, f.b.Const(int64(id)))
	for i, x := range args {
		if a := e.Args[i]; a.Literal == nil && !a.Dynamic {
			f.build(x, record.plus(a.Offset), false)
		}
	}
	end := &ir.Var{Name: "length"}
	f.b.Set(end, f.b.Const(int64(e.FixedSize)))
	most := e.FixedSize
	for i, x := range args {
		if a := e.Args[i]; a.Dynamic {
			f.pack(x, record, a, end, most)
			most += a.Type.Size
		}
	}
	total := f.clamp(f.b.Get(end), int64(most))
	err := f.b.Call(asm.FnRingbufOutput, f.b.MapPtr(ringMap), f.addr(record), total, f.b.Const(flags))
	f.ifNonZero(err, true, func() { f.lose(object.LossRing, nil, f.b.Span) })
}

// pack appends a string or buffer at end, which is at most most.
func (f *fn) pack(x typed.Expr, record mem, a object.EventArg, end *ir.Var, most int) {
	defer f.inSpan(x.Pos())()
	// What follows may call; the verifier wants the bound near its use.
	text := f.preparePacked(x)
	base, off := f.at(record)
	pos := f.b.Get(end)
	if pos.Op != ir.OpConst {
		pos = f.clamp(pos, int64(most))
	}
	dst := baseMem(f.b.Bin(ir.OpAdd, base, pos), 1)
	dst.off = off
	n := text(dst)
	f.store(record, a.Offset, 4, n)
	f.b.Set(end, f.b.Bin(ir.OpAdd, f.b.Get(end), n))
}

// preparePacked evaluates what a string or buffer is made of; the function it
// gives appends the text and returns its length.
func (f *fn) preparePacked(x typed.Expr) func(dst mem) *ir.Value {
	t := x.Type()
	if call, ok := x.(*typed.Call); ok {
		switch call.Name {
		case "str":
			limit, known := f.constArg(call, 1)
			if known && (limit < 0 || limit >= int64(t.Size)) {
				ptr := f.word(call.Args[0])
				return func(dst mem) *ir.Value {
					return f.withoutNUL(f.readText(call.Args[0], ptr, f.b.Const(int64(t.Size)), dst))
				}
			}
		case "buf":
			if call.Args[0].Type().Kind == types.Pointer {
				ptr := f.word(call.Args[0])
				n, _ := f.bufferLength(call)
				return func(dst mem) *ir.Value {
					f.readBytes(dst, n, loc{ptr: ptr, space: f.space(call.Args[0])})
					return n
				}
			}
		}
	}
	if t.Kind == types.String && isPlace(x) {
		return func(dst mem) *ir.Value { return f.textFrom(x, dst) }
	}
	text := f.materialize(x)
	if t.Kind == types.Buffer {
		return func(dst mem) *ir.Value {
			n := f.clamp(f.load(text, 0, 4, false), int64(t.Len))
			f.readBytes(dst, n, loc{mem: text.plus(4)})
			return n
		}
	}
	return func(dst mem) *ir.Value {
		n := f.b.Call(asm.FnProbeReadKernelStr, f.addr(dst), f.b.Const(int64(t.Size)), f.addr(text))
		return f.withoutNUL(n)
	}
}

// isPlace reports whether an expression names memory that is there already.
func isPlace(x typed.Expr) bool {
	switch x := x.(type) {
	case *typed.ContextField, *typed.Deref, *typed.Member, *typed.Element, *typed.MapRead, *typed.VarRef:
		return true
	case *typed.Convert:
		return x.X.Type().Kind == types.Array && isPlace(x.X)
	}
	return false
}

// textFrom copies a string from its place and returns its length.
func (f *fn) textFrom(x typed.Expr, dst mem) *ir.Value {
	size := x.Type().Size
	if c, ok := x.(*typed.Convert); ok {
		x, size = c.X, min(size, c.X.Type().Size)
	}
	return f.withLoc(x, func(l loc) *ir.Value {
		helper := asm.FnProbeReadKernelStr
		if l.space == types.User {
			helper = asm.FnProbeReadUserStr
		}
		return f.withoutNUL(f.b.Call(helper, f.addr(dst), f.b.Const(int64(size)), f.address(l)))
	}, func() *ir.Value { return f.b.Const(0) })
}
