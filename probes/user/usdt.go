package user

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"sort"

	"github.com/gotrace/gotrace/lang/point"
)

// Note is a place of a USDT probe: the programmer's probe may be at several,
// with its arguments in other places at each.
type Note struct {
	Provider, Name string
	// Offset is the place in the file, Semaphore that of the counter of tracers
	// or zero.
	Offset, Semaphore uint64
	Operands          []point.Operand
	// Problem says why the arguments cannot be read, if they cannot.
	Problem error
}

// The notes of <sys/sdt.h>: an ELF note's name and type, the section they are
// in, and one of which the address is told, so that it can be known how far
// prelink has moved everything since.
const (
	noteOwner   = "stapsdt"
	noteType    = 3
	noteSection = ".note.stapsdt"
	baseSection = ".stapsdt.base"
)

// Notes implements probes.Binaries: the USDT probes of a binary, sorted by name.
func (f *Finder) Notes(path string) ([]Note, error) {
	b, err := f.load(path)
	if err != nil {
		return nil, err
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	section := file.Section(noteSection)
	if section == nil {
		return nil, nil
	}
	data, err := io.ReadAll(section.Open())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	base := uint64(0)
	if s := file.Section(baseSection); s != nil {
		base = s.Addr
	}
	var notes []Note
	for _, raw := range splitNotes(data, file.ByteOrder) {
		if n, ok := b.note(raw, file.ByteOrder, base); ok {
			notes = append(notes, n)
		}
	}
	sort.SliceStable(notes, func(i, j int) bool {
		if notes[i].Provider != notes[j].Provider {
			return notes[i].Provider < notes[j].Provider
		}
		return notes[i].Name < notes[j].Name
	})
	return notes, nil
}

// splitNotes returns the contents of the notes that are USDT probes.
func splitNotes(data []byte, order binary.ByteOrder) [][]byte {
	align := func(n uint32) int { return int(n+3) &^ 3 }
	var all [][]byte
	for len(data) >= 12 {
		name, desc, kind := order.Uint32(data), order.Uint32(data[4:]), order.Uint32(data[8:])
		data = data[12:]
		if name > uint32(len(data)) || desc > uint32(len(data)) || align(name)+int(desc) > len(data) {
			break
		}
		owner := cString(data, 0)
		body := data[align(name):][:desc]
		if kind == noteType && owner == noteOwner {
			all = append(all, body)
		}
		data = data[min(align(name)+align(desc), len(data)):]
	}
	return all
}

// note decodes a probe: its address, that of the base and of the semaphore,
// then the provider, the name and the arguments as text.
func (b *image) note(raw []byte, order binary.ByteOrder, base uint64) (Note, bool) {
	if len(raw) < 24 {
		return Note{}, false
	}
	address, link, semaphore := order.Uint64(raw), order.Uint64(raw[8:]), order.Uint64(raw[16:])
	if base != 0 {
		address += base - link
		if semaphore != 0 {
			semaphore += base - link
		}
	}
	texts := raw[24:]
	provider := cString(texts, 0)
	name := cString(texts, uint32(len(provider)+1))
	args := cString(texts, uint32(len(provider)+len(name)+2))
	n := Note{Provider: provider, Name: name}
	var ok bool
	if n.Offset, ok = b.offset(address); !ok || name == "" {
		return Note{}, false
	}
	if semaphore != 0 {
		n.Semaphore, ok = b.dataOffset(semaphore)
	}
	n.Operands, n.Problem = operands(runtime.GOARCH, args, address, b.variable)
	return n, ok
}

// dataOffset is the place in the file of an address in writable memory.
func (b *image) dataOffset(address uint64) (uint64, bool) {
	for _, p := range b.loads {
		if address >= p.Vaddr && address-p.Vaddr < p.Filesz {
			return address - p.Vaddr + p.Off, true
		}
	}
	return 0, false
}

// variable is the address of a variable.
func (b *image) variable(name string) (uint64, bool) {
	i := sort.Search(len(b.objects), func(i int) bool { return b.objects[i].Name >= name })
	if i < len(b.objects) && b.objects[i].Name == name {
		return b.objects[i].Address, true
	}
	return 0, false
}
