package user

import (
	"fmt"
	"sort"
)

// Pinned is a fixed set of binaries, for tests: the functions by path.
type Pinned map[string][]Function

// Resolve implements probes.Binaries.
func (p Pinned) Resolve(target string) ([]string, error) {
	if _, ok := p[target]; ok {
		return []string{target}, nil
	}
	return nil, targetError("", "there is no file %q", target)
}

// Functions implements probes.Binaries.
func (p Pinned) Functions(path string) ([]Function, error) {
	functions, ok := p[path]
	if !ok {
		return nil, targetError("", "there is no file %q", path)
	}
	sorted := append([]Function(nil), functions...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Name < sorted[j].Name })
	return sorted, nil
}

// Notes implements probes.Binaries: there are none.
func (p Pinned) Notes(string) ([]Note, error) { return nil, nil }

// Returns implements probes.Binaries: nothing is written in Go.
func (p Pinned) Returns(string, Function) (offsets []uint64, ok bool, err error) {
	return nil, false, nil
}

// Offset implements probes.Binaries: addresses are offsets.
func (p Pinned) Offset(_ string, address uint64) (uint64, error) { return address, nil }

// Symbol implements probes.Binaries.
func (p Pinned) Symbol(path, name string) (address, size uint64, err error) {
	for _, f := range p[path] {
		if f.Name == name {
			return f.Address, f.Size, nil
		}
	}
	return 0, 0, &Error{Subject: Symbol, Msg: fmt.Sprintf("%s has no symbol %s", path, name)}
}

// Main implements probes.Binaries: there is no process.
func (p Pinned) Main() string { return "" }
