package main

import (
	"io"

	"github.com/gotrace/gotrace/lang/ast"
)

// subcommand reports whether the first argument is the name of a mode. A script
// in a file of that name is run as ./fmt.
func (f *flags) subcommand(name string) bool {
	return f.expr == "" && len(f.args) > 0 && f.args[0] == name
}

// formatFiles is "gotrace fmt FILE...": it prints scripts in canonical form,
// comments kept. A dash is standard input.
func (a *app) formatFiles(names []string) (int, error) {
	for _, name := range names {
		s, err := a.scriptNamed(name)
		if err != nil {
			return exitError, err
		}
		if code, err := a.reformat(s); err != nil {
			return code, err
		}
	}
	return exitOK, nil
}

// scriptNamed reads a script by its file name, or standard input for a dash.
func (a *app) scriptNamed(name string) (script, error) {
	if name == "-" {
		text, err := readAll(a.stdin)
		return script{name: "stdin", text: text}, err
	}
	return a.readFile(name)
}

// reformat prints a script in canonical form.
func (a *app) reformat(s script) (int, error) {
	u, err := a.parse(&flags{}, s)
	if err != nil {
		return exitError, err
	}
	_, err = io.WriteString(a.stdout, ast.Print(u.file, u.set.Files[0]))
	return exitOK, err
}
