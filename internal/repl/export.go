package repl

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"

	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/value"
)

func cmdExport(_ context.Context, c *console, arg string) error {
	format, path := cutWord(arg)
	if path == "" {
		return fail(".export takes a format and a file").withHint("write .export json FILE or .export csv FILE")
	}
	var text []byte
	var err error
	switch format {
	case "json":
		text, err = c.engine.exportJSON()
	case "csv":
		text, err = c.engine.exportCSV()
	default:
		return fail("unknown format %q", format).withHint(".export takes json or csv")
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fileError("write", path, err)
	}
	c.screen.Printf("%s: %s of %s\n", path, plural(len(c.engine.maps), "map"), size(uint64(len(text))))
	return nil
}

// fileError words an error about a file.
func fileError(verb, path string, err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fail("cannot %s %s: %v", verb, path, err)
}

// exportJSON writes each map as the record that gotrace -f json prints.
func (e *engine) exportJSON() ([]byte, error) {
	var out bytes.Buffer
	w := output.NewWriter(&out, output.BufferFull)
	for _, name := range e.mapNames() {
		_, err := e.session.View(name, e.maps[name].decoder, func(t *value.Table, d *value.Decoder) error {
			output.NewPrinter(output.JSON, w, nil, d).Map(t, 0, 0)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), nil
}

// exportCSV writes a line for each value: the map, the key, the value; of a
// histogram one for each bucket.
func (e *engine) exportCSV() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	lines := [][]string{{"map", "key", "value"}}
	for _, name := range e.mapNames() {
		s, err := e.shoot(name)
		if err != nil {
			return nil, err
		}
		for _, r := range s.rows {
			if r.val.kind != aHistogram {
				lines = append(lines, []string{s.name, r.keyText, r.val.String()})
				continue
			}
			for _, b := range r.val.buckets {
				key := r.keyText
				if key != "" {
					key += ", "
				}
				lines = append(lines, []string{s.name, key + "[" + number(b.lo) + ", " + number(b.hi) + ")", number(float64(b.n))})
			}
		}
	}
	err := w.WriteAll(lines)
	return out.Bytes(), err
}
