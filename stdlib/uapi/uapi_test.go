package uapi

import "testing"

// TestTables looks at a few rows that every reader knows, and that no number
// and no system call is there twice.
func TestTables(t *testing.T) {
	for _, test := range []struct {
		table []Name
		value int64
		want  string
	}{
		{Errors(), 0, "Success"},
		{Errors(), 13, "Permission denied"},
		{Signals(), 9, "Killed"},
		{Syscalls("amd64"), 0, "read"},
		{Syscalls("amd64"), 59, "execve"},
		{Syscalls("arm64"), 221, "execve"},
	} {
		seen := map[int64]string{}
		for _, n := range test.table {
			if old, ok := seen[n.Value]; ok {
				t.Errorf("%d is %q and %q", n.Value, old, n.Text)
			}
			seen[n.Value] = n.Text
		}
		if seen[test.value] != test.want {
			t.Errorf("%d is %q, want %q", test.value, seen[test.value], test.want)
		}
	}
	if Syscalls("vax") != nil {
		t.Error("there is a table of an unknown machine")
	}
}
