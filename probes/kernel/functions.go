package kernel

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"sort"
	"strings"
	"sync"

	"github.com/gotrace/gotrace/lang/typecheck"
)

// Functions are the functions of the running kernel, or of a pinned one. It is
// safe for concurrent use.
type Functions struct {
	// Open opens a file of the root file system: "proc/kallsyms".
	open func(path string) (fs.File, error)
	// traceable lists what ftrace can trace, if that can be read.
	traceable func(yield func(name, module string) bool) error
	// known reports functions that exist without reading the symbol table. It
	// may be nil.
	known func(name string) bool
	// probes says whether there are kprobes.
	probes func() error

	list      func() ([]Function, error)
	blacklist func() map[string]bool
}

// Sources are where functions are looked up.
type Sources struct {
	// Root is the file system with proc and sys.
	Root fs.FS
	// Traceable calls yield with the functions that ftrace can trace; an error
	// means that they are not to be known, and the symbol table has to do.
	Traceable func(yield func(name, module string) bool) error
	// Known, if not nil, reports functions that exist, at less cost than reading
	// the symbol table.
	Known func(name string) bool
}

// NewFunctions returns the functions that the sources have.
func NewFunctions(s Sources) *Functions {
	f := &Functions{open: s.Root.Open, traceable: s.Traceable, known: s.Known}
	f.probes = func() error {
		// The PMU is there if and only if the kernel has CONFIG_KPROBE_EVENTS.
		file, err := f.open("sys/bus/event_source/devices/kprobe/type")
		if err != nil {
			return NoKprobes()
		}
		return file.Close()
	}
	f.list = sync.OnceValues(f.readList)
	f.blacklist = sync.OnceValue(f.readBlacklist)
	return f
}

// LiveRoot is the running system's root for Sources.
func LiveRoot() fs.FS { return os.DirFS("/") }

// NoKprobes is the error of a kernel on which no kprobe can be made.
func NoKprobes() error {
	return &typecheck.Unsupported{
		Part: 0,
		Msg:  "this kernel has no kprobes (CONFIG_KPROBES is off)",
		Hint: "use a tracepoint, or run a kernel with CONFIG_KPROBE_EVENTS",
	}
}

// Kprobes implements probes.Functions.
func (f *Functions) Kprobes() error { return f.probes() }

// Traceable implements probes.Functions.
func (f *Functions) Traceable() ([]Function, error) { return f.list() }

// readList reads the functions that ftrace can trace or, where that is
// forbidden, all functions of the symbol table; less those that kprobes refuse.
func (f *Functions) readList() ([]Function, error) {
	refused := f.blacklist()
	var all []Function
	add := func(name, module string) bool {
		if !refused[name] {
			all = append(all, Function{Name: strings.Clone(name), Module: strings.Clone(module)})
		}
		return true
	}
	if err := f.traceable(add); err != nil {
		all = nil
		err := f.symbols(func(s Symbol) bool {
			if s.code() && !compilerMade(s.Name) {
				add(s.Name, s.Module)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Name != all[j].Name {
			return all[i].Name < all[j].Name
		}
		return all[i].Module < all[j].Module
	})
	return all, nil
}

// compilerMade reports whether a symbol is no function of the source: the
// prefixes of call thunks, padding, and what is run once at boot.
func compilerMade(name string) bool {
	return strings.HasPrefix(name, "__pfx_") || strings.HasPrefix(name, "__cfi_") || strings.Contains(name, ".cold")
}

// readBlacklist reads the functions that cannot be probed. Without debugfs it
// is not to be known, and the kernel will say so when asked.
func (f *Functions) readBlacklist() map[string]bool {
	file, err := f.open("sys/kernel/debug/kprobes/blacklist")
	if err != nil {
		return nil
	}
	defer file.Close()
	names := map[string]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		// "0xffffffff81000000-0xffffffff81000010\tname"
		if _, name, ok := strings.Cut(lines.Text(), "\t"); ok {
			names[strings.TrimSpace(name)] = true
		}
	}
	return names
}

// symbols calls yield with the symbol table.
func (f *Functions) symbols(yield func(Symbol) bool) error {
	file, err := f.open("proc/kallsyms")
	if err != nil {
		return err
	}
	defer file.Close()
	return eachSymbol(io.Reader(file), yield)
}

// Lookup implements probes.Functions.
func (f *Functions) Lookup(name, module string) (FunctionState, error) {
	if f.blacklist()[name] {
		return FunctionBlacklisted, nil
	}
	if module == "" && f.known != nil && f.known(name) {
		return FunctionFound, nil
	}
	state := FunctionMissing
	empty := true
	err := f.symbols(func(s Symbol) bool {
		empty = false
		if s.Name == name && s.code() && (module == "" || s.Module == module) {
			state = FunctionFound
			return false
		}
		return true
	})
	if empty || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return FunctionUnknown, nil
	}
	return state, err
}

// Symbol implements probes.Functions. The first of a name wins, as in the
// kernel's own lookup.
func (f *Functions) Symbol(name string) (uint64, error) {
	address, hidden := uint64(0), false
	err := f.symbols(func(s Symbol) bool {
		if s.Name != name {
			return true
		}
		address, hidden = s.Address, s.Address == 0
		return false
	})
	switch {
	case err != nil:
		return 0, err
	case hidden:
		return 0, &typecheck.Unsupported{Part: -1, Msg: "the kernel hides its addresses", Hint: "run as root with sysctl kernel.kptr_restrict=1 or 0"}
	case address == 0:
		return 0, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
	}
	return address, nil
}
