package symbolize

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"slices"
	"sort"
)

// kernelTable holds the functions of the kernel. Names lie one after the other
// in one text, so that two hundred thousand of them are three allocations.
type kernelTable struct {
	entries []kernelEntry
	names   []byte
	modules []string
}

type kernelEntry struct {
	addr   uint64
	name   uint32 // offset in names
	length uint16
	module uint16 // index in modules
}

// readKernel reads a file like /proc/kallsyms. What cannot be read (a kernel
// that hides addresses shows zeros) leaves addresses without names.
func readKernel(file string) *kernelTable {
	t := &kernelTable{modules: []string{""}}
	f, err := os.Open(file)
	if err != nil {
		return t
	}
	defer f.Close()
	ids := map[string]uint16{"": 0}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		t.add(lines.Bytes(), ids)
	}
	slices.SortStableFunc(t.entries, func(a, b kernelEntry) int { return cmp.Compare(a.addr, b.addr) })
	return t
}

// add takes a line "ffffffff81000000 T _stext [module]" if it is of code.
func (t *kernelTable) add(line []byte, ids map[string]uint16) {
	hexa, rest, ok := bytes.Cut(line, []byte{' '})
	if !ok || len(rest) < 3 || !bytes.ContainsRune([]byte("tTwW"), rune(rest[0])) {
		return
	}
	addr, ok := parseHex(hexa)
	if !ok || addr == 0 {
		return
	}
	name, module, _ := bytes.Cut(rest[2:], []byte{'\t'})
	if len(name) == 0 || len(name) > 1<<16-1 || len(t.names) > 1<<32-1<<16 {
		return
	}
	id, known := ids[string(module)]
	if !known && len(t.modules) < 1<<16 {
		id = uint16(len(t.modules))
		ids[string(module)] = id
		t.modules = append(t.modules, string(bytes.Trim(module, "[] ")))
	}
	t.entries = append(t.entries, kernelEntry{addr, uint32(len(t.names)), uint16(len(name)), id})
	t.names = append(t.names, name...)
}

func (t *kernelTable) lookup(addr uint64) (symbol, bool) {
	i := sort.Search(len(t.entries), func(i int) bool { return t.entries[i].addr > addr }) - 1
	if i < 0 {
		return symbol{}, false
	}
	// Several names may share an address; the first is the one the kernel
	// itself would give.
	for i > 0 && t.entries[i-1].addr == t.entries[i].addr {
		i--
	}
	e := t.entries[i]
	name := string(t.names[e.name : e.name+uint32(e.length)])
	return symbol{name, addr - e.addr, t.modules[e.module]}, true
}

func parseHex(b []byte) (uint64, bool) {
	var n uint64
	if len(b) == 0 || len(b) > 16 {
		return 0, false
	}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | uint64(c)
	}
	return n, true
}
