// Package gotrace holds the data that is compiled into the program: a pinned
// snapshot of a kernel's tracepoints and types. Without root tracefs cannot be
// read; the snapshot then stands in for it, so that `gotrace -d bpf` shows
// anybody what a script compiles to.
package gotrace

import (
	"embed"
	"io/fs"
)

//go:embed all:testdata/snapshot/6.18
var snapshot embed.FS

// Snapshot returns the folder that package probes/snapshot loads.
func Snapshot() (fs.FS, error) { return fs.Sub(snapshot, "testdata/snapshot/6.18") }
