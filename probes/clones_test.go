package probes_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/kernel"
)

// TestClones checks that the copies that the compiler made of a function are
// traced with it, and that its point says so.
func TestClones(t *testing.T) {
	symbols := `ffffffff81000100 t whole
ffffffff81000200 t whole.constprop.0
ffffffff81000300 t whole.isra.1
ffffffff81000400 t whole.part.0
ffffffff81000500 t whole.cold
ffffffff81000600 t copied.isra.0
ffffffff81000700 t inlined.part.0
ffffffff81000800 t wholesome
`
	w := &probes.World{Functions: kernel.NewFunctions(kernel.Sources{
		Root: fstest.MapFS{
			"proc/kallsyms": &fstest.MapFile{Data: []byte(symbols)},
			"sys/bus/event_source/devices/kprobe/type": &fstest.MapFile{Data: []byte("6\n")},
		},
		Traceable: func(func(name, module string) bool) error { return fs.ErrPermission },
	})}
	for text, want := range map[string]string{
		"kprobe:whole": "whole whole.constprop.0 whole.isra.1; " +
			"the compiler made copies of whole: tracing whole.constprop.0, whole.isra.1, too",
		"kretprobe:whole":   "whole whole.constprop.0 whole.isra.1; the compiler made copies of whole: tracing whole.constprop.0, whole.isra.1, too",
		"kprobe:whole+4":    "whole; ",
		"kprobe:copied":     "copied.isra.0; of copied there are only copies that the compiler made: tracing copied.isra.0",
		"kprobe:inlined":    "inlined.part.0; inlined is inlined but for a part of it: tracing inlined.part.0",
		"kprobe:wholesome":  "wholesome; ",
		"kprobe:copied+4":   `there is no kernel function "copied"`,
		"kprobe:whole.cold": "whole.cold; ",
	} {
		points, err := w.Points(spec(text))
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			var names []string
			for _, p := range points {
				names = append(names, p.Attach.Symbol)
			}
			got = strings.Join(names, " ") + "; " + points[0].Note
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}
