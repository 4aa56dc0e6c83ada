package bpfmap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Batch sizes in entries: a bucket of a hash that does not fit is reported by
// the kernel and the batch is grown.
const (
	firstBatch = 1024
	mostBatch  = 1 << 20
)

// All calls f for each entry: the value holds the copies of all CPUs. The
// slices are valid only within f. Entries that come and go meanwhile may be
// missed; none is seen twice unless it was deleted and put back.
func (m *Map) All(f func(key, value []byte)) error {
	if m.isArray() {
		return m.array(f)
	}
	if !m.noBatch {
		if done, err := m.batches(f); done {
			return err
		}
		m.noBatch = true
	}
	return m.steps(f)
}

// array reads arrays by index: batches of small arrays gain nothing, and
// per-CPU arrays have none before 5.13.
func (m *Map) array(f func(key, value []byte)) error {
	key, value := make([]byte, 4), make([]byte, m.size)
	for i := uint32(0); i < m.m.MaxEntries(); i++ {
		binary.NativeEndian.PutUint32(key, i)
		if err := m.Lookup(key, value); err != nil {
			return fmt.Errorf("read map: %w", err)
		}
		f(key, value)
	}
	return nil
}

// batches reads a hash in batches. It returns false if nothing was read and
// single steps should be tried.
func (m *Map) batches(f func(key, value []byte)) (done bool, err error) {
	n := min(firstBatch, max(int(m.m.MaxEntries()), 1))
	keys, values := make([]byte, n*m.keySize), make([]byte, n*m.size)
	// The cursor is a bucket number for hashes and a key for others.
	cursor := make([]byte, max(m.keySize, 8))
	next := make([]byte, len(cursor))
	var in []byte
	for first := true; ; first = false {
		attr := batchAttr{
			outBatch: unsafe.Pointer(&next[0]), keys: unsafe.Pointer(&keys[0]), values: unsafe.Pointer(&values[0]),
			count: uint32(n), fd: uint32(m.m.FD()),
		}
		if in != nil {
			attr.inBatch = unsafe.Pointer(&in[0])
		}
		err := bpf(unix.BPF_MAP_LOOKUP_BATCH, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
		runtime.KeepAlive(in)
		switch {
		case errors.Is(err, unix.ENOSPC) && n < mostBatch:
			n *= 2
			keys, values = make([]byte, n*m.keySize), make([]byte, n*m.size)
			continue
		case err != nil && !errors.Is(err, ErrNotExist):
			if first {
				return false, err
			}
			return true, fmt.Errorf("read map: %w", err)
		}
		for i := range int(attr.count) {
			f(keys[i*m.keySize:(i+1)*m.keySize], values[i*m.size:(i+1)*m.size])
		}
		if err != nil { // the end
			return true, nil
		}
		copy(cursor, next)
		in = cursor
	}
}

// steps reads key by key, which every kernel can.
func (m *Map) steps(f func(key, value []byte)) error {
	key, next, value := make([]byte, m.keySize), make([]byte, m.keySize), make([]byte, m.size)
	var at []byte
	// A key deleted under us restarts the walk; the bound ends it anyway.
	for range 2*m.m.MaxEntries() + 1 {
		if err := m.next(at, next); err != nil {
			if errors.Is(err, ErrNotExist) {
				return nil
			}
			return fmt.Errorf("read map: %w", err)
		}
		copy(key, next)
		at = key
		switch err := m.Lookup(key, value); {
		case err == nil:
			f(key, value)
		case !errors.Is(err, ErrNotExist):
			return fmt.Errorf("read map: %w", err)
		}
	}
	return nil
}

// Clear deletes all keys of a hash and zeroes the cells of an array.
func (m *Map) Clear() error {
	if m.isArray() {
		return m.Zero()
	}
	return m.each(func(key []byte) error { return m.Delete(key) })
}

// Zero sets all values to zeros and keeps the keys.
func (m *Map) Zero() error {
	zeros := make([]byte, m.size)
	return m.each(func(key []byte) error { return m.Update(key, zeros, true) })
}

// each gathers the keys first: a walk that changes the map would lose its way.
func (m *Map) each(do func(key []byte) error) error {
	var keys []byte
	if err := m.All(func(key, _ []byte) { keys = append(keys, key...) }); err != nil {
		return err
	}
	for at := 0; at < len(keys); at += m.keySize {
		if err := do(keys[at : at+m.keySize]); err != nil && !errors.Is(err, ErrNotExist) {
			return fmt.Errorf("change map: %w", err)
		}
	}
	return nil
}

// NoBatches makes reads go key by key, as on a kernel without batches.
func (m *Map) NoBatches() { m.noBatch = true }
