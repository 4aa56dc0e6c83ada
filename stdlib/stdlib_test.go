package stdlib

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/stdlib.md")

// TestTable walks the table: every row is documented and consistent.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			if got := Lookup(name); got == nil || got.Name != f.Name {
				t.Errorf("Lookup(%s) does not find it", name)
			}
		}
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s: the documentation is missing or not a sentence: %q", f.Name, f.Doc)
		}
		if f.Example == "" {
			t.Errorf("%s has no example", f.Name)
		}
		if f.Result == "" {
			t.Errorf("%s has no result", f.Name)
		}
		if least, most := f.MinArgs(), f.MaxArgs(); most >= 0 && least > most {
			t.Errorf("%s takes %d to %d arguments", f.Name, least, most)
		}
		if f.Bare && f.MinArgs() > 0 {
			t.Errorf("%s is bare and needs arguments", f.Name)
		}
	}
	if len(Builtins())+len(Functions()) < len(All()) {
		t.Error("a row is neither a builtin nor a function")
	}
	if len(Names()) != len(seen) {
		t.Errorf("Names has %d, the table %d", len(Names()), len(seen))
	}
}

// TestMarkdown checks that docs/stdlib.md is what the table says.
func TestMarkdown(t *testing.T) {
	const path = "../docs/stdlib.md"
	want := Markdown()
	if *update {
		if err := os.MkdirAll("../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/stdlib.md is not current: run go test ./stdlib -update")
	}
}
