package probes_test

import (
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/point"
)

// TestTypedFunctions checks the arguments that fentry, fexit and kprobe have by
// name.
func TestTypedFunctions(t *testing.T) {
	w := pinned(t)
	for text, want := range map[string]string{
		"fentry:vfs_open":         "fentry:vmlinux:vfs_open path 0 file 8",
		"f:vmlinux:vfs_open":      "fentry:vmlinux:vfs_open path 0 file 8",
		"kretfunc:vfs_open":       "fexit:vmlinux:vfs_open path 0 file 8 -> int32",
		"fexit:vfs_ope?":          "fexit:vmlinux:vfs_open path 0 file 8 -> int32",
		"kprobe:vfs_open":         "kprobe:vfs_open path 0 file 8",
		"kprobe:vfs_ope*":         "kprobe:vfs_open path 0 file 8",
		"kprobe:vfs_open+4":       "kprobe:vfs_open+4 -",
		"kretprobe:vfs_open":      "kretprobe:vfs_open - -> uint64",
		"fentry:nothing:vfs_open": `there is no function "vfs_open" in kernel module "nothing"`,
		"fentry:bpf:prog":         "fentry on BPF programs is not supported yet",
		"fentry:no_such_thing_*":  `no kernel function matches "no_such_thing_*"`,
		"fexit:vfs_opne":          `there is no kernel function "vfs_opne"`,
		"fentry:a:b:c":            "fentry cannot have 3 parts",
	} {
		points, err := w.Points(spec(text))
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = describePoint(points[0])
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}

// describePoint is a point's name, its arguments with their offsets, and what it
// returns.
func describePoint(p point.Point) string {
	parts := []string{p.Name}
	if p.Args == nil {
		parts = append(parts, "-")
	} else {
		for _, m := range p.Args.Members {
			parts = append(parts, m.Name, string(rune('0'+m.Offset)))
		}
	}
	if p.Ret != nil {
		parts = append(parts, "->", p.Ret.String())
	}
	return strings.Join(parts, " ")
}
