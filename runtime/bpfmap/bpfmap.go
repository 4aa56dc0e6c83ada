// Package bpfmap reads and writes maps of the kernel as plain bytes.
//
// The runtime knows the layout of keys and values from the manifest and wants
// many of them at once in flat memory; the typed access of the ebpf package
// would copy each through a value of its own. Batches are used where the kernel
// has them for the kind of map, and single steps otherwise.
package bpfmap

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// ErrNotExist says that a key is not in the map.
var ErrNotExist = errors.New("bpfmap: key does not exist")

// Map is a map with its sizes.
type Map struct {
	m       *ebpf.Map
	keySize int
	size    int // of a value, all its copies together
	stride  int // from one CPU's copy to the next; zero if there is one copy
	noBatch bool
}

// Open wraps a map, which stays the caller's.
func Open(m *ebpf.Map) (*Map, error) {
	w := &Map{m: m, keySize: int(m.KeySize()), size: int(m.ValueSize())}
	switch m.Type() {
	case ebpf.PerCPUHash, ebpf.PerCPUArray, ebpf.LRUCPUHash:
		cpus, err := ebpf.PossibleCPU()
		if err != nil {
			return nil, fmt.Errorf("bpfmap: %w", err)
		}
		w.stride = (w.size + 7) &^ 7
		w.size = w.stride * cpus
	}
	return w, nil
}

// KeySize returns the size of a key.
func (m *Map) KeySize() int { return m.keySize }

// ValueSize returns the size of a value with the copies of all CPUs.
func (m *Map) ValueSize() int { return m.size }

// Copies cuts a value into the copies of each possible CPU.
func (m *Map) Copies(v []byte, f func(copy []byte)) {
	if m.stride == 0 {
		f(v)
		return
	}
	for at := 0; at+m.stride <= len(v); at += m.stride {
		f(v[at : at+int(m.m.ValueSize())])
	}
}

// isArray reports whether keys are indices that cannot be deleted.
func (m *Map) isArray() bool {
	t := m.m.Type()
	return t == ebpf.Array || t == ebpf.PerCPUArray
}

// elemAttr is the part of union bpf_attr for commands on one element.
type elemAttr struct {
	fd    uint32
	_     uint32
	key   unsafe.Pointer
	value unsafe.Pointer // or the next key
	flags uint64
}

// batchAttr is the part of union bpf_attr for batches.
type batchAttr struct {
	inBatch, outBatch unsafe.Pointer
	keys, values      unsafe.Pointer
	count             uint32
	fd                uint32
	elemFlags, flags  uint64
}

func bpf(cmd int, attr unsafe.Pointer, size uintptr) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(attr), size)
		runtime.KeepAlive(attr)
		switch errno {
		case 0:
			return nil
		case unix.EINTR, unix.EAGAIN:
			continue
		case unix.ENOENT:
			return ErrNotExist
		}
		return errno
	}
}

func (m *Map) elem(cmd int, key, value []byte, flags uint64) error {
	attr := elemAttr{fd: uint32(m.m.FD()), flags: flags}
	if len(key) > 0 {
		attr.key = unsafe.Pointer(&key[0])
	}
	if len(value) > 0 {
		attr.value = unsafe.Pointer(&value[0])
	}
	err := bpf(cmd, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(key)
	runtime.KeepAlive(value)
	return err
}

// Lookup reads the value of a key; value must have ValueSize bytes.
func (m *Map) Lookup(key, value []byte) error {
	return m.elem(unix.BPF_MAP_LOOKUP_ELEM, key, value, 0)
}

// Update sets the value of a key that exists or, with exist unset, any key.
func (m *Map) Update(key, value []byte, exist bool) error {
	var flags uint64
	if exist {
		flags = unix.BPF_EXIST
	}
	return m.elem(unix.BPF_MAP_UPDATE_ELEM, key, value, flags)
}

// Delete removes a key.
func (m *Map) Delete(key []byte) error {
	return m.elem(unix.BPF_MAP_DELETE_ELEM, key, nil, 0)
}

// next sets out to the key after key, or to the first if key is nil.
func (m *Map) next(key, out []byte) error {
	return m.elem(unix.BPF_MAP_GET_NEXT_KEY, key, out, 0)
}
