package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// useColor reports whether messages on standard error may have colours: on a
// terminal, unless NO_COLOR (no-color.org) or BPFTRACE_COLOR says otherwise.
func (a *app) useColor() bool {
	if a.getenv("NO_COLOR") != "" {
		return false
	}
	switch a.getenv("BPFTRACE_COLOR") {
	case "always":
		return true
	case "never":
		return false
	}
	file, ok := a.stderr.(*os.File)
	return ok && isTerminal(file)
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
