package ring

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// producer is a program that sends a record of size bytes holding its argument,
// or reserves and discards it.
func producer(t testing.TB, ring *ebpf.Map, size int, discard bool) *ebpf.Program {
	t.Helper()
	end := asm.FnRingbufSubmit
	if discard {
		end = asm.FnRingbufDiscard
	}
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.RawTracepoint, License: "GPL", Instructions: asm.Instructions{
		asm.LoadMem(asm.R6, asm.R1, 0, asm.DWord),
		asm.LoadMapPtr(asm.R1, ring.FD()),
		asm.Mov.Imm(asm.R2, int32(size)),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnRingbufReserve.Call(),
		asm.JEq.Imm(asm.R0, 0, "full"),
		asm.StoreMem(asm.R0, 0, asm.R6, asm.DWord),
		asm.StoreMem(asm.R0, int16(size-8), asm.R6, asm.DWord),
		asm.Mov.Reg(asm.R1, asm.R0),
		asm.Mov.Imm(asm.R2, 1),
		end.Call(),
		asm.Mov.Imm(asm.R0, 0),
		asm.Return(),
		asm.Mov.Imm(asm.R0, 1).WithSymbol("full"),
		asm.Return(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func open(t testing.TB) (*Ring, *ebpf.Map) {
	t.Helper()
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: uint32(os.Getpagesize())})
	if err != nil {
		t.Skipf("needs root and a kernel with BPF ring buffers: %v", err)
	}
	t.Cleanup(func() { m.Close() })
	r, err := Open(m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, m
}

// send runs a producer and reports whether the ring took the record.
func send(t testing.TB, p *ebpf.Program, n uint64) bool {
	t.Helper()
	ret, err := p.Run(&ebpf.RunOptions{Context: [1]uint64{n}})
	if err != nil {
		t.Fatal(err)
	}
	return ret == 0
}

// TestRead goes round the ring many times with records of sizes that do not
// divide it, so that all ways to run over its end come up.
func TestRead(t *testing.T) {
	for _, size := range []int{16, 24, 104, 1000, 2008} {
		r, m := open(t)
		good, bad := producer(t, m, size, false), producer(t, m, size, true)
		next, sent := uint64(0), uint64(0)
		for round := range 200 {
			for range 1 + round%3 {
				if send(t, good, sent) {
					sent++
				}
				if round%2 == 0 {
					send(t, bad, 1<<40)
				}
			}
			if _, err := r.Read(func(rec []byte) {
				if len(rec) != size {
					t.Fatalf("record of %d bytes, want %d", len(rec), size)
				}
				first, last := binary.NativeEndian.Uint64(rec), binary.NativeEndian.Uint64(rec[size-8:])
				if first != next || last != next {
					t.Fatalf("size %d: record %d and %d, want %d", size, first, last, next)
				}
				next++
			}); err != nil {
				t.Fatal(err)
			}
		}
		if next != sent || r.Pending() != 0 {
			t.Errorf("size %d: read %d of %d, %d bytes left", size, next, sent, r.Pending())
		}
	}
}

// TestFull fills the ring: what it refuses is not read, and reading makes room.
func TestFull(t *testing.T) {
	r, m := open(t)
	p := producer(t, m, 24, false)
	sent := 0
	for send(t, p, 1) {
		sent++
	}
	if want := r.Size() / 32; sent < want-1 || sent > want {
		t.Errorf("%d records fit into %d bytes", sent, r.Size())
	}
	read := 0
	n, err := r.Read(func([]byte) { read++ })
	if err != nil || read != sent || n != 32*sent {
		t.Errorf("read %d of %d, %d bytes, %v", read, sent, n, err)
	}
	if !send(t, p, 2) {
		t.Error("no room after reading")
	}
}
