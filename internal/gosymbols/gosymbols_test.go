package gosymbols

import (
	"debug/elf"
	"os"
	"testing"
)

// TestFunctions looks for this test in the binary that runs it.
func TestFunctions(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	found, total := false, 0
	Functions(file, func(name string, entry, size uint64) bool {
		total++
		if name == "github.com/gotrace/gotrace/internal/gosymbols.TestFunctions" {
			found = entry != 0 && size != 0
		}
		return true
	})
	if !found {
		t.Errorf("TestFunctions is not among %d functions", total)
	}
}

func TestFunctionsStops(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	calls := 0
	Functions(file, func(string, uint64, uint64) bool { calls++; return calls < 3 })
	if calls != 3 {
		t.Errorf("%d calls", calls)
	}
}
