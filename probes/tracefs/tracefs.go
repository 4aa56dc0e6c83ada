// Package tracefs reads the kernel's tracing file system: which tracepoints
// there are, and what the record of each looks like.
//
// Everything is read when asked for and only that: a script with one
// tracepoint reads one format file. The files come through an fs.FS, so that a
// pinned copy of some of them serves as well as the mounted file system.
package tracefs

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// FS is a mounted tracing file system or a copy of a part of one.
type FS struct {
	fsys fs.FS
	root string
}

// New returns the tracing file system whose root is that of fsys. Root is its
// path for messages and may be empty.
func New(fsys fs.FS, root string) *FS { return &FS{fsys: fsys, root: root} }

// Root returns the path the file system is mounted at.
func (f *FS) Root() string { return f.root }

// Event is a tracepoint's name.
type Event struct {
	Category, Name string
}

func (e Event) String() string { return e.Category + ":" + e.Name }

// Format reads the layout of a tracepoint's record. The error of one that does
// not exist wraps fs.ErrNotExist.
func (f *FS) Format(category, event string) (*Format, error) {
	text, err := f.read(category, event, "format")
	if err != nil {
		return nil, err
	}
	format, err := ParseFormat(string(text))
	if err != nil {
		return nil, fmt.Errorf("the format of tracepoint %s:%s: %w", category, event, err)
	}
	return format, nil
}

// ID reads the number that perf_event_open wants for a tracepoint.
func (f *FS) ID(category, event string) (uint64, error) {
	text, err := f.read(category, event, "id")
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
}

// read reads a file of an event. Names that would leave the event's folder do
// not exist.
func (f *FS) read(category, event, file string) ([]byte, error) {
	if !plain(category) || !plain(event) {
		return nil, &fs.PathError{Op: "open", Path: category + ":" + event, Err: fs.ErrNotExist}
	}
	return fs.ReadFile(f.fsys, path.Join("events", category, event, file))
}

// plain reports whether a name can be that of a file or folder.
func plain(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// Events lists all tracepoints, sorted by their names.
func (f *FS) Events() ([]Event, error) {
	text, err := fs.ReadFile(f.fsys, "available_events")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	sort.Strings(lines)
	events := make([]Event, 0, len(lines))
	for _, line := range lines {
		if category, name, ok := strings.Cut(line, ":"); ok {
			events = append(events, Event{category, name})
		}
	}
	return events, nil
}

// Functions calls yield with each function that ftrace can trace, which are
// those a kprobe may safely be put on, and the module it is in (empty for the
// kernel proper), until yield returns false. The file is not readable on a
// kernel that is locked down.
func (f *FS) Functions(yield func(name, module string) bool) error {
	file, err := f.fsys.Open("available_filter_functions")
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, module, _ := strings.Cut(lines.Text(), " ")
		module = strings.Trim(module, "[]")
		// Placeholders for functions that were discarded at boot.
		if strings.HasPrefix(name, "__ftrace_invalid_address__") {
			continue
		}
		if !yield(name, module) {
			return nil
		}
	}
	return lines.Err()
}
