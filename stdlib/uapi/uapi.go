// Package uapi has the names of what the kernel gives numbers to, as its user
// space interface and the C library's messages have them.
package uapi

import (
	_ "embed" // the tables are files
	"strconv"
	"strings"
	"sync"
)

// Name is one row of a table: a number and what it is called.
type Name struct {
	Value int64
	Text  string
}

//go:embed errno.txt
var errnoText string

//go:embed signals.txt
var signalText string

//go:embed syscalls_amd64.txt
var syscallsAMD64 string

//go:embed syscalls_arm64.txt
var syscallsARM64 string

var (
	errors  = sync.OnceValue(func() []Name { return parse(errnoText) })
	signals = sync.OnceValue(func() []Name { return parse(signalText) })
	amd64   = sync.OnceValue(func() []Name { return parse(syscallsAMD64) })
	arm64   = sync.OnceValue(func() []Name { return parse(syscallsARM64) })
)

// Errors are the error numbers with the text that C's strerror has for them.
// The tables are shared and must not be changed.
func Errors() []Name { return errors() }

// Signals are the signals with the text that C's strsignal has for them; those
// above 31 are the real-time ones.
func Signals() []Name { return signals() }

// Syscalls are the system calls of an architecture, named as Go names it; nil
// if the table is not known.
func Syscalls(arch string) []Name {
	switch arch {
	case "amd64":
		return amd64()
	case "arm64":
		return arm64()
	}
	return nil
}

// parse reads lines of a number, a blank and a text.
func parse(table string) []Name {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	names := make([]Name, 0, len(lines))
	for _, line := range lines {
		number, text, _ := strings.Cut(line, " ")
		if v, err := strconv.ParseInt(number, 10, 64); err == nil {
			names = append(names, Name{Value: v, Text: text})
		}
	}
	return names
}
