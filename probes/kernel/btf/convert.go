package btf

import (
	"encoding/binary"
	"fmt"

	"github.com/gotrace/gotrace/lang/types"
)

// converter makes types.Types of a file's types.
type converter struct {
	file *File
	// number tells files apart in the IDs of nameless records.
	number int64
	// depth and steps guard against a malformed file whose types contain
	// themselves.
	depth, steps int
}

// maxDepth is above the nesting of any type in C, maxSteps above the parts of
// any type: the largest of the kernel have some thousand.
const (
	maxDepth = 64
	maxSteps = 1 << 18
)

// The bits of the encoding of an integer (BTF_INT_*).
const (
	intSigned = 1 << 0
	intBool   = 1 << 2
)

// typ converts a type; behind a pointer, records stay incomplete.
func (c *converter) typ(id uint32, behind bool) (types.Type, error) {
	c.depth++
	c.steps++
	defer func() { c.depth-- }()
	if c.depth > maxDepth || c.steps > maxSteps {
		return types.Type{}, fmt.Errorf("BTF: type %d has no end", id)
	}
	e, name, _, err := c.strip(id)
	if err != nil {
		return types.Type{}, err
	}
	switch e.kind {
	case kindVoid, kindFunc, kindVar:
		return types.VoidType(), nil
	case kindInt:
		return c.integer(e, name), nil
	case kindPtr:
		return c.pointer(e)
	case kindArray:
		return c.array(e, behind)
	case kindStruct, kindUnion:
		return c.record(e, behind)
	case kindEnum, kindEnum64:
		return c.enum(e), nil
	case kindFwd:
		t := types.Type{Kind: types.Record, Incomplete: true, Union: e.flag}
		t.Name = keyword(e.flag) + e.file.text(e.name)
		return t, nil
	case kindFuncProto:
		return types.Type{Kind: types.Func}, nil
	}
	// A float and whatever comes later: bytes.
	return types.ArrayOf(types.Uint8(), int(e.ref)), nil
}

// strip follows typedefs and qualifiers. Name is that of the outermost typedef,
// user tells of a pointer's target that it is in user space.
func (c *converter) strip(id uint32) (e entry, name string, user bool, err error) {
	for range maxDepth {
		if e, err = c.file.entry(id); err != nil {
			return e, "", false, err
		}
		switch e.kind {
		case kindTypedef:
			if name == "" {
				name = e.file.text(e.name)
			}
		case kindTypeTag:
			user = user || e.file.text(e.name) == "user"
		case kindVolatile, kindConst, kindRestrict:
		default:
			return e, name, user, nil
		}
		id = e.ref
	}
	return e, "", false, fmt.Errorf("BTF: type %d refers to itself", id)
}

func (c *converter) integer(e entry, name string) types.Type {
	encoding := binary.NativeEndian.Uint32(e.data) >> 24 & 0xf
	size := int(e.ref)
	switch {
	case encoding&intBool != 0 && size == 1:
		return types.BoolType()
	case size > 8:
		return types.ArrayOf(types.Uint64(), size/8)
	}
	t := types.IntOf(size, encoding&intSigned != 0)
	t.Name = name
	if name == "" {
		t.Name = e.file.text(e.name)
	}
	return t
}

// pointer converts a pointer. Kernel memory is the rule; a tag marks what
// user space passed in, where the kernel was built by clang.
func (c *converter) pointer(e entry) (types.Type, error) {
	_, _, user, err := c.strip(e.ref)
	if err != nil {
		return types.Type{}, err
	}
	elem, err := c.typ(e.ref, true)
	if err != nil {
		return types.Type{}, err
	}
	if user {
		return types.PointerTo(elem, types.User), nil
	}
	return types.PointerTo(elem, types.Kernel), nil
}

func (c *converter) array(e entry, behind bool) (types.Type, error) {
	elem, err := c.typ(binary.NativeEndian.Uint32(e.data), behind)
	if err != nil {
		return types.Type{}, err
	}
	return types.ArrayOf(elem, int(binary.NativeEndian.Uint32(e.data[8:]))), nil
}

func keyword(union bool) string {
	if union {
		return "union "
	}
	return "struct "
}

// record converts a struct or union. One without a name is known by its number,
// so that it can be completed and compared.
func (c *converter) record(e entry, behind bool) (types.Type, error) {
	t := types.Type{Kind: types.Record, Size: int(e.ref), Union: e.kind == kindUnion}
	if name := e.file.text(e.name); name != "" {
		t.Name = keyword(t.Union) + name
	} else {
		t.ID = c.number<<32 | int64(e.id)
	}
	if behind {
		t.Incomplete = true
		return t, nil
	}
	t.Members = make([]types.Member, 0, e.vlen)
	for i := range e.vlen {
		raw := e.data[12*i:]
		member, err := c.typ(binary.NativeEndian.Uint32(raw[4:]), false)
		if err != nil {
			return t, err
		}
		m := types.Member{Name: e.file.text(binary.NativeEndian.Uint32(raw)), Type: member}
		offset, bits := binary.NativeEndian.Uint32(raw[8:]), uint32(0)
		if e.flag {
			offset, bits = offset&0xffffff, offset>>24
		}
		m.Offset = int(offset / 8)
		if bits != 0 {
			bitField(&m, int(offset), int(bits))
		}
		t.Members = append(t.Members, m)
	}
	return t, nil
}

// bitField places a bit-field in a storage unit of its type's size, aligned to
// that if it fits, else in the smallest place at its first byte that holds it.
func bitField(m *types.Member, offset, bits int) {
	m.BitSize = bits
	unit := 8 * m.Type.Size
	if unit > 0 && offset%unit+bits <= unit {
		m.Offset, m.BitOffset = offset/unit*unit/8, offset%unit
		return
	}
	m.Offset, m.BitOffset = offset/8, offset%8
	for size := 1; size <= 8; size *= 2 {
		if 8*size >= m.BitOffset+bits {
			m.Type.Size = max(m.Type.Size, size)
			return
		}
	}
}

// enum converts an enum; one without a name keeps its enumerators too.
func (c *converter) enum(e entry) types.Type {
	t := types.Type{Kind: types.Enum, Size: int(e.ref), Signed: e.flag}
	if name := e.file.text(e.name); name != "" {
		t.Name = "enum " + name
	}
	t.Enumerators = make([]types.Enumerator, 0, e.vlen)
	e.enumerators(func(name uint32, value int64) bool {
		t.Enumerators = append(t.Enumerators, types.Enumerator{Name: e.file.text(name), Value: value})
		return true
	})
	return t
}

// enumerators calls yield with the enumerators of an enum.
func (e entry) enumerators(yield func(name uint32, value int64) bool) {
	for i := range e.vlen {
		var name uint32
		var value int64
		if e.kind == kindEnum64 {
			raw := e.data[12*i:]
			name = binary.NativeEndian.Uint32(raw)
			value = int64(uint64(binary.NativeEndian.Uint32(raw[8:]))<<32 | uint64(binary.NativeEndian.Uint32(raw[4:])))
		} else {
			raw := e.data[8*i:]
			name = binary.NativeEndian.Uint32(raw)
			number := binary.NativeEndian.Uint32(raw[4:])
			if value = int64(number); e.flag {
				value = int64(int32(number))
			}
		}
		if !yield(name, value) {
			return
		}
	}
}
