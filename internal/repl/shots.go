package repl

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/value"
)

// shoot reads a map of the session. Name is without "@".
func (e *engine) shoot(name string) (*shot, error) {
	have := e.maps[name]
	if have == nil {
		return nil, e.noMap(name)
	}
	s := &shot{name: "@" + name, at: time.Now()}
	found, err := e.session.View(name, have.decoder, func(t *value.Table, d *value.Decoder) error {
		s.keyed = t.Key != nil
		for _, at := range t.Order {
			r, err := readRow(t, d, at)
			if err != nil {
				return err
			}
			s.rows = append(s.rows, r)
		}
		return nil
	})
	if err == nil && !found {
		err = e.noMap(name)
	}
	return s, err
}

func readRow(t *value.Table, d *value.Decoder, at int32) (row, error) {
	var r row
	var v value.Value
	if t.Key != nil {
		if err := d.Decode(&v, t.Key, t.KeyAt(at)); err != nil {
			return r, err
		}
		r.keyText = keyText(&v)
		if t.Key.Kind == types.Tuple {
			for i := range v.Elems {
				r.keys = append(r.keys, datumOf(&v.Elems[i]))
			}
		} else {
			r.keys = []datum{datumOf(&v)}
		}
	}
	if err := t.DecodeValue(d, &v, at); err != nil {
		return r, err
	}
	r.val = datumOf(&v)
	r.text = rowText(t, d, at)
	return r, nil
}

// keyText writes a key as it stands between the brackets.
func keyText(v *value.Value) string {
	text := string(output.AppendText(nil, v))
	if v.Type.Kind == types.Tuple && strings.HasPrefix(text, "(") {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	}
	return text
}

// rowText prints one row as the map prints.
func rowText(t *value.Table, d *value.Decoder, at int32) string {
	var out bytes.Buffer
	w := output.NewWriter(&out, output.BufferFull)
	one := *t
	one.Order = []int32{at}
	output.NewPrinter(output.Text, w, nil, d).Map(&one, 0, 0)
	w.Flush()
	return out.String()
}

// noMap is the error for a map that is not there.
func (e *engine) noMap(name string) error {
	err := fail("there is no map @%s", name)
	if near := suggest.Nearest(name, e.mapNames()); near != "" {
		return err.withHint("did you mean @%s?", near)
	}
	if len(e.maps) == 0 {
		return err.withHint("maps come with the clauses that fill them")
	}
	return err.withHint(".maps lists those there are")
}

// mapNames returns the names of the session's maps, sorted, without "@".
func (e *engine) mapNames() []string {
	var names []string
	for name := range e.maps {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// mapArg reads the name of a map, with or without "@".
func (e *engine) mapArg(arg string) (string, error) {
	name := strings.TrimPrefix(arg, "@")
	if e.maps[name] == nil {
		return "", e.noMap(name)
	}
	return name, nil
}

// show prints a map as print() does, the last top rows if top is not zero.
func (t *shot) show(top int) string {
	if len(t.rows) == 0 {
		return t.name + ": empty\n"
	}
	rows := t.rows
	if top > 0 && top < len(rows) {
		rows = rows[len(rows)-top:]
	}
	var b strings.Builder
	for _, r := range rows {
		if r.text != "" {
			b.WriteString(r.text)
			continue
		}
		if t.keyed {
			fmt.Fprintf(&b, "%s[%s]: %s\n", t.name, r.keyText, r.val)
		} else {
			fmt.Fprintf(&b, "%s\n", r.val)
		}
	}
	return b.String()
}
