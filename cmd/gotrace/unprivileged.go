package main

import (
	"errors"
	"io/fs"

	"github.com/gotrace/gotrace"
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/snapshot"
)

// dumpWorld is the world for -d: the running system as far as it may be read,
// and for the rest the snapshot that is compiled in.
func dumpWorld(f *flags) (typecheck.World, error) {
	files, err := gotrace.Snapshot()
	if err != nil {
		return nil, err
	}
	pinned, err := snapshot.Load(files)
	if err != nil {
		return nil, err
	}
	live := probes.NewLive(probes.Options{PID: f.pid, Unsafe: true})
	return &fallbackWorld{World: live, pinned: pinned}, nil
}

// fallbackWorld answers about probes from a snapshot where the system refuses.
type fallbackWorld struct {
	*probes.World
	pinned *probes.World
}

// Points asks the snapshot if the system does not let us look, or has no
// probes of that kind: what a script compiles to does not depend on it.
func (w *fallbackWorld) Points(spec *ast.AttachPoint) ([]point.Point, error) {
	points, err := w.World.Points(spec)
	var missing *typecheck.NotFound
	if err == nil || errors.As(err, &missing) {
		return points, err
	}
	var unsupported *typecheck.Unsupported
	if !errors.Is(err, fs.ErrPermission) && !errors.As(err, &unsupported) {
		return nil, err
	}
	if pinned, pinnedErr := w.pinned.Points(spec); pinnedErr == nil {
		return pinned, nil
	}
	return nil, err
}
