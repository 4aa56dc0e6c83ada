// Package snapshot is a system pinned in files: what the compiler is tested
// against, so that the same script gives the same code on any machine.
//
// A snapshot is a folder:
//
//	btf.gz            the kernel's BTF, pruned to the types that tests use
//	tracefs/          available_events and events/CATEGORY/EVENT/format
//	functions.txt     the functions that can be probed: "ADDRESS NAME [MODULE]"
//	binaries.json     functions of programs by path, for uprobes
//
// Files are made on a live system by package record below this one:
//
//	go run ./probes/snapshot/record -out testdata/snapshot/6.18
package snapshot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/kernel"
	"github.com/gotrace/gotrace/probes/tracefs"
	"github.com/gotrace/gotrace/probes/user"
)

// World is a pinned system: it implements typecheck.World.
type World = probes.World

// Load reads a snapshot from its folder.
func Load(fsys fs.FS) (*World, error) {
	types, err := loadTypes(fsys)
	if err != nil {
		return nil, err
	}
	events, err := fs.Sub(fsys, "tracefs")
	if err != nil {
		return nil, err
	}
	functions, err := loadFunctions(fsys)
	if err != nil {
		return nil, err
	}
	binaries, err := loadBinaries(fsys)
	if err != nil {
		return nil, err
	}
	return &World{
		Tracepoints: tracefs.New(events, ""),
		Functions:   functions,
		Types:       types,
		Binaries:    binaries,
	}, nil
}

func loadTypes(fsys fs.FS) (*kernel.Types, error) {
	packed, err := fs.ReadFile(fsys, "btf.gz")
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("btf.gz: %w", err)
	}
	blob, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("btf.gz: %w", err)
	}
	return kernel.PinnedTypes(blob)
}

func loadBinaries(fsys fs.FS) (user.Pinned, error) {
	text, err := fs.ReadFile(fsys, "binaries.json")
	if err != nil {
		return nil, err
	}
	var binaries user.Pinned
	if err := json.Unmarshal(text, &binaries); err != nil {
		return nil, fmt.Errorf("binaries.json: %w", err)
	}
	return binaries, nil
}

// functions are the pinned functions; kprobes can be put on all of them.
type functions struct {
	list      []kernel.Function
	addresses map[string]uint64
}

// loadFunctions reads functions.txt, whose lines are sorted by name.
func loadFunctions(fsys fs.FS) (*functions, error) {
	text, err := fs.ReadFile(fsys, "functions.txt")
	if err != nil {
		return nil, err
	}
	all := &functions{addresses: map[string]uint64{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			return nil, fmt.Errorf("functions.txt: bad line %q", lines.Text())
		}
		address, err := strconv.ParseUint(fields[0], 16, 64)
		if err != nil {
			return nil, fmt.Errorf("functions.txt: bad address in %q", lines.Text())
		}
		f := kernel.Function{Name: fields[1]}
		if len(fields) > 2 {
			f.Module = strings.Trim(fields[2], "[]")
		}
		all.list = append(all.list, f)
		if _, ok := all.addresses[f.Name]; !ok {
			all.addresses[f.Name] = address
		}
	}
	return all, lines.Err()
}

// Kprobes implements probes.Functions.
func (f *functions) Kprobes() error { return nil }

// Traceable implements probes.Functions.
func (f *functions) Traceable() ([]kernel.Function, error) { return f.list, nil }

// Lookup implements probes.Functions.
func (f *functions) Lookup(name, module string) (kernel.FunctionState, error) {
	for _, fn := range f.list {
		if fn.Name == name && (module == "" || fn.Module == module) {
			return kernel.FunctionFound, nil
		}
	}
	return kernel.FunctionMissing, nil
}

// Symbol implements probes.Functions.
func (f *functions) Symbol(name string) (uint64, error) {
	if address, ok := f.addresses[name]; ok {
		return address, nil
	}
	return 0, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
}
