package typecheck_test

import (
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
)

// TestFunc checks that func is a symbol of the kernel or of a program, by what
// the clause is on.
func TestFunc(t *testing.T) {
	for probe, want := range map[string]types.Kind{
		"kprobe:f": types.FuncName, "uprobe:/bin/sh:f": types.USym, "uretprobe:/bin/sh:f": types.USym,
	} {
		prog, messages := check(probe+" { $p = func; print($p); }", typecheck.Options{})
		if prog == nil {
			t.Errorf("%s: %s", probe, messages)
			continue
		}
		if got := prog.Clauses[0].Vars[0].Type.Kind; got != want {
			t.Errorf("%s: func is %s, want %s", probe, got, want)
		}
	}
}
