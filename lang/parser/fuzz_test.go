package parser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// addScripts seeds a fuzzer with every script of testdata.
func addScripts(f *testing.F) {
	f.Helper()
	for _, pattern := range []string{"testdata/scripts/*.bt", "testdata/errors/*.bt"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for _, chunk := range chunks(string(text)) {
				f.Add(chunk)
			}
		}
	}
}

// FuzzLex checks that tokens are in order, apart, and separated by nothing but
// blanks.
func FuzzLex(f *testing.F) {
	addScripts(f)
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, tok := range Tokenize(text) {
			if int(tok.Off) < at || tok.End < tok.Off || int(tok.End) > len(text) {
				t.Fatalf("token %+v at %d of %q", tok, at, text)
			}
			if strings.Trim(text[at:tok.Off], " \t\n\r\v\f") != "" {
				t.Fatalf("%q left out of %q", text[at:tok.Off], text)
			}
			at = int(tok.End)
		}
		if rest := text[at:]; strings.Trim(rest, " \t\n\r\v\f") != "" && !scan(text, scanOptions{}).stop {
			t.Fatalf("%q left out of %q", rest, text)
		}
	})
}

// FuzzParse checks that what parses prints to something that parses to the
// same tree and prints the same, and that all errors have a place in the text.
func FuzzParse(f *testing.F) {
	addScripts(f)
	f.Fuzz(func(t *testing.T, text string) {
		checkRoundTrip(t, text)
		var set source.Set
		id := set.Add("x.bt", text)
		if x, list := ParseExpr(&set, id); x != nil && !list.HasErrors() {
			out := ast.PrintNode(x)
			again, list := ParseExpr(&set, set.Add("out", out))
			if list.HasErrors() || ast.Dump(again) != ast.Dump(x) {
				t.Fatalf("%q prints as %q\n%s", text, out, render(&set, list))
			}
		}
	})
}

// checkRoundTrip parses, prints and parses again. It returns the printed text
// of a script without errors.
func checkRoundTrip(t *testing.T, text string) string {
	t.Helper()
	var set source.Set
	id := set.Add("x.bt", text)
	file, list := Parse(&set, id)
	for _, d := range list.Sorted() {
		if d.Span.Off < 0 || d.Span.End < d.Span.Off || int(d.Span.End) > len(text) {
			t.Fatalf("error outside of the text: %+v", d)
		}
		if d.Msg == "" || set.Render(d) == "" {
			t.Fatalf("error without words: %+v", d)
		}
	}
	checkSpans(t, file, text)
	if list.HasErrors() {
		return ""
	}
	out := ast.Print(file, set.File(id))
	id2 := set.Add("printed", out)
	file2, list2 := Parse(&set, id2)
	if list2.HasErrors() {
		t.Fatalf("%q prints as\n%s\n%s", text, out, render(&set, list2))
	}
	if a, b := ast.Dump(file), ast.Dump(file2); a != b {
		t.Fatalf("%q prints as\n%s\nwhich is another tree:\n%s\n%s", text, out, a, b)
	}
	if len(file.Comments) != len(file2.Comments) {
		t.Fatalf("%q prints as\n%s\nwith %d comments for %d", text, out, len(file2.Comments), len(file.Comments))
	}
	if again := ast.Print(file2, set.File(id2)); again != out {
		t.Fatalf("%q prints differently the second time:\n%s", text,
			cmp.Diff(strings.Split(out, "\n"), strings.Split(again, "\n")))
	}
	return out
}

// checkSpans wants every node inside its parent's text, except for the parts
// of "a ?: b", which is written once and used twice.
func checkSpans(t *testing.T, file *ast.File, text string) {
	t.Helper()
	ast.Walk(file, func(n ast.Node) bool {
		s := n.Pos()
		if s.Off < 0 || s.End < s.Off || int(s.End) > len(text) {
			t.Fatalf("%T spans %+v of %d bytes", n, s, len(text))
		}
		return true
	})
}
