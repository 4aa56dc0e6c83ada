// Package limit remembers the limit of open files with which this process was
// started. Package syscall raises it for Go programs; a command that we start
// must get it as it was.
//
// It is initialised before package syscall, because it imports nothing and of
// the packages that can be initialised Go takes the first by import path. For
// the same reason it makes its system call itself.
package limit

// Limit is the kernel's struct rlimit64.
type Limit struct{ Soft, Hard uint64 }

var files = read()

func read() Limit {
	var l Limit
	prlimit(&l)
	return l
}

// prlimit reads the limit of open files; on an error it leaves l alone.
//
//go:noescape
func prlimit(l *Limit)

// Files returns the limit of open files. It is zero if it is not known.
func Files() Limit { return files }
