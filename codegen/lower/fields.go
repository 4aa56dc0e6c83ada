package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// loc is where a value is: memory of the program's own (space NoSpace), or an
// address in a space that is read through helpers (Kernel, User), by loads that
// may fault (BTF), or by loads at constant offsets (Context).
type loc struct {
	mem   mem
	space types.Space
	ptr   *ir.Value
	off   int64
}

func (l loc) plus(n int64) loc {
	l.mem.off += n
	l.off += n
	return l
}

// withLoc finds the place that an expression names and uses it. Where there
// may be no such place (a missing map element, a null pointer), the code of
// missing runs instead; both give the value of the whole.
func (f *fn) withLoc(e typed.Expr, use func(loc) *ir.Value, missing func() *ir.Value) *ir.Value {
	var root *ir.Value
	switch r := rootOf(e).(type) {
	case *typed.MapRead:
		m := f.maps[r.Map.Index]
		if m.cell() {
			root = f.b.MapValue(m.key, 0)
			return use(f.locate(e, root))
		}
		root = f.callLookup(m.key, f.mapKey(m, r.Key))
	case *typed.Deref:
		root = f.word(r.X)
		// Only arguments of tracepoints can be null as far as the verifier knows;
		// through other pointers that it trusts a load from null reads zero.
		if _, arg := r.X.(*typed.ContextArg); !arg || !f.group.context.Nullable() || !f.trusted(r.X) {
			return use(f.locate(e, root))
		}
	default:
		return use(f.locate(e, nil))
	}
	result := &ir.Var{Name: "field"}
	set := func(value func() *ir.Value) func() {
		return func() {
			if v := value(); v != nil {
				f.b.Set(result, v)
			}
		}
	}
	wanted := false
	f.ifElse(root, set(func() *ir.Value {
		v := use(f.locate(e, root))
		wanted = v != nil
		return v
	}), set(missing))
	if !wanted {
		return nil
	}
	return f.b.Get(result)
}

// rootOf strips members and elements off an expression.
func rootOf(e typed.Expr) typed.Expr {
	for {
		switch x := e.(type) {
		case *typed.Member:
			e = x.X
		case *typed.Element:
			e = x.X
		default:
			return e
		}
	}
}

// locate finds a place; root is the address that its MapRead or Deref gave.
func (f *fn) locate(e typed.Expr, root *ir.Value) loc {
	switch e := e.(type) {
	case *typed.Member:
		return f.locate(e.X, root).plus(int64(e.Member.Offset))
	case *typed.Element:
		return f.element(e, root)
	case *typed.MapRead:
		return loc{mem: baseMem(root, 8)}
	case *typed.Deref:
		return loc{ptr: root, space: f.space(e.X)}
	case *typed.ContextField:
		return f.contextField(e)
	case *typed.VarRef:
		if !e.T.Scalar() {
			return loc{mem: f.variable(e.Var).mem}
		}
	}
	tmp := f.temp("value", e.Type())
	f.build(e, tmp, false)
	return loc{mem: tmp}
}

// space is how memory behind a pointer is read.
func (f *fn) space(pointer typed.Expr) types.Space {
	switch s := pointer.Type().Space; s {
	case types.User, types.Kernel:
		return s
	case types.BTF:
		if f.trusted(pointer) {
			return types.BTF
		}
		return types.Kernel
	case types.NoSpace:
		if f.clause.Space == types.User {
			return types.User
		}
	}
	// The program's own memory is kernel memory, too; a checked read needs no
	// proof that the pointer is what it was.
	return types.Kernel
}

// trusted reports whether the verifier knows what the pointer that an
// expression gives points at, so that it may be loaded through.
func (f *fn) trusted(e typed.Expr) bool {
	if e.Type().Space != types.BTF {
		return false
	}
	switch e := e.(type) {
	case *typed.ContextArg:
		return f.group.context.Trusted()
	case *typed.Builtin:
		return e.Name == "curtask" && f.target.Have(target.FeatureTaskBTF)
	case *typed.Member:
		return e.Member.BitSize == 0 && f.trustedPlace(e.X)
	case *typed.VarRef:
		return f.trustedVar(e.Var)
	}
	return false
}

func (f *fn) trustedPlace(e typed.Expr) bool {
	switch e := e.(type) {
	case *typed.Member:
		return f.trustedPlace(e.X)
	case *typed.Deref:
		return f.trusted(e.X)
	}
	return false
}

// number is the value of a pointer as a plain number, which a variable may hold,
// arithmetic may change and a loop may merge with others. What the verifier
// knows of a pointer forbids all that; a copy by a helper it knows nothing of.
func (f *fn) number(e typed.Expr) *ir.Value {
	if b, ok := e.(*typed.Builtin); ok && b.Name == "curtask" {
		return f.b.PureCall(asm.FnGetCurrentTask)
	}
	if !f.known(e) {
		return f.word(e)
	}
	from, to := f.tempBytes("pointer", 8), f.tempBytes("number", 8)
	f.store(from, 0, 8, f.word(e))
	f.b.Call(asm.FnProbeReadKernel, f.addr(to), f.b.Const(8), f.addr(from))
	return f.load(to, 0, 8, false)
}

// known reports whether an expression gives a pointer that the verifier keeps
// track of.
func (f *fn) known(e typed.Expr) bool {
	switch e.Type().Space {
	case types.BTF:
		return f.trusted(e)
	case types.Stk, types.MapMem, types.Context:
		return true
	}
	return false
}

// element finds an element of an array place.
func (f *fn) element(e *typed.Element, root *ir.Value) loc {
	size := max(1, e.T.Size)
	whole := e.X.Type()
	count := whole.Len
	if whole.Kind == types.String {
		count = whole.Size
	}
	l := f.locate(e.X, root)
	if c, ok := e.Index.(*typed.Const); ok {
		return l.plus(c.Value * int64(size))
	}
	index := f.word(e.Index)
	switch l.space {
	case types.User, types.Kernel, types.BTF:
		if l.space == types.BTF {
			l.space = types.Kernel
		}
		l.ptr = f.b.Bin(ir.OpAdd, l.ptr, f.scale(index, size))
		return l
	}
	// Of the program's own memory the verifier wants the bounds proven; beyond
	// them the address is null, which reads as zero.
	base, off := l.ptr, l.off
	if l.space == types.NoSpace {
		base, off = f.at(l.mem)
	} else {
		base = f.contextAddress()
	}
	ptr := &ir.Var{Name: "element"}
	f.b.Set(ptr, f.b.Const(0))
	f.ifNonZero(f.b.Bin(ir.OpULt, index, f.b.Const(int64(count))), false, func() {
		at := f.b.Bin(ir.OpAdd, base, f.scale(index, size))
		f.b.Set(ptr, f.b.Bin(ir.OpAdd, at, f.b.Const(off)))
	})
	return loc{ptr: f.b.Get(ptr), space: types.Kernel}
}

// readWord reads a scalar from a place.
func (f *fn) readWord(e typed.Expr) *ir.Value {
	m := types.Member{Type: e.Type()}
	if x, ok := e.(*typed.Member); ok {
		m = x.Member
	}
	if x, ok := e.(*typed.ContextField); ok {
		m.BitOffset, m.BitSize = x.Member.BitOffset, x.Member.BitSize
	}
	return f.withLoc(e, func(l loc) *ir.Value { return f.bits(f.loadLoc(l, e.Type(), m.BitSize != 0), m, e.Type()) },
		func() *ir.Value { return f.b.Const(0) })
}

// bits takes a bit-field out of its storage unit.
func (f *fn) bits(unit *ir.Value, m types.Member, t types.Type) *ir.Value {
	if m.BitSize == 0 {
		return unit
	}
	up := f.b.Bin(ir.OpShl, unit, f.b.Const(int64(64-m.BitOffset-m.BitSize)))
	op := ir.OpShr
	if signed(t) {
		op = ir.OpSar
	}
	return f.b.Bin(op, up, f.b.Const(int64(64-m.BitSize)))
}

// loadLoc loads a scalar.
func (f *fn) loadLoc(l loc, t types.Type, bitField bool) *ir.Value {
	switch l.space {
	case types.NoSpace:
		if l.mem.alignment() >= t.Size || l.mem.slot == nil {
			return f.loadTyped(l.mem, t)
		}
		// Unaligned stack access is refused.
		tmp := f.temp("unaligned", t)
		f.copyBytes(tmp, l.mem, t.Size)
		return f.loadTyped(tmp, t)
	case types.Context:
		if l.off%int64(t.Size) == 0 {
			return f.b.Load(t.Size, signed(t), l.ptr, l.off)
		}
	case types.BTF:
		if !bitField {
			return f.b.Load(t.Size, signed(t), l.ptr, l.off)
		}
	}
	tmp := f.temp("read", t)
	f.probeRead(tmp, l, t.Size)
	return f.loadTyped(tmp, t)
}

// address is the address of a place that helpers read.
func (f *fn) address(l loc) *ir.Value {
	switch {
	case l.space == types.NoSpace:
		return f.addr(l.mem)
	case l.off == 0:
		return l.ptr
	}
	return f.b.Bin(ir.OpAdd, l.ptr, f.b.Const(l.off))
}

// probeRead copies size bytes from a place in another space; zeroes on failure.
func (f *fn) probeRead(dst mem, l loc, size int) {
	helper := asm.FnProbeReadKernel
	if l.space == types.User {
		helper = asm.FnProbeReadUser
	}
	f.b.Call(helper, f.addr(dst), f.b.Const(int64(size)), f.address(l))
}

// copyPlace copies the value of type t at a place.
func (f *fn) copyPlace(dst mem, l loc, t types.Type, padded bool) {
	switch {
	case t.Kind == types.String:
		f.copyText(dst, t.Size, l, t.Size, padded)
	case l.space == types.NoSpace:
		f.copyBytes(dst, l.mem, t.Size)
	default:
		f.probeRead(dst, l, t.Size)
	}
}

// copyText copies a string of up to from bytes into a destination of to bytes.
func (f *fn) copyText(dst mem, to int, l loc, from int, padded bool) {
	padded = padded || to <= paddedString
	size := min(to, from)
	if l.space == types.NoSpace && from <= paddedString {
		f.copyBytes(dst, l.mem, size)
		if from > to {
			f.store(dst, to-1, 1, f.b.Const(0))
		}
		if padded {
			f.zero(dst.plus(size), to-size)
		}
		return
	}
	if padded {
		f.zero(dst, to)
	}
	helper := asm.FnProbeReadKernelStr
	if l.space == types.User {
		helper = asm.FnProbeReadUserStr
	}
	f.b.Call(helper, f.addr(dst), f.b.Const(int64(size)), f.address(l))
}
