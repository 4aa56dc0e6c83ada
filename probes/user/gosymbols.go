package user

import (
	"debug/elf"
	"debug/gosym"
)

// goFunctions are the functions of a stripped Go program: its runtime needs
// their names for its own stacks, so they are always there.
func (b *image) goFunctions(file *elf.File) {
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
		if offset, ok := b.offset(fn.Entry); ok {
			b.functions = append(b.functions, Function{Name: fn.Name, Address: fn.Entry, Offset: offset, Size: fn.End - fn.Entry})
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
