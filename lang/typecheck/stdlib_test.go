package typecheck_test

import (
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/stdlib"
)

// TestExamples checks that the example of every function means what its row
// says: it is accepted, or refused as not supported yet.
func TestExamples(t *testing.T) {
	for _, f := range stdlib.All() {
		prog, messages := check(f.Example, typecheck.Options{Unsafe: true})
		switch {
		case f.Unsupported != "":
			if prog != nil || !strings.Contains(messages, "not supported yet") {
				t.Errorf("%s: %s\n%s", f.Name, f.Example, messages)
			}
		case prog == nil:
			t.Errorf("%s: %s\n%s", f.Name, f.Example, messages)
		}
	}
}

// TestUnsafe checks that every function marked unsafe is refused without the
// option.
func TestUnsafe(t *testing.T) {
	for _, f := range stdlib.All() {
		if !f.Unsafe {
			continue
		}
		if prog, messages := check(f.Example, typecheck.Options{}); prog != nil || !strings.Contains(messages, "--unsafe") {
			t.Errorf("%s: %s", f.Name, messages)
		}
		prog, _ := check(f.Example, typecheck.Options{Unsafe: true})
		if prog != nil && len(prog.Unsafe) == 0 {
			t.Errorf("%s is not in Program.Unsafe", f.Name)
		}
	}
}
