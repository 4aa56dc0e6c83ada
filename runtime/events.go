package runtime

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/value"
)

// handler acts on the records of one event of the script.
type handler func(record []byte) error

// handlers makes the unit's table of handlers: all that can be known of an
// event is worked out here, once.
func (s *Session) handlers(u *unit) ([]handler, error) {
	table := make([]handler, len(u.manifest.Events))
	for i := range u.manifest.Events {
		e := &u.manifest.Events[i]
		h, err := s.handler(u, e)
		if err != nil {
			return nil, fmt.Errorf("gotrace: internal error: event %d (%s): %w", i, e.Kind, err)
		}
		table[i] = h
	}
	return table, nil
}

func (s *Session) handler(u *unit, e *object.Event) (handler, error) {
	switch e.Kind {
	case object.EventPrintf, object.EventErrorf, object.EventWarnf, object.EventSystem, object.EventCat:
		return s.formatted(u, e)
	case object.EventPrintMap, object.EventClear, object.EventZero, object.EventPrintElem:
		return s.onMap(u, e)
	case object.EventPrintValue:
		if len(e.Args) != 1 {
			return nil, fmt.Errorf("%d arguments", len(e.Args))
		}
		v := new(value.Value)
		return func(rec []byte) error {
			if err := decodeArg(u.decoder, v, e, 0, rec); err != nil {
				return err
			}
			u.printer.Value(v)
			return nil
		}, nil
	case object.EventTime:
		layout := e.Format
		if layout == "" {
			layout = "%H:%M:%S\n"
		}
		return func([]byte) error {
			u.printer.Text(output.KindTime, output.AppendTime(nil, layout, time.Now(), false))
			return nil
		}, nil
	case object.EventExit:
		return func(rec []byte) error { return s.onExit(u, e, rec) }, nil
	case object.EventJoin:
		return s.join(u, e), nil
	}
	return nil, fmt.Errorf("no such kind of event")
}

// formatted makes the handlers of all that has a format.
func (s *Session) formatted(u *unit, e *object.Event) (handler, error) {
	prog, err := output.CompileFormat(e, u.decoder)
	if err != nil {
		return nil, err
	}
	if e.Kind == object.EventPrintf {
		return func(rec []byte) error { return u.printer.Printf(prog, rec) }, nil
	}
	var text []byte
	act := func() { s.system(u, string(text)) }
	switch e.Kind {
	case object.EventErrorf:
		act = func() { s.log.ScriptError(u.place(e.Span), text) }
	case object.EventWarnf:
		act = func() { s.log.ScriptWarning(u.place(e.Span), text) }
	case object.EventCat:
		act = func() { s.cat(u, string(text)) }
	}
	return func(rec []byte) error {
		var err error
		if text, err = prog.Append(text[:0], rec); err == nil {
			act()
		}
		return err
	}, nil
}

// onMap makes the handlers of what acts on a map.
func (s *Session) onMap(u *unit, e *object.Event) (handler, error) {
	if e.Map < 0 || e.Map >= len(u.maps) {
		return nil, fmt.Errorf("no map %d", e.Map)
	}
	m := u.maps[e.Map]
	switch e.Kind {
	case object.EventPrintMap:
		if e.Format != "" {
			qs := output.ParseQuantiles(e.Format)
			return func([]byte) error { return s.printQuantiles(u, m, qs) }, nil
		}
		return func([]byte) error { return s.printMap(u, m, e.Top, e.Div, true) }, nil
	case object.EventClear:
		return func([]byte) error { return m.clear() }, nil
	case object.EventZero:
		return func([]byte) error { return m.zero() }, nil
	}
	if len(e.Args) != 1 || e.Args[0].Dynamic {
		return nil, fmt.Errorf("no key")
	}
	v := new(value.Value)
	return func(rec []byte) error {
		from, to := e.Args[0].Offset, e.Args[0].Offset+e.Args[0].Type.Size
		if from < 0 || to > len(rec) {
			return output.ErrRecord
		}
		if err := u.decoder.Decode(v, &m.described.Value, m.element(rec[from:to])); err != nil {
			return err
		}
		u.printer.Value(v)
		return nil
	}, nil
}

// printMap prints a map as it is now.
func (s *Session) printMap(u *unit, m *sharedMap, top, div int, unset bool) error {
	t, err := m.table(unset)
	if err != nil {
		return err
	}
	t.Sort(u.decoder)
	u.printer.Map(t, top, div)
	return nil
}

// printQuantiles prints percentiles of a map's histograms as they are now.
func (s *Session) printQuantiles(u *unit, m *sharedMap, qs []output.Quantile) error {
	t, err := m.table(true)
	if err != nil {
		return err
	}
	t.Sort(u.decoder)
	u.printer.Quantiles(t, qs)
	return nil
}

// decodeArg decodes an argument that may be literal or dynamic.
func decodeArg(d *value.Decoder, v *value.Value, e *object.Event, i int, rec []byte) error {
	a := &e.Args[i]
	if a.Literal != nil {
		d.DecodeString(v, &a.Type, []byte(*a.Literal))
		return nil
	}
	if a.Offset < 0 || a.Offset > len(rec) {
		return output.ErrRecord
	}
	if !a.Dynamic {
		return d.Decode(v, &a.Type, rec[a.Offset:])
	}
	b, err := dynamicBytes(e, i, rec)
	if err != nil {
		return err
	}
	if a.Type.Kind == types.Buffer {
		d.DecodeBuffer(v, &a.Type, b)
	} else {
		d.DecodeString(v, &a.Type, b)
	}
	return nil
}

// dynamicBytes finds a dynamic argument behind those before it.
func dynamicBytes(e *object.Event, i int, rec []byte) ([]byte, error) {
	at := e.FixedSize
	for k := 0; k <= i; k++ {
		a := &e.Args[k]
		if !a.Dynamic {
			continue
		}
		if a.Offset < 0 || a.Offset+4 > len(rec) {
			return nil, output.ErrRecord
		}
		n := int(binary.NativeEndian.Uint32(rec[a.Offset:]))
		if at+n > len(rec) {
			return nil, output.ErrRecord
		}
		if k == i {
			return rec[at : at+n], nil
		}
		at += n
	}
	return nil, output.ErrRecord
}

func (s *Session) onExit(u *unit, e *object.Event, rec []byte) error {
	if len(e.Args) > 0 {
		var v value.Value
		if err := decodeArg(u.decoder, &v, e, 0, rec); err != nil {
			return err
		}
		s.exitCode = int(int32(v.Num))
	}
	s.exited = true
	s.Exit()
	return nil
}

// join prints strings with a delimiter between them. Those that are empty at
// the end are places of the array that were not filled.
func (s *Session) join(u *unit, e *object.Event) handler {
	var text []byte
	v := new(value.Value)
	return func(rec []byte) error {
		text = text[:0]
		filled := 0
		for i := range e.Args {
			if err := decodeArg(u.decoder, v, e, i, rec); err != nil {
				return err
			}
			if i > 0 {
				text = append(text, e.Format...)
			}
			text = append(text, v.Text...)
			if len(v.Text) > 0 {
				filled = len(text)
			}
		}
		text = append(text[:filled], '\n')
		u.printer.Text(output.KindJoin, text)
		return nil
	}
}

// system runs a shell command and prints what it writes. The session waits for
// it, as the language says.
func (s *Session) system(u *unit, command string) {
	s.writer.Flush() // the command may write to our terminal itself
	out, err := exec.Command("/bin/sh", "-c", command).CombinedOutput()
	if len(out) > 0 {
		u.printer.Text(output.KindSystem, out)
	}
	if err == nil {
		return
	}
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() >= 0 {
		s.log.Errorf("command exited with code %d", exit.ExitCode())
		return
	}
	s.log.Errorf("run command: %v", err)
}

// cat prints a file, at most as much of it as the configuration says.
func (s *Session) cat(u *unit, path string) {
	f, err := os.Open(path)
	if err != nil {
		s.log.Errorf("failed to open file '%s' (%s)", path, reason(err))
		return
	}
	defer f.Close()
	limit := u.manifest.MaxCatBytes
	if limit <= 0 {
		limit = 10 << 10
	}
	text := make([]byte, limit)
	n, err := readFull(f, text)
	if err != nil {
		s.log.Errorf("failed to read file '%s' (%s)", path, reason(err))
	}
	if n > 0 {
		u.printer.Text(output.KindCat, text[:n])
	}
}

// reason is the system's message with a capital letter, as C has it.
func reason(err error) string {
	text := err.Error()
	if pe, ok := err.(*os.PathError); ok {
		text = pe.Err.Error()
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
