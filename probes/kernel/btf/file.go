// Package btf reads the kernel's type information as far as it is asked for.
//
// A kernel has over a hundred thousand types and a script needs a handful.
// Nothing is decoded ahead: a name is found by looking for its string and then
// for the types that refer to it, in one pass over the headers; a type by its
// number with the help of a sparse index that the same pass makes. Both take
// well under a millisecond, and hardly any memory. cilium/ebpf's package of
// the same name builds an index of all names, which costs ten times as much,
// and decodes with a type all that can be reached from it.
//
// The format is described in the kernel's Documentation/bpf/btf.rst.
package btf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// File is a blob of BTF: that of the kernel, or of a module, whose types refer
// to those of the kernel, its base. It is safe for concurrent use.
type File struct {
	types   []byte
	strings []byte
	base    *File
	// first is the number of the first type here: 1, or one after the base's.
	first uint32
	// count is how many types there are here.
	count uint32
	// marks are the offsets of every markEvery-th type.
	marks []uint32
	// stringsAt is the offset of the first string here.
	stringsAt uint32
}

// markEvery is the distance of the index's entries, a power of two: a longer
// walk to a type against memory.
const markEvery = 32

// magic begins a blob (include/uapi/linux/btf.h).
const magic = 0xeb9f

// Open prepares a blob for reading; it is kept and must not change. Base is nil
// except for a module.
func Open(data []byte, base *File) (*File, error) {
	if len(data) < 24 {
		return nil, errors.New("BTF: the header is cut off")
	}
	if binary.NativeEndian.Uint16(data) != magic {
		return nil, errors.New("BTF: this is no type information for this machine")
	}
	word := func(at int) uint64 { return uint64(binary.NativeEndian.Uint32(data[at:])) }
	header, size := word(4), uint64(len(data))
	types, typesEnd := header+word(8), header+word(8)+word(12)
	strings, stringsEnd := header+word(16), header+word(16)+word(20)
	if typesEnd > size || stringsEnd > size {
		return nil, errors.New("BTF: a section is cut off")
	}
	f := &File{types: data[types:typesEnd], strings: data[strings:stringsEnd], base: base, first: 1}
	if n := len(f.strings); n == 0 || f.strings[n-1] != 0 {
		return nil, errors.New("BTF: the strings have no end")
	}
	if base != nil {
		f.first = base.first + base.count
		f.stringsAt = base.stringsAt + uint32(len(base.strings))
	}
	return f, f.index()
}

// index counts the types and notes where some of them are.
func (f *File) index() error {
	for at := uint32(0); at < uint32(len(f.types)); {
		if f.count%markEvery == 0 {
			f.marks = append(f.marks, at)
		}
		next, err := f.next(at)
		if err != nil {
			return err
		}
		at = next
		f.count++
	}
	return nil
}

// kind is BTF_KIND_*.
type kind uint32

// The kinds of type (include/uapi/linux/btf.h).
const (
	kindVoid      kind = 0
	kindInt       kind = 1
	kindPtr       kind = 2
	kindArray     kind = 3
	kindStruct    kind = 4
	kindUnion     kind = 5
	kindEnum      kind = 6
	kindFwd       kind = 7
	kindTypedef   kind = 8
	kindVolatile  kind = 9
	kindConst     kind = 10
	kindRestrict  kind = 11
	kindFunc      kind = 12
	kindFuncProto kind = 13
	kindVar       kind = 14
	kindDatasec   kind = 15
	kindFloat     kind = 16
	kindDeclTag   kind = 17
	kindTypeTag   kind = 18
	kindEnum64    kind = 19
)

// entry is a type as it is in the file: struct btf_type and what follows it.
type entry struct {
	file *File
	id   uint32
	name uint32
	kind kind
	// flag is kind_flag: of a record, that members have bit-field sizes; of an
	// enum, that it is signed; of a forward declaration, that it is a union.
	flag bool
	vlen uint32
	// ref is the number of another type, or a size.
	ref  uint32
	data []byte
}

// headerSize is sizeof(struct btf_type).
const headerSize = 12

// next returns the offset of the type after the one at an offset.
func (f *File) next(at uint32) (uint32, error) {
	if uint64(at)+headerSize > uint64(len(f.types)) {
		return 0, errors.New("BTF: a type is cut off")
	}
	info := binary.NativeEndian.Uint32(f.types[at+4:])
	end := uint64(at) + headerSize + dataSize(kind(info>>24&0x1f), info&0xffff)
	if end > uint64(len(f.types)) || end > math.MaxUint32 {
		return 0, errors.New("BTF: a type is cut off")
	}
	return uint32(end), nil
}

// dataSize is how much follows the header of a type.
func dataSize(k kind, vlen uint32) uint64 {
	switch k {
	case kindInt, kindVar, kindDeclTag:
		return 4
	case kindArray:
		return 12
	case kindStruct, kindUnion, kindDatasec, kindEnum64:
		return 12 * uint64(vlen)
	case kindEnum, kindFuncProto:
		return 8 * uint64(vlen)
	}
	return 0
}

// at decodes the header of the type at an offset.
func (f *File) at(id, offset uint32) entry {
	raw := f.types[offset:]
	info := binary.NativeEndian.Uint32(raw[4:])
	e := entry{
		file: f,
		id:   id,
		name: binary.NativeEndian.Uint32(raw),
		kind: kind(info >> 24 & 0x1f),
		flag: info>>31 != 0,
		vlen: info & 0xffff,
		ref:  binary.NativeEndian.Uint32(raw[8:]),
	}
	e.data = raw[headerSize : headerSize+dataSize(e.kind, e.vlen)]
	return e
}

// entry returns a type by its number; zero is void.
func (f *File) entry(id uint32) (entry, error) {
	if id == 0 {
		return entry{file: f}, nil
	}
	if id < f.first {
		if f.base == nil {
			return entry{}, fmt.Errorf("BTF: there is no type %d", id)
		}
		return f.base.entry(id)
	}
	index := id - f.first
	if index >= f.count {
		return entry{}, fmt.Errorf("BTF: there is no type %d", id)
	}
	offset := f.marks[index/markEvery]
	for range index % markEvery {
		next, err := f.next(offset)
		if err != nil {
			return entry{}, err
		}
		offset = next
	}
	return f.at(id, offset), nil
}

// text returns the string at an offset, "" if it is out of bounds.
func (f *File) text(offset uint32) string {
	if offset < f.stringsAt {
		if f.base == nil {
			return ""
		}
		return f.base.text(offset)
	}
	offset -= f.stringsAt
	if offset >= uint32(len(f.strings)) {
		return ""
	}
	text, _, _ := bytes.Cut(f.strings[offset:], []byte{0})
	return string(text)
}

// find returns the offset of a string: the kernel has each only once.
func (f *File) find(text string) (uint32, bool) {
	if text == "" {
		return 0, false
	}
	wanted := "\x00" + text + "\x00"
	if f.base != nil {
		// The first string of a split file has no NUL before it.
		if bytes.HasPrefix(f.strings, []byte(wanted[1:])) {
			return f.stringsAt, true
		}
	}
	at := bytes.Index(f.strings, []byte(wanted))
	if at < 0 {
		if f.base != nil {
			return f.base.find(text)
		}
		return 0, false
	}
	return f.stringsAt + uint32(at) + 1, true
}

// each calls yield with the types of this file in order.
func (f *File) each(yield func(e entry) bool) {
	id := f.first
	for at := uint32(0); at < uint32(len(f.types)); id++ {
		if !yield(f.at(id, at)) {
			return
		}
		next, err := f.next(at)
		if err != nil {
			return
		}
		at = next
	}
}

// lookup returns the first type here of a name and one of some kinds.
func (f *File) lookup(name string, kinds ...kind) (entry, bool) {
	wanted, ok := f.find(name)
	if !ok {
		return entry{}, false
	}
	id := f.first
	for at := uint32(0); at < uint32(len(f.types)); id++ {
		raw := f.types[at:]
		info := binary.NativeEndian.Uint32(raw[4:])
		k := kind(info >> 24 & 0x1f)
		if binary.NativeEndian.Uint32(raw) == wanted {
			for _, want := range kinds {
				if k == want {
					return f.at(id, at), true
				}
			}
		}
		at += headerSize + uint32(dataSize(k, info&0xffff))
	}
	return entry{}, false
}
