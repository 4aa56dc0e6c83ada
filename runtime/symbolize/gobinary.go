package symbolize

import (
	"debug/elf"
	"debug/gosym"
)

// plausible reports whether the table can have as many functions as it says:
// package gosym makes room for all of them before it looks.
func plausible(f *elf.File, data []byte) bool {
	if len(data) < 16 {
		return false
	}
	n := uint64(f.ByteOrder.Uint32(data[8:]))
	if f.Class == elf.ELFCLASS64 {
		n = f.ByteOrder.Uint64(data[8:])
	}
	return n <= uint64(len(data))/8
}

// addGo adds the functions of a Go program without a symbol table: its runtime
// needs their names for its own stacks, so they cannot be stripped.
func (t *elfTable) addGo(f *elf.File) {
	section, text := f.Section(".gopclntab"), f.Section(".text")
	if section == nil || text == nil {
		return
	}
	data, err := section.Data()
	if err != nil || !plausible(f, data) {
		return
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return
	}
	for i := range table.Funcs {
		fn := &table.Funcs[i]
		if fn.Sym == nil || fn.End < fn.Entry || len(t.funcs) >= maxSymbols || len(t.names) > 1<<31 {
			continue
		}
		t.funcs = append(t.funcs, function{fn.Entry, fn.End - fn.Entry, uint32(len(t.names))})
		t.names = append(append(t.names, fn.Name...), 0)
	}
}
