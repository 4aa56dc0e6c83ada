// Package types is the universe of gotrace's types.
//
// A Type is plain, immutable data: it holds no pointer into a BTF file, a
// syntax tree or a symbol table, it can be compared with Equal and written as
// JSON (the runtime decodes event and map bytes by it). Kernel records are
// recursive through pointers, so a pointer's element may be an *incomplete*
// record: Members is nil and Incomplete is set, and whoever needs its members
// asks the type checker's World for the record of that Name and ID.
package types

import (
	"fmt"
	"math"
	"strings"
)

// Kind says what sort of value a Type describes.
type Kind string

// The kinds of type. The layout given is that of a value in memory: in a map
// key or value, in an event record, in a kernel structure.
const (
	Invalid Kind = ""
	Void    Kind = "void"    // no value: the result of printf
	Int     Kind = "int"     // Size bytes, Signed; little-endian as the CPU
	Bool    Kind = "bool"    // one byte, 0 or 1
	String  Kind = "string"  // Size bytes including at least one NUL, zero-padded
	Buffer  Kind = "buffer"  // u32 length, then Len bytes: Size is Len+4 rounded up to 8
	Pointer Kind = "pointer" // 8 bytes; Elem, Space
	Record  Kind = "record"  // a C struct or union: Name, Size, Members
	Array   Kind = "array"   // Len times Elem
	Enum    Kind = "enum"    // Size bytes, Signed, Enumerators
	Tuple   Kind = "tuple"   // Members in order (names set for a record literal), C layout
	Func    Kind = "func"    // a C function prototype: only behind a pointer, Size 0

	// Kinds that user space turns into text.

	Stack     Kind = "stack"     // 16 bytes: u64 id in the stack map, u32 tgid (zero for kernel stacks), u32 zero
	KSym      Kind = "ksym"      // 8 bytes: a kernel address
	USym      Kind = "usym"      // 16 bytes: u64 user address, u32 tgid, u32 zero
	Username  Kind = "username"  // 8 bytes: u64 uid
	Inet      Kind = "inet"      // 20 bytes: u32 address family, 16 bytes of address (IPv4 in the first 4)
	MAC       Kind = "mac"       // 6 bytes in a slot of 8
	Timestamp Kind = "timestamp" // 16 bytes: u64 nanoseconds of Clock, u32 format string id, u32 zero
	Cgroup    Kind = "cgroup"    // 8 bytes: u64 cgroup id, printed as its path
	ProbeName Kind = "probename" // 8 bytes: u64 index into Manifest.ProbeNames
	FuncName  Kind = "funcname"  // 8 bytes: kernel or user address of the traced function

	// Agg is an aggregation: it is only ever the value of a map.
	Agg Kind = "agg"
)

// Space is the address space of a pointer: how memory behind it is read.
type Space string

// The address spaces.
const (
	NoSpace Space = ""       // decided by the probe: see typed.Clause.Space
	Kernel  Space = "kernel" // probe_read_kernel
	User    Space = "user"   // probe_read_user
	BTF     Space = "btf"    // trusted by the verifier: plain loads, kernel memory
	Context Space = "ctx"    // the program's own context
	Stk     Space = "stack"  // a slot of the program itself (&$x)
	MapMem  Space = "map"    // a map value (&@x)
)

// AggKind names an aggregation.
type AggKind string

// The aggregations.
const (
	Count AggKind = "count"
	Sum   AggKind = "sum"
	Avg   AggKind = "avg"
	Min   AggKind = "min"
	Max   AggKind = "max"
	Stats AggKind = "stats"
	Hist  AggKind = "hist"
	LHist AggKind = "lhist"

	TSeries AggKind = "tseries"
)

// StackMode is how a stack is printed.
type StackMode string

// The stack modes of the language reference.
const (
	StackBpftrace StackMode = "bpftrace"
	StackPerf     StackMode = "perf"
	StackRaw      StackMode = "raw"
	StackBuildID  StackMode = "build_id"
)

// Type describes a value. The zero value is the invalid type.
type Type struct {
	Kind Kind `json:"kind"`
	// Size is the size of a value in memory, in bytes.
	Size int `json:"size"`
	// Signed says whether an Int, an Enum or the operand of an Agg is signed.
	Signed bool `json:"signed,omitempty"`
	// Name is the tag of a Record or Enum with its keyword ("struct file"), or
	// of an Int the typedef it was read through, for messages only.
	Name string `json:"name,omitempty"`
	// ID is the World's own handle for an incomplete record without a name.
	ID int64 `json:"id,omitempty"`
	// Elem is the element of a Pointer or Array.
	Elem *Type `json:"elem,omitempty"`
	// Len is the number of elements of an Array, of bytes a Buffer can hold.
	Len int `json:"len,omitempty"`
	// Space is the address space of a Pointer.
	Space Space `json:"space,omitempty"`
	// Members are the members of a Record or Tuple.
	Members []Member `json:"members,omitempty"`
	// Incomplete marks a Record whose members were left out.
	Incomplete bool `json:"incomplete,omitempty"`
	// Union marks a Record that is a union.
	Union bool `json:"union,omitempty"`
	// Enumerators are the named values of an Enum.
	Enumerators []Enumerator `json:"enumerators,omitempty"`

	// User says of a Stack that it is a user-space one.
	User bool `json:"user,omitempty"`
	// Mode is how a Stack is printed, Depth how many frames it has at most.
	Mode  StackMode `json:"mode,omitempty"`
	Depth int       `json:"depth,omitempty"`

	// Agg is the aggregation; for Hist, Bits is the number of sub-bucket bits;
	// for LHist, Min, Max and Step are its bounds. For TSeries, Step is the
	// interval in nanoseconds, Len how many are kept, and By what is made of the
	// values in one: their sum, average, least or greatest, or (empty) the last.
	Agg  AggKind `json:"agg,omitempty"`
	By   AggKind `json:"by,omitempty"`
	Bits int     `json:"bits,omitempty"`
	Min  int64   `json:"min,omitempty"`
	Max  int64   `json:"max,omitempty"`
	Step int64   `json:"step,omitempty"`
}

// Member is a member of a record or an element of a tuple.
type Member struct {
	Name string `json:"name,omitempty"`
	Type Type   `json:"type"`
	// Offset is in bytes. Of a bit-field it is that of its storage unit: the
	// unit of Type.Size bytes at Offset, shifted right by BitOffset and masked
	// to BitSize bits (little-endian numbering), gives the value.
	Offset    int `json:"offset"`
	BitOffset int `json:"bitOffset,omitempty"`
	BitSize   int `json:"bitSize,omitempty"` // zero unless a bit-field
	// DataLoc marks a tracepoint's __data_loc field: the four bytes at Offset
	// are (length << 16 | offset from the record), Type is what is there.
	DataLoc bool `json:"dataLoc,omitempty"`
}

// nameOf begins the Name of the types that NameOf makes; no C type has it.
const nameOf = "name of "

// NameOf returns the type of a number that is printed as its name: strerror and
// its like. It is an enum whose enumerators the caller adds; other is what a
// number without a name is called.
func NameOf(what, other string) Type {
	return Type{Kind: Enum, Size: 8, Signed: true, Name: nameOf + what,
		Enumerators: []Enumerator{{Name: other, Value: math.MinInt64}}}
}

// OtherName returns what a number without a name is called, if the type is one
// of NameOf.
func (t Type) OtherName() (string, bool) {
	if t.Kind != Enum || !strings.HasPrefix(t.Name, nameOf) || len(t.Enumerators) == 0 {
		return "", false
	}
	return t.Enumerators[0].Name, true
}

// Enumerator is one named value of an enum.
type Enumerator struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// The common integer types.
var (
	i8, i16, i32, i64 = intType(1, true), intType(2, true), intType(4, true), intType(8, true)
	u8, u16, u32, u64 = intType(1, false), intType(2, false), intType(4, false), intType(8, false)
)

func intType(size int, signed bool) Type { return Type{Kind: Int, Size: size, Signed: signed} }

// Int8 and its kin return the fixed-size integer types.
func Int8() Type   { return i8 }
func Int16() Type  { return i16 }
func Int32() Type  { return i32 }
func Int64() Type  { return i64 }
func Uint8() Type  { return u8 }
func Uint16() Type { return u16 }
func Uint32() Type { return u32 }
func Uint64() Type { return u64 }

// IntOf returns the integer type of a size in bytes and signedness.
func IntOf(size int, signed bool) Type { return intType(size, signed) }

// BoolType returns the type bool.
func BoolType() Type { return Type{Kind: Bool, Size: 1} }

// VoidType returns the type of an expression without a value.
func VoidType() Type { return Type{Kind: Void} }

// StringOf returns the string type that holds size bytes, NUL included.
func StringOf(size int) Type { return Type{Kind: String, Size: max(size, 1)} }

// BufferOf returns the buffer type of at most n bytes.
func BufferOf(n int) Type { return Type{Kind: Buffer, Len: n, Size: (n + 4 + 7) &^ 7} }

// PointerTo returns a pointer type.
func PointerTo(elem Type, space Space) Type {
	return Type{Kind: Pointer, Size: 8, Elem: &elem, Space: space}
}

// ArrayOf returns an array type.
func ArrayOf(elem Type, n int) Type {
	return Type{Kind: Array, Elem: &elem, Len: n, Size: n * elem.Size}
}

// StackOf returns a stack type.
func StackOf(user bool, mode StackMode, depth int) Type {
	return Type{Kind: Stack, Size: 16, User: user, Mode: mode, Depth: depth}
}

// TupleOf lays elements out by C's rules and returns their tuple type. Names
// may be nil.
func TupleOf(elems []Type, names []string) Type {
	t := Type{Kind: Tuple}
	offset, align := 0, 1
	for i, e := range elems {
		a := e.Align()
		offset = (offset + a - 1) &^ (a - 1)
		m := Member{Type: e, Offset: offset}
		if names != nil {
			m.Name = names[i]
		}
		t.Members = append(t.Members, m)
		offset += e.Size
		align = max(align, a)
	}
	t.Size = (offset + align - 1) &^ (align - 1)
	return t
}

// Align returns the alignment of a value in memory, in bytes.
func (t Type) Align() int {
	switch t.Kind {
	case Int, Enum, Bool, Pointer:
		return max(1, t.Size)
	case Array:
		return t.Elem.Align()
	case String:
		return 1
	case Buffer, Inet:
		return 4
	case Record, Tuple:
		align := 1
		for _, m := range t.Members {
			align = max(align, m.Type.Align())
		}
		return align
	default:
		return 8
	}
}

// Scalar reports whether a value fits a register: such values are words, all
// others are places in memory.
func (t Type) Scalar() bool {
	switch t.Kind {
	case Int, Bool, Pointer, Enum, KSym, Username, Cgroup, ProbeName, FuncName:
		return true
	}
	return false
}

// IsInteger reports whether arithmetic is defined on the type.
func (t Type) IsInteger() bool { return t.Kind == Int || t.Kind == Enum }

// Member returns the member of a name. Members of anonymous structs and unions
// are found too, with their offset from the outer record.
func (t Type) Member(name string) (Member, bool) {
	for _, m := range t.Members {
		if m.Name == name {
			return m, true
		}
	}
	for _, m := range t.Members {
		if m.Name != "" || m.Type.Kind != Record {
			continue
		}
		if inner, ok := m.Type.Member(name); ok {
			inner.Offset += m.Offset
			return inner, true
		}
	}
	return Member{}, false
}

// MemberNames returns the names that Member finds, for suggestions.
func (t Type) MemberNames() []string {
	var names []string
	for _, m := range t.Members {
		switch {
		case m.Name != "":
			names = append(names, m.Name)
		case m.Type.Kind == Record:
			names = append(names, m.Type.MemberNames()...)
		}
	}
	return names
}

// Equal reports whether two types are the same, typedef names aside.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.Size != u.Size || t.Len != u.Len {
		return false
	}
	switch t.Kind {
	case Int:
		return t.Signed == u.Signed
	case Pointer:
		return t.Space == u.Space && t.Elem.Equal(*u.Elem)
	case Array:
		return t.Elem.Equal(*u.Elem)
	case Record, Enum:
		return t.Name == u.Name && t.ID == u.ID
	case Tuple:
		if len(t.Members) != len(u.Members) {
			return false
		}
		for i := range t.Members {
			if t.Members[i].Name != u.Members[i].Name || !t.Members[i].Type.Equal(u.Members[i].Type) {
				return false
			}
		}
		return true
	case Stack:
		return t.User == u.User && t.Mode == u.Mode && t.Depth == u.Depth
	case Agg:
		return t.Agg == u.Agg && t.Signed == u.Signed && t.By == u.By && t.Bits == u.Bits &&
			t.Min == u.Min && t.Max == u.Max && t.Step == u.Step
	}
	return true
}

// String names the type as a script would write it.
func (t Type) String() string {
	switch t.Kind {
	case Invalid:
		return "invalid"
	case Int:
		if t.Signed {
			return fmt.Sprintf("int%d", t.Size*8)
		}
		return fmt.Sprintf("uint%d", t.Size*8)
	case String, Buffer:
		n := t.Size
		if t.Kind == Buffer {
			n = t.Len
		}
		return fmt.Sprintf("%s[%d]", t.Kind, n)
	case Pointer:
		return t.Elem.String() + "*"
	case Array:
		return fmt.Sprintf("%s[%d]", t.Elem, t.Len)
	case Record, Enum:
		if t.Name == "" {
			return string(t.Kind)
		}
		return t.Name
	case Tuple:
		var parts []string
		for _, m := range t.Members {
			part := m.Type.String()
			if m.Name != "" {
				part = m.Name + "=" + part
			}
			parts = append(parts, part)
		}
		return "(" + strings.Join(parts, ",") + ")"
	case Stack:
		if t.User {
			return "ustack"
		}
		return "kstack"
	case Agg:
		return string(t.Agg)
	case MAC:
		return "mac_address"
	}
	return string(t.Kind)
}
