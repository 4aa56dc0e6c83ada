package repl

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes"
)

// typeNames knows the members of types, for completion: it follows "a->b.c" as
// far as the types of the kernel tell.
type typeNames struct {
	mu    sync.Mutex
	world *probes.World // not the engine's: completion runs beside it
	// records are the arguments of probes that were asked for.
	records map[string]types.Type
}

func newTypeNames(opts Options) *typeNames {
	return &typeNames{world: probes.NewLive(probes.Options{Unsafe: opts.Unsafe}), records: map[string]types.Type{}}
}

// members returns the names of the members that may follow a chain, "curtask"
// or "args.file->f_path", those with the prefix.
func (t *typeNames) members(before, chain, prefix string) []string {
	found := make(chan []string, 1)
	go func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		found <- t.lookup(before, chain, prefix)
	}()
	select {
	case names := <-found:
		return names
	case <-time.After(tabWait):
		return nil // types are being read: the next Tab finds them
	}
}

func (t *typeNames) lookup(before, chain, prefix string) []string {
	parts := regexp.MustCompile(`->|\.`).Split(chain, -1)
	at, ok := t.root(before, parts[0])
	if !ok {
		return nil
	}
	for _, part := range parts[1:] {
		m, found := t.complete(at).Member(part)
		if !found {
			return nil
		}
		at = m.Type
	}
	var names []string
	for _, name := range t.complete(at).MemberNames() {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return unique(names)
}

// root is the type of the first name of a chain.
func (t *typeNames) root(before, name string) (types.Type, bool) {
	switch name {
	case "curtask":
		found, err := t.world.TypeByName("struct task_struct")
		return found, err == nil
	case "args":
		return t.args(before)
	}
	// "$x = (struct y *)..." says what $x is.
	cast := regexp.MustCompile(regexp.QuoteMeta(name) + `\s*=\s*\((struct \w+)\s*\*\s*\)`).FindStringSubmatch(before)
	if strings.HasPrefix(name, "$") && cast != nil {
		found, err := t.world.TypeByName(cast[1])
		return found, err == nil
	}
	return types.Type{}, false
}

// args is the record of the arguments of the clause at the end of an entry.
func (t *typeNames) args(before string) (types.Type, bool) {
	header := before
	if open := strings.LastIndexByte(before, '{'); open >= 0 {
		header = before[:open]
	}
	header = header[strings.LastIndexByte(header, '}')+1:]
	spec := strings.TrimSpace(regexp.MustCompile(`\s/`).Split(header, 2)[0])
	spec, _, _ = strings.Cut(spec, ",")
	if known, ok := t.records[spec]; ok {
		return known, true
	}
	set := &source.Set{}
	file, list := parser.Parse(set, set.Add("", spec+" { }"))
	if list.HasErrors() || len(file.Probes()) == 0 {
		return types.Type{}, false
	}
	points, err := t.world.Points(file.Probes()[0].Points[0])
	if err != nil || len(points) == 0 || points[0].Args == nil {
		return types.Type{}, false
	}
	t.records[spec] = *points[0].Args
	return *points[0].Args, true
}

// complete returns a record with its members, behind a pointer too.
func (t *typeNames) complete(of types.Type) types.Type {
	if of.Kind == types.Pointer && of.Elem != nil {
		of = *of.Elem
	}
	if of.Kind == types.Record && (of.Incomplete || len(of.Members) == 0) {
		if full, err := t.world.Record(of); err == nil {
			return full
		}
	}
	return of
}
