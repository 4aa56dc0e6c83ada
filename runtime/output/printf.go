package output

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/value"
	"github.com/gotrace/gotrace/stdlib/format"
)

// ErrRecord says that an event's record is not what the manifest says it is.
var ErrRecord = errors.New("output: malformed event record")

// Program renders the records of one printf. It is made once per event id, so
// that an event costs no more than the copying of its bytes: the format is cut
// into operations, each knowing where its argument lies.
//
// A Program has scratch memory and belongs to one goroutine.
type Program struct {
	ops    []op
	size   int // of the fixed part
	dec    *value.Decoder
	dyn    []int // offsets in the record of the lengths of dynamic arguments
	starts []int // where the bytes of the dynamic arguments begin
	v      value.Value
	field  []byte
}

// action is what an operation does.
type action uint8

const (
	doLiteral   action = iota
	doPlain            // an integer in decimal without a field
	doString           // a fixed string without a field
	doDynamic          // a dynamic string without a field
	doSigned           // %d
	doUnsigned         // %u
	doHex              // %x
	doHexUpper         // %X
	doOctal            // %o
	doChar             // %c
	doPointer          // %p
	doGFP              // %gr
	doBuffer           // %r
	doBufferHex        // %rx
	doBufferRaw        // %rh
	doDuration         // %t
	doBytes            // %B
	doFloat            // %f
	doText             // %s of anything
)

// op is one operation.
type op struct {
	do      action
	off     int // of the argument in the record
	size    int // of a number
	signed  bool
	low     int  // how many low bytes of a number count
	minus   bool // whether doPlain prints a signed number
	dyn     int  // index among the dynamic arguments, or -1
	typ     *types.Type
	spec    spec
	width   *number // from an argument
	prec    *number
	literal string
	isConst bool // the argument is literal text
}

// number is an integer argument of a star.
type number struct {
	off, size int
	signed    bool
}

// CompileFormat makes the program of an event with a format. Its literals are
// the ones of the format, and its arguments are checked against the directives.
func CompileFormat(e *object.Event, dec *value.Decoder) (*Program, error) {
	pieces, perr := format.Parse(e.Format)
	if perr != nil {
		return nil, perr
	}
	if n := format.Args(pieces); n != len(e.Args) {
		return nil, fmt.Errorf("output: format %q takes %d arguments and the event has %d", e.Format, n, len(e.Args))
	}
	p := &Program{size: max(e.FixedSize, 8), dec: dec}
	next := 0
	arg := func() *object.EventArg { next++; return &e.Args[next-1] }
	for _, piece := range pieces {
		if piece.Directive == nil {
			p.ops = append(p.ops, op{do: doLiteral, literal: piece.Literal})
			continue
		}
		o, err := p.compile(piece.Directive, arg)
		if err != nil {
			return nil, err
		}
		p.ops = append(p.ops, o)
	}
	p.starts = make([]int, len(p.dyn))
	return p, nil
}

func (p *Program) compile(d *format.Directive, arg func() *object.EventArg) (op, error) {
	o := op{dyn: -1, spec: spec{
		width: d.Width, prec: -1,
		left: d.Has('-'), zero: d.Has('0'), plus: d.Has('+'), alt: d.Has('#'),
	}}
	// Like bpftrace we take no notice of a precision, nor of a blank flag, in a
	// directive that bpftrace has. One from an argument is C's.
	if d.HasPrecision && d.IsAmount() {
		o.spec.prec = d.Precision
	}
	if d.WidthArg {
		a := arg()
		o.width = &number{a.Offset, a.Type.Size, a.Type.Signed}
	}
	if d.PrecisionArg {
		a := arg()
		o.prec = &number{a.Offset, a.Type.Size, a.Type.Signed}
	}
	a := arg()
	o.typ, o.off, o.size, o.signed = &a.Type, a.Offset, a.Type.Size, a.Type.Signed
	if err := p.checkArg(&o, a); err != nil {
		return o, err
	}
	o.do, o.low = directiveAction(d), d.Bytes()
	if o.do != doText && o.do != doFloat && !o.do.onBuffer() && !a.Type.Scalar() {
		o.do = doText // the type checker does not let this through
	}
	return o.simplified(d), nil
}

// checkArg sets what the argument's place in the record asks for.
func (p *Program) checkArg(o *op, a *object.EventArg) error {
	switch {
	case a.Literal != nil:
		o.isConst, o.literal = true, *a.Literal
	case a.Dynamic:
		o.dyn = len(p.dyn)
		p.dyn = append(p.dyn, a.Offset)
		if a.Offset < 0 || a.Offset+4 > p.size {
			return ErrRecord
		}
	case a.Offset < 0 || a.Offset+a.Type.Size > p.size:
		return ErrRecord
	}
	for _, n := range []*number{o.width, o.prec} {
		if n != nil && (n.off < 0 || n.size < 1 || n.off+n.size > p.size) {
			return ErrRecord
		}
	}
	return nil
}

// onBuffer reports whether an action prints bytes rather than a number.
func (a action) onBuffer() bool { return a == doBuffer || a == doBufferHex || a == doBufferRaw }

func directiveAction(d *format.Directive) action {
	switch d.Verb {
	case format.Decimal, format.DecimalI:
		return doSigned
	case format.Unsigned:
		return doUnsigned
	case format.Hex:
		return doHex
	case format.HexUpper:
		return doHexUpper
	case format.Octal:
		return doOctal
	case format.Char:
		return doChar
	case format.Ptr:
		return doPointer
	case format.GFPFlags:
		return doGFP
	case format.Duration:
		return doDuration
	case format.Bytes:
		return doBytes
	case format.Float:
		return doFloat
	case format.Buffer:
		return doBuffer
	case format.BufferHex:
		return doBufferHex
	case format.BufferRaw:
		return doBufferRaw
	}
	return doText
}

// simplified replaces an operation by a cheaper one that prints the same.
func (o op) simplified(d *format.Directive) op {
	plain := o.width == nil && o.prec == nil && o.spec == spec{prec: -1}
	if !plain {
		return o
	}
	switch {
	case o.isConst && o.do == doText:
		return op{do: doLiteral, literal: o.literal}
	case o.do == doText && o.typ.Kind == types.Int:
		o.do, o.low, o.minus = doPlain, 8, o.signed
	case o.do == doText && o.typ.Kind == types.String && o.dyn >= 0:
		o.do = doDynamic
	case o.do == doText && o.typ.Kind == types.String:
		o.do = doString
	case o.do == doSigned || o.do == doUnsigned:
		o.do, o.minus = doPlain, o.do == doSigned
	}
	return o
}

// Append appends the record's text to dst.
func (p *Program) Append(dst, rec []byte) ([]byte, error) {
	if len(rec) < p.size {
		return dst, ErrRecord
	}
	if len(p.dyn) > 0 {
		if err := p.locate(rec); err != nil {
			return dst, err
		}
	}
	var err error
	for i := range p.ops {
		o := &p.ops[i]
		switch o.do {
		case doLiteral:
			dst = append(dst, o.literal...)
		case doPlain:
			n := truncate(value.Number(rec[o.off:o.off+o.size], o.signed), o.low, o.minus)
			dst = appendInt(dst, n, o.minus)
		case doString, doDynamic:
			dst, err = p.appendString(dst, o, rec)
		default:
			dst, err = p.appendField(dst, o, rec)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// locate finds the dynamic arguments: they follow the fixed part in order.
func (p *Program) locate(rec []byte) error {
	at := p.size
	for i, off := range p.dyn {
		p.starts[i] = at
		n := int(binary.NativeEndian.Uint32(rec[off:]))
		if at += n; at > len(rec) {
			return ErrRecord
		}
	}
	return nil
}

// dynamic returns the bytes of a dynamic argument; locate has checked them.
func (p *Program) dynamic(i int, rec []byte) []byte {
	start := p.starts[i]
	n := int(binary.NativeEndian.Uint32(rec[p.dyn[i]:]))
	return rec[start : start+n]
}

func (p *Program) appendString(dst []byte, o *op, rec []byte) ([]byte, error) {
	if o.do == doDynamic {
		p.dec.DecodeString(&p.v, o.typ, p.dynamic(o.dyn, rec))
		return append(dst, p.v.Text...), nil
	}
	err := p.dec.Decode(&p.v, o.typ, rec[o.off:])
	return append(dst, p.v.Text...), err
}
