package ir

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/lang/source"
)

// Var is a mutable word while a function is built; reads and writes of it
// become values and block parameters.
type Var struct {
	Name string
}

type pendingParam struct {
	v     *Var
	param *Value
}

// Builder builds one function. Span is copied into everything it emits.
//
// Blocks are made with NewBlock and filled after SetBlock. A block is sealed
// (Seal) as soon as all jumps to it have been emitted; reading a Var in an
// unsealed block is fine and is completed at Seal. The construction is that of
// Braun et al., "Simple and Efficient Construction of Static Single Assignment
// Form" (CC 2013).
type Builder struct {
	Func *Func
	Span source.Span

	block *Block
}

// NewBuilder starts a function with the given parameters; its entry block is
// current and sealed.
func NewBuilder(name string, params int) *Builder {
	b := &Builder{Func: &Func{Name: name}}
	entry := b.NewBlock("entry")
	entry.sealed = true
	b.block = entry
	for range params {
		v := b.newValue(OpParam)
		v.Block = entry
		b.Func.Params = append(b.Func.Params, v)
	}
	return b
}

func (b *Builder) newValue(op Op) *Value {
	v := &Value{ID: b.Func.nextValue, Op: op, Span: b.Span}
	b.Func.nextValue++
	return v
}

func (b *Builder) emit(v *Value) *Value {
	if b.block == nil || b.block.Term != TermNone {
		// Code after a return or break: it is kept apart, in a block without
		// predecessors that dead-code removal drops.
		dead := b.NewBlock("dead")
		dead.sealed = true
		b.block = dead
	}
	v.Block = b.block
	b.block.Instrs = append(b.block.Instrs, v)
	return v
}

// NewBlock adds an empty block, not yet sealed.
func (b *Builder) NewBlock(name string) *Block {
	blk := &Block{ID: b.Func.nextBlock, Name: name, current: map[*Var]*Value{}}
	b.Func.nextBlock++
	b.Func.Blocks = append(b.Func.Blocks, blk)
	return blk
}

// NewSlot adds a slot of a size and alignment in bytes.
func (b *Builder) NewSlot(name string, size, align int) *Slot {
	s := &Slot{ID: len(b.Func.Slots), Name: name, Size: size, Align: max(align, 1)}
	b.Func.Slots = append(b.Func.Slots, s)
	return s
}

// SetBlock makes a block current.
func (b *Builder) SetBlock(blk *Block) { b.block = blk }

// Block returns the current block.
func (b *Builder) Block() *Block { return b.block }

// Terminated reports whether the current block has ended, so that code emitted
// now would be unreachable.
func (b *Builder) Terminated() bool { return b.block == nil || b.block.Term != TermNone }

// Const returns the constant n.
func (b *Builder) Const(n int64) *Value {
	v := b.newValue(OpConst)
	v.Imm = n
	return b.emit(v)
}

// SlotAddr returns the address of a slot plus an offset.
func (b *Builder) SlotAddr(s *Slot, off int64) *Value {
	v := b.newValue(OpSlotAddr)
	v.Slot, v.Imm = s, off
	return b.emit(v)
}

// MapPtr returns the map of a name for use as a helper's argument.
func (b *Builder) MapPtr(name string) *Value {
	v := b.newValue(OpMapPtr)
	v.Sym = name
	return b.emit(v)
}

// MapValue returns the address of byte off of the one value of an array map.
// The map must be a plain (not per-CPU) array with one entry.
func (b *Builder) MapValue(name string, off int64) *Value {
	v := b.newValue(OpMapValue)
	v.Sym, v.Imm = name, off
	return b.emit(v)
}

// FuncPtr returns the address of another function of the program.
func (b *Builder) FuncPtr(name string) *Value {
	v := b.newValue(OpFuncPtr)
	v.Sym = name
	return b.emit(v)
}

// Bin emits arithmetic or a comparison of two words.
func (b *Builder) Bin(op Op, x, y *Value) *Value {
	v := b.newValue(op)
	v.Args = []*Value{x, y}
	return b.emit(v)
}

// Neg emits two's complement negation.
func (b *Builder) Neg(x *Value) *Value {
	v := b.newValue(OpNeg)
	v.Args = []*Value{x}
	return b.emit(v)
}

// Extend truncates x to size bytes and extends it to a word.
func (b *Builder) Extend(x *Value, size int, signed bool) *Value {
	v := b.newValue(OpExtend)
	v.Args, v.Size, v.Signed = []*Value{x}, size, signed
	return b.emit(v)
}

// Swap reverses the low size (2, 4 or 8) bytes.
func (b *Builder) Swap(x *Value, size int) *Value {
	v := b.newValue(OpSwap)
	v.Args, v.Size = []*Value{x}, size
	return b.emit(v)
}

// Load reads size (1, 2, 4, 8) bytes at addr+off.
func (b *Builder) Load(size int, signed bool, addr *Value, off int64) *Value {
	v := b.newValue(OpLoad)
	v.Args, v.Size, v.Signed, v.Imm = []*Value{addr}, size, signed, off
	return b.emit(v)
}

// Store writes the low size (1, 2, 4, 8) bytes of x to addr+off.
func (b *Builder) Store(size int, addr *Value, off int64, x *Value) {
	v := b.newValue(OpStore)
	v.Args, v.Size, v.Imm = []*Value{addr, x}, size, off
	b.emit(v)
}

// AtomicAdd adds x to the size (4, 8) bytes at addr+off.
func (b *Builder) AtomicAdd(size int, addr *Value, off int64, x *Value) {
	v := b.newValue(OpAtomicAdd)
	v.Args, v.Size, v.Imm = []*Value{addr, x}, size, off
	b.emit(v)
}

// AtomicFetchAdd is AtomicAdd that gives the value from before.
func (b *Builder) AtomicFetchAdd(size int, addr *Value, off int64, x *Value) *Value {
	v := b.newValue(OpAtomicFetchAdd)
	v.Args, v.Size, v.Imm = []*Value{addr, x}, size, off
	return b.emit(v)
}

// Zero clears size bytes at addr+off. Of a scratch or stack slot only: memory
// aligned as the slot is.
func (b *Builder) Zero(addr *Value, off int64, size int) {
	v := b.newValue(OpZero)
	v.Args, v.Size, v.Imm = []*Value{addr}, size, off
	b.emit(v)
}

// Copy copies size bytes between places the program may access directly.
// align is what both addresses are known to be aligned to.
func (b *Builder) Copy(dst *Value, dstOff int64, src *Value, srcOff int32, size, align int) {
	v := b.newValue(OpCopy)
	v.Args, v.Size, v.Imm, v.Off = []*Value{dst, src}, size, dstOff, srcOff
	v.Signed = false
	v.Sym = alignName(align)
	b.emit(v)
}

// alignName keeps an alignment in a listing-friendly form.
func alignName(align int) string { return string(rune('0' + min(align, 8))) }

// Call calls a helper.
func (b *Builder) Call(helper asm.BuiltinFunc, args ...*Value) *Value {
	v := b.newValue(OpCall)
	v.Helper, v.Args = helper, args
	return b.emit(v)
}

// PureCall calls a helper whose answer does not change within one run and that
// touches no memory (pid_tgid, uid_gid, smp_processor_id, current_task).
func (b *Builder) PureCall(helper asm.BuiltinFunc, args ...*Value) *Value {
	v := b.Call(helper, args...)
	v.Pure = true
	return v
}

// CallFunc calls another function of the program, with at most five arguments.
func (b *Builder) CallFunc(name string, args ...*Value) *Value {
	v := b.newValue(OpCallFunc)
	v.Sym, v.Args = name, args
	return b.emit(v)
}

// Jump ends the current block.
func (b *Builder) Jump(to *Block) {
	b.end(TermJump, nil, to)
}

// If ends the current block: to then if cond is not zero, else to els.
func (b *Builder) If(cond *Value, then, els *Block) {
	b.end(TermIf, cond, then, els)
}

// Ret ends the current block and the function.
func (b *Builder) Ret(x *Value) {
	b.end(TermRet, x)
}

func (b *Builder) end(kind TermKind, cond *Value, to ...*Block) {
	if b.Terminated() {
		return
	}
	blk := b.block
	blk.Term, blk.Cond, blk.Span = kind, cond, b.Span
	for _, t := range to {
		if t.sealed {
			panic("ir: jump to sealed block " + t.Name)
		}
		blk.Succs = append(blk.Succs, Edge{To: t})
		t.preds = append(t.preds, blk)
	}
}

// Set gives a variable a value.
func (b *Builder) Set(v *Var, x *Value) {
	if b.Terminated() {
		return
	}
	b.block.current[v] = x
}

// Get reads a variable. A variable that was never set reads as zero.
func (b *Builder) Get(v *Var) *Value {
	if b.Terminated() {
		return b.Const(0)
	}
	return b.read(b.block, v)
}

func (b *Builder) read(blk *Block, v *Var) *Value {
	if x, ok := blk.current[v]; ok {
		return x
	}
	var x *Value
	switch {
	case !blk.sealed:
		x = b.addParam(blk)
		blk.pending = append(blk.pending, pendingParam{v, x})
	case len(blk.preds) == 0:
		x = b.newValue(OpConst)
		x.Block = blk
		blk.Instrs = append([]*Value{x}, blk.Instrs...)
	case len(blk.preds) == 1:
		x = b.read(blk.preds[0], v)
	default:
		x = b.addParam(blk)
		blk.current[v] = x // breaks cycles
		b.completeParam(blk, v)
	}
	blk.current[v] = x
	return x
}

func (b *Builder) addParam(blk *Block) *Value {
	p := b.newValue(OpParam)
	p.Block = blk
	blk.Params = append(blk.Params, p)
	return p
}

// completeParam appends v's value to every edge into blk. Parameters that turn
// out to be needless are removed by the first optimisation pass. A predecessor
// that reaches blk on both edges of an If gets the argument on both.
func (b *Builder) completeParam(blk *Block, v *Var) {
	done := map[*Block]bool{}
	for _, p := range blk.preds {
		if done[p] {
			continue
		}
		done[p] = true
		x := b.read(p, v)
		for i := range p.Succs {
			if p.Succs[i].To == blk {
				p.Succs[i].Args = append(p.Succs[i].Args, x)
			}
		}
	}
}

// Seal says that no more jumps to the block will come.
func (b *Builder) Seal(blk *Block) {
	if blk.sealed {
		return
	}
	blk.sealed = true
	for _, p := range blk.pending {
		b.completeParam(blk, p.v)
	}
	blk.pending = nil
}

// Finish seals what is left and returns the function.
func (b *Builder) Finish() *Func {
	for _, blk := range b.Func.Blocks {
		b.Seal(blk)
	}
	return b.Func
}
