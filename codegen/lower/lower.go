package lower

import (
	"fmt"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
)

// unit is the lowering of one script.
type unit struct {
	prog   *typed.Program
	target target.Target
	opts   target.Options
	res    *Result

	calls   map[string]handler
	maps    []*mapInfo // by typed.Map.Index
	events  map[any]int
	losses  map[object.Loss]int
	stacks  map[object.StackMap]string
	strings map[string]int
	names   map[string]int // of probes
	progs   map[string]bool
	hasZero bool // the map of zeroMap is there
}

// Lower lowers a program. A construct the target cannot do gives *Unsupported.
func Lower(prog *typed.Program, t target.Target, opts target.Options) (res *Result, err error) {
	u := &unit{
		prog: prog, target: t, opts: opts, res: &Result{},
		calls:   handlers(),
		events:  map[any]int{},
		losses:  map[object.Loss]int{},
		stacks:  map[object.StackMap]string{},
		strings: map[string]int{},
		names:   map[string]int{},
		progs:   map[string]bool{},
	}
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(*Unsupported)
			if !ok {
				panic(r)
			}
			res, err = nil, bad
		}
	}()
	u.configure()
	u.planMaps()
	for _, g := range u.groups() {
		u.lowerGroup(g)
	}
	return u.res, nil
}

// configure copies what the runtime needs of the script's configuration.
func (u *unit) configure() {
	c := u.prog.Config
	m := &u.res.Manifest
	m.PrintMapsOnExit = c.PrintMapsOnExit
	m.StrTruncTrailer = c.StrTruncTrailer
	m.MaxCatBytes = c.MaxCatBytes
	m.RingBufferPages = c.RingBufferPages
	m.MissingProbes = c.MissingProbes
	m.StackMode = c.StackMode
}

// need stops the compilation unless the target has a feature.
func (u *unit) need(f target.Feature, span source.Span, what, hint string) {
	if !u.target.Have(f) {
		panic(&Unsupported{
			Span: span,
			Msg:  fmt.Sprintf("%s needs %s (Linux %s), which this kernel does not have", what, f, f.Since()),
			Hint: hint,
		})
	}
}

// internal stops at a broken invariant; codegen.Compile makes it an error.
func internal(format string, args ...any) {
	panic("gotrace: internal error: lower: " + fmt.Sprintf(format, args...))
}
