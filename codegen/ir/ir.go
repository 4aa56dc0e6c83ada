// Package ir is the intermediate representation between typed programs and BPF
// instructions: SSA over 64-bit words.
//
// The machine model is BPF's. A Value is one word in a register: an integer,
// or a pointer (to a slot, a map value, a ring buffer record, the context, or
// kernel memory). Anything larger than a word lives in memory: in a Slot,
// which the back end places on the BPF stack or in a per-CPU scratch map.
// Functions are blocks with parameters in place of phi nodes; instructions
// with an effect happen in list order. Sizes are in bytes, offsets signed.
//
// Narrow integers are kept extended to 64 bits by their own signedness; it is
// the producer that emits Extend where arithmetic may have left other bits.
package ir

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/lang/source"
)

// Op is the operation of a Value.
type Op uint8

// The operations. "w" in the comments is a word.
const (
	OpInvalid  Op = iota
	OpParam       // parameter of a block or function
	OpConst       // Imm
	OpSlotAddr    // address of Slot plus Imm
	OpMapPtr      // the map named Sym, as helpers take it
	OpMapValue    // address of the value of array map Sym at index 0, plus Imm (a direct load, never null)
	OpFuncPtr     // the function named Sym of this program, for callbacks

	// Arithmetic on words: Args[0], Args[1].
	OpAdd
	OpSub
	OpMul
	OpUDiv // divisor zero gives zero, as the BPF instruction
	OpSDiv // expanded on kernels without the instruction
	OpUMod
	OpSMod
	OpAnd
	OpOr
	OpXor
	OpShl
	OpShr // logical
	OpSar // arithmetic
	OpNeg // Args[0]

	OpExtend // Args[0] truncated to Size bytes and extended, by sign if Signed
	OpSwap   // byte swap of the low Size bytes of Args[0], zero-extended

	// Comparisons give 0 or 1.
	OpEq
	OpNe
	OpULt
	OpULe
	OpUGt
	OpUGe
	OpSLt
	OpSLe
	OpSGt
	OpSGe

	OpLoad  // Size bytes at Args[0]+Imm, extended by Signed
	OpStore // Size bytes of Args[1] to Args[0]+Imm

	OpAtomicAdd // Args[1] to the Size (4, 8) bytes at Args[0]+Imm
	// The same, giving the old value (needs Feature AtomicFetch). Of shared
	// memory only: on 6.18 a branch on the old value of a stack word was seen
	// to go the wrong way, apparently because the verifier took it for decided.
	OpAtomicFetchAdd

	OpZero // zero Size bytes at Args[0]+Imm
	OpCopy // copy Size bytes from Args[1]+Off to Args[0]+Imm

	OpCall     // helper Helper with Args; gives R0
	OpCallFunc // the program's function named Sym with up to 5 Args; gives its result
)

// Value is an SSA value, and at once the instruction that makes it.
type Value struct {
	ID     int
	Op     Op
	Args   []*Value
	Imm    int64
	Off    int32 // OpCopy: offset of the source
	Size   int
	Signed bool
	Slot   *Slot
	Sym    string
	Helper asm.BuiltinFunc
	// Pure marks an OpCall whose result is the same throughout one run of the
	// program and that has no effect: equal ones are merged, unused dropped.
	Pure  bool
	Span  source.Span
	Block *Block
}

// Slot is a piece of memory of the program's own.
type Slot struct {
	ID    int
	Name  string
	Size  int
	Align int
	// Scratch asks for the per-CPU scratch map whatever the size: set it where
	// the stack may not be used (for instance values behind a loop callback's
	// context that outlive the frame). The layout pass sets it for large slots.
	Scratch bool
	// Persistent slots keep their bytes for the whole program run, and are
	// never overlaid with others (variables whose address is taken).
	Persistent bool
}

// TermKind is how a block ends.
type TermKind uint8

// The terminators.
const (
	TermNone TermKind = iota
	TermJump          // to Succs[0]
	TermIf            // Cond != 0: Succs[0], else Succs[1]
	TermRet           // return Cond
)

// Edge is a jump to a block with its arguments, one for each of the block's
// parameters.
type Edge struct {
	To   *Block
	Args []*Value
}

// Block is a basic block.
type Block struct {
	ID     int
	Name   string // for listings: "then", "loop"
	Params []*Value
	Instrs []*Value
	Term   TermKind
	Cond   *Value
	Succs  []Edge
	// Cold blocks are laid out last: error and first-insert paths.
	Cold bool
	Span source.Span // of the terminator

	preds   []*Block
	sealed  bool
	current map[*Var]*Value // value of each variable at the end so far
	pending []pendingParam  // parameters to complete when sealed
}

// Func is a function: the program's entry, or a callback.
type Func struct {
	Name   string
	Params []*Value // Params[0] of an entry is the context
	Blocks []*Block // Blocks[0] is the entry
	Slots  []*Slot

	nextValue, nextBlock int
}

// Program is one BPF program: its entry function first, then callbacks.
type Program struct {
	Name  string
	Funcs []*Func
}

// Helper numbers come from the kernel's include/uapi/linux/bpf.h as package
// asm lists them (asm.FnMapLookupElem, ...).
