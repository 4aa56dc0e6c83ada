// Package headers finds the C headers of the running system for package cdef.
//
// There are two sets, because they declare the same names in different ways:
// those of user space (the directories of -I, CPATH and /usr/include), and those
// of the kernel itself, where a package or a build tree has put them. A set is
// an fs.FS in which directories lie over one another, the first one on top; a
// header is opened by the name in its #include. Nothing is read, and no
// directory is looked for, before a header is asked for.
package headers

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Dirs is a set of headers: directories in the order they are searched.
type Dirs struct {
	find func() []string
}

var _ fs.FS = (*Dirs)(nil)

// Open implements fs.FS.
func (d *Dirs) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	for _, dir := range d.find() {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		return os.Open(path)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// List returns the directories, in the order they are searched.
func (d *Dirs) List() []string { return d.find() }

// User returns the headers of user space: the given directories first, then
// those of the variables CPATH and C_INCLUDE_PATH, then the system's.
func User(include []string, getenv func(string) string, arch string) *Dirs {
	return &Dirs{find: sync.OnceValue(func() []string {
		dirs := append([]string(nil), include...)
		for _, name := range []string{"CPATH", "C_INCLUDE_PATH"} {
			dirs = append(dirs, filepath.SplitList(getenv(name))...)
		}
		dirs = append(dirs, "/usr/local/include")
		if triple := triples(arch); triple != "" {
			dirs = append(dirs, "/usr/include/"+triple)
		}
		return existing(append(dirs, "/usr/include"))
	})}
}

// triples is Debian's name for a CPU's directory of headers.
func triples(arch string) string {
	switch arch {
	case "amd64":
		return "x86_64-linux-gnu"
	case "arm64":
		return "aarch64-linux-gnu"
	}
	return ""
}

// Kernel returns the headers of the kernel of a release: those that the
// variables BPFTRACE_KERNEL_SOURCE and BPFTRACE_KERNEL_BUILD name, those of its
// modules' build directory, or a package's in /usr/src.
func Kernel(release, arch string, getenv func(string) string) *Dirs {
	return &Dirs{find: sync.OnceValue(func() []string {
		modules := "/lib/modules/" + release
		source, build := getenv("BPFTRACE_KERNEL_SOURCE"), getenv("BPFTRACE_KERNEL_BUILD")
		var roots []string
		switch {
		case source != "" || build != "":
			roots = []string{source, build}
		default:
			roots = []string{modules + "/source", modules + "/build", "/usr/src/linux-headers-" + release}
			roots = append(roots, commonPackage(release))
		}
		return existing(trees(roots, kernelArch(arch)))
	})}
}

// kernelArch is the kernel's name for a CPU.
func kernelArch(arch string) string {
	if arch == "amd64" {
		return "x86"
	}
	return arch
}

// commonPackage is where Debian keeps what the flavours of a kernel share:
// linux-headers-6.1.0-50-amd64 goes with linux-headers-6.1.0-50-common.
func commonPackage(release string) string {
	i := strings.LastIndexByte(release, '-')
	if i < 0 {
		return ""
	}
	return "/usr/src/linux-headers-" + release[:i] + "-common"
}

// trees returns the include directories of kernel trees, in the order the
// kernel's own build searches them. The parts of one source may lie in several
// roots.
func trees(roots []string, arch string) []string {
	var dirs []string
	for _, sub := range []string{
		"arch/" + arch + "/include", "arch/" + arch + "/include/generated", "include",
		"arch/" + arch + "/include/uapi", "arch/" + arch + "/include/generated/uapi",
		"include/uapi", "include/generated/uapi",
	} {
		for _, root := range roots {
			if root != "" {
				dirs = append(dirs, filepath.Join(root, sub))
			}
		}
	}
	return dirs
}

// existing drops what is no directory, and repeats.
func existing(dirs []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, dir := range dirs {
		if dir == "" || seen[dir] {
			continue
		}
		seen[dir] = true
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			out = append(out, dir)
		}
	}
	return out
}
