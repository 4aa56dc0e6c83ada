package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// maxScript is the largest script read: far above any real one, and small
// enough that a wrong file name cannot eat the memory of the host.
const maxScript = 4 << 20

// script is the text to run and what messages call it.
type script struct {
	name string
	text string
}

// readScript gets the program from -e, a file or standard input.
func (a *app) readScript(f *flags) (script, error) {
	switch {
	case f.expr != "":
		return withIncludes(f, script{name: "-e", text: f.expr}), nil
	case f.reformat != "":
		return a.readFile(f.reformat)
	case len(f.args) == 0:
		return script{}, usageError("no program given").hint("write gotrace -e 'program' or gotrace script.bt; gotrace --help tells more")
	case f.args[0] == "-":
		text, err := readAll(a.stdin)
		return withIncludes(f, script{name: "stdin", text: text}), err
	}
	s, err := a.readFile(f.args[0])
	return withIncludes(f, s), err
}

func (a *app) readFile(name string) (script, error) {
	file, err := os.Open(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		e := usageError("cannot read %s: %v", name, err)
		if errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(name, "{<: ") {
			e.hint("to run a program from the command line write -e '%s'", name)
		}
		return script{}, e
	}
	defer file.Close()
	text, err := readAll(file)
	if err != nil {
		return script{}, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return script{name: name, text: text}, nil
}

func readAll(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxScript+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxScript {
		return "", usageError("the script is larger than %d MiB", maxScript>>20)
	}
	return string(text), nil
}

// withIncludes puts the --include files before the script, as bpftrace does.
// They share its first line, so that line numbers stay those of the file.
func withIncludes(f *flags, s script) script {
	if len(f.includes) == 0 {
		return s
	}
	var b strings.Builder
	for _, name := range f.includes {
		fmt.Fprintf(&b, "#include <%s>\n", name)
	}
	s.text = b.String() + s.text
	return s
}
