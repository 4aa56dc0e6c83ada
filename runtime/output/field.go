package output

import (
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
	"github.com/gotrace/gotrace/stdlib/format"
)

// appendField runs the operations that lay out a field.
func (p *Program) appendField(dst []byte, o *op, rec []byte) ([]byte, error) {
	s := o.spec
	o.stars(&s, rec)
	switch o.do {
	case doText:
		return p.appendTextField(dst, o, &s, rec)
	case doBuffer, doBufferHex, doBufferRaw:
		return p.appendBufferField(dst, o, &s, rec)
	case doFloat:
		return p.appendQuotient(dst, o, &s, rec)
	}
	n := value.Number(rec[o.off:o.off+o.size], o.signed)
	switch o.do {
	case doSigned:
		return s.signed(dst, int64(truncate(n, o.low, true))), nil
	case doUnsigned:
		return s.unsigned(dst, truncate(n, o.low, false), 10, false), nil
	case doHex:
		return s.unsigned(dst, truncate(n, o.low, false), 16, false), nil
	case doHexUpper:
		return s.unsigned(dst, truncate(n, o.low, false), 16, true), nil
	case doOctal:
		return s.unsigned(dst, truncate(n, o.low, false), 8, false), nil
	case doChar:
		return s.pad(dst, []byte{byte(n)}), nil
	case doPointer:
		return s.pointer(dst, n), nil
	case doDuration:
		p.field = appendDuration(p.field[:0], n, o.signed, s.prec)
		return s.pad(dst, p.field), nil
	case doBytes:
		p.field = appendByteCount(p.field[:0], n, o.signed, s.prec)
		return s.pad(dst, p.field), nil
	case doGFP:
		p.field = appendGFP(p.field[:0], n)
		return s.pad(dst, p.field), nil
	}
	return dst, nil
}

// stars sets width and precision from arguments. As in C a negative width
// means left-justified and a negative precision none.
func (o *op) stars(s *spec, rec []byte) {
	if o.width != nil {
		w := int(int32(o.width.read(rec)))
		if w < 0 {
			s.left, w = true, -w
		}
		s.width = min(w, format.MaxWidth)
	}
	if o.prec != nil {
		s.prec = min(max(int(int32(o.prec.read(rec))), -1), format.MaxWidth)
	}
}

func (n *number) read(rec []byte) uint64 {
	return value.Number(rec[n.off:n.off+n.size], n.signed)
}

// truncate keeps the low bytes of a number, as passing it through a C type of
// that size would.
func truncate(n uint64, bytes int, signed bool) uint64 {
	shift := 64 - 8*bytes
	if signed {
		return uint64(int64(n<<shift) >> shift)
	}
	return n << shift >> shift
}

func (p *Program) appendTextField(dst []byte, o *op, s *spec, rec []byte) ([]byte, error) {
	if o.isConst {
		return s.pad(dst, cut([]byte(o.literal), s.prec)), nil
	}
	if err := p.decode(o, rec); err != nil {
		return dst, err
	}
	if p.v.Type.Kind == types.String {
		return s.pad(dst, cut(p.v.Text, s.prec)), nil
	}
	p.field = AppendText(p.field[:0], &p.v)
	return s.pad(dst, p.field), nil
}

func (p *Program) decode(o *op, rec []byte) error {
	if o.dyn < 0 {
		return p.dec.Decode(&p.v, o.typ, rec[o.off:])
	}
	if b := p.dynamic(o.dyn, rec); o.typ.Kind == types.Buffer {
		p.dec.DecodeBuffer(&p.v, o.typ, b)
	} else {
		p.dec.DecodeString(&p.v, o.typ, b)
	}
	return nil
}

// cut shortens text to a precision.
func cut(text []byte, prec int) []byte {
	if prec >= 0 && len(text) > prec {
		return text[:prec]
	}
	return text
}

func (p *Program) appendBufferField(dst []byte, o *op, s *spec, rec []byte) ([]byte, error) {
	text := []byte(o.literal)
	if !o.isConst {
		if err := p.decode(o, rec); err != nil {
			return dst, err
		}
		text = p.v.Text
	}
	switch o.do {
	case doBufferHex:
		p.field = appendEscapedAll(p.field[:0], text)
	case doBufferRaw:
		p.field = appendSpaced(p.field[:0], text)
	default:
		p.field = appendEscaped(p.field[:0], text)
	}
	return s.pad(dst, p.field), nil
}
