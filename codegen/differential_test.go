package codegen

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"pgregory.net/rapid"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
)

// loadAndRun runs an object's first program once in the kernel.
func loadAndRun(obj *object.Object) (*ebpf.Collection, error) {
	for _, m := range obj.Spec.Maps {
		if m.Type == ebpf.RingBuf {
			m.MaxEntries = 4096
		}
	}
	coll, err := ebpf.NewCollection(obj.Spec)
	if err != nil {
		return nil, err
	}
	prog := coll.Programs[obj.Manifest.Programs[0].Name]
	if _, err := prog.Run(&ebpf.RunOptions{Context: make([]byte, 64)}); err != nil {
		coll.Close()
		return nil, err
	}
	return coll, nil
}

// lost reports whether a loss of a cause was counted.
func lost(obj *object.Object, coll *ebpf.Collection, cause object.Cause) bool {
	for i, l := range obj.Manifest.Losses {
		var counts []uint64
		if l.Cause != cause || coll.Maps[obj.Manifest.LossMap].Lookup(uint32(i), &counts) != nil {
			continue
		}
		for _, n := range counts {
			if n > 0 {
				return true
			}
		}
	}
	return false
}

// readElements reads what a collection's maps hold, as the evaluator names it.
func readElements(obj *object.Object, coll *ebpf.Collection, got map[string]value) error {
	for _, m := range obj.Manifest.Maps {
		km := coll.Maps[m.Spec]
		if m.Storage == object.ArrayCell {
			cell := make([]byte, km.ValueSize())
			if err := km.Lookup(uint32(0), &cell); err != nil {
				return err
			}
			if binary.LittleEndian.Uint64(cell[len(cell)-8:]) != 0 {
				got[m.Name] = decode(cell, m.Value)
			}
			continue
		}
		key, val := make([]byte, km.KeySize()), make([]byte, km.ValueSize())
		for it := km.Iterate(); it.Next(&key, &val); {
			k := decode(key, *m.Key)
			got[fmt.Sprintf("%s[%d,%q]", m.Name, k.n, k.s)] = decode(val, m.Value)
		}
	}
	return nil
}

// TestDifferential compiles random scripts, runs them in the kernel, and
// compares the maps with what the evaluator makes of the same typed program.
func TestDifferential(t *testing.T) {
	needRoot(t)
	w := world(t)
	rapid.Check(t, func(rt *rapid.T) {
		target := rapid.SampledFrom([]pinned{newest, oldest}).Draw(rt, "target")
		text := script(rt)
		prog, err := front(w, "random.bt", text)
		if err != nil && strings.Contains(err.Error(), "division by zero") {
			rt.Skip("the checker folds constants")
		}
		if err != nil {
			rt.Fatalf("%s\n%v", text, err)
		}
		compareWithEvaluator(rt, prog, text, target)
	})
}

// compareWithEvaluator fails if a script does not leave the maps it should.
func compareWithEvaluator(t rapid.TB, prog *typed.Program, text string, target pinned) {
	c := &compiler{prog: prog, target: target, check: true}
	obj, err := c.compile()
	var unsupported *Unsupported
	if errors.As(err, &unsupported) && !target.features {
		return // loops over maps
	}
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	e := newEvaluator()
	e.stmts(prog.Clauses[0].Body)
	coll, err := loadAndRun(obj)
	if !target.features && err != nil && strings.Contains(err.Error(), "too large") {
		return // loops in loops, without bpf_loop
	}
	if err != nil {
		t.Fatalf("%+v\n%s\n%+v", target, text, err)
	}
	defer coll.Close()
	if lost(obj, coll, object.LossLoop) {
		return // an old kernel's limit, which the runtime reports
	}
	got := map[string]value{}
	if err := readElements(obj, coll, got); err != nil {
		t.Fatal(err)
	}
	for name, want := range e.maps {
		if got[name] != want {
			t.Fatalf("%s\n@%s is %v, want %v", text, name, got[name], want)
		}
	}
	for name := range got {
		if _, ok := e.maps[name]; !ok {
			t.Fatalf("%s\n@%s is %v, and should not be set", text, name, got[name])
		}
	}
}
