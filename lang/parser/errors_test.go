package parser

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotrace/gotrace/lang/source"
)

var update = flag.Bool("update", false, "rewrite golden files")

// chunks splits a file of test scripts at its "---" lines.
func chunks(text string) []string {
	parts := strings.Split("\n"+strings.TrimSuffix(text, "\n"), "\n---\n")
	parts[0] = strings.TrimPrefix(parts[0], "\n")
	return parts
}

// render shows all diagnostics of a script as people see them.
func render(set *source.Set, l *source.List) string {
	var b strings.Builder
	for _, d := range l.Sorted() {
		b.WriteString(set.Render(d))
	}
	return b.String()
}

// TestErrors compares the exact messages for broken scripts.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.bt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, chunk := range chunks(string(text)) {
			var set source.Set
			id := set.Add("x.bt", chunk)
			f, list := Parse(&set, id)
			if f == nil || !list.HasErrors() {
				t.Errorf("%s: no error for %q", file, chunk)
			}
			if Incomplete(list) {
				out.WriteString("(incomplete) ")
			}
			out.WriteString(render(&set, list) + "---\n")
		}
		golden(t, strings.TrimSuffix(file, ".bt")+".golden", out.String())
	}
}

// golden compares a text with a file, or rewrites the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
