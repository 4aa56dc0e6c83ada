package symbolize

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"sort"

	"golang.org/x/sys/unix"
)

// fileID tells files apart: a path may lead to another file tomorrow, and an
// inode number may be given out again.
type fileID struct {
	dev   string
	inode uint64
	path  string
}

// elfTable holds the functions of a binary.
type elfTable struct {
	funcs []function
	names []byte // the string tables, one after the other
	loads []segment
}

// function is a function by its address in the file's own numbering.
type function struct {
	addr, size uint64
	name       uint32
}

// segment is a part of the file that is loaded.
type segment struct{ offset, size, addr uint64 }

// maxSymbols bounds the memory a binary can make us use.
const maxSymbols = 4 << 20

func sameInode(file string, inode uint64) bool {
	var st unix.Stat_t
	return unix.Stat(file, &st) == nil && st.Ino == inode
}

func readELF(file string) (*elfTable, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseELF(f)
}

// parseELF reads the functions of an ELF file: of its full symbol table, or
// that of its separate debug file, and of the dynamic one.
func parseELF(r io.ReaderAt) (*elfTable, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	t := &elfTable{}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Filesz > 0 {
			t.loads = append(t.loads, segment{p.Off, p.Filesz, p.Vaddr})
		}
	}
	if t.addSymbols(f, elf.SHT_SYMTAB) != nil {
		t.addDebugFile(f)
		t.addGo(f)
	}
	// A file without symbols still tells where its segments are.
	_ = t.addSymbols(f, elf.SHT_DYNSYM)
	slices.SortStableFunc(t.funcs, func(a, b function) int { return cmp.Compare(a.addr, b.addr) })
	return t, nil
}

var errNoSymbols = errors.New("symbolize: no such symbol table")

// addSymbols adds the functions of a symbol table.
func (t *elfTable) addSymbols(f *elf.File, kind elf.SectionType) error {
	section := f.SectionByType(kind)
	if section == nil || section.Link == 0 || int(section.Link) >= len(f.Sections) {
		return errNoSymbols
	}
	data, err := section.Data()
	if err != nil {
		return err
	}
	names, err := f.Sections[section.Link].Data()
	if err != nil {
		return err
	}
	base := len(t.names)
	if base+len(names) > 1<<31 {
		return errNoSymbols
	}
	t.names = append(t.names, names...)
	entry := elf.Sym64Size
	if f.Class == elf.ELFCLASS32 {
		entry = elf.Sym32Size
	}
	for ; len(data) >= entry && len(t.funcs) < maxSymbols; data = data[entry:] {
		fn, name, ok := parseSymbol(f, data)
		if ok && int(name) < len(names) {
			fn.name = uint32(base) + name
			t.funcs = append(t.funcs, fn)
		}
	}
	return nil
}

// parseSymbol reads one entry of a symbol table if it is a function that is
// defined there.
func parseSymbol(f *elf.File, b []byte) (fn function, name uint32, ok bool) {
	name = f.ByteOrder.Uint32(b)
	var info byte
	var index uint16
	if f.Class == elf.ELFCLASS32 {
		fn.addr, fn.size = uint64(f.ByteOrder.Uint32(b[4:])), uint64(f.ByteOrder.Uint32(b[8:]))
		info, index = b[12], f.ByteOrder.Uint16(b[14:])
	} else {
		info, index = b[4], f.ByteOrder.Uint16(b[6:])
		fn.addr, fn.size = f.ByteOrder.Uint64(b[8:]), f.ByteOrder.Uint64(b[16:])
	}
	kind := elf.ST_TYPE(info)
	isFunc := kind == elf.STT_FUNC || kind == elf.STT_GNU_IFUNC || kind == elf.STT_NOTYPE && fn.size > 0
	return fn, name, isFunc && fn.addr != 0 && index != uint16(elf.SHN_UNDEF)
}

// addDebugFile adds the symbols of the file that distributions keep apart under
// the build id.
func (t *elfTable) addDebugFile(f *elf.File) {
	id := buildID(f)
	if len(id) < 2 {
		return
	}
	text := hex.EncodeToString(id)
	debug, err := os.Open("/usr/lib/debug/.build-id/" + text[:2] + "/" + text[2:] + ".debug")
	if err != nil {
		return
	}
	defer debug.Close()
	if d, err := elf.NewFile(debug); err == nil {
		_ = t.addSymbols(d, elf.SHT_SYMTAB) // no symbols, no names
	}
}

// buildID returns the build id note of a file.
func buildID(f *elf.File) []byte {
	section := f.Section(".note.gnu.build-id")
	if section == nil {
		return nil
	}
	data, err := section.Data()
	if err != nil || len(data) < 16 {
		return nil
	}
	nameLen, size := f.ByteOrder.Uint32(data), f.ByteOrder.Uint32(data[4:])
	start := 12 + uint64(nameLen+3)&^3
	if start+uint64(size) > uint64(len(data)) {
		return nil
	}
	return data[start : start+uint64(size)]
}

// address turns an offset in the file into the file's numbering of addresses.
func (t *elfTable) address(offset uint64) uint64 {
	for _, l := range t.loads {
		if offset >= l.offset && offset-l.offset < l.size {
			return offset - l.offset + l.addr
		}
	}
	return offset
}

// lookup finds the function an address is in. A function without a size reaches
// to the next one.
func (t *elfTable) lookup(addr uint64) (name string, offset uint64, ok bool) {
	i := sort.Search(len(t.funcs), func(i int) bool { return t.funcs[i].addr > addr }) - 1
	// An outer function may enclose later, shorter ones that end before addr.
	for tries := 0; i >= 0 && tries < 8; i, tries = i-1, tries+1 {
		fn := t.first(i)
		if fn.size == 0 || addr-fn.addr < fn.size {
			return t.name(fn), addr - fn.addr, true
		}
	}
	return "", 0, false
}

// first returns the first of the functions with the address of function i: full
// tables come before dynamic ones.
func (t *elfTable) first(i int) function {
	for i > 0 && t.funcs[i-1].addr == t.funcs[i].addr {
		i--
	}
	return t.funcs[i]
}

func (t *elfTable) name(fn function) string {
	text := t.names[fn.name:]
	if end := bytes.IndexByte(text, 0); end >= 0 {
		text = text[:end]
	}
	return string(text)
}
