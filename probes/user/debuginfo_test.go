package user

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDebugInfo reads the arguments of a C program's functions.
func TestDebugInfo(t *testing.T) {
	compiler, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("needs gcc to build a program with debug information")
	}
	path := filepath.Join(t.TempDir(), "target")
	if out, err := exec.Command(compiler, "-g", "-O1", "-o", path, "testdata/args.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, d := NewFinder(0), NewDebugInfo()
	for name, want := range map[string]string{
		"all":    "int32 n, uint8 c, bool yes, int8* text, struct pair* p, enum colour e",
		"floats": "int32 before",
		"none":   "",
		"main":   "",
	} {
		address, _, err := f.Symbol(path, name)
		if err != nil {
			t.Fatal(err)
		}
		args, err := d.Arguments(path, address)
		if err != nil || args == nil {
			t.Errorf("%s: %v, %v", name, args, err)
			continue
		}
		var got []string
		for _, m := range args.Members {
			got = append(got, m.Type.String()+" "+m.Name)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %q, want %q", name, strings.Join(got, ", "), want)
		}
		if name != "all" {
			continue
		}
		pair, err := d.Record(args.Members[4].Type.Elem.ID)
		if err != nil || strings.Join(pair.MemberNames(), " ") != "first small second next" || pair.Members[3].Offset != 16 {
			t.Errorf("%+v, %v", pair, err)
		}
	}
	if _, err := d.Record(-1000); err == nil {
		t.Error("there is a record that is not")
	}
}
