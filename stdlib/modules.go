package stdlib

import (
	"embed"
	"path"
	"strings"
	"sync"
)

// The modules are the part of the library that is written in the language
// itself: macros, with a comment before each. A script that uses one gets it
// without an import; `import "stdlib/memory.bt"` is possible all the same.
//
//go:embed modules/*.bt
var moduleFiles embed.FS

// ModulePrefix begins the path of a module in an import.
const ModulePrefix = "stdlib/"

// Module is one file of macros.
type Module struct {
	// Name is its path as an import writes it.
	Name string
	Text string
}

// moduleIndex finds modules by their names and by those of their macros.
type moduleIndex struct {
	all    []Module
	byName map[string]Module
}

var modules = sync.OnceValue(func() moduleIndex {
	index := moduleIndex{byName: map[string]Module{}}
	entries, _ := moduleFiles.ReadDir("modules")
	for _, e := range entries {
		text, err := moduleFiles.ReadFile(path.Join("modules", e.Name()))
		if err != nil {
			continue
		}
		m := Module{Name: ModulePrefix + e.Name(), Text: string(text)}
		index.all = append(index.all, m)
		index.byName[m.Name] = m
		for _, line := range strings.Split(m.Text, "\n") {
			if rest, ok := strings.CutPrefix(line, "macro "); ok {
				name, _, _ := strings.Cut(rest, "(")
				index.byName[strings.TrimSpace(name)] = m
			}
		}
	}
	return index
})

// Modules returns all modules, sorted by name.
func Modules() []Module { return modules().all }

// ModuleNamed returns a module by its path in an import, or by the name of a
// macro in it.
func ModuleNamed(name string) (Module, bool) {
	m, ok := modules().byName[name]
	return m, ok
}
