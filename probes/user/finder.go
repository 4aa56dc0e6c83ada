package user

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

// Finder looks binaries up in the running system. It is safe for concurrent
// use and reads each file once.
type Finder struct {
	pid  int
	root string // "" or "/proc/PID/root"

	mu     sync.Mutex
	images map[string]*image
}

// NewFinder returns a finder for the world as a process sees it; for zero, as
// this one does.
func NewFinder(pid int) *Finder {
	f := &Finder{pid: pid, images: map[string]*image{}}
	if pid > 0 && ownRoot(pid) {
		f.root = fmt.Sprintf("/proc/%d/root", pid)
	}
	return f
}

// ownRoot reports whether a process has another mount namespace than this one.
func ownRoot(pid int) bool {
	own, err := os.Stat("/proc/self/ns/mnt")
	if err != nil {
		return false
	}
	theirs, err := os.Stat(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	return err == nil && !os.SameFile(own, theirs)
}

// Main returns the path of the process's program, or "".
func (f *Finder) Main() string {
	if f.pid <= 0 {
		return ""
	}
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", f.pid))
	if err != nil {
		return ""
	}
	return f.root + path
}

// Resolve returns the paths of the binaries that a target names: a path, a name
// to be found in $PATH, or a library ("libc", "libssl.so.3"). Only a target
// with wildcards has more than one.
func (f *Finder) Resolve(target string) ([]string, error) {
	if target == "" {
		return nil, targetError("write the path of a program or library", "a uprobe needs a binary")
	}
	if strings.ContainsAny(target, "*?[") {
		return f.expand(target)
	}
	var tried []string
	for path := range f.candidates(target) {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			if err := checkELF(path); err != nil {
				return nil, err
			}
			return []string{path}, nil
		} else if err == nil {
			return nil, targetError("", "%q is a directory, not a program", target)
		}
		tried = append(tried, path)
	}
	return nil, f.missing(target, tried)
}

// candidates calls yield with the paths that a target may mean, in order.
func (f *Finder) candidates(target string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if strings.Contains(target, "/") {
			yield(f.inRoot(target))
			return
		}
		if strings.HasPrefix(target, "lib") {
			for _, path := range f.libraries(target) {
				if !yield(path) {
					return
				}
			}
		}
		if !yield(f.inRoot(target)) {
			return
		}
		for _, dir := range filepath.SplitList(f.searchPath()) {
			if !yield(f.inRoot(filepath.Join(dir, target))) {
				return
			}
		}
	}
}

// inRoot returns a path as this process has to open it. A relative path is one
// from the current folder, if the traced process shares it.
func (f *Finder) inRoot(path string) string {
	if f.root == "" || strings.HasPrefix(path, f.root+"/") {
		return path
	}
	return f.root + "/" + strings.TrimPrefix(path, "/")
}

// searchPath is $PATH, of the traced process if it lives in another root.
func (f *Finder) searchPath() string {
	if f.root == "" {
		return os.Getenv("PATH")
	}
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", f.pid))
	if err == nil {
		for entry := range strings.SplitSeq(string(environ), "\x00") {
			if path, ok := strings.CutPrefix(entry, "PATH="); ok {
				return path
			}
		}
	}
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

// expand resolves a target with wildcards to the binaries among its matches.
// The lone star is every file that the traced process has mapped.
func (f *Finder) expand(target string) ([]string, error) {
	if target == "*" && f.pid > 0 {
		return f.mapped()
	}
	patterns := []string{f.inRoot(target)}
	if !strings.Contains(target, "/") {
		for _, dir := range filepath.SplitList(f.searchPath()) {
			patterns = append(patterns, f.inRoot(filepath.Join(dir, target)))
		}
	}
	var paths []string
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, targetError("", "bad wildcards in %q", target)
		}
		for _, path := range matches {
			if checkELF(path) == nil {
				paths = append(paths, path)
			}
		}
	}
	if len(paths) == 0 {
		return nil, targetError("", "no program or library matches %q", target)
	}
	return unique(paths), nil
}

// mapped returns the files that the process executes from.
func (f *Finder) mapped() ([]string, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", f.pid))
	if err != nil {
		return nil, targetError("", "cannot read what process %d has mapped: %v", f.pid, err)
	}
	var paths []string
	for line := range strings.Lines(string(maps)) {
		// "address perms offset dev inode path"
		fields := strings.Fields(line)
		if len(fields) >= 6 && strings.Contains(fields[1], "x") && strings.HasPrefix(fields[5], "/") {
			path := f.inRoot(strings.Join(fields[5:], " "))
			if checkELF(path) == nil {
				paths = append(paths, path)
			}
		}
	}
	return unique(paths), nil
}

func unique(paths []string) []string {
	sort.Strings(paths)
	kept := paths[:0]
	for _, path := range paths {
		if len(kept) == 0 || kept[len(kept)-1] != path {
			kept = append(kept, path)
		}
	}
	return kept
}

// missing explains why a target was not found.
func (f *Finder) missing(target string, tried []string) error {
	switch {
	case strings.Contains(target, "/"):
		hint := ""
		if dir := filepath.Dir(tried[0]); dir != "." {
			if _, err := os.Stat(dir); err != nil {
				hint = fmt.Sprintf("there is no folder %q", dir)
			} else if near := neighbour(tried[0]); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
		}
		return targetError(hint, "there is no file %q", tried[0])
	case strings.HasPrefix(target, "lib"):
		return targetError("write its path", "there is no library %q in the dynamic linker's cache", target)
	}
	return targetError("write its path", "there is no program %q in $PATH", target)
}

// neighbour finds a file of the same folder whose name is nearly the wanted.
func neighbour(path string) string {
	dir, name := filepath.Split(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		// A slip of one letter more or less, or of case, is what to expect.
		if strings.EqualFold(e.Name(), name) || oneOff(e.Name(), name) || oneOff(name, e.Name()) {
			return dir + e.Name()
		}
	}
	return ""
}

// oneOff reports whether dropping one byte of long makes it short.
func oneOff(long, short string) bool {
	if len(long) != len(short)+1 {
		return false
	}
	for i := range short {
		if long[i] != short[i] {
			return long[i+1:] == short[i:]
		}
	}
	return true
}
