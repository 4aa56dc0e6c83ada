package lower

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// A stack is stored once, in a hash map of stacks, under a hash of the words
// there are: a value of type stack is that hash, and the task's ids. Nothing is
// dropped but by a full map, and by two stacks of one 64-bit hash.
const (
	userStack    = 1 << 8  // BPF_F_USER_STACK
	userBuildID  = 1 << 11 // BPF_F_USER_BUILD_ID
	stackBuckets = 1 << 15 // room for stacks, where room costs little
	hashFactor   = -0x61c8864680b583eb
)

// frameBytes is the size of a frame: an address, or struct bpf_stack_build_id.
func frameBytes(t types.Type) int {
	if buildID(t) {
		return 32
	}
	return 8
}

func buildID(t types.Type) bool { return t.Mode == types.StackBuildID && t.User }

// stackMap returns the map of the stacks of a type.
func (u *unit) stackMap(t types.Type) string {
	id := object.StackMap{User: t.User, Depth: t.Depth, BuildID: buildID(t)}
	if key, ok := u.stacks[id]; ok {
		return key
	}
	side := "kstack"
	if t.User {
		side = "ustack"
	}
	if id.BuildID {
		side = "bstack"
	}
	key := fmt.Sprintf("%s_%d", side, t.Depth)
	u.stacks[id] = key
	spec := &ebpf.MapSpec{Type: ebpf.Hash, KeySize: 8, ValueSize: uint32(t.Depth * frameBytes(t)),
		MaxEntries: uint32(max(u.prog.Config.MaxMapKeys, 1))}
	if u.lazyHash() && !slices.ContainsFunc(u.prog.Clauses, insertsInBursts) {
		spec.Flags = 1
		spec.MaxEntries = max(spec.MaxEntries, stackBuckets)
	}
	u.addMap(key, spec)
	id.Spec = key
	u.res.Manifest.Stacks = append(u.res.Manifest.Stacks, id)
	return key
}

// stack builds the value of kstack or ustack.
func (f *fn) stack(e *typed.Builtin, dst mem) {
	stacks := f.stackMap(e.T)
	size := e.T.Depth * frameBytes(e.T)
	slot := f.b.NewSlot("stack", (size+7)&^7, 8)
	slot.Scratch = true
	frames := slotMem(slot)
	n := f.walkStack(e.T, frames)
	// The walk over the words teaches the verifier a lot about n, all useless.
	count := f.forget(n)
	hash := f.hashWords(frames, n, size/8)

	id := f.tempBytes("stackid", 8)
	f.store(id, 0, 8, hash)
	known := f.callLookup(stacks, id)
	f.ifNonZero(f.b.Bin(ir.OpEq, known, f.b.Const(0)), true, func() {
		f.storeStack(e, stacks, id, frames, count, size)
	})
	f.store(dst, 0, 8, hash)
	// Addresses of user space mean something only within their process; a
	// kernel stack is the same whoever runs into it.
	owner := f.b.Const(0)
	if e.T.User {
		owner = f.upper(asm.FnGetCurrentPidTgid)
	}
	f.store(dst, 8, 8, owner)
}

// walkStack fills memory with a stack and returns its size in bytes; there may
// be none (of a kernel thread, a user stack), which is an empty one.
func (f *fn) walkStack(t types.Type, frames mem) *ir.Value {
	flags := int64(0)
	if t.User {
		flags = userStack
	}
	if buildID(t) {
		flags |= userBuildID
	}
	size := int64(t.Depth * frameBytes(t))
	n := f.b.Call(asm.FnGetStack, f.context(), f.addr(frames), f.b.Const(size), f.b.Const(flags))
	clean := &ir.Var{Name: "bytes"}
	f.b.Set(clean, f.b.Const(0))
	f.ifNonZero(f.b.Bin(ir.OpSGt, n, f.b.Const(0)), false, func() { f.b.Set(clean, n) })
	return f.b.Get(clean)
}

// hashWords hashes the first n bytes, at most count words.
func (f *fn) hashWords(m mem, n *ir.Value, count int) *ir.Value {
	hash := &ir.Var{Name: "hash"}
	f.b.Set(hash, n)
	f.countLoop(count, func(i *ir.Value, done *ir.Block) {
		more := f.b.NewBlock("more")
		at := f.b.Bin(ir.OpShl, i, f.b.Const(3))
		f.b.If(f.b.Bin(ir.OpULt, at, n), more, done)
		f.b.Seal(more)
		f.b.SetBlock(more)
		base, off := f.at(m)
		word := f.b.Load(8, false, f.b.Bin(ir.OpAdd, base, at), off)
		mixed := f.b.Bin(ir.OpMul, f.b.Bin(ir.OpXor, f.b.Get(hash), word), f.b.Const(hashFactor))
		f.b.Set(hash, f.b.Bin(ir.OpXor, mixed, f.b.Bin(ir.OpShr, mixed, f.b.Const(29))))
	})
	return f.b.Get(hash)
}

// storeStack stores a stack not seen before; the first zero word ends it.
func (f *fn) storeStack(e *typed.Builtin, stacks string, id, frames mem, n *ir.Value, size int) {
	frame := frameBytes(e.T)
	f.ifNonZero(f.b.Bin(ir.OpULe, n, f.b.Const(int64(size-frame))), true, func() {
		base, off := f.at(frames)
		f.b.Store(8, f.b.Bin(ir.OpAdd, base, n), off, f.b.Const(0))
	})
	err := f.b.Call(asm.FnMapUpdateElem, f.b.MapPtr(stacks), f.addr(id), f.addr(frames), f.b.Const(updateNoExist))
	f.ifNonZero(err, true, func() {
		f.ifNonZero(f.b.Bin(ir.OpNe, err, f.b.Const(errExist)), true, func() {
			f.lose(object.LossStack, nil, e.Span)
		})
	})
}

// stackLength is the number of frames of a stack.
func (f *fn) stackLength(e typed.Expr) *ir.Value {
	t := e.Type()
	if _, ok := e.(*typed.Builtin); ok {
		slot := f.b.NewSlot("stack", t.Depth*frameBytes(t), 8)
		slot.Scratch = true
		return f.b.Bin(ir.OpUDiv, f.walkStack(t, slotMem(slot)), f.b.Const(int64(frameBytes(t))))
	}
	value := f.materialize(e)
	found := f.callLookup(f.stackMap(t), value)
	length := &ir.Var{Name: "frames"}
	f.b.Set(length, f.b.Const(0))
	f.ifNonZero(found, false, func() {
		f.countLoop(t.Depth, func(i *ir.Value, done *ir.Block) {
			more := f.b.NewBlock("more")
			at := f.b.Bin(ir.OpAdd, found, f.scale(i, frameBytes(t)))
			f.b.If(f.b.Load(8, false, at, 0), more, done)
			f.b.Seal(more)
			f.b.SetBlock(more)
			f.b.Set(length, f.b.Bin(ir.OpAdd, i, f.b.Const(1)))
		})
	})
	return f.forget(f.b.Get(length))
}
