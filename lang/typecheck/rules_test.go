package typecheck

import (
	"testing"

	"github.com/gotrace/gotrace/stdlib"
)

// isMacro reports whether a function is written in the language itself.
func isMacro(name string) bool {
	_, ok := stdlib.ModuleNamed(name)
	return ok
}

// TestRules holds the typing rules against the table of functions: whatever can
// be called has a rule, and no rule is for something else.
func TestRules(t *testing.T) {
	known := rules()
	for _, f := range stdlib.Functions() {
		switch {
		case f.Unsupported != "", f.Group == stdlib.Aggregation, f.Name == "sizeof", f.Name == "offsetof":
			continue // these are not typed as calls
		case isMacro(f.Name):
		case known[f.Name] == nil:
			t.Errorf("%s has no rule", f.Name)
		}
	}
	for name := range known {
		f := stdlib.Lookup(name)
		if f == nil || f.Name != name {
			t.Errorf("rule %s is for no function", name)
		}
	}
}
