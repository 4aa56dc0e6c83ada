package runtime

import (
	"errors"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/runtime/bpfmap"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/ring"
	"github.com/gotrace/gotrace/runtime/value"
)

// unit is an object in a session.
type unit struct {
	id       UnitID
	manifest *object.Manifest
	sources  *source.Set
	decoder  *value.Decoder
	printer  output.Printer

	raw      map[string]*ebpf.Map // all maps, by their name in the Spec
	own      []*ebpf.Map          // those of this unit alone
	shared   []*sharedMap         // those it shares
	maps     []*sharedMap         // as Manifest.Maps
	stacks   []*stackMap          // as Manifest.Stacks
	programs []*program
	handlers []handler // as Manifest.Events
	ring     *ring.Ring
	onRecord func(record []byte) // handles a record of the ring
	losses   *lossCounters

	// Guarded by Session.linkMu.
	links   []Link
	tickers []*ticker
	ended   bool // its links are closed: no more may be added
}

// program is a loaded program.
type program struct {
	*ebpf.Program
	spec *object.Program
}

// stackMap is a map of stacks by id.
type stackMap struct {
	user  bool
	depth int
	m     *bpfmap.Map
}

// close frees the unit's programs and own maps. Links are closed before.
func (u *unit) close() {
	var problems []error
	if u.ring != nil {
		problems = append(problems, u.ring.Close())
	}
	for _, p := range u.programs {
		problems = append(problems, p.Close())
	}
	for _, m := range u.own {
		problems = append(problems, m.Close())
	}
	// Closing descriptors of ours fails only if they were closed before.
	if err := errors.Join(problems...); err != nil {
		panic("gotrace: internal error: " + err.Error())
	}
	u.ring, u.programs, u.own = nil, nil, nil
}

// place turns a span into what people read.
func (u *unit) place(span source.Span) output.Place {
	if u.sources == nil {
		return output.Place{File: "?"}
	}
	f := u.sources.File(span.File)
	start, end := f.Position(span.Off), f.Position(span.End)
	p := output.Place{File: f.Name, Line: start.Line, Col: start.Column}
	if end.Line == start.Line {
		p.EndCol = end.Column
	}
	return p
}
