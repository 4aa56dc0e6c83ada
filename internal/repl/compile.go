package repl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/imports"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime"
)

// built is an entry that went through the compiler.
type built struct {
	set      *source.Set
	file     *ast.File
	prog     *typed.Program
	obj      *object.Object
	warnings string
	pid      int // of .target, zero for all
}

// definition is an entry without an action: a macro, a type, a declared map, a
// setting. It is part of every later entry.
type definition struct {
	id, text string
}

// compile compiles an entry of the name id.
func (e *engine) compile(id, text string) (*built, error) {
	b := &built{set: &source.Set{}}
	file, list := parser.Parse(b.set, b.set.Add(id, text))
	if list.HasErrors() {
		return nil, &scriptError{set: b.set, list: list}
	}
	b.file = file
	return b, e.finish(b, list)
}

// finish checks and generates what is parsed.
func (e *engine) finish(b *built, parsed *source.List) error {
	own := len(b.set.Files)
	if err := e.define(b); err != nil {
		return err
	}
	file, imported := imports.Resolve(b.set, b.file, nil)
	if imported.HasErrors() {
		return &scriptError{set: b.set, list: imported}
	}
	b.file = file
	prog, list := typecheck.Check(b.set, b.file, e.world, e.checkOptions())
	if list.HasErrors() {
		return &scriptError{set: b.set, list: list}
	}
	for _, d := range slices.Concat(parsed.Sorted(), list.Sorted()) {
		if int(d.Span.File) >= own {
			continue // of a definition: it was said when that was entered
		}
		b.warnings += b.set.Render(d)
	}
	e.conform(prog)
	b.prog = prog
	obj, err := codegen.Compile(prog, e.target, e.codegenOptions())
	if err != nil {
		return placed(b.set, err)
	}
	b.obj = obj
	return nil
}

func (e *engine) checkOptions() typecheck.Options {
	opts := typecheck.Options{Unsafe: e.opts.Unsafe, Env: e.settings}
	for _, m := range e.maps {
		opts.Maps = append(opts.Maps, typecheck.Predeclared{Map: m.typed, By: m.by})
	}
	slices.SortFunc(opts.Maps, func(a, b typecheck.Predeclared) int { return strings.Compare(a.Map.Name, b.Map.Name) })
	return opts
}

func (e *engine) codegenOptions() codegen.Options {
	var tai unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_TAI, &tai) // zero where it does not exist
	boot := int64(bootClock())
	return codegen.Options{
		SharedMaps: true, StartBootNS: e.bootNS, TAIOffsetNS: tai.Nano() - boot, WallOffsetNS: time.Now().UnixNano() - boot,
	}
}

// define puts the definitions before an entry. A declared map is left out where
// it is not used: its types would be settled by nothing.
func (e *engine) define(b *built) error {
	used := usedMaps(b.set.Files)
	var items []ast.Item
	for _, d := range e.defs {
		file, list := parser.Parse(b.set, b.set.Add(d.id, d.text))
		if list.HasErrors() {
			return &scriptError{set: b.set, list: list}
		}
		for _, item := range file.Items {
			if decl, ok := item.(*ast.MapDecl); !ok || used["@"+decl.Name] {
				items = append(items, item)
			}
			if _, ok := item.(*ast.Macro); ok {
				maps.Copy(used, usedMaps([]*source.File{{Text: d.text}}))
			}
		}
	}
	b.file.Items = append(items, b.file.Items...)
	return nil
}

// usedMaps returns the maps that texts name, with their "@".
func usedMaps(files []*source.File) map[string]bool {
	used := map[string]bool{}
	for _, f := range files {
		for _, t := range parser.Tokenize(f.Text) {
			if t.Kind == parser.KindMap {
				used[f.Text[t.Off:t.End]] = true
			}
		}
	}
	return used
}

// addDefinition takes an entry without action blocks, if it makes sense with
// those that are there.
func (e *engine) addDefinition(text string) (*definition, error) {
	d := &definition{id: fmt.Sprintf("d%d", e.lastID+1), text: text}
	if _, err := e.compile(d.id, ended(text)+"\nbegin { }"); err != nil {
		return nil, err
	}
	e.defs = append(e.defs, d)
	e.lastID++
	return d, nil
}

// conform makes the maps of a program those of the session. How a map is kept
// depends on how a script uses it, and later clauses may use it in ways that
// the first did not: so what any of them could read is kept in one copy with
// atomic adds, and not a copy for each CPU.
func (e *engine) conform(prog *typed.Program) {
	for _, m := range prog.Maps {
		switch {
		case m.Value.Kind != types.Agg:
		case m.Value.Agg == types.Count, m.Value.Agg == types.Sum, m.Value.Agg == types.Avg, m.Value.Agg == types.Stats:
			m.ReadInKernel = true
		}
		if have := e.maps[m.Name]; have != nil {
			m.Kind, m.MaxEntries = have.typed.Kind, have.typed.MaxEntries
		}
	}
}

// settle takes note of the maps that a unit brought.
func (e *engine) settle(by string, b *built, unit runtime.UnitID) {
	decoder := e.session.Decoder(unit)
	for _, m := range b.prog.Maps {
		have := e.maps[m.Name]
		if have == nil {
			have = &mapInfo{typed: m, by: by}
			e.maps[m.Name] = have
		}
		if have.decoder == nil || len(b.obj.Manifest.ProbeNames) >= len(have.names) {
			have.decoder = decoder
			have.names, have.strings = b.obj.Manifest.ProbeNames, b.obj.Manifest.Strings
		}
	}
}

// forget frees the maps of a unit that failed and that nothing else knows.
func (e *engine) forget(b *built) {
	for _, m := range b.prog.Maps {
		if e.maps[m.Name] == nil {
			_ = e.session.Forget(m.Name) // it may not have been made
		}
	}
}

// sharable reports a map whose values mean something else in another clause:
// probe names and formats of time are numbered by each clause for itself.
func (e *engine) sharable(b *built) error {
	for i := range b.obj.Manifest.Maps {
		m := &b.obj.Manifest.Maps[i]
		have := e.maps[m.Name]
		if have == nil {
			continue
		}
		list, other, what := b.obj.Manifest.ProbeNames, have.names, "probe names"
		numbered := holds(m, types.ProbeName)
		if holds(m, types.Timestamp) && !numbered {
			list, other, what, numbered = b.obj.Manifest.Strings, have.strings, "formats of time", true
		}
		n := min(len(list), len(other))
		if numbered && !slices.Equal(list[:n], other[:n]) {
			return fail("map @%s holds %s of %s, which mean nothing to another clause", m.Name, what, have.by).
				withHint("use another map, or .drop the clause and .drop @%s", m.Name)
		}
	}
	return nil
}

// holds reports whether a map's keys or values have values of a kind.
func holds(m *object.Map, kind types.Kind) bool {
	return m.Key != nil && within(m.Key, kind) || within(&m.Value, kind)
}

func within(t *types.Type, kind types.Kind) bool {
	if t.Kind == kind {
		return true
	}
	for i := range t.Members {
		if within(&t.Members[i].Type, kind) {
			return true
		}
	}
	return false
}
