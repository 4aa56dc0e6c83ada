package codegen

import (
	"errors"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typecheck"
)

// TestDeterministic compiles each golden twice from one typed program: the
// compiler must give the same, and must not have changed its input.
func TestDeterministic(t *testing.T) {
	w := world(t)
	for _, g := range readGoldens(t) {
		prog, err := front(w, g.name, g.text)
		if err != nil {
			t.Fatal(err)
		}
		var texts [2]string
		for i := range texts {
			obj, err := Compile(prog, g.target, g.opts)
			if err != nil {
				t.Fatalf("%s: %v", g.name, err)
			}
			var b strings.Builder
			for _, p := range obj.Manifest.Programs {
				for _, ins := range obj.Spec.Programs[p.Name].Instructions {
					b.WriteString(ins.OpCode.String() + ins.Reference() + "\n")
				}
			}
			texts[i] = b.String() + describe(obj.Manifest.Events) + describeMaps(obj)
		}
		if texts[0] != texts[1] {
			t.Errorf("%s differs from one compilation to the next: %s", g.name, firstDifference(texts[0], texts[1]))
		}
	}
}

// TestUnsupported checks that what a kernel lacks is said, with the place.
func TestUnsupported(t *testing.T) {
	w := world(t)
	for _, c := range []struct{ script, at, msg string }{
		{`begin { @a[1] = 1; for ($kv : @a) { print($kv.0); } }`, "for ($kv", "for_each_map_elem"},
		{`begin { @a[1] = 1; print(len(@a)); }`, "len(", "for_each_map_elem"},
		{`kretprobe:vfs_read { print(func); }`, "func", "get_func_ip"},
		{`begin { @m = min(3); if (@m > 1) { print(1); } }`, "@m", "map_lookup_percpu_elem"},
	} {
		prog, err := front(w, "unsupported.bt", c.script)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(prog, newest, Options{}); err != nil {
			t.Errorf("%s: %v", c.script, err)
		}
		_, err = Compile(prog, oldest, Options{})
		var unsupported *Unsupported
		if !errors.As(err, &unsupported) {
			t.Errorf("%s: %v, want Unsupported", c.script, err)
			continue
		}
		if at := c.script[unsupported.Span.Off:]; !strings.HasPrefix(at, c.at) || !strings.Contains(unsupported.Msg, c.msg) {
			t.Errorf("%s: at %q: %v", c.script, at, unsupported)
		}
	}
}

// TestGroups checks which points and clauses share a program.
func TestGroups(t *testing.T) {
	w := world(t)
	for _, c := range []struct {
		name, script string
		target       pinned
		// want has for each program its points and its clauses.
		want [][2]int
	}{
		{"one program for a hook", `begin { @a = 1; } begin { @b = 1; }`, newest, [][2]int{{1, 2}}},
		{"one program for equal hooks", `kprobe:vfs_read, kprobe:vfs_write { @ = count(); }`, oldest, [][2]int{{2, 1}}},
		{"cookies tell points apart", `kprobe:vfs_read, kprobe:vfs_write { print(probe); }`, newest, [][2]int{{2, 1}}},
		{"copies, without cookies", `kprobe:vfs_read, kprobe:vfs_write { print(probe); }`, oldest, [][2]int{{1, 1}, {1, 1}}},
		{"a clause more for one point", `kprobe:vfs_read, kprobe:vfs_write { @ = count(); } kprobe:vfs_read { @b = count(); }`,
			newest, [][2]int{{1, 2}, {1, 1}}},
		{"each interval its own", `interval:s:1, interval:s:2 { @++; }`, newest, [][2]int{{1, 1}, {1, 1}}},
		{"entry and return", `kprobe:vfs_read { @++; } kretprobe:vfs_read { @++; }`, newest, [][2]int{{1, 1}, {1, 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			obj := compileText(t, w, c.script, c.target, Options{})
			var got [][2]int
			for _, p := range obj.Manifest.Programs {
				got = append(got, [2]int{len(p.Points), len(p.Clauses)})
				if len(p.Cookies) != 0 && len(p.Cookies) != len(p.Points) {
					t.Errorf("%d cookies for %d points", len(p.Cookies), len(p.Points))
				}
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestNamePrefix(t *testing.T) {
	obj := compileText(t, world(t), `begin { @a_long_name_of_a_map[1] = 1; }`, newest, Options{NamePrefix: "gt1_"})
	for _, m := range obj.Spec.Maps {
		if !strings.HasPrefix(m.Name, "gt1_") || len(m.Name) > 15 {
			t.Errorf("map %q", m.Name)
		}
	}
	if p := obj.Spec.Programs["begin"]; p == nil || p.Name != "gt1_begin" {
		t.Errorf("program %+v", p)
	}
}

func compileText(t testing.TB, w typecheck.World, text string, target Target, opts Options) *object.Object {
	t.Helper()
	prog, err := front(w, "test.bt", text)
	if err != nil {
		t.Fatal(err)
	}
	obj, err := Compile(prog, target, opts)
	if err != nil {
		t.Fatal(err)
	}
	return obj
}
