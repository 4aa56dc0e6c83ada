package typecheck_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
)

// FuzzCheck parses and checks any text. Nothing may panic, no internal error
// may be reported, and a script without a program has an error to show.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.bt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, script := range strings.Split(string(text), separator) {
			f.Add(script)
		}
	}
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > 1<<12 {
			t.Skip("long scripts only cost time")
		}
		prog, messages := check(script, typecheck.Options{Unsafe: true, Params: []string{"42", "word"}})
		if strings.Contains(messages, "internal error") {
			t.Fatal(messages)
		}
		if prog == nil && !strings.Contains(messages, "error: ") {
			t.Fatalf("neither a program nor an error: %q", messages)
		}
	})
}
