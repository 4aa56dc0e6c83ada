package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// writeScript puts a script into a folder that only its owner can write to.
func writeScript(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFormat: "gotrace fmt" prints a script in its canonical form, comments kept,
// and that form as it is.
func TestFormat(t *testing.T) {
	dir := t.TempDir()
	path := writeScript(t, dir, "a.bt", "// why\nbegin{ $x=1;print( $x ) ; }\n")
	const want = "// why\nbegin {\n\t$x = 1;\n\tprint($x);\n}\n"
	if r := run(t, options{}, gotrace, "fmt", path); r.code != 0 || r.stdout != want {
		t.Errorf("code %d, printed %q%s", r.code, r.stdout, r.stderr)
	}
	again := writeScript(t, dir, "b.bt", want)
	if r := run(t, options{}, gotrace, "fmt", again); r.stdout != want {
		t.Errorf("formatted twice: %q", r.stdout)
	}
	if r := run(t, options{}, gotrace, "fmt", filepath.Join(dir, "gone.bt")); r.code == 0 {
		t.Error("a missing file is formatted")
	}
}

// TestCheck: "gotrace check" tells editors what is wrong as JSON, with places.
func TestCheck(t *testing.T) {
	type finding struct {
		Line, Column, EndLine, EndColumn int
		Severity, Code, Message, Hint    string
	}
	dir := t.TempDir()
	check := func(text string) (findings []finding, code int) {
		t.Helper()
		r := run(t, options{}, gotrace, "check", writeScript(t, dir, "a.bt", text))
		if err := json.Unmarshal([]byte(r.stdout), &findings); err != nil {
			t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
		}
		return findings, r.code
	}
	if found, code := check("begin { print(1); }\n"); code != 0 || len(found) != 0 {
		t.Errorf("a right script: code %d, %+v", code, found)
	}
	if found, code := check("begin { 1 + pid; }\n"); code != 0 || len(found) != 1 || found[0].Severity != "warning" {
		t.Errorf("a script with a warning: code %d, %+v", code, found)
	}
	found, code := check("begin {\n\tprnt($x);\n}\n")
	if code != 1 || len(found) != 2 {
		t.Fatalf("a wrong script: code %d, %+v", code, found)
	}
	want := finding{2, 2, 2, 6, "error", "unknown-function", `unknown function "prnt"`, `did you mean "print"?`}
	if found[0] != want {
		t.Errorf("got %+v, want %+v", found[0], want)
	}
	if found, code := check("begin { print(1 }\n"); code != 1 || len(found) == 0 {
		t.Errorf("a script that does not parse: code %d, %+v", code, found)
	}
}

// TestImport: a script takes macros and clauses from another one, but not from
// where anybody may put one.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	writeScript(t, dir, "helpers.bt", "macro twice(x) { x * 2 }\n")
	path := writeScript(t, dir, "a.bt", "import \"helpers.bt\";\nbegin { print(twice(21)); exit(); }\n")
	if r := run(t, options{}, gotrace, "-d", "types", path); r.code != 0 {
		t.Errorf("code %d: %s", r.code, r.stderr)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if r := run(t, options{}, gotrace, "-d", "types", path); r.code == 0 {
		t.Error("a folder that anybody can write to is trusted")
	}
}
