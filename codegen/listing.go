package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/bpf"
	"github.com/gotrace/gotrace/codegen/lower"
	"github.com/gotrace/gotrace/lang/typed"
)

// Listing is what a compilation made, as text for people: the intermediate
// representation after the passes, and the instructions with their maps.
type Listing struct {
	IR, BPF string
}

// List compiles a program and lists what came of it.
func List(prog *typed.Program, t Target, opts Options) (*Listing, error) {
	var ir strings.Builder
	c := &compiler{prog: prog, target: t, opts: opts}
	c.inspect = func(p lower.Program, _ *bpf.Result) { fmt.Fprint(&ir, p.IR) }
	obj, err := c.run()
	if err != nil {
		return nil, err
	}
	var code strings.Builder
	for _, p := range obj.Manifest.Programs {
		code.WriteString(bpf.Disassemble(obj.Spec.Programs[p.Name].Instructions))
	}
	for _, name := range sortedMaps(obj.Spec) {
		m := obj.Spec.Maps[name]
		fmt.Fprintf(&code, "map %s: %v, key %d, value %d, %d entries\n", name, m.Type, m.KeySize, m.ValueSize, m.MaxEntries)
	}
	return &Listing{IR: ir.String(), BPF: code.String()}, nil
}

func sortedMaps(spec *ebpf.CollectionSpec) []string {
	names := make([]string, 0, len(spec.Maps))
	for name := range spec.Maps {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
