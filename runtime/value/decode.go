package value

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gotrace/gotrace/lang/types"
)

// ErrShort says that there are fewer bytes than the type needs.
var ErrShort = errors.New("value: too few bytes for the type")

// maxDepth bounds the nesting of types, which come from a manifest and thus
// from a file that may be damaged.
const maxDepth = 64

// Decoder decodes by types.
type Decoder struct {
	Resolver Resolver
	// MaxStrlen is the configured length of strings and Trailer what is added
	// to one of that length, which was probably cut.
	MaxStrlen int
	Trailer   string
}

// Decode decodes b by t into v. On an error v is unspecified.
func (d *Decoder) Decode(v *Value, t *types.Type, b []byte) error {
	return d.decode(v, t, b, 0)
}

// DecodeString sets v to a string whose bytes are at hand.
func (d *Decoder) DecodeString(v *Value, t *types.Type, b []byte) {
	v.Type = t
	v.Text = d.text(v, t, b)
}

// DecodeBuffer sets v to a buffer whose bytes are at hand.
func (d *Decoder) DecodeBuffer(v *Value, t *types.Type, b []byte) {
	v.Type = t
	v.Text = b
}

func (d *Decoder) decode(v *Value, t *types.Type, b []byte, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("value: type %s is nested too deeply", t.Kind)
	}
	v.Type = t
	if t.Kind == types.Agg { // its size is not that of its type
		return decodeAgg(v, t, b)
	}
	if t.Size < 0 || len(b) < t.Size {
		return ErrShort
	}
	b = b[:t.Size]
	switch t.Kind {
	case types.Int, types.Enum, types.Bool, types.Pointer:
		v.Num = Number(b, t.Signed)
		return nil
	case types.String:
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
		v.Text = d.text(v, t, b)
		return nil
	case types.Buffer:
		return decodeBuffer(v, b)
	case types.Record, types.Tuple:
		return d.members(v, t, b, depth)
	case types.Array:
		return d.array(v, t, b, depth)
	case types.Void, types.Invalid, types.Func:
		v.Num = 0
		return nil
	}
	return d.resolved(v, t, b)
}

// text adds the trailer to a string that fills its place.
func (d *Decoder) text(v *Value, t *types.Type, b []byte) []byte {
	if d.MaxStrlen == 0 || len(b) < d.MaxStrlen || len(b) < t.Size-1 || d.Trailer == "" {
		return b
	}
	v.buf = append(append(v.buf[:0], b...), d.Trailer...)
	return v.buf
}

func decodeBuffer(v *Value, b []byte) error {
	if len(b) < 4 {
		return ErrShort
	}
	n := binary.NativeEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return ErrShort
	}
	v.Text = b[4 : 4+n]
	return nil
}

// elems gives v room for n elements and keeps their memory from earlier use.
func (v *Value) elems(n int) []Value {
	if cap(v.Elems) < n {
		grown := make([]Value, n)
		copy(grown, v.Elems[:cap(v.Elems)])
		v.Elems = grown
	}
	v.Elems = v.Elems[:n]
	return v.Elems
}

func (d *Decoder) members(v *Value, t *types.Type, b []byte, depth int) error {
	elems := v.elems(len(t.Members))
	for i := range t.Members {
		m := &t.Members[i]
		if m.Offset < 0 || m.Offset > len(b) {
			return ErrShort
		}
		at := b[m.Offset:]
		switch {
		case m.DataLoc:
			dataLoc(&elems[i], &m.Type, at, b)
		case m.BitSize > 0:
			if err := bitField(&elems[i], m, at); err != nil {
				return err
			}
		default:
			if err := d.decode(&elems[i], &m.Type, at, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// dataLoc decodes a string or array that lies elsewhere in the record. What
// points outside of it is empty: the record's end is not part of its type.
func dataLoc(v *Value, t *types.Type, at, record []byte) {
	v.Type = t
	v.Text, v.Elems, v.Num = nil, v.Elems[:0], 0
	if len(at) < 4 {
		return
	}
	loc := binary.NativeEndian.Uint32(at)
	off, n := int(loc&0xffff), int(loc>>16)
	if off+n > len(record) {
		return
	}
	v.Text = record[off : off+n]
	if i := bytes.IndexByte(v.Text, 0); t.Kind == types.String && i >= 0 {
		v.Text = v.Text[:i]
	}
}

func bitField(v *Value, m *types.Member, b []byte) error {
	size := m.Type.Size
	if size < 1 || size > 8 || len(b) < size || m.BitOffset < 0 || m.BitOffset > 63 || m.BitSize > 64 {
		return ErrShort
	}
	n := Number(b[:size], false) >> m.BitOffset
	shift := 64 - m.BitSize
	n <<= shift
	if m.Type.Signed {
		n = uint64(int64(n) >> shift)
	} else {
		n >>= shift
	}
	v.Type, v.Num = &m.Type, n
	return nil
}

func (d *Decoder) array(v *Value, t *types.Type, b []byte, depth int) error {
	size := 0
	if t.Elem != nil {
		size = t.Elem.Size
	}
	// An element without size would make the length a lie about the memory.
	if size <= 0 || t.Len < 0 || t.Len > len(b)/size {
		v.Elems = v.Elems[:0]
		if t.Len == 0 || size == 0 {
			return nil
		}
		return ErrShort
	}
	elems := v.elems(t.Len)
	for i := range elems {
		if err := d.decode(&elems[i], t.Elem, b[i*size:], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// resolved decodes the kinds that user space turns into text.
func (d *Decoder) resolved(v *Value, t *types.Type, b []byte) error {
	if len(b) < resolvedSize(t.Kind) {
		return ErrShort
	}
	dst := v.buf[:0]
	switch t.Kind {
	case types.Inet:
		dst = AppendInet(dst, binary.NativeEndian.Uint32(b), b[4:20])
	case types.MAC:
		dst = AppendMAC(dst, b[:6])
	case types.Stack:
		v.Num = binary.NativeEndian.Uint64(b)
		dst = d.Resolver.Stack(dst, t, v.Num, binary.NativeEndian.Uint32(b[8:]))
	case types.USym:
		v.Num = binary.NativeEndian.Uint64(b)
		dst = d.Resolver.UserSymbol(dst, v.Num, binary.NativeEndian.Uint32(b[8:]))
	case types.Timestamp:
		v.Num = binary.NativeEndian.Uint64(b)
		dst = d.Resolver.Time(dst, v.Num, binary.NativeEndian.Uint32(b[8:]))
	default:
		v.Num = Number(b, false)
		dst = d.named(dst, t.Kind, v.Num)
	}
	v.buf, v.Text = dst, dst
	return nil
}

func resolvedSize(kind types.Kind) int {
	switch kind {
	case types.Stack, types.USym, types.Timestamp:
		return 16
	case types.Inet:
		return 20
	case types.MAC:
		return 6
	}
	return 1
}

func (d *Decoder) named(dst []byte, kind types.Kind, n uint64) []byte {
	switch kind {
	case types.KSym:
		return d.Resolver.KernelSymbol(dst, n)
	case types.Username:
		return d.Resolver.Username(dst, uint32(n))
	case types.Cgroup:
		return d.Resolver.CgroupPath(dst, n)
	case types.ProbeName:
		return d.Resolver.ProbeName(dst, n)
	case types.FuncName:
		return d.Resolver.Function(dst, n)
	}
	return dst
}

// Number reads an integer of up to eight bytes in the machine's order.
func Number(b []byte, signed bool) uint64 {
	switch len(b) {
	case 1:
		if signed {
			return uint64(int8(b[0]))
		}
		return uint64(b[0])
	case 2:
		n := binary.NativeEndian.Uint16(b)
		if signed {
			return uint64(int16(n))
		}
		return uint64(n)
	case 4:
		n := binary.NativeEndian.Uint32(b)
		if signed {
			return uint64(int32(n))
		}
		return uint64(n)
	case 8:
		return binary.NativeEndian.Uint64(b)
	}
	return oddNumber(b, signed)
}

// oddNumber reads the sizes no CPU loads at once; of more than eight bytes the
// first eight count.
func oddNumber(b []byte, signed bool) uint64 {
	if len(b) > 8 {
		return binary.NativeEndian.Uint64(b)
	}
	var n uint64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	if shift := 64 - 8*len(b); signed && shift < 64 {
		n = uint64(int64(n<<shift) >> shift)
	}
	return n
}
