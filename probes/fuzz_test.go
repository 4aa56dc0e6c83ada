package probes_test

import (
	"errors"
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
)

// FuzzPoints checks that no attach point makes the parsers of the kinds panic,
// that errors point at a part that is there, and that points have a name.
func FuzzPoints(f *testing.F) {
	for _, seed := range []string{
		"begin", "i:1s", "interval:hz:99", "profile:us:100", "s:faults:100", "h:cycles:1e6", "t:sched:*", "rt:sched_switch",
		"k:vfs_read+4", "kprobe:kvm:*", "u:/bin/bash:readline+8", `u:/usr/local/bin/server:cpp:"MyApp::*"`, "*:*:*", "k:[!a-]*",
	} {
		f.Add(seed)
	}
	w := pinned(f)
	f.Fuzz(func(t *testing.T, text string) {
		s := spec(text)
		points, err := w.Points(s)
		var missing *typecheck.NotFound
		var unsupported *typecheck.Unsupported
		part := 0
		switch {
		case errors.As(err, &missing):
			part = missing.Part
		case errors.As(err, &unsupported):
			part = unsupported.Part
		case err != nil:
			t.Errorf("%q: %v", text, err)
		case len(points) == 0:
			t.Errorf("%q: neither points nor an error", text)
		}
		if part < 0 || part >= len(s.Parts) {
			t.Errorf("%q: the error is at part %d of %d", text, part, len(s.Parts))
		}
		for _, p := range points {
			if p.Name == "" || p.Provider == "" || p.Context == "" {
				t.Errorf("%q: %+v", text, p)
			}
		}
	})
}
