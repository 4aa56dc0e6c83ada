package output

import (
	"strconv"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
)

type textPrinter struct {
	w        *Writer
	log      *Log
	dec      *value.Decoder
	key, val value.Value
}

func (p *textPrinter) Printf(prog *Program, record []byte) error {
	var err error
	p.w.buf, err = prog.Append(p.w.buf, record)
	p.w.commit()
	return err
}

func (p *textPrinter) Text(kind Kind, text []byte) {
	p.w.buf = append(p.w.buf, text...)
	if kind == KindSystem { // bpftrace has an empty line here, and tests see it
		p.w.buf = append(p.w.buf, '\n')
	}
	p.w.commit()
}

func (p *textPrinter) Value(v *value.Value) {
	p.w.buf = append(AppendText(p.w.buf, v), '\n')
	p.w.commit()
}

// Attached goes to the log: it is about the tracer and not about the trace.
func (p *textPrinter) Attached(n int) {
	word := " probes\n"
	if n == 1 {
		word = " probe\n"
	}
	p.log.Raw(append(strconv.AppendInt([]byte("Attached "), int64(n), 10), word...))
}

// End separates the events from the maps, as bpftrace does even if there is
// neither.
func (p *textPrinter) End() {
	p.w.buf = append(p.w.buf, "\n\n"...)
	p.w.commit()
}

func (p *textPrinter) Map(t *value.Table, top, div int) {
	for _, row := range rows(t, top) {
		p.w.buf = p.row(p.w.buf, t, row, div)
		if len(p.w.buf) >= flushSize {
			p.w.Flush()
		}
	}
	p.w.commit()
}

// name appends the name of an element and a colon: "@x[1, 2]:".
func (p *textPrinter) name(dst []byte, t *value.Table, row int32) []byte {
	dst = append(dst, t.Name...)
	if t.Key != nil {
		dst = append(dst, '[')
		if err := p.dec.Decode(&p.key, t.Key, t.KeyAt(row)); err == nil {
			dst = appendKey(dst, &p.key)
		}
		dst = append(dst, ']')
	}
	return append(dst, ':')
}

// row appends one row: "@x[1, 2]: 3", and a histogram below its name.
func (p *textPrinter) row(dst []byte, t *value.Table, row int32, div int) []byte {
	dst = p.name(dst, t, row)
	if err := t.DecodeValue(p.dec, &p.val, row); err != nil {
		return append(dst, '\n')
	}
	if t.IsHist() {
		return appendHist(append(dst, '\n'), &p.val, uint64(max(div, 1)))
	}
	if t.IsSeries() {
		return appendSeries(append(dst, '\n'), &p.val)
	}
	scale(&p.val, div)
	dst = AppendText(append(dst, ' '), &p.val)
	return append(dst, '\n')
}

// scale divides a value that is a number by the div of print(). Of stats only
// the average is divided, as in bpftrace.
func scale(v *value.Value, div int) {
	if div <= 1 {
		return
	}
	switch v.Type.Kind {
	case types.Int:
	case types.Agg:
		switch v.Type.Agg {
		case types.Avg, types.Stats:
			v.Div = int64(div)
			return
		case types.TSeries:
			return
		}
	default:
		return
	}
	if v.Type.Signed {
		v.Num = uint64(v.Int() / int64(div))
	} else {
		v.Num /= uint64(div)
	}
}

type jsonPrinter struct {
	w        *Writer
	dec      *value.Decoder
	scratch  []byte
	key, val value.Value
}

// open begins a record; close ends it.
func (p *jsonPrinter) open(kind string) {
	p.w.buf = append(p.w.buf, `{"type": `...)
	p.w.buf = appendString(p.w.buf, kind)
	p.w.buf = append(p.w.buf, `, "data": `...)
}

func (p *jsonPrinter) close() {
	p.w.buf = append(p.w.buf, "}\n"...)
	p.w.commit()
}

func (p *jsonPrinter) Printf(prog *Program, record []byte) error {
	var err error
	if p.scratch, err = prog.Append(p.scratch[:0], record); err != nil {
		return err
	}
	p.Text(KindPrintf, p.scratch)
	return nil
}

func (p *jsonPrinter) Text(kind Kind, text []byte) {
	p.open(string(kind))
	p.w.buf = AppendJSONString(p.w.buf, text)
	p.close()
}

func (p *jsonPrinter) Value(v *value.Value) {
	p.open("value")
	p.w.buf = AppendJSON(p.w.buf, v)
	p.close()
}

func (p *jsonPrinter) Attached(n int) {
	p.w.buf = append(p.w.buf, `{"type": "attached_probes", "count": `...)
	p.w.buf = strconv.AppendInt(p.w.buf, int64(n), 10)
	p.w.buf = append(p.w.buf, `, "data": {"probes": `...)
	p.w.buf = strconv.AppendInt(p.w.buf, int64(n), 10)
	p.w.buf = append(p.w.buf, '}')
	p.close()
}

func (p *jsonPrinter) End() {}

func (p *jsonPrinter) Map(t *value.Table, top, div int) {
	list := rows(t, top)
	if len(list) == 0 {
		return
	}
	p.open(tableKind(t))
	p.w.buf = append(p.w.buf, '{')
	p.w.buf = appendString(p.w.buf, t.Name)
	p.w.buf = append(p.w.buf, ": "...)
	if t.Key == nil {
		p.value(t, list[0], div)
	} else {
		p.w.buf = append(p.w.buf, '{')
		for i, row := range list {
			if i > 0 {
				p.w.buf = append(p.w.buf, ", "...)
			}
			if err := p.dec.Decode(&p.key, t.Key, t.KeyAt(row)); err == nil {
				p.w.buf, p.scratch = appendJSONKey(p.w.buf, p.scratch, &p.key)
			}
			p.w.buf = append(p.w.buf, ": "...)
			p.value(t, row, div)
			if len(p.w.buf) >= flushSize {
				p.w.Flush()
			}
		}
		p.w.buf = append(p.w.buf, '}')
	}
	p.w.buf = append(p.w.buf, '}')
	p.close()
}

func (p *jsonPrinter) value(t *value.Table, row int32, div int) {
	if err := t.DecodeValue(p.dec, &p.val, row); err != nil {
		p.w.buf = append(p.w.buf, "null"...)
		return
	}
	if t.IsHist() && div > 1 {
		p.w.buf = appendJSONHist(p.w.buf, &p.val, uint64(div))
		return
	}
	scale(&p.val, div)
	p.w.buf = AppendJSON(p.w.buf, &p.val)
}

func tableKind(t *value.Table) string {
	switch {
	case t.IsHist():
		return "hist"
	case t.IsSeries():
		return "tseries"
	case t.Value.Kind == types.Agg && (t.Value.Agg == types.Avg || t.Value.Agg == types.Stats):
		return "stats"
	}
	return "map"
}
