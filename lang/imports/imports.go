// Package imports makes one tree of a script and of what it imports: other
// scripts, folders of scripts, and the modules of the standard library, which a
// script that uses their macros need not even name.
//
// It stands between the parser and the type checker. The type checker sees the
// items of all files in one list, each with the spans of the file it is from.
package imports

import (
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/stdlib"
)

// Files is the file system as a script may see it.
type Files interface {
	// Read returns the text of a file.
	Read(name string) (string, error)
	// List returns the names of the files in a folder, sorted; of something
	// that is no folder it fails.
	List(folder string) ([]string, error)
}

// maxFiles bounds how much one script may import.
const maxFiles = 256

// Resolve returns the script with its imports in place. The tree that it is
// given is left as it is. A script without imports that uses no macro of the
// standard library is returned itself.
func Resolve(set *source.Set, file *ast.File, files Files) (*ast.File, *source.List) {
	r := &resolver{set: set, files: files, seen: map[string]bool{}, list: &source.List{}}
	items := r.expand(file, true)
	items = append(r.library(items), items...)
	if !r.changed {
		return file, r.list
	}
	out := *file
	out.Items = items
	return &out, r.list
}

type resolver struct {
	set     *source.Set
	files   Files
	seen    map[string]bool
	list    *source.List
	changed bool
}

// expand returns the items of a file with what it imports in place.
func (r *resolver) expand(file *ast.File, root bool) []ast.Item {
	var items []ast.Item
	for _, it := range file.Items {
		switch it := it.(type) {
		case *ast.Import:
			r.changed = true
			items = append(items, r.load(it)...)
			continue
		case *ast.Config:
			if !root {
				r.list.Errorf(it.Span, "config-in-import", "an imported script cannot have a config block").
					WithHint("move its settings to the script that is run")
				continue
			}
		}
		items = append(items, it)
	}
	return items
}

// load returns the items of what one import names.
func (r *resolver) load(imp *ast.Import) []ast.Item {
	if strings.HasPrefix(imp.Path, stdlib.ModulePrefix) {
		return r.module(imp)
	}
	from := path.Dir(r.set.File(imp.Span.File).Name)
	name := imp.Path
	if !path.IsAbs(name) {
		name = path.Join(from, name)
	}
	switch {
	case strings.HasSuffix(name, ".bt"):
		return r.script(imp, name)
	case strings.HasSuffix(name, ".h"):
		// For the C front end it is an include like any other.
		return []ast.Item{&ast.Directive{Span: imp.Span, Name: "include", Text: strconv.Quote(name)}}
	case strings.HasSuffix(name, ".bpf.c"), strings.HasSuffix(name, ".c"):
		r.list.Errorf(imp.Span, "unsupported", "import of C code is not supported").
			WithHint("gotrace has no C compiler; write a macro instead")
		return nil
	}
	return r.folder(imp, name)
}

// module returns the macros of a module of the standard library.
func (r *resolver) module(imp *ast.Import) []ast.Item {
	m, ok := stdlib.ModuleNamed(imp.Path)
	if !ok {
		var names []string
		for _, m := range stdlib.Modules() {
			names = append(names, m.Name)
		}
		r.list.Errorf(imp.Span, "unknown-module", "the standard library has no module %q", imp.Path).
			Hint = suggest.Hint("", imp.Path, names)
		return nil
	}
	return r.parse(m.Name, m.Text)
}

func (r *resolver) script(imp *ast.Import, name string) []ast.Item {
	if r.files == nil {
		r.list.Errorf(imp.Span, "unsupported", "scripts cannot be imported here")
		return nil
	}
	if r.seen[name] {
		return nil
	}
	text, err := r.files.Read(name)
	if err != nil {
		r.missing(imp, err)
		return nil
	}
	if len(r.seen) >= maxFiles {
		r.list.Errorf(imp.Span, "too-large", "the script imports more than %d files", maxFiles)
		return nil
	}
	return r.parse(name, text)
}

// folder imports every script of a folder.
func (r *resolver) folder(imp *ast.Import, name string) []ast.Item {
	if r.files == nil {
		r.list.Errorf(imp.Span, "unsupported", "scripts cannot be imported here")
		return nil
	}
	entries, err := r.files.List(name)
	if err != nil {
		r.missing(imp, err).Hint = "scripts to import end in .bt"
		return nil
	}
	var items []ast.Item
	for _, entry := range entries {
		if strings.HasSuffix(entry, ".bt") {
			items = append(items, r.script(imp, path.Join(name, entry))...)
		}
	}
	return items
}

func (r *resolver) missing(imp *ast.Import, err error) *source.Diagnostic {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return r.list.Errorf(imp.Span, "import", "cannot import %q: %v", imp.Path, err)
}

// parse adds a file to the set and returns its items. Each file counts once.
func (r *resolver) parse(name, text string) []ast.Item {
	if r.seen[name] {
		return nil
	}
	r.seen[name] = true
	file, list := parser.Parse(r.set, r.set.Add(name, text))
	for _, d := range list.Sorted() {
		r.list.Add(d)
	}
	return r.expand(file, false)
}

// library returns the modules whose macros the items use without importing or
// defining them.
func (r *resolver) library(items []ast.Item) []ast.Item {
	defined := map[string]bool{}
	for _, it := range items {
		if m, ok := it.(*ast.Macro); ok {
			defined[m.Name] = true
		}
	}
	var out []ast.Item
	for _, it := range items {
		ast.Walk(it, func(n ast.Node) bool {
			call, ok := n.(*ast.Call)
			if !ok || defined[call.Name] {
				return true
			}
			if m, ok := stdlib.ModuleNamed(call.Name); ok && call.Name != m.Name {
				r.changed = true
				out = append(out, r.parse(m.Name, m.Text)...)
			}
			return true
		})
	}
	return out
}
