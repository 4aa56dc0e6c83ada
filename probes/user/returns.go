package user

import (
	"debug/elf"
	"encoding/binary"
	"os"

	"golang.org/x/arch/x86/x86asm"
)

// The kernel's uretprobe replaces the return address on the stack. Go's runtime
// reads return addresses, to move stacks that grow and to collect garbage, and
// ends the program if it finds one that is no code of its own. So in a Go
// program a probe on the return of a function is put on its return
// instructions.

// Returns implements probes.Binaries: the places in the file of a function's
// return instructions, where they are what has to be probed; elsewhere ok is
// false.
func (f *Finder) Returns(path string, fn Function) (offsets []uint64, ok bool, err error) {
	b, err := f.load(path)
	if err != nil || !b.goProgram {
		return nil, false, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, true, err
	}
	defer file.Close()
	code := make([]byte, fn.Size)
	if _, err := file.ReadAt(code, int64(fn.Offset)); err != nil {
		return nil, true, err
	}
	for _, at := range returnsIn(b.machine, code) {
		offsets = append(offsets, fn.Offset+at)
	}
	if len(offsets) == 0 {
		return nil, true, &Error{Subject: Symbol, Msg: "there is no return instruction in " + fn.Name,
			Hint: "in Go programs uretprobe is put on these, as the kernel's way would end the program"}
	}
	return offsets, true, nil
}

// returnsIn finds the return instructions in the code of a function.
func returnsIn(machine elf.Machine, code []byte) []uint64 {
	if machine == elf.EM_AARCH64 {
		return returnsARM64(code)
	}
	var all []uint64
	for at := 0; at < len(code); {
		inst, err := x86asm.Decode(code[at:], 64)
		if err != nil {
			// An instruction newer than the decoder: from here on it would be
			// guesswork, and a probe in the middle of an instruction breaks it.
			return nil
		}
		if inst.Op == x86asm.RET {
			all = append(all, uint64(at))
		}
		at += inst.Len
	}
	return all
}

// returnsARM64 finds RET instructions, of any register (Arm ARM C6.2).
func returnsARM64(code []byte) []uint64 {
	var all []uint64
	for at := 0; at+4 <= len(code); at += 4 {
		if binary.LittleEndian.Uint32(code[at:])&0xfffffc1f == 0xd65f0000 {
			all = append(all, uint64(at))
		}
	}
	return all
}

// isGo reports whether a file is a Go program: the linker always leaves the
// table that its runtime needs.
func isGo(file *elf.File) bool {
	return file.Section(".gopclntab") != nil || file.Section(".data.rel.ro.gopclntab") != nil || file.Section(".go.buildinfo") != nil
}
