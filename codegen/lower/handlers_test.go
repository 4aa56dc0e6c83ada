package lower

import (
	"testing"

	"github.com/gotrace/gotrace/stdlib"
)

// elsewhere are the functions that reach code generation as other nodes than
// calls: see typed.Call.
var elsewhere = map[string]bool{
	"arg0": true, "args": true, "sarg0": true, "retval": true, "reg": true,
	"assert": true, "find": true, "is_err": true, "kptr": true, "uptr": true, "strncmp": true,
	"container_of": true, "memcmp": true, "percpu_kaddr": true,
	"signal_name": true, "strerror": true, "syscall_name": true,
	"leader_comm": true, "leader_tid": true, "pcomm": true, "ppid": true,
}

func TestEveryFunctionHasAHandler(t *testing.T) {
	calls := handlers()
	for _, row := range stdlib.All() {
		if row.CompileTime || row.Unsupported != "" || row.Group == stdlib.Aggregation || elsewhere[row.Name] {
			continue
		}
		_, call := calls[row.Name]
		_, word := words[row.Name]
		_, memory := memories[row.Name]
		if !call && !word && !memory {
			t.Errorf("%s has no handler", row.Name)
		}
	}
}
