package user

import (
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"sort"
	"strings"
)

// checkELF returns an error unless a file is a program or shared object that
// this machine can run.
func checkELF(path string) error {
	file, err := elf.Open(path)
	var format *elf.FormatError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return targetError("run as root", "may not read %q", path)
	case errors.As(err, &format) || err != nil && !errors.Is(err, fs.ErrNotExist):
		return targetError(scriptHint(path), "%q is not an ELF program or library", path)
	case err != nil:
		return targetError("", "there is no file %q", path)
	}
	defer file.Close()
	if file.Type != elf.ET_EXEC && file.Type != elf.ET_DYN {
		return targetError("", "%q is an ELF file, but neither a program nor a shared library", path)
	}
	return nil
}

// scriptHint names the interpreter of a script.
func scriptHint(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	head := make([]byte, 128)
	n, _ := file.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	interpreter, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return ""
	}
	return "it is a script: trace its interpreter," + strings.TrimRight(" "+strings.TrimSpace(interpreter), " ")
}

// image is what was read of a file.
type image struct {
	functions []Function // sorted by name, then address
	objects   []Function // data symbols, for uaddr
	loads     []elf.ProgHeader
	machine   elf.Machine
	goProgram bool
}

// load reads a binary, once.
func (f *Finder) load(path string) (*image, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b, ok := f.images[path]; ok {
		return b, nil
	}
	if err := checkELF(path); err != nil {
		return nil, err
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := &image{machine: file.Machine, goProgram: isGo(file)}
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD {
			b.loads = append(b.loads, p.ProgHeader)
		}
	}
	b.read(file)
	f.images[path] = b
	return b, nil
}

// read collects the symbols of both tables. A file without one is no error
// here: the caller knows what was wanted.
func (b *image) read(file *elf.File) {
	type symbol struct {
		name    string
		address uint64
	}
	seen := map[symbol]bool{}
	for _, table := range []func() ([]elf.Symbol, error){file.DynamicSymbols, file.Symbols} {
		symbols, err := table()
		if err != nil {
			continue
		}
		for _, s := range symbols {
			kind := elf.ST_TYPE(s.Info)
			// A GNU_IFUNC's address is that of the function that picks one.
			function := kind == elf.STT_FUNC || kind == elf.STT_GNU_IFUNC
			if s.Section == elf.SHN_UNDEF || s.Name == "" || !function && kind != elf.STT_OBJECT {
				continue
			}
			if seen[symbol{s.Name, s.Value}] {
				continue
			}
			seen[symbol{s.Name, s.Value}] = true
			entry := Function{Name: s.Name, Address: s.Value, Size: s.Size}
			if !function {
				b.objects = append(b.objects, entry)
				continue
			}
			if offset, ok := b.offset(s.Value); ok {
				entry.Offset = offset
				b.functions = append(b.functions, entry)
			}
		}
	}
	if b.goProgram && file.Section(".symtab") == nil {
		b.goFunctions(file)
	}
	// Stable, so that of several of one name an exported one goes first.
	sort.SliceStable(b.functions, func(i, j int) bool { return b.functions[i].Name < b.functions[j].Name })
	sort.SliceStable(b.objects, func(i, j int) bool { return b.objects[i].Name < b.objects[j].Name })
}

// offset returns the place in the file of an address in executable memory.
func (b *image) offset(address uint64) (uint64, bool) {
	for _, p := range b.loads {
		if p.Flags&elf.PF_X != 0 && address >= p.Vaddr && address-p.Vaddr < p.Memsz {
			return address - p.Vaddr + p.Off, true
		}
	}
	return 0, false
}

// Functions implements probes.Binaries.
func (f *Finder) Functions(path string) ([]Function, error) {
	b, err := f.load(path)
	if err != nil {
		return nil, err
	}
	return b.functions, nil
}

// Offset implements probes.Binaries.
func (f *Finder) Offset(path string, address uint64) (uint64, error) {
	b, err := f.load(path)
	if err != nil {
		return 0, err
	}
	if offset, ok := b.offset(address); ok {
		return offset, nil
	}
	return 0, &Error{Subject: Symbol, Msg: "there is no code at that address of " + path, Hint: "objdump -d shows the addresses of instructions"}
}

// Symbol implements probes.Binaries.
func (f *Finder) Symbol(path, name string) (address, size uint64, err error) {
	b, err := f.load(path)
	if err != nil {
		return 0, 0, err
	}
	for _, table := range [][]Function{b.functions, b.objects} {
		i := sort.Search(len(table), func(i int) bool { return table[i].Name >= name })
		if i < len(table) && table[i].Name == name {
			return table[i].Address, table[i].Size, nil
		}
	}
	return 0, 0, &Error{Subject: Symbol, Msg: path + " has no symbol " + name}
}
