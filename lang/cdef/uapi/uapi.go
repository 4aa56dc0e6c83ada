// Package uapi is a table of the constants that Linux promises to user space,
// and of some of the kernel's own that have never changed: address families,
// errno, signals, flags of open and mmap, states of TCP. With it a script that
// includes <linux/socket.h> for AF_INET runs where no headers are installed.
//
// The table is generated from the headers of x86-64; see gen, a program of its
// own with the build tag "generate". Arm64 has other
// values for a few of them, which are left out there.
package uapi

import "strings"

// Table answers from the table for one CPU.
type Table struct {
	arch string
}

// For returns the table for a CPU in Go's naming.
func For(arch string) Table { return Table{arch: arch} }

// Constant returns the value of a name.
func (t Table) Constant(name string) (int64, bool) {
	if name == "" || t.differs(name) {
		return 0, false
	}
	value, ok := find(name)
	if !ok {
		return 0, false
	}
	n, ok := number(value)
	return n, ok
}

// Has reports whether the table has constants of a header.
func (t Table) Has(header string) bool {
	if header == "" || strings.ContainsAny(header, " \n") {
		return false
	}
	return strings.Contains(table, ">"+header+" ") || strings.Contains(table, " "+header+"\n") ||
		strings.Contains(table, ">"+header+"\n") || strings.Contains(table, " "+header+" ")
}

// Header returns the header that declares a name, as a script would include it.
func (t Table) Header(name string) (string, bool) {
	if _, ok := t.Constant(name); !ok {
		return "", false
	}
	before := table[:strings.Index(table, "\n"+name+" ")]
	line := before[strings.LastIndex(before, ">")+1:]
	header, _, _ := strings.Cut(line, "\n")
	header, _, _ = strings.Cut(header, " ")
	return header, true
}

// Names returns all names of the table, for suggestions.
func (t Table) Names() []string {
	var names []string
	for line := range strings.Lines(table) {
		name, _, _ := strings.Cut(line, " ")
		if name != "" && !strings.HasPrefix(name, ">") && !t.differs(name) {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// find returns the text of a name's value.
func find(name string) (string, bool) {
	if strings.ContainsAny(name, " \n") {
		return "", false
	}
	_, rest, ok := strings.Cut(table, "\n"+name+" ")
	if !ok {
		return "", false
	}
	value, _, _ := strings.Cut(rest, "\n")
	return value, true
}

// number reads a decimal number; the table has no others.
func number(text string) (int64, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	var n int64
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(digits[i]-'0')
	}
	if negative {
		n = -n
	}
	return n, digits != ""
}

// differs reports whether a name may have another value than on x86-64: the
// numbers of system calls, and what arch/arm64/include/uapi/asm/fcntl.h and
// mman.h define for themselves.
func (t Table) differs(name string) bool {
	if t.arch == "" || t.arch == "amd64" {
		return false
	}
	switch name {
	case "O_DIRECTORY", "O_NOFOLLOW", "O_DIRECT", "O_LARGEFILE", "O_TMPFILE", "MAP_32BIT", "EPOLL_PACKED":
		return true
	}
	return strings.HasPrefix(name, "__NR_") || strings.HasPrefix(name, "SYS_")
}
