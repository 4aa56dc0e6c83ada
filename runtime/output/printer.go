// Package output prints what a script produces: the lines of its printf, its
// maps and histograms, as text laid out byte for byte as bpftrace's or as one
// JSON record a line.
//
// A Printer appends to a Writer, which writes in as few system calls as its
// mode allows. Nothing on the way of an event through a printf allocates, asks
// a type by reflection or goes through package fmt.
package output

import (
	"github.com/gotrace/gotrace/runtime/value"
)

// Format names an output format (-f).
type Format string

// The output formats.
const (
	Text Format = "text"
	JSON Format = "json"
)

// Kind says which function of the language a text comes from; in JSON it is
// the record's type.
type Kind string

// The kinds of text.
const (
	KindPrintf Kind = "printf"
	KindTime   Kind = "time"
	KindJoin   Kind = "join"
	KindCat    Kind = "cat"
	KindSystem Kind = "syscall" // bpftrace's name for system()
)

// Place is where in a script a message comes from.
type Place struct {
	File      string
	Line, Col int
	// EndCol is the column after the last character, zero if not known.
	EndCol int
}

// Printer prints a script's output.
type Printer interface {
	// Printf prints a record by its program.
	Printf(p *Program, record []byte) error
	// Text prints text that is ready.
	Text(kind Kind, text []byte)
	// Value prints the value of print(expression).
	Value(v *value.Value)
	// Map prints a map: the last top rows of its order if top is not zero, and
	// numbers divided by div if that is not zero.
	Map(t *value.Table, top, div int)
	// Quantiles prints percentiles of the histograms of a map.
	Quantiles(t *value.Table, qs []Quantile)
	// Attached tells how many probes were attached.
	Attached(n int)
	// End is called once, after the last event and before the maps.
	End()
}

// NewPrinter returns a printer of a format. log receives what bpftrace does not
// count as output in text form, such as how many probes are attached.
func NewPrinter(f Format, w *Writer, log *Log, dec *value.Decoder) Printer {
	if f == JSON {
		return &jsonPrinter{w: w, dec: dec}
	}
	return &textPrinter{w: w, log: log, dec: dec}
}

// rows returns the rows of a table to print. Time series have no order but that
// of their keys, and bpftrace prints them all.
func rows(t *value.Table, top int) []int32 {
	if top > 0 && !t.IsSeries() && top < len(t.Order) {
		return t.Order[len(t.Order)-top:]
	}
	return t.Order
}
