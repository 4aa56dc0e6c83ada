// Package user finds programs and libraries and what is in them: what a
// uprobe's target names, which functions it has, and where in the file they
// are, which is what the kernel wants to know.
//
// A path is meant as the traced process sees it: with -p, and if the process
// has a root of its own (a container), everything is looked up below
// /proc/PID/root.
package user

import "fmt"

// Function is a function of a binary.
type Function struct {
	Name string
	// Address is the symbol's value: relative to the load address of a shared
	// object.
	Address uint64
	// Offset is its place in the file.
	Offset uint64
	Size   uint64
}

// Subject says what of a uprobe an Error is about.
type Subject int

// The subjects.
const (
	Target Subject = iota
	Symbol
)

// Error is a mistake in naming a binary or something in it.
type Error struct {
	Subject Subject
	Msg     string
	Hint    string
}

func (e *Error) Error() string { return e.Msg }

func targetError(hint, format string, args ...any) *Error {
	return &Error{Subject: Target, Msg: fmt.Sprintf(format, args...), Hint: hint}
}
