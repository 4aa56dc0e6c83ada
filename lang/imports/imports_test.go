package imports_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/imports"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

// memory is a file system in memory: texts by their names.
type memory map[string]string

func (m memory) Read(name string) (string, error) {
	if text, ok := m[name]; ok {
		return text, nil
	}
	return "", &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (m memory) List(folder string) ([]string, error) {
	var names []string
	for name := range m {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
			names = append(names, rest)
		}
	}
	if names == nil {
		return nil, errors.New("no such folder")
	}
	return names, nil
}

// resolve returns the names of what a script holds after its imports, and the
// messages.
func resolve(t *testing.T, files imports.Files, script string) (items, messages string) {
	t.Helper()
	set := &source.Set{}
	file, list := parser.Parse(set, set.Add("/home/me/script.bt", script))
	if list.HasErrors() {
		t.Fatalf("%s: %v", script, list.Sorted())
	}
	before := len(file.Items)
	out, list := imports.Resolve(set, file, files)
	if len(file.Items) != before {
		t.Errorf("%s: the tree was changed", script)
	}
	var names, said []string
	for _, it := range out.Items {
		switch it := it.(type) {
		case *ast.Macro:
			names = append(names, it.Name)
		case *ast.Probe:
			names = append(names, it.Points[0].Text)
		case *ast.Directive:
			names = append(names, "#"+it.Name+" "+it.Text)
		default:
			names = append(names, fmt.Sprintf("%T", it))
		}
	}
	for _, d := range list.Sorted() {
		said = append(said, d.Msg)
	}
	return strings.Join(names, " "), strings.Join(said, "; ")
}

// TestResolve imports scripts, folders and modules.
func TestResolve(t *testing.T) {
	files := memory{
		"/home/me/helpers.bt":    "macro one { 1 } interval:1s { print(1); }",
		"/home/me/deep/outer.bt": `import "inner.bt"; macro outer { 1 }`,
		"/home/me/deep/inner.bt": `import "outer.bt"; macro inner { 2 }`,
		"/home/me/config.bt":     "config = { max_strlen = 10 } macro after { 1 }",
		"/home/me/broken.bt":     "begin { print(; }",
	}
	for _, test := range []struct{ script, items, messages string }{
		{`begin { print(1); }`, "begin", ""},
		{`import "helpers.bt"; begin { one(); }`, "one interval:1s begin", ""},
		{`import "helpers.bt"; import "helpers.bt"; begin { }`, "one interval:1s begin", ""},
		{`import "/home/me/helpers.bt"; begin { }`, "one interval:1s begin", ""},
		{`import "deep/outer.bt"; begin { }`, "inner outer begin", ""},
		{`import "deep"; begin { }`, "inner outer begin", ""},
		{`import "stdlib/memory.bt"; begin { }`, "memcmp begin", ""},
		{`begin { print(memcmp("a", "b", 1)); }`, "memcmp begin", ""},
		{`macro memcmp(a, b, c) { 1 } begin { print(memcmp("a", "b", 1)); }`, "memcmp begin", ""},
		{`import "types.h"; begin { }`, `#include "/home/me/types.h" begin`, ""},
		{`import "config.bt"; begin { }`, "after begin", "an imported script cannot have a config block"},
		{`import "gone.bt"; begin { }`, "begin", `cannot import "gone.bt": file does not exist`},
		{`import "gone"; begin { }`, "begin", `cannot import "gone": no such folder`},
		{`import "code.bpf.c"; begin { }`, "begin", "import of C code is not supported"},
		{`import "stdlib/gone.bt"; begin { }`, "begin", `the standard library has no module "stdlib/gone.bt"`},
	} {
		items, messages := resolve(t, files, test.script)
		if items != test.items && items != strings.Replace(test.items, "inner outer", "outer inner", 1) {
			t.Errorf("%s: got %q, want %q", test.script, items, test.items)
		}
		if messages != test.messages {
			t.Errorf("%s: says %q, want %q", test.script, messages, test.messages)
		}
	}
	if _, messages := resolve(t, files, `import "broken.bt"; begin { }`); messages == "" {
		t.Error("an error in an imported script is not reported")
	}
	if _, messages := resolve(t, nil, `import "helpers.bt"; begin { }`); messages != "scripts cannot be imported here" {
		t.Errorf("without files: %q", messages)
	}
}
