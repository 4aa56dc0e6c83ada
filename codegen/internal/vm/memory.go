package vm

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// Regions of the machine's own start at multiples of regionSpan from
// regionBase on; functions and map handles have addresses that are no memory.
const (
	regionBase = uint64(0xffff_c900_0000_0000)
	regionSpan = uint64(1) << 24
	funcBase   = uint64(0xffff_ffff_c000_0000)
	handleBase = uint64(0xffff_8880_0000_0000)
)

// region is a piece of memory.
type region struct {
	data []byte
	// written, if not nil, says which bytes hold something: reading others is
	// an error.
	written  []bool
	readOnly bool
	// reserved marks a ring buffer record that has not been sent.
	reserved bool
}

// memory is an address space.
type memory struct {
	regions map[uint64]*region // by number
	next    uint64
	foreign []foreign
	handles []*Map
}

// foreign is memory that is not the program's: probe reads find it.
type foreign struct {
	addr uint64
	data []byte
}

func (m *memory) add(r *region) uint64 {
	if m.regions == nil {
		m.regions = map[uint64]*region{}
	}
	n := m.next
	m.next++
	m.regions[n] = r
	return regionBase + n*regionSpan
}

func (m *memory) remove(addr uint64) { delete(m.regions, (addr-regionBase)/regionSpan) }

func (m *memory) place(addr uint64, data []byte) {
	m.foreign = append(m.foreign, foreign{addr, data})
}

// find returns the region of an address and the offset in it.
func (m *memory) find(addr uint64) (*region, uint64, bool) {
	if addr < regionBase {
		return nil, 0, false
	}
	r, ok := m.regions[(addr-regionBase)/regionSpan]
	return r, (addr - regionBase) % regionSpan, ok
}

// handle returns the address that stands for a map.
func (m *memory) handle(mp *Map) uint64 {
	for i, h := range m.handles {
		if h == mp {
			return handleBase + uint64(i)
		}
	}
	m.handles = append(m.handles, mp)
	return handleBase + uint64(len(m.handles)-1)
}

func (m *memory) mapOf(addr uint64) (*Map, error) {
	if addr < handleBase || addr-handleBase >= uint64(len(m.handles)) {
		return nil, fmt.Errorf("%#x is not a map", addr)
	}
	return m.handles[addr-handleBase], nil
}

// read returns size bytes that the program may load directly.
func (m *memory) read(addr uint64, size int) ([]byte, error) {
	r, off, ok := m.find(addr)
	if !ok || off+uint64(size) > uint64(len(r.data)) {
		return nil, fmt.Errorf("read of %d bytes at %#x: no such memory", size, addr)
	}
	for i := range size {
		if r.written != nil && !r.written[int(off)+i] {
			return nil, fmt.Errorf("read of %d bytes of stack: byte %d was never written", size, i)
		}
	}
	return r.data[off : off+uint64(size)], nil
}

// write returns size bytes for the program to fill.
func (m *memory) write(addr uint64, size int) ([]byte, error) {
	r, off, ok := m.find(addr)
	if !ok || off+uint64(size) > uint64(len(r.data)) {
		return nil, fmt.Errorf("write of %d bytes at %#x: no such memory", size, addr)
	}
	if r.readOnly {
		return nil, fmt.Errorf("write of %d bytes to read-only memory", size)
	}
	for i := range size {
		if r.written != nil {
			r.written[int(off)+i] = true
		}
	}
	return r.data[off : off+uint64(size)], nil
}

// probe returns what can be read at an address by a helper, at most size
// bytes; nil if nothing is there.
func (m *memory) probe(addr uint64, size int) []byte {
	if r, off, ok := m.find(addr); ok && off < uint64(len(r.data)) {
		return r.data[off:min(off+uint64(size), uint64(len(r.data)))]
	}
	for _, f := range m.foreign {
		if addr >= f.addr && addr-f.addr < uint64(len(f.data)) {
			off := addr - f.addr
			return f.data[off:min(off+uint64(size), uint64(len(f.data)))]
		}
	}
	return nil
}

func getWord(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func putWord(b []byte, x uint64) {
	for i := range b {
		b[i] = byte(x >> (8 * i))
	}
}

func (m *Machine) load(f *registers, ins *asm.Instruction) error {
	base, err := f.get(ins.Src)
	if err != nil {
		return err
	}
	addr := base + uint64(int64(ins.Offset))
	b, err := m.memory.read(addr, ins.OpCode.Size().Sizeof())
	if err != nil {
		// A load through a trusted kernel pointer: other memory reads, and what
		// is not there reads as zero.
		if _, _, own := m.memory.find(addr); own {
			return err
		}
		b = make([]byte, ins.OpCode.Size().Sizeof())
		copy(b, m.memory.probe(addr, len(b)))
	}
	x := getWord(b)
	if ins.OpCode.Mode() == asm.MemSXMode {
		shift := 64 - 8*len(b)
		x = uint64(int64(x<<shift) >> shift)
	}
	f.set(ins.Dst, x)
	return nil
}

func (m *Machine) store(f *registers, ins *asm.Instruction) error {
	base, err := f.get(ins.Dst)
	if err != nil {
		return err
	}
	x := uint64(ins.Constant)
	if ins.OpCode.Class() == asm.StXClass {
		if x, err = f.get(ins.Src); err != nil {
			return err
		}
	}
	addr, size := base+uint64(int64(ins.Offset)), ins.OpCode.Size().Sizeof()
	op := ins.OpCode.AtomicOp()
	if op == asm.InvalidAtomic {
		b, err := m.memory.write(addr, size)
		if err == nil {
			putWord(b, x)
		}
		return err
	}
	if _, err := m.memory.read(addr, size); err != nil {
		return err
	}
	b, err := m.memory.write(addr, size)
	if err != nil {
		return err
	}
	old := getWord(b)
	switch op {
	case asm.AddAtomic:
		putWord(b, old+x)
	case asm.FetchAdd:
		putWord(b, old+x)
		f.set(ins.Src, old)
	default:
		return fmt.Errorf("unknown atomic %v", op)
	}
	return nil
}
