package opt

// Folding looks at each value once, in an order that has seen its arguments,
// and makes it simpler: a constant, one of its arguments, or a cheaper
// operation. Rules are grouped by file: identities and canonical forms here,
// arithmetic on constants in consteval.go, cheaper operations in strength.go,
// what is known about a value's bits in bits.go.

import "github.com/gotrace/gotrace/codegen/ir"

// foldConst simplifies values.
func foldConst(f *ir.Func, _ bool) {
	fd := folder{f: f, same: map[*ir.Value]*ir.Value{}}
	for _, b := range ir.NewCFG(f).Order {
		fd.block(b)
	}
	replace(f, fd.same)
}

type folder struct {
	f    *ir.Func
	same map[*ir.Value]*ir.Value
	out  *ir.Block // receives the instructions
	at   *ir.Value
}

func (fd *folder) block(b *ir.Block) {
	old := b.Instrs
	fd.out, b.Instrs = b, make([]*ir.Value, 0, len(old))
	for _, v := range old {
		fd.at = v
		for i, a := range v.Args {
			v.Args[i] = fd.resolve(a)
		}
		if x := fd.value(v); x != v {
			fd.same[v] = x
			continue
		}
		b.Append(v)
	}
}

func (fd *folder) resolve(v *ir.Value) *ir.Value {
	for {
		x, ok := fd.same[v]
		if !ok {
			return v
		}
		v = x
	}
}

// value returns what v is the same as: v itself, possibly changed, or another.
func (fd *folder) value(v *ir.Value) *ir.Value {
	switch {
	case v.Op.IsBinary():
		canonical(v)
		if x, y := v.Args[0], v.Args[1]; x.Op == ir.OpConst && y.Op == ir.OpConst {
			return setConst(v, int64(evalWord(v.Op, uint64(x.Imm), uint64(y.Imm))))
		}
		return fd.binary(v)
	case v.Op.IsCompare():
		canonical(v)
		return compare(v)
	case v.Op == ir.OpNeg:
		return negation(v)
	case v.Op == ir.OpExtend:
		return extension(v)
	case v.Op == ir.OpStore:
		v.Args[1] = truncated(v.Args[1], v.Size)
	case v.Op == ir.OpSwap && v.Args[0].Op == ir.OpConst:
		return setConst(v, swapBytes(v.Args[0].Imm, v.Size))
	}
	return v
}

// setConst makes v the constant n.
func setConst(v *ir.Value, n int64) *ir.Value {
	v.Op, v.Args, v.Imm, v.Size, v.Signed, v.Sym = ir.OpConst, nil, n, 0, false, ""
	return v
}

// set makes v another operation.
func set(v *ir.Value, op ir.Op, args ...*ir.Value) *ir.Value {
	v.Op, v.Args = op, args
	return v
}

// emit adds a value before the one being folded.
func (fd *folder) emit(op ir.Op, args ...*ir.Value) *ir.Value {
	return fd.out.Append(fd.f.NewValue(op, fd.at.Span, args...))
}

func (fd *folder) constant(n int64) *ir.Value {
	v := fd.emit(ir.OpConst)
	v.Imm = n
	return v
}

// canonical puts a constant second where the operation allows it.
func canonical(v *ir.Value) {
	x, y := v.Args[0], v.Args[1]
	if x.Op != ir.OpConst || y.Op == ir.OpConst {
		return
	}
	switch {
	case v.Op.Commutes():
		v.Args[0], v.Args[1] = y, x
	case v.Op.IsCompare():
		v.Op = v.Op.Exchanged()
		v.Args[0], v.Args[1] = y, x
	}
}

// binary applies identities, then looks for a cheaper operation.
func (fd *folder) binary(v *ir.Value) *ir.Value {
	x, y := v.Args[0], v.Args[1]
	if x == y {
		switch v.Op {
		case ir.OpSub, ir.OpXor:
			return setConst(v, 0)
		case ir.OpAnd, ir.OpOr:
			return x
		}
	}
	if x.IsConst(0) {
		switch v.Op {
		case ir.OpSub:
			return set(v, ir.OpNeg, y)
		case ir.OpShl, ir.OpShr, ir.OpSar:
			return x
		}
	}
	if y.Op != ir.OpConst {
		return fd.unsigned(v)
	}
	if r := identity(v, x, y.Imm); r != nil {
		return r
	}
	if v.Op == ir.OpAdd || v.Op == ir.OpSub {
		return fd.sum(v, x, y.Imm)
	}
	return fd.strength(v, x, y.Imm)
}

// identity is x op n for the n that make it x or a constant, else nil.
func identity(v, x *ir.Value, n int64) *ir.Value {
	switch v.Op {
	case ir.OpAdd, ir.OpSub, ir.OpOr, ir.OpXor, ir.OpShl, ir.OpShr, ir.OpSar:
		if n == 0 {
			return x
		}
	case ir.OpMul, ir.OpUDiv, ir.OpSDiv:
		if n == 1 {
			return x
		}
	}
	switch {
	case n == 0 && (v.Op == ir.OpMul || v.Op == ir.OpAnd || v.Op == ir.OpUDiv || v.Op == ir.OpSDiv):
		return setConst(v, 0)
	case n == 0 && (v.Op == ir.OpUMod || v.Op == ir.OpSMod):
		return x // as the instruction: the dividend
	case v.Op == ir.OpAnd && uint64(n)&knownBits(x) == knownBits(x):
		return x
	case v.Op == ir.OpOr && n == -1:
		return setConst(v, -1)
	}
	return nil
}

// sum gathers constants: in x+n, from a sum or an address x.
func (fd *folder) sum(v, x *ir.Value, n int64) *ir.Value {
	if v.Op == ir.OpSub {
		n = -n
	}
	switch {
	case x.Op == ir.OpAdd && x.Args[1].Op == ir.OpConst:
		n += x.Args[1].Imm
		x = x.Args[0]
		if n == 0 {
			return x
		}
	case x.Op == ir.OpSlotAddr, x.Op == ir.OpMapValue && x.Imm+n >= 0 && x.Imm+n < 1<<29:
		v.Op, v.Args, v.Slot, v.Sym, v.Imm = x.Op, nil, x.Slot, x.Sym, x.Imm+n
		return v
	}
	return set(v, ir.OpAdd, x, fd.constant(n))
}

// truncated returns what x is made of if a store of size bytes cannot tell the
// difference.
func truncated(x *ir.Value, size int) *ir.Value {
	for x.Op == ir.OpExtend && x.Size >= size {
		x = x.Args[0]
	}
	return x
}

func compare(v *ir.Value) *ir.Value {
	x, y := v.Args[0], v.Args[1]
	switch {
	case x.Op == ir.OpConst && y.Op == ir.OpConst:
		return setConst(v, evalCompare(v.Op, x.Imm, y.Imm))
	case x == y:
		return setConst(v, evalCompare(v.Op, 0, 0))
	case x.Op.IsCompare() && y.Op == ir.OpConst && (v.Op == ir.OpEq || v.Op == ir.OpNe):
		return testOfFlag(v, x, y.Imm)
	case y.IsConst(0) && v.Op == ir.OpUGt:
		v.Op = ir.OpNe
	case y.IsConst(0) && v.Op == ir.OpULe:
		v.Op = ir.OpEq
	}
	return v
}

// testOfFlag simplifies flag == n and flag != n.
func testOfFlag(v, flag *ir.Value, n int64) *ir.Value {
	switch {
	case n != 0 && n != 1:
		return setConst(v, evalCompare(v.Op, 2, 0)) // equal to neither
	case (n == 1) == (v.Op == ir.OpEq):
		return flag
	}
	return set(v, flag.Op.Negated(), flag.Args[0], flag.Args[1])
}

func negation(v *ir.Value) *ir.Value {
	switch x := v.Args[0]; x.Op {
	case ir.OpConst:
		return setConst(v, -x.Imm)
	case ir.OpNeg:
		return x.Args[0]
	}
	return v
}

func extension(v *ir.Value) *ir.Value {
	x := v.Args[0]
	width := 8 * v.Size
	switch {
	case v.Size == 8:
		return x
	case x.Op == ir.OpConst:
		return setConst(v, evalExtend(x.Imm, v.Size, v.Signed))
	case v.Signed && (signedWithin(x, v.Size) || knownBits(x)>>(width-1) == 0):
		return x
	case !v.Signed && knownBits(x)>>width == 0:
		return x
	case x.Op == ir.OpExtend && x.Size >= v.Size:
		v.Args[0] = x.Args[0] // the outer one decides
	case !v.Signed && x.Op == ir.OpAnd && x.Args[1].Op == ir.OpConst:
		if m := uint64(x.Args[1].Imm); m&low(width) == low(width) {
			v.Args[0] = x.Args[0] // the mask keeps all that is kept here
		}
	}
	return v
}
