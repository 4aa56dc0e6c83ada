package user

import (
	"debug/elf"

	"github.com/gotrace/gotrace/internal/gosymbols"
)

// goFunctions adds the functions of a stripped Go program.
func (b *image) goFunctions(file *elf.File) {
	gosymbols.Functions(file, func(name string, entry, size uint64) bool {
		if offset, ok := b.offset(entry); ok {
			b.functions = append(b.functions, Function{Name: name, Address: entry, Offset: offset, Size: size})
		}
		return true
	})
}
