package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
)

// concat builds two strings in one. The second is read in whole behind the
// first, into memory that has room for it wherever the first one ends: what the
// verifier knows of a length is only its greatest value.
func (f *fn) concat(e *typed.Call, dst mem, _ bool) {
	first, second := e.Args[0], e.Args[1]
	m, n := first.Type().Size, second.Type().Size
	tail := f.materialize(second)
	whole := f.tempBytes("joined", m-1+n)
	f.zero(whole, (m-1+n+7)&^7)
	f.build(first, whole, true)
	end := f.clamp(f.lengthOf(whole, m), int64(m-1))
	f.b.Call(asm.FnProbeReadKernelStr, f.b.Bin(ir.OpAdd, f.addr(whole), end), f.b.Const(int64(n)), f.addr(tail))
	if size := e.T.Size; size < m-1+n {
		f.store(whole, size-1, 1, f.b.Const(0))
	}
	f.copyBytes(dst, whole, e.T.Size)
}

// writeUser writes a value of the script to memory of the current process.
func (f *fn) writeUser(e *typed.Call) *ir.Value {
	n := e.Args[2].(*typed.Const).Value
	src := e.Args[1]
	var box mem
	if src.Type().Scalar() {
		box = f.tempBytes("written", 8)
		f.store(box, 0, src.Type().Size, f.word(src))
	} else {
		box = f.materialize(src)
	}
	err := f.b.Call(asm.FnProbeWriteUser, f.word(e.Args[0]), f.addr(box), f.b.Const(n))
	return f.b.Extend(err, 4, true)
}

// socketCookie is the number of a socket, made by the kernel when first asked.
func (f *fn) socketCookie(e *typed.Call) *ir.Value {
	// The helper came to these programs with the kernel that got atomic fetches.
	f.need(target.FeatureAtomicFetch, e.Span, "socket_cookie()", "")
	return f.b.Call(asm.FnGetSocketCookie, f.word(e.Args[0]))
}

// filePath is d_path of a struct path, which is a member of something that the
// verifier trusts.
func (f *fn) filePath(e *typed.Call, dst mem, _ bool) {
	f.zero(dst, e.T.Size)
	f.withLoc(e.Args[0], func(l loc) *ir.Value {
		f.b.Call(asm.FnDPath, f.address(l), f.addr(dst), f.b.Const(int64(e.T.Size)))
		return nil
	}, func() *ir.Value { return nil })
}
