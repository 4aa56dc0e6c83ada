package tracefs

import (
	"strings"

	"github.com/gotrace/gotrace/lang/types"
)

// Resolve finds a type by the name that C has for it ("enum x", "struct x", a
// typedef). It is asked only where a format file cannot do without.
type Resolve func(name string) (types.Type, bool)

// Args returns the type of args: a record with the fields at their offsets.
// Space is what its pointers point into; resolve may be nil.
func (f *Format) Args(space types.Space, resolve Resolve) types.Type {
	c := converter{space: space, resolve: resolve}
	args := types.Type{Kind: types.Record, Name: "args of " + f.Name}
	for _, field := range f.Fields {
		member := types.Member{Name: field.Name, Offset: field.Offset}
		if field.RelLoc {
			// Only events that user space registers have such: as a number.
			member.Type = types.Uint32()
		} else {
			member.Type, member.DataLoc = c.field(field), field.DataLoc
		}
		args.Size = max(args.Size, field.Offset+field.Size)
		args.Members = append(args.Members, member)
	}
	return args
}

type converter struct {
	space   types.Space
	resolve Resolve
}

// field returns the type of a field: of a DataLoc field that of what is there,
// an array whose length only the record knows.
func (c converter) field(f Field) types.Type {
	if !f.Array {
		if f.DataLoc {
			// "__data_loc cpumask_t mask": a single thing of any size.
			return types.ArrayOf(types.Uint8(), 0)
		}
		return c.scalar(f)
	}
	elem := c.named(f.Type, 0, f.Signed)
	if f.DataLoc {
		return types.ArrayOf(elem, 0)
	}
	n := f.Len
	if n == 0 && elem.Size > 0 {
		n = f.Size / elem.Size
	}
	return types.ArrayOf(elem, n)
}

// scalar returns the type of a field that is one value. The file's size wins
// over what C's name says, except for a syscall's arguments, which are all
// written as eight bytes: there the low bytes are the value.
func (c converter) scalar(f Field) types.Type {
	t := c.named(f.Type, f.Size, f.Signed)
	if t.Kind == types.Int && t.Size > f.Size && f.Size > 0 {
		t.Size = f.Size
	}
	return t
}

// named returns the type of a C type name. Size and signed describe the value
// for names that say nothing; size is zero if it is not known.
func (c converter) named(name string, size int, signed bool) types.Type {
	name, stars, user := normalize(name)
	if stars > 0 {
		space := c.space
		if user {
			space = types.User
		}
		t := c.pointee(name)
		for range stars {
			t = types.PointerTo(t, space)
		}
		return t
	}
	if t, ok := basic(name); ok {
		return t
	}
	if record := strings.HasPrefix(name, "struct ") || strings.HasPrefix(name, "union "); record || strings.HasPrefix(name, "enum ") || !integerSize(size) {
		if c.resolve != nil {
			if t, ok := c.resolve(name); ok {
				return t
			}
		}
	}
	if integerSize(size) {
		t := types.IntOf(size, signed)
		t.Name = name
		return t
	}
	return types.ArrayOf(types.Uint8(), size)
}

func integerSize(size int) bool { return size == 1 || size == 2 || size == 4 || size == 8 }

// pointee returns what a pointer to a name points at. What is not known from C
// alone stays incomplete, for the World to fill in when it is used.
func (c converter) pointee(name string) types.Type {
	if name == "void" {
		return types.VoidType()
	}
	if t, ok := basic(name); ok {
		return t
	}
	return types.Type{Kind: types.Record, Name: name, Incomplete: true, Union: strings.HasPrefix(name, "union ")}
}

// normalize strips a type name of qualifiers and counts its stars.
func normalize(name string) (base string, stars int, user bool) {
	user = strings.Contains(name, `btf_type_tag("user")`) || strings.Contains(name, "__user")
	name = withoutAttributes(name)
	stars = strings.Count(name, "*")
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '\t' || r == '*' })
	kept := words[:0]
	for _, w := range words {
		switch w {
		case "const", "volatile", "__user", "__rcu", "__iomem", "__percpu", "__seg_gs", "__bitwise":
		default:
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " "), stars, user
}

// withoutAttributes cuts GCC's attributes out of a type name.
func withoutAttributes(name string) string {
	const word = "__attribute__"
	for {
		start := strings.Index(name, word)
		if start < 0 {
			return name
		}
		end, depth := start+len(word), 0
		for ; end < len(name); end++ {
			if name[end] == '(' {
				depth++
			} else if name[end] == ')' {
				depth--
			}
			if depth == 0 {
				break
			}
		}
		name = name[:start] + " " + name[min(end+1, len(name)):]
	}
}

// basic returns C's integer types and the kernel's common names for them, for
// 64-bit machines.
func basic(name string) (types.Type, bool) {
	size, signed := 0, true
	switch name {
	case "bool", "_Bool":
		return types.BoolType(), true
	case "char", "signed char", "s8", "__s8", "int8_t":
		size = 1
	case "unsigned char", "u8", "__u8", "uint8_t":
		size, signed = 1, false
	case "short", "short int", "s16", "__s16", "int16_t":
		size = 2
	case "unsigned short", "short unsigned int", "u16", "__u16", "uint16_t", "umode_t":
		size, signed = 2, false
	case "int", "signed int", "s32", "__s32", "int32_t", "pid_t", "key_t", "clockid_t", "timer_t", "mqd_t":
		size = 4
	case "unsigned", "unsigned int", "uint", "u32", "__u32", "uint32_t", "uid_t", "gid_t", "dev_t", "gfp_t":
		size, signed = 4, false
	case "long", "long int", "long long", "long long int", "s64", "__s64", "int64_t", "ssize_t", "loff_t", "off_t", "time64_t":
		size = 8
	case "unsigned long", "long unsigned int", "unsigned long long", "long long unsigned int",
		"u64", "__u64", "uint64_t", "size_t", "sector_t", "ino_t", "aio_context_t":
		size, signed = 8, false
	default:
		return types.Type{}, false
	}
	t := types.IntOf(size, signed)
	t.Name = name
	return t, true
}
