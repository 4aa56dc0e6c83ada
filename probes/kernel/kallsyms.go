package kernel

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// Symbol is a line of the kernel's symbol table.
type Symbol struct {
	Address uint64
	// Type is nm's letter: "t" and "T" are code, "d" and "D" data.
	Type   byte
	Name   string
	Module string
}

// code reports whether a symbol is a function.
func (s Symbol) code() bool { return s.Type == 't' || s.Type == 'T' || s.Type == 'w' || s.Type == 'W' }

// eachSymbol calls yield with the lines of /proc/kallsyms until it returns
// false. The file is generated while it is read, so stopping early pays. The
// strings are valid only until yield returns.
func eachSymbol(r io.Reader, yield func(Symbol) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for lines.Scan() {
		if s, ok := parseSymbol(lines.Text()); ok && !yield(s) {
			return nil
		}
	}
	return lines.Err()
}

// parseSymbol parses "ffffffff81000000 T _text" and, of a module,
// "ffffffffc0000000 t function\t[module]".
func parseSymbol(line string) (Symbol, bool) {
	address, rest, ok := strings.Cut(line, " ")
	if !ok || len(rest) < 3 || rest[1] != ' ' {
		return Symbol{}, false
	}
	n, err := strconv.ParseUint(address, 16, 64)
	if err != nil {
		return Symbol{}, false
	}
	name, module, _ := strings.Cut(rest[2:], "\t")
	return Symbol{Address: n, Type: rest[0], Name: name, Module: strings.Trim(module, "[]")}, true
}
