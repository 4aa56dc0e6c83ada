package symbolize

import (
	"debug/elf"

	"github.com/gotrace/gotrace/internal/gosymbols"
)

// addGo adds the functions of a Go program without a symbol table.
func (t *elfTable) addGo(f *elf.File) {
	gosymbols.Functions(f, func(name string, entry, size uint64) bool {
		if len(t.funcs) >= maxSymbols || len(t.names) > 1<<31 {
			return false
		}
		t.funcs = append(t.funcs, function{entry, size, uint32(len(t.names))})
		t.names = append(append(t.names, name...), 0)
		return true
	})
}
