package user

import (
	"debug/elf"
	"fmt"
	"testing"
)

func TestReturnsIn(t *testing.T) {
	for _, test := range []struct {
		machine elf.Machine
		code    string
		want    string
	}{
		{elf.EM_X86_64, "\x55\x48\x89\xe5\xc3\x31\xc0\x5d\xc3\xcc", "[4 8]"},
		{elf.EM_X86_64, "\xb8\xc3\xc3\xc3\xc3\xc2\x08\x00", "[5]"}, // a constant that looks like one, and one that pops
		{elf.EM_X86_64, "\x90", "[]"},
		{elf.EM_X86_64, "\xc3\x06\xc3", "[]"}, // no instruction of 64-bit code
		{elf.EM_X86_64, "", "[]"},
		{elf.EM_AARCH64, "\x1f\x20\x03\xd5\xc0\x03\x5f\xd6\x20\x00\x5f\xd6\xc0", "[4 8]"},
	} {
		if got := fmt.Sprint(returnsIn(test.machine, []byte(test.code))); got != test.want {
			t.Errorf("% x: %s, want %s", test.code, got, test.want)
		}
	}
}
