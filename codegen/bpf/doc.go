// Package bpf is the back end proper: it turns IR into BPF instructions.
//
// The stages, each in files of its own:
//
//	frame      which slots share stack bytes (lifetimes), which go to scratch
//	           memory (scratch), within 512 bytes a chain of calls (calls)
//	legalise   IR to IR: what BPF has no instruction for becomes what it has
//	select     IR to machine instructions on virtual registers (mir)
//	liveness   where each virtual register holds a value somebody needs
//	allocate   linear scan: registers (wishes), spill slots (spill)
//	emit       package asm's instructions, moves (copies), jump offsets
//
// The invariants between them: after legalise every value is a word that one
// or two BPF instructions make; after select constants, map references and
// slot addresses are operands that are made again where they are used, never
// kept in a register across a call; after allocate no machine instruction
// names a virtual register that has no place. Compile works on a copy of the
// IR, and starts over with less stack for slots if registers spilled too much.
//
// The output is meant for the verifiers of kernels 5.10 to 7.x: instruction
// set version 3, and anything newer only if Options says so. Offsets of jumps
// are numbers, so package asm has nothing to resolve but map and function
// references.
package bpf

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/lang/source"
)

// Options are what the code depends on besides the IR.
type Options struct {
	// SignedDivision allows the signed division instructions (6.6).
	SignedDivision bool
	// AtomicFetch allows atomic_fetch_add (5.12). IR that has OpAtomicFetchAdd
	// without it is refused.
	AtomicFetch bool

	// ScratchMap names the PERCPU_ARRAY map, with u32 keys, in which slots live
	// that the stack has no room for, and ScratchIndex is the program's own
	// entry in it. The map is the caller's to make: its value must be at least
	// Result.ScratchSize bytes for each program that reports one.
	ScratchMap   string
	ScratchIndex int

	// ReturnValue is what the entry function returns when its scratch memory
	// cannot be had (which only a map of too few entries can cause).
	ReturnValue int64
	// LossMap, if not empty, names a per-CPU array of u64 of which the entry
	// LossIndex is incremented in that case.
	LossMap   string
	LossIndex int

	// Locate gives the script position of an instruction, such as "3:14", for
	// the verifier log and listings. If nil, instructions carry none.
	Locate func(source.Span) string
}

// Result is a compiled program.
type Result struct {
	// Instructions start with the entry function, whose first instruction has
	// the program's name as its symbol; callbacks follow.
	Instructions asm.Instructions
	// Spans has the script position of each raw instruction, as the verifier
	// counts them: a 64-bit load takes two.
	Spans []source.Span
	// ScratchSize is how many bytes of scratch memory the program needs; zero
	// if it does not use ScratchMap.
	ScratchSize int
	// FrameSize is the stack use in bytes of the deepest chain of calls, as the
	// verifier counts it.
	FrameSize int
}
