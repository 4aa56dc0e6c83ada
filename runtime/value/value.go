// Package value turns the bytes that programs leave in maps and events into
// values that can be printed.
//
// A Value is a small tree that describes one datum: its type, and a number,
// bytes, elements or buckets according to the kind. Trees are made to be used
// again and again: Decode overwrites a Value and keeps the memory of its
// elements, and a Value may point into the bytes it was decoded from, so it is
// valid only as long as they are. Names (symbols, users, paths) are asked of a
// Resolver; the package itself never leaves the process.
package value

import (
	"github.com/gotrace/gotrace/lang/types"
)

// Value is one decoded value. Which fields mean something depends on
// Type.Kind.
type Value struct {
	Type *types.Type
	// Num is the value of an Int, Bool, Enum or Pointer (sign-extended to 64
	// bits), the address of a symbol, the id of a user, cgroup or probe, and of
	// an aggregation the count, the sum, the least or the greatest.
	Num uint64
	// Count is the number of samples of avg and stats, and of min, max and sum
	// whether there was any.
	Count uint64
	// Text is a string, the bytes of a buffer, and what the kinds that user
	// space resolves print as: a stack with its line breaks, a path.
	Text []byte
	// Elems are the members of a Record or Tuple, the elements of an Array.
	Elems []Value
	// Div, if not zero, divides what Average returns (print's div argument).
	Div int64
	// Buckets are the buckets of a histogram that are not zero, in order.
	Buckets []Bucket
	// Series are the intervals of a time series that have a value, in order, and
	// Latest is the last of the whole map, which the window ends with.
	Series []Sample
	Latest uint64

	// buf is memory of this Value for a Text that had to be made.
	buf []byte
}

// Bucket is one bucket of a histogram.
type Bucket struct {
	Index uint32
	Count uint64
}

// Int returns the number as a signed one.
func (v *Value) Int() int64 { return int64(v.Num) }

// Average returns sum divided by count of an avg or stats, zero if there was
// no sample. For a signed operand it is the bits of a signed number.
func (v *Value) Average() uint64 {
	if v.Count == 0 {
		return 0
	}
	div := max(v.Div, 1)
	if v.Type.Signed {
		return uint64(int64(v.Num) / int64(v.Count) / div)
	}
	return v.Num / v.Count / uint64(div)
}

// Total returns the number of samples in a histogram.
func (v *Value) Total() uint64 {
	var n uint64
	for _, b := range v.Buckets {
		n += b.Count
	}
	return n
}

// Enumerator returns the name of an enum's value.
func (v *Value) Enumerator() (string, bool) {
	for _, e := range v.Type.Enumerators {
		if uint64(e.Value) == v.Num {
			return e.Name, true
		}
	}
	// An unsigned enum's value may have been written as a negative number or
	// the other way round: compare what is in memory.
	if size := v.Type.Size; size > 0 && size < 8 {
		mask := uint64(1)<<(8*size) - 1
		for _, e := range v.Type.Enumerators {
			if uint64(e.Value)&mask == v.Num&mask {
				return e.Name, true
			}
		}
	}
	return v.Type.OtherName()
}

// Resolver turns numbers into names. Each method appends to dst and returns
// it, as the append functions of strconv do; what cannot be resolved is
// appended as a number in the form bpftrace prints.
type Resolver interface {
	// KernelSymbol appends the name of the kernel function at an address.
	KernelSymbol(dst []byte, addr uint64) []byte
	// UserSymbol appends the name of the function at an address of a process.
	UserSymbol(dst []byte, addr uint64, tgid uint32) []byte
	// Stack appends a stack, one frame a line, with the line breaks around it.
	Stack(dst []byte, t *types.Type, id uint64, tgid uint32) []byte
	// Username appends the name of a user.
	Username(dst []byte, uid uint32) []byte
	// CgroupPath appends the path of a cgroup.
	CgroupPath(dst []byte, id uint64) []byte
	// ProbeName appends the name of a probe by its index in the manifest.
	ProbeName(dst []byte, index uint64) []byte
	// Time appends nanoseconds since boot in a format of the manifest.
	Time(dst []byte, nanoseconds uint64, format uint32) []byte
	// Function appends the name of a traced function, kernel's or user's.
	Function(dst []byte, addr uint64) []byte
}
