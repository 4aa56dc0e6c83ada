package parser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// TestRoundTrip prints every script of testdata and parses that again, and
// compares the print with its golden file.
func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.bt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out := checkRoundTrip(t, string(text))
		if out == "" {
			t.Errorf("%s does not parse", file)
			continue
		}
		golden(t, strings.TrimSuffix(file, ".bt")+".golden", out)
	}
}

// TestTrees compares the dump of each small script and expression.
func TestTrees(t *testing.T) {
	for _, file := range []string{"testdata/trees/expressions.txt", "testdata/trees/scripts.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, chunk := range chunks(string(text)) {
			var set source.Set
			id := set.Add("x.bt", chunk)
			var node ast.Node
			var list *source.List
			if strings.Contains(file, "expressions") {
				node, list = ParseExpr(&set, id)
			} else {
				node, list = Parse(&set, id)
				checkRoundTrip(t, chunk)
			}
			out.WriteString(chunk + "\n=>\n")
			if list.HasErrors() {
				t.Errorf("%s: %s", file, render(&set, list))
				continue
			}
			out.WriteString(ast.Dump(node) + "---\n")
		}
		golden(t, strings.TrimSuffix(file, ".txt")+".golden", out.String())
	}
}
