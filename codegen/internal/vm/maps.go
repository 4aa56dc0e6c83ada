package vm

import (
	"encoding/binary"
	"sort"
)

// Map is a BPF map. Per-CPU maps are maps like any other here, as the machine
// has one CPU.
type Map struct {
	// Array maps have all their entries from the start; keys are u32.
	Array                          bool
	KeySize, ValueSize, MaxEntries int

	entries map[string]*entry
}

type entry struct {
	value []byte
	addr  uint64 // once the program has asked for it
}

// Errors of helpers, as the kernel numbers them.
const (
	errNoEnt = -2
	errFault = -14
	errExist = -17
	errInval = -22
	errNoMem = -7 // E2BIG, which hash maps answer when full
)

func (m *Map) lookup(key []byte) *entry {
	k := string(key)
	if e, ok := m.entries[k]; ok {
		return e
	}
	if m.Array && binary.LittleEndian.Uint32(key) < uint32(m.MaxEntries) {
		return m.insert(k)
	}
	return nil
}

func (m *Map) insert(k string) *entry {
	if m.entries == nil {
		m.entries = map[string]*entry{}
	}
	e := &entry{value: make([]byte, m.ValueSize)}
	m.entries[k] = e
	return e
}

// address returns where entry i of an array map is.
func (m *Map) address(mem *memory, i uint32) uint64 {
	return m.lookup(binary.LittleEndian.AppendUint32(nil, i)).place(mem)
}

func (e *entry) place(mem *memory) uint64 {
	if e.addr == 0 {
		e.addr = mem.add(&region{data: e.value})
	}
	return e.addr
}

// update is bpf_map_update_elem: flags 1 is NOEXIST, 2 EXIST.
func (m *Map) update(key, value []byte, flags uint64) int64 {
	e := m.lookup(key)
	switch {
	case e != nil && flags == 1:
		return errExist
	case e == nil && (flags == 2 || m.Array):
		return errNoEnt
	case e == nil && m.MaxEntries > 0 && len(m.entries) >= m.MaxEntries:
		return errNoMem
	case e == nil:
		e = m.insert(string(key))
	}
	copy(e.value, value)
	return 0
}

func (m *Map) remove(key []byte) int64 {
	switch {
	case m.Array:
		return errInval
	case m.entries[string(key)] == nil:
		return errNoEnt
	}
	delete(m.entries, string(key))
	return 0
}

// Get returns the value of a key, nil if there is none.
func (m *Map) Get(key []byte) []byte {
	if e := m.lookup(key); e != nil {
		return e.value
	}
	return nil
}

// Set gives a key a value.
func (m *Map) Set(key, value []byte) { m.update(key, value, 0) }

// Keys returns the keys in byte order.
func (m *Map) Keys() [][]byte {
	var keys []string
	for k := range m.entries {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var out [][]byte
	for _, k := range keys {
		out = append(out, []byte(k))
	}
	return out
}
