package user

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	f := NewFinder(0)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "script.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh -e\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		target, want string // the path, or the beginning of the message and the hint
	}{
		{self, self},
		{filepath.Dir(self) + "/" + filepath.Base(self)[:3] + "*", self},
		{"", "a uprobe needs a binary; write the path of a program or library"},
		{"/no/such/file", `there is no file "/no/such/file"; there is no folder "/no/such"`},
		{dir + "/scrip.sh", `there is no file "` + dir + `/scrip.sh"; did you mean "` + script + `"?`},
		{script, `"` + script + `" is not an ELF program or library; it is a script: trace its interpreter, /bin/sh -e`},
		{dir, `"` + dir + `" is a directory, not a program; `},
		{"no-such-program", `there is no program "no-such-program" in $PATH; write its path`},
		{"libnosuch", `there is no library "libnosuch" in the dynamic linker's cache; write its path`},
		{dir + "/*", `no program or library matches "` + dir + `/*"; `},
	} {
		paths, err := f.Resolve(test.target)
		got := strings.Join(paths, " ")
		var named *Error
		if errors.As(err, &named) {
			got = named.Msg + "; " + named.Hint
		}
		if got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.target, got, test.want)
		}
	}
}

func TestSearchPath(t *testing.T) {
	want, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a shell")
	}
	got, err := NewFinder(0).Resolve("sh")
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%v, %v", got, err)
	}
}

func TestLibraryByName(t *testing.T) {
	paths, err := NewFinder(0).Resolve("libc")
	if err != nil {
		t.Skipf("needs a C library: %v", err)
	}
	functions, err := NewFinder(0).Functions(paths[0])
	if err != nil || len(functions) < 500 || !strings.Contains(paths[0], "libc.so") {
		t.Errorf("%v has %d functions, %v", paths, len(functions), err)
	}
	for i := 1; i < len(functions); i++ {
		if functions[i-1].Name > functions[i].Name {
			t.Fatalf("%s comes before %s", functions[i-1].Name, functions[i].Name)
		}
	}
}

// TestOwnSymbols checks offsets against the file: the code of a function is
// where it is said to be.
func TestOwnSymbols(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := NewFinder(os.Getpid())
	if main := f.Main(); main != self {
		t.Errorf("%q is not %q", main, self)
	}
	functions, err := f.Functions(self)
	if err != nil {
		t.Fatal(err)
	}
	if len(functions) == 0 {
		t.Skip("go test stripped this program")
	}
	address, size, err := f.Symbol(self, "main.main")
	if err != nil || size == 0 {
		t.Fatal(err)
	}
	offset, err := f.Offset(self, address)
	if err != nil || offset == 0 {
		t.Error(err)
	}
	for _, fn := range functions {
		if fn.Name == "main.main" && (fn.Address != address || fn.Offset != offset || fn.Size != size) {
			t.Errorf("%+v", fn)
		}
	}
	if _, err := f.Offset(self, 1); err == nil {
		t.Error("there is code at address 1")
	}
	if _, _, err := f.Symbol(self, "no such symbol"); err == nil {
		t.Error("there is a symbol that is not")
	}
}

// cache makes a file as ldconfig does of names and paths in turn.
func cache(entries ...string) []byte {
	count := len(entries) / 2
	blob := append([]byte("ld.so-1.7.0 of old"), cacheMagic...)
	blob = append(blob, make([]byte, cacheHeaderSize-len(cacheMagic)+count*cacheEntrySize)...)
	start := len("ld.so-1.7.0 of old")
	binary.NativeEndian.PutUint32(blob[start+len(cacheMagic):], uint32(count))
	for i, text := range entries {
		at := start + cacheHeaderSize + i/2*cacheEntrySize + 4 + i%2*4
		binary.NativeEndian.PutUint32(blob[at:], uint32(len(blob)-start))
		blob = append(blob, text+"\x00"...)
	}
	return blob
}

func TestCached(t *testing.T) {
	blob := cache("libssl.so.3", "/lib/libssl.so.3", "libssl.so.1.1", "/lib/libssl.so.1.1", "libsslx.so", "/lib/libsslx.so")
	for name, want := range map[string]string{
		"libssl": "/lib/libssl.so.3 /lib/libssl.so.1.1", "libssl.so.1.1": "/lib/libssl.so.1.1", "libssl.so.9": "", "libsslx": "/lib/libsslx.so",
	} {
		if got := strings.Join(cached(blob, name), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for n := range blob {
		cached(blob[:n], "libssl") // must not panic
	}
}
