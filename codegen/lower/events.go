package lower

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// The ring buffer and how records get into it. A record wakes user space if it
// has read all before it, and those that follow do not, but for exit().
const (
	ringMap    = "events"
	wakeIdle   = 0 // only for the first record that was not read yet
	forceWake  = 2 // BPF_RB_FORCE_WAKEUP
	headerSize = 8

	// largestFixed is the size of a record up to which strings have room for
	// their greatest length; in a larger one they are packed.
	largestFixed = 512
	// leastDynamic is the size above which a string is worth packing.
	leastDynamic = 32
)

// event returns the id of the event of a place in the script, which is the
// same in all programs the place is in.
func (f *fn) event(place any, e object.Event) int {
	if id, ok := f.events[place]; ok {
		return id
	}
	id := len(f.res.Manifest.Events)
	f.events[place] = id
	e.Clause, e.Span = f.clause.Index, f.b.Span
	f.res.Manifest.Events = append(f.res.Manifest.Events, e)
	if f.res.Manifest.Ring == "" {
		f.res.Manifest.Ring = ringMap
		f.addMap(ringMap, &ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: f.ringSize()})
	}
	return id
}

// ringSize is the ring's size in bytes; the runtime may choose another.
func (u *unit) ringSize() uint32 {
	const page, usual = 4096, 1024
	pages := u.prog.Config.RingBufferPages
	if pages <= 0 {
		pages = usual
	}
	size := uint32(page)
	for int(size) < pages*page {
		size *= 2
	}
	return size
}

// layout places the arguments of an event in its record.
func layout(e *object.Event, args []typed.Expr) {
	place := func(dynamic bool) {
		e.Args, e.FixedSize = nil, headerSize
		for _, x := range args {
			a := object.EventArg{Type: x.Type()}
			if s, ok := x.(*typed.Str); ok && a.Type.Kind == types.String {
				text := s.Value
				a.Literal = &text
				e.Args = append(e.Args, a)
				continue
			}
			size, align := a.Type.Size, a.Type.Align()
			if dynamic && printable(a.Type) && size > leastDynamic {
				a.Dynamic, size, align = true, 4, 4
			}
			a.Offset = (e.FixedSize + align - 1) &^ (align - 1)
			e.FixedSize = a.Offset + size
			e.Args = append(e.Args, a)
		}
		e.FixedSize = (e.FixedSize + 7) &^ 7
	}
	if place(false); e.FixedSize > largestFixed {
		place(true)
	}
}

// emit sends an event with its arguments.
func (f *fn) emit(place any, e object.Event, args []typed.Expr, flags int64) {
	layout(&e, args)
	for _, a := range e.Args {
		if a.Dynamic {
			f.emitPacked(f.event(place, e), e, args, flags)
			return
		}
	}
	f.emitFixed(f.event(place, e), e, args, flags)
}

// emitFixed evaluates what can jump, reserves a record, and writes it in place.
func (f *fn) emitFixed(id int, e object.Event, args []typed.Expr, flags int64) {
	writers := make([]writer, len(args))
	for i, x := range args {
		if e.Args[i].Literal == nil {
			writers[i] = f.prepare(x)
		}
	}
	f.send(id, e, writers, flags)
}

// send reserves a record of fixed size, has it written, and submits it.
func (f *fn) send(id int, e object.Event, writers []writer, flags int64) {
	b := f.b
	rec := b.Call(asm.FnRingbufReserve, b.MapPtr(ringMap), b.Const(int64(e.FixedSize)), b.Const(0))
	got, lost, end := b.NewBlock("reserved"), b.NewBlock("ring.full"), b.NewBlock("sent")
	lost.Cold = true
	b.If(rec, got, lost)
	b.Seal(got)
	b.Seal(lost)
	b.SetBlock(got)
	record := baseMem(rec, 8)
	f.store(record, 0, 8, b.Const(int64(id)))
	for i, w := range writers {
		if w != nil {
			w(record.plus(e.Args[i].Offset))
		}
	}
	b.Call(asm.FnRingbufSubmit, rec, b.Const(flags))
	b.Jump(end)
	b.SetBlock(lost)
	f.lose(object.LossRing, nil, b.Span)
	b.Jump(end)
	b.Seal(end)
	b.SetBlock(end)
}

// writer writes a value into a record. It may call helpers but not jump.
type writer func(dst mem)

// prepare evaluates whatever of an expression can jump, fail or have an effect,
// and returns what writes the value.
func (f *fn) prepare(x typed.Expr) writer {
	t := x.Type()
	if t.Scalar() {
		v := f.word(x)
		return func(dst mem) { f.store(dst, 0, t.Size, v) }
	}
	switch e := x.(type) {
	case *typed.Str:
		return func(dst mem) { f.storeText(dst, e.Value, t.Size) }
	case *typed.Builtin:
		if e.Name == "comm" {
			return func(dst mem) { f.builtinMemory(e, dst) }
		}
	case *typed.VarRef:
		return f.copyWriter(f.variable(e.Var).mem, t)
	case *typed.TupleExpr:
		return f.tupleWriter(e)
	case *typed.ContextField:
		l := f.contextField(e)
		return func(dst mem) { f.readPlain(dst, l, t) }
	case *typed.Convert:
		if field, ok := e.X.(*typed.ContextField); ok && t.Kind == types.String {
			l := f.contextField(field)
			return func(dst mem) { f.readPlain(dst, l, t) }
		}
	case *typed.Call:
		if limit, ok := f.textArgs(e); ok && limit >= int64(t.Size) {
			ptr := f.word(e.Args[0])
			return func(dst mem) { f.readText(e.Args[0], ptr, f.b.Const(int64(t.Size)), dst) }
		}
	}
	tmp := f.temp("arg", t)
	f.build(x, tmp, false)
	return f.copyWriter(tmp, t)
}

// textArgs gives the constant limit of a call of str().
func (f *fn) textArgs(e *typed.Call) (int64, bool) {
	if e.Name != "str" {
		return 0, false
	}
	return f.constArg(e, 1)
}

// readPlain copies from another space without clearing first: nobody looks
// behind the NUL of a string in a record.
func (f *fn) readPlain(dst mem, l loc, t types.Type) {
	if t.Kind != types.String {
		f.copyPlace(dst, l, t, false)
		return
	}
	helper := asm.FnProbeReadKernelStr
	if l.space == types.User {
		helper = asm.FnProbeReadUserStr
	}
	f.b.Call(helper, f.addr(dst), f.b.Const(int64(t.Size)), f.address(l))
}

func (f *fn) copyWriter(src mem, t types.Type) writer {
	return func(dst mem) { f.copyValue(dst, src, t, t, false) }
}

func (f *fn) tupleWriter(e *typed.TupleExpr) writer {
	writers := make([]writer, len(e.Elems))
	for i, x := range e.Elems {
		writers[i] = f.prepare(x)
	}
	return func(dst mem) {
		f.zeroGaps(e.T, dst)
		for i, w := range writers {
			w(dst.plus(e.T.Members[i].Offset))
		}
	}
}
