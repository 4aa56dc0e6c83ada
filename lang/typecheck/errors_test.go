package typecheck_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
)

var update = flag.Bool("update", false, "rewrite golden files")

// separator stands between the scripts of a file, and between their messages.
const separator = "---\n"

// TestErrors checks that each script of testdata/errors is refused, with
// exactly the messages of the golden file beside it.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.bt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	scripts := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, script := range strings.Split(string(text), separator) {
			scripts++
			prog, messages := check(script, typecheck.Options{})
			if prog != nil || !strings.Contains(messages, ": error: ") {
				t.Errorf("%s: accepted:\n%s%s", file, script, messages)
			}
			if strings.Contains(messages, "internal error") {
				t.Errorf("%s: %s", file, messages)
			}
			got = append(got, messages)
		}
		golden(t, strings.TrimSuffix(file, ".bt")+".golden", strings.Join(got, separator))
	}
	if scripts < 60 {
		t.Errorf("only %d wrong scripts", scripts)
	}
}

// golden compares a text with a file, or writes the file with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and look at the change\n%s", path, firstDifference(got, string(want)))
	}
}

// firstDifference shows the first line that differs.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			line := ""
			if i < len(w) {
				line = w[i]
			}
			return "got:  " + g[i] + "\nwant: " + line
		}
	}
	return "the text ends early"
}
