package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/kernel/btf"
)

// Types are a kernel's types. The zero value is not useful: see LiveTypes and
// PinnedTypes. It is safe for concurrent use.
type Types struct {
	kernel  func() (*btf.Set, error)
	modules func(*btf.Set)
	once    sync.Once
}

// LiveTypes returns the types of the running kernel. Those of modules are read
// only when a name is not found in the kernel proper.
func LiveTypes() *Types {
	load := sync.OnceValues(func() (*btf.File, error) { return openBTF(btfFolder + "/" + btf.Kernel) })
	t := &Types{}
	t.kernel = sync.OnceValues(func() (*btf.Set, error) {
		f, err := load()
		if err != nil {
			return nil, err
		}
		return btf.NewSet(f), nil
	})
	t.modules = func(set *btf.Set) {
		if base, err := load(); err == nil {
			addModules(set, base)
		}
	}
	return t
}

// PinnedTypes returns the types of a blob.
func PinnedTypes(blob []byte) (*Types, error) {
	f, err := btf.Open(blob, nil)
	if err != nil {
		return nil, err
	}
	set := btf.NewSet(f)
	return &Types{
		kernel:  func() (*btf.Set, error) { return set, nil },
		modules: func(*btf.Set) {},
	}, nil
}

// btfFolder has a file for the kernel and, since 5.11, one for each module
// (Documentation/ABI/testing/sysfs-kernel-btf).
const btfFolder = "/sys/kernel/btf"

// openBTF opens the kernel's types: mapped, if the kernel allows that (6.16),
// so that only what is looked at takes memory, else read.
func openBTF(path string) (*btf.File, error) {
	data, err := mapFile(path)
	if err != nil {
		data, err = os.ReadFile(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoBTF
	}
	if err != nil {
		return nil, err
	}
	f, err := btf.Open(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// mapFile maps a file for the rest of the process: the types made of it are
// copies, but when the last is made nobody knows.
func mapFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
}

// addModules adds the types of the loaded modules. One that cannot be read, as
// it may have been unloaded meanwhile, is left out.
func addModules(set *btf.Set, base *btf.File) {
	entries, err := os.ReadDir(btfFolder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Name() == btf.Kernel {
			continue
		}
		data, err := os.ReadFile(btfFolder + "/" + e.Name())
		if err != nil {
			continue
		}
		if f, err := btf.Open(data, base); err == nil {
			set.Add(e.Name(), f)
		}
	}
}

// all returns the types with those of the modules.
func (t *Types) all() (*btf.Set, error) {
	set, err := t.kernel()
	if err != nil {
		return nil, err
	}
	t.once.Do(func() { t.modules(set) })
	return set, nil
}

// find asks the kernel's types, then the modules' too.
func (t *Types) find(ask func(*btf.Set) error) error {
	set, err := t.kernel()
	if err != nil {
		return err
	}
	if err = ask(set); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if set, err = t.all(); err != nil {
		return err
	}
	return ask(set)
}

// Record implements probes.Types.
func (t *Types) Record(incomplete types.Type) (found types.Type, err error) {
	err = t.find(func(set *btf.Set) error {
		found, err = set.Record(incomplete)
		return err
	})
	return found, err
}

// ByName implements probes.Types.
func (t *Types) ByName(name string) (found types.Type, err error) {
	err = t.find(func(set *btf.Set) error {
		found, err = set.ByName(name)
		return err
	})
	return found, err
}

// Constant implements probes.Types.
func (t *Types) Constant(name string) (value int64, enum types.Type, err error) {
	err = t.find(func(set *btf.Set) error {
		value, enum, err = set.Constant(name)
		return err
	})
	return value, enum, err
}

// RawTracepoint implements probes.Types.
func (t *Types) RawTracepoint(module, event string) (args types.Type, in string, err error) {
	err = t.find(func(set *btf.Set) error {
		args, in, err = set.RawTracepoint(module, event)
		return err
	})
	return args, in, err
}

// RawTracepoints implements probes.Types.
func (t *Types) RawTracepoints() ([]Function, error) {
	set, err := t.all()
	if err != nil {
		return nil, err
	}
	var all []Function
	for _, e := range set.RawTracepoints() {
		all = append(all, Function{Name: e.Name, Module: e.Module})
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Module != all[j].Module {
			return all[i].Module < all[j].Module
		}
		return all[i].Name < all[j].Name
	})
	return all, nil
}

// Names implements probes.Types.
func (t *Types) Names() ([]string, error) {
	set, err := t.all()
	if err != nil {
		return nil, err
	}
	names := set.Names()
	sort.Strings(names)
	unique := names[:0]
	for _, name := range names {
		// Types of one name but different contents are many, in different files.
		if len(unique) == 0 || unique[len(unique)-1] != name {
			unique = append(unique, strings.Clone(name))
		}
	}
	return unique, nil
}

// Define implements probes.Types.
func (t *Types) Define(name string) (text, in string, err error) {
	err = t.find(func(set *btf.Set) error {
		text, in, err = set.Define(name)
		return err
	})
	return text, in, err
}

// Function implements probes.Types.
func (t *Types) Function(module, name string) (found btf.Function, err error) {
	err = t.find(func(set *btf.Set) error {
		found, err = set.Function(module, name)
		return err
	})
	return found, err
}

// MatchFunctions implements probes.Types.
func (t *Types) MatchFunctions(match func(module, name string) bool) ([]btf.Function, error) {
	set, err := t.all()
	if err != nil {
		return nil, err
	}
	return set.MatchFunctions(match), nil
}

// FunctionNames implements probes.Types.
func (t *Types) FunctionNames() ([]Function, error) {
	set, err := t.all()
	if err != nil {
		return nil, err
	}
	var all []Function
	set.Functions(func(module, name string) { all = append(all, Function{Name: name, Module: module}) })
	return all, nil
}

// Prototype implements probes.Types.
func (t *Types) Prototype(function string) (params []string, result string, err error) {
	err = t.find(func(set *btf.Set) error {
		params, result, err = set.Prototype(function)
		return err
	})
	return params, result, err
}

// RawPrototype implements probes.Types.
func (t *Types) RawPrototype(module, event string) (params []string, err error) {
	err = t.find(func(set *btf.Set) error {
		params, err = set.RawPrototype(module, event)
		return err
	})
	return params, err
}

// HasFunction reports whether the types know a function of the kernel proper.
func (t *Types) HasFunction(name string) bool {
	set, err := t.kernel()
	if err != nil {
		return false
	}
	_, ok := set.HasFunction(name)
	return ok
}
