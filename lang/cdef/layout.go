package cdef

import (
	"fmt"

	"modernc.org/cc/v4"

	"github.com/gotrace/gotrace/lang/types"
)

// Records are laid out as gcc does for little-endian CPUs with the System V
// ABI. A bit-field goes where the last member ended, unless it would cross a
// boundary of its type, which is where it goes then; one of width zero ends the
// unit it stands in. "packed" drops alignment to a byte, for bit-fields to a
// bit, and "aligned" raises it.

// record converts a struct or union.
func (c *converter) record(t cc.Type, behind bool) (placed, error) {
	first := fieldOf(t, 0)
	name, union := recordName(t)
	if known, ok := c.u.known[name]; ok {
		return borrowed(known, behind), nil
	}
	out := types.Type{Kind: types.Record, Name: name, Union: union}
	if out.ID = c.id(name, first); out.ID == 0 && behind && name == "" {
		return placed{Type: types.VoidType(), align: 1}, nil // a pointer to nothing that is known
	}
	if behind {
		out.Incomplete = true
		return placed{Type: out, align: 1}, nil
	}
	if first == nil {
		if t.IsIncomplete() {
			return placed{}, fmt.Errorf("%s is not defined", what(name))
		}
		out.Members = []types.Member{}
		return placed{Type: out, align: 1}, nil
	}
	if p, ok := c.done[first]; ok {
		return p, nil
	}
	if c.open[first] {
		return placed{}, fmt.Errorf("%s contains itself", what(name))
	}
	c.open[first] = true
	defer delete(c.open, first)
	l := &layout{c: c, spec: c.specs[first], out: out, align: 1}
	p, err := l.place(t)
	if err == nil {
		c.done[first] = p
		c.r.Records = append(c.r.Records, p.Type)
	}
	return p, err
}

// id returns the ID of a record that the unit defines: of its tag, or else of
// its first member.
func (c *converter) id(name string, first *cc.Field) int64 {
	var key any = name
	switch {
	case name != "" && c.u.declared[name]:
	case name == "" && first != nil:
		key = first
	default:
		return 0
	}
	id, ok := c.ids[key]
	if !ok {
		id = c.u.opts.LastID - int64(len(c.ids)) - 1
		c.ids[key] = id
	}
	return id
}

func what(name string) string {
	if name == "" {
		return "the struct"
	}
	return name
}

// recordName returns the tag of a record with its keyword.
func recordName(t cc.Type) (name string, union bool) {
	var tag cc.Token
	switch t := t.(type) {
	case *cc.StructType:
		tag, name = t.Tag(), "struct "
	case *cc.UnionType:
		tag, name, union = t.Tag(), "union ", true
	}
	if tag.SrcStr() == "" {
		return "", union
	}
	return name + tag.SrcStr(), union
}

// layout places the members of one record.
type layout struct {
	c       *converter
	spec    *cc.StructOrUnionSpecifier
	out     types.Type
	bits    int64 // used so far; of a union, by the largest member
	align   int
	members int
	seen    map[string]bool
}

// place lays the record out.
func (l *layout) place(t cc.Type) (placed, error) {
	l.seen = map[string]bool{}
	var whole attributes
	if l.spec != nil {
		whole = l.c.attributes(l.spec.AttributeSpecifierList).and(l.c.attributes(l.spec.AttributeSpecifierList2))
	}
	i := 0
	for d := range l.declarations() {
		for n := d.count; n > 0; n-- {
			f := fieldOf(t, i)
			i++
			if f == nil {
				break
			}
			attrs := d.specifier
			if n == 1 {
				attrs = attrs.and(d.last)
			}
			attrs.packed = attrs.packed || whole.packed
			if err := l.member(f, attrs); err != nil {
				return placed{}, l.at(f, err)
			}
		}
	}
	for ; fieldOf(t, i) != nil; i++ { // of a record whose definition was not found
		if err := l.member(fieldOf(t, i), whole); err != nil {
			return placed{}, err
		}
	}
	return l.finish(whole)
}

// at gives an error the place of a member.
func (l *layout) at(f *cc.Field, err error) error {
	if _, placed := err.(*nodeError); !placed && f.Declarator() != nil {
		return &nodeError{at: f.Declarator(), msg: err.Error()}
	}
	return err
}

// finish rounds the size up and closes the record.
func (l *layout) finish(whole attributes) (placed, error) {
	l.align = max(l.align, whole.aligned)
	size := roundUp((l.bits+7)/8, int64(l.align))
	if size > maxRecordSize || l.members > maxMembers {
		return placed{}, fmt.Errorf("%s is too large", what(l.out.Name))
	}
	l.out.Size = int(size)
	for i := range l.out.Members {
		shrink(&l.out.Members[i], l.out.Size)
	}
	return placed{Type: l.out, align: l.align, members: l.members}, nil
}

// member places one member.
func (l *layout) member(f *cc.Field, attrs attributes) error {
	p, err := l.c.typ(f.Type(), false)
	if err != nil {
		return err
	}
	switch p.Kind {
	case types.Void, types.Func:
		return fmt.Errorf("a member cannot be %s", p.Type)
	}
	if name := f.Name(); name != "" {
		if l.seen[name] {
			return fmt.Errorf("%s has two members %q", what(l.out.Name), name)
		}
		l.seen[name] = true
	}
	if l.members += 1 + p.members; l.members > maxMembers {
		return fmt.Errorf("%s has too many members", what(l.out.Name))
	}
	start := l.bits
	if l.out.Union {
		start = 0
	}
	var end int64
	if f.IsBitfield() {
		end, err = l.bitField(f, p, attrs, start)
	} else {
		end = l.plainMember(f, p, attrs, start)
	}
	l.bits = max(l.bits, end)
	if end > 8*maxRecordSize {
		return fmt.Errorf("%s is too large", what(l.out.Name))
	}
	return err
}

func (l *layout) plainMember(f *cc.Field, p placed, attrs attributes, start int64) int64 {
	align := p.align
	if attrs.packed {
		align = 1
	}
	align = max(align, attrs.aligned)
	l.align = max(l.align, align)
	offset := roundUp((start+7)/8, int64(align))
	l.out.Members = append(l.out.Members, types.Member{Name: f.Name(), Type: p.Type, Offset: int(offset)})
	return 8 * (offset + int64(p.Size))
}

// bitField places a bit-field and returns where it ends.
func (l *layout) bitField(f *cc.Field, p placed, attrs attributes, start int64) (int64, error) {
	width, unit := f.ValueBits(), int64(8*p.Size)
	switch {
	case p.Kind != types.Int && p.Kind != types.Enum && p.Kind != types.Bool:
		return 0, fmt.Errorf("bit-field %q is no integer", f.Name())
	case width > unit || p.Kind == types.Bool && width > 1:
		return 0, fmt.Errorf("bit-field %q is wider than its type", f.Name())
	case width == 0 && f.Name() != "":
		return 0, fmt.Errorf("bit-field %q has no bits", f.Name())
	case width == 0:
		return roundUp(start, int64(8*p.align)), nil
	}
	if attrs.aligned > 0 {
		start = roundUp(start, int64(8*attrs.aligned))
	}
	if boundary := int64(8 * p.align); !attrs.packed && start%boundary+width > unit {
		start = roundUp(start, boundary)
	}
	if f.Name() == "" {
		return start + width, nil
	}
	if !attrs.packed {
		l.align = max(l.align, p.align)
	}
	l.align = max(l.align, attrs.aligned)
	m := types.Member{Name: f.Name(), Type: p.Type, BitSize: int(width)}
	if !storage(&m, int(start)) {
		return 0, fmt.Errorf("packed bit-field %q lies in nine bytes, which is not supported yet", f.Name())
	}
	l.out.Members = append(l.out.Members, m)
	return start + width, nil
}

// storage gives a bit-field the unit to read it by: that of its type, aligned,
// if it fits, else the smallest at its first byte.
func storage(m *types.Member, start int) bool {
	unit := 8 * m.Type.Size
	if start%unit+m.BitSize <= unit {
		m.Offset, m.BitOffset = start/unit*m.Type.Size, start%unit
		return true
	}
	m.Offset, m.BitOffset = start/8, start%8
	return fitUnit(m)
}

// fitUnit chooses the smallest unit that holds a bit-field.
func fitUnit(m *types.Member) bool {
	for size := 1; size <= 8; size *= 2 {
		if 8*size >= m.BitOffset+m.BitSize {
			m.Type.Size = size
			return true
		}
	}
	return false
}

// shrink keeps the unit of a bit-field within its record, for what lies behind
// a packed one is not there to be read.
func shrink(m *types.Member, size int) {
	if m.BitSize == 0 || m.Offset+m.Type.Size <= size {
		return
	}
	m.Offset, m.BitOffset = m.Offset+m.BitOffset/8, m.BitOffset%8
	fitUnit(m)
	// What lies in three bytes is read as four: those before, if there are any.
	if back := m.Offset + m.Type.Size - size; back > 0 && back <= m.Offset {
		m.Offset, m.BitOffset = m.Offset-back, m.BitOffset+8*back
	}
}

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }
