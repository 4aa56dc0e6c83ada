// Package layering holds the test of which package may import which. Data flows
// one way through gotrace (text, AST, typed program, IR, instructions, loaded
// programs, events, output) and no package reaches back.
package layering

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/gotrace/gotrace/"

// rule forbids the packages under Of to import, directly or not, anything
// under one of Never. Paths of the module are written without its name.
type rule struct {
	of    string
	never []string
	// direct limits the rule to the package's own import lines: a library may
	// well import os on its own account.
	direct bool
	why    string
}

var rules = []rule{
	{of: "lang", never: []string{"codegen", "probes", "runtime", "cmd", "github.com/cilium/ebpf"}, why: "the front end knows no kernel"},
	{of: "lang", never: []string{"os", "net", "syscall", "golang.org/x/sys/unix"}, direct: true, why: "the front end is pure"},
	{of: "stdlib", never: []string{"codegen", "probes", "runtime", "cmd", "github.com/cilium/ebpf"}, why: "the function table is data"},
	{of: "stdlib", never: []string{"os", "net", "syscall", "golang.org/x/sys/unix"}, direct: true, why: "the function table is data"},
	{of: "codegen", never: []string{"probes", "runtime", "cmd"}, why: "code generation is pure"},
	{of: "codegen", never: []string{"os", "net", "syscall", "golang.org/x/sys/unix"}, direct: true, why: "code generation is pure"},
	{of: "runtime", never: []string{"lang/parser", "lang/ast", "lang/typecheck", "lang/typed", "codegen/lower", "codegen/ir", "codegen/bpf", "codegen/opt", "cmd"}, why: "the runtime knows objects, not programs"},
	{of: "probes", never: []string{"lang/parser", "codegen/lower", "codegen/ir", "codegen/bpf", "runtime", "cmd"}, why: "probes are the world, not the compiler"},
	{of: "lang/ast", never: []string{"lang/types", "lang/parser", "github.com/alecthomas/participle"}, why: "the tree is syntax only"},
	{of: "lang/typecheck", never: []string{"lang/parser", "github.com/alecthomas/participle"}, why: "only the parser knows participle"},
}

// onlyIn names libraries that one place alone may import directly.
var onlyIn = map[string][]string{
	"github.com/alecthomas/participle": {"lang/parser"},
	"github.com/fatih/color":           {"runtime/output", "cmd", "internal/repl"},
	"github.com/chzyer/readline":       {"internal/repl", "cmd"},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestLayers(t *testing.T) {
	for _, p := range list(t) {
		name, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		for _, r := range rules {
			if !under(name, r.of) {
				continue
			}
			deps := p.Deps
			if r.direct {
				deps = p.Imports
			}
			for _, dep := range deps {
				if forbidden(local(dep), r.never) {
					t.Errorf("%s imports %s: %s", name, dep, r.why)
				}
			}
		}
		for _, dep := range p.Imports {
			for library, places := range onlyIn {
				if under(dep, library) && !forbidden(name, places) {
					t.Errorf("%s imports %s: only %s may", name, dep, strings.Join(places, ", "))
				}
			}
		}
	}
}

// local names a package of the module without the module's name, and any other
// so that it cannot be taken for one: the standard library has a runtime, too.
func local(dep string) string {
	if name, ours := strings.CutPrefix(dep, module); ours {
		return name
	}
	if first, _, _ := strings.Cut(dep, "/"); first == "runtime" {
		return "std/" + dep
	}
	return dep
}

func forbidden(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if under(name, p) {
			return true
		}
	}
	return false
}

func under(name, prefix string) bool {
	return name == prefix || strings.HasPrefix(name, prefix+"/")
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
