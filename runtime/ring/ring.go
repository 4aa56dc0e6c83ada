// Package ring reads a BPF ring buffer in place.
//
// The kernel shows a ring buffer as three parts: a page with the consumer's
// position, which we write; a page with the producers' position; and the data.
// A record is an eight-byte header and its bytes, and belongs to us once the
// header's busy bit is clear. Records are handed out as slices of that memory,
// without a copy, but for the few that run over the end of the ring: the kernel
// can map the data twice in a row to avoid them, but all that is mapped counts
// as memory of ours. For the same reason the data is mapped when there is some.
//
// Producers wake whoever waits for the descriptor when they finish the first
// record behind what was read, and not for those that follow.
package ring

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

const (
	headerSize = 8
	busyBit    = 1 << 31
	discardBit = 1 << 30
)

// Ring is a mapped ring buffer. It belongs to one goroutine.
type Ring struct {
	consumer []byte // a page
	producer []byte // a page
	data     []byte // nil until there is some
	wrapped  []byte // scratch for a record that runs over the end
	mask     uint64
	pos      uint64 // what we have consumed
	step     uint64 // how often the kernel is told
	fd       int
}

// Open maps a ring buffer. The map must stay open as long as the ring.
func Open(m *ebpf.Map) (*Ring, error) {
	if m.Type() != ebpf.RingBuf {
		return nil, fmt.Errorf("ring: map is a %s", m.Type())
	}
	size := int(m.MaxEntries())
	page := os.Getpagesize()
	consumer, err := unix.Mmap(m.FD(), 0, page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("ring: map consumer page: %w", err)
	}
	producer, err := unix.Mmap(m.FD(), int64(page), page, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		_ = unix.Munmap(consumer)
		return nil, fmt.Errorf("ring: map producer page: %w", err)
	}
	r := &Ring{
		consumer: consumer, producer: producer,
		mask: uint64(size - 1), step: uint64(size / 8), fd: m.FD(),
	}
	r.pos = atomic.LoadUint64(r.consumerPos())
	return r, nil
}

// FD returns the descriptor to wait on.
func (r *Ring) FD() int { return r.fd }

// Size returns the size of the data in bytes.
func (r *Ring) Size() int { return int(r.mask + 1) }

// Close unmaps the ring.
func (r *Ring) Close() error {
	err := errors.Join(unix.Munmap(r.consumer), unix.Munmap(r.producer))
	if r.data != nil {
		err = errors.Join(err, unix.Munmap(r.data))
	}
	r.consumer, r.producer, r.data = nil, nil, nil
	return err
}

// mapData maps the data at the first use of it.
func (r *Ring) mapData() error {
	if r.data != nil {
		return nil
	}
	data, err := unix.Mmap(r.fd, int64(2*os.Getpagesize()), r.Size(), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("ring: map %d bytes of data: %w", r.Size(), err)
	}
	r.data = data
	return nil
}

func (r *Ring) consumerPos() *uint64 { return (*uint64)(unsafe.Pointer(&r.consumer[0])) }

func (r *Ring) producerPos() *uint64 { return (*uint64)(unsafe.Pointer(&r.producer[0])) }

// Pending returns how many bytes wait to be read.
func (r *Ring) Pending() int { return int(atomic.LoadUint64(r.producerPos()) - r.pos) }

// Read calls f for each record that is there, oldest first, and returns how
// many bytes of the ring they took. It stops at a record that a producer has
// not finished and at what was produced after it began. The slice is valid only
// within f. The only error is that the data cannot be mapped.
//
// Space is given back in steps of an eighth of the ring, so that producers find
// room while a full ring is read and the position is not written per record.
func (r *Ring) Read(f func(record []byte)) (int, error) {
	end := atomic.LoadUint64(r.producerPos())
	if r.pos == end {
		return 0, nil
	}
	if err := r.mapData(); err != nil {
		return 0, err
	}
	start, told := r.pos, r.pos
	for r.pos < end {
		at := r.pos & r.mask
		head := atomic.LoadUint32((*uint32)(unsafe.Pointer(&r.data[at])))
		if head&busyBit != 0 {
			break
		}
		n := uint64(head &^ (busyBit | discardBit))
		if head&discardBit == 0 {
			f(r.record(at+headerSize, n))
		}
		r.pos += (n + headerSize + 7) &^ 7
		if r.pos-told >= r.step {
			atomic.StoreUint64(r.consumerPos(), r.pos)
			told = r.pos
		}
	}
	if r.pos != told {
		atomic.StoreUint64(r.consumerPos(), r.pos)
	}
	return int(r.pos - start), nil
}

// record returns n bytes at an offset of the ring, which may be its end.
func (r *Ring) record(at, n uint64) []byte {
	size := r.mask + 1
	if at+n <= size {
		return r.data[at : at+n : at+n]
	}
	r.wrapped = append(r.wrapped[:0], r.data[min(at, size):]...)
	r.wrapped = append(r.wrapped, r.data[:at+n-size]...)
	return r.wrapped
}
