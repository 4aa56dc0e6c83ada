// Package gosymbols reads the functions of Go programs from the table that
// their runtime needs for its own stacks: it is there in stripped ones, too.
package gosymbols

import (
	"debug/elf"
	"debug/gosym"
)

// Functions calls yield for each function of a Go program until it returns
// false. Of a file that is no Go program there are none.
func Functions(file *elf.File, yield func(name string, entry, size uint64) bool) {
	section, text := file.Section(".gopclntab"), file.Section(".text")
	if section == nil || text == nil {
		return
	}
	data, err := section.Data()
	if err != nil || !plausible(file, data) {
		return
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return
	}
	for i := range table.Funcs {
		fn := &table.Funcs[i]
		if fn.Sym == nil || fn.End < fn.Entry {
			continue
		}
		if !yield(fn.Name, fn.Entry, fn.End-fn.Entry) {
			return
		}
	}
}

// plausible reports whether the table can have as many functions as it says:
// package gosym makes room for all of them before it looks.
func plausible(file *elf.File, data []byte) bool {
	if len(data) < 16 {
		return false
	}
	n := uint64(file.ByteOrder.Uint32(data[8:]))
	if file.Class == elf.ELFCLASS64 {
		n = file.ByteOrder.Uint64(data[8:])
	}
	return n <= uint64(len(data))/8
}
