package vm

import (
	"bytes"
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// call5 is a helper's call: five argument registers, read on demand.
type call5 struct {
	m *Machine
	f *registers
	// err is the first argument that was missing.
	err error
}

// arg returns argument n, counted from one.
func (c *call5) arg(n int) uint64 {
	x, err := c.f.get(asm.R0 + asm.Register(n))
	if err != nil && c.err == nil {
		c.err = err
	}
	return x
}

func (c *call5) fail(err error) {
	if err != nil && c.err == nil {
		c.err = err
	}
}

// input returns memory that a helper reads.
func (c *call5) input(n, size int) []byte {
	b, err := c.m.memory.read(c.arg(n), size)
	c.fail(err)
	return b
}

func (c *call5) theMap(n int) *Map {
	mp, err := c.m.memory.mapOf(c.arg(n))
	c.fail(err)
	if mp == nil {
		return &Map{}
	}
	return mp
}

func (m *Machine) helper(f *registers, fn asm.BuiltinFunc) (uint64, error) {
	c := &call5{m: m, f: f}
	h, ok := m.calls[fn]
	if !ok {
		return 0, fmt.Errorf("unknown helper %v", fn)
	}
	result := h(c)
	return result, c.err
}

func helpers() map[asm.BuiltinFunc]func(*call5) uint64 {
	return map[asm.BuiltinFunc]func(*call5) uint64{
		asm.FnGetCurrentPidTgid:   func(c *call5) uint64 { return c.m.Env.PidTgid },
		asm.FnGetCurrentUidGid:    func(c *call5) uint64 { return c.m.Env.UidGid },
		asm.FnGetCurrentTask:      func(c *call5) uint64 { return c.m.Env.Task },
		asm.FnGetCurrentTaskBtf:   func(c *call5) uint64 { return c.m.Env.Task },
		asm.FnGetCurrentCgroupId:  func(c *call5) uint64 { return c.m.Env.CgroupID },
		asm.FnGetSmpProcessorId:   func(c *call5) uint64 { return uint64(c.m.Env.CPU) },
		asm.FnGetNumaNodeId:       func(*call5) uint64 { return 0 },
		asm.FnKtimeGetNs:          func(c *call5) uint64 { return c.m.Env.KtimeNS },
		asm.FnKtimeGetBootNs:      func(c *call5) uint64 { return c.m.Env.BootNS },
		asm.FnKtimeGetCoarseNs:    func(c *call5) uint64 { return c.m.Env.KtimeNS },
		asm.FnKtimeGetTaiNs:       func(c *call5) uint64 { return c.m.Env.KtimeNS },
		asm.FnJiffies64:           func(c *call5) uint64 { return c.m.Env.KtimeNS / 4_000_000 },
		asm.FnGetPrandomU32:       func(c *call5) uint64 { return uint64(c.m.Env.Random) },
		asm.FnGetAttachCookie:     func(c *call5) uint64 { return c.m.Env.Cookie },
		asm.FnGetFuncIp:           func(c *call5) uint64 { return c.m.Env.FuncIP },
		asm.FnGetStackid:          func(c *call5) uint64 { return uint64(c.m.Env.StackID) },
		asm.FnGetStack:            getStack,
		asm.FnGetCurrentComm:      getComm,
		asm.FnMapLookupElem:       mapLookup,
		asm.FnMapLookupPercpuElem: mapLookupPerCPU,
		asm.FnMapUpdateElem:       mapUpdate,
		asm.FnMapDeleteElem:       mapDelete,
		asm.FnProbeRead:           probeRead,
		asm.FnProbeReadKernel:     probeRead,
		asm.FnProbeReadUser:       probeRead,
		asm.FnProbeReadKernelStr:  probeReadStr,
		asm.FnProbeReadUserStr:    probeReadStr,
		asm.FnRingbufReserve:      ringReserve,
		asm.FnRingbufSubmit:       ringSubmit,
		asm.FnRingbufDiscard:      ringDiscard,
		asm.FnRingbufOutput:       ringOutput,
		asm.FnLoop:                loop,
		asm.FnForEachMapElem:      forEach,
		asm.FnSendSignal:          func(*call5) uint64 { return 0 },
		asm.FnOverrideReturn:      func(*call5) uint64 { return 0 },
	}
}

func getStack(c *call5) uint64 {
	size := int(c.arg(3))
	b, err := c.m.memory.write(c.arg(2), size)
	c.fail(err)
	n := 0
	for _, pc := range c.m.Env.Stack {
		if n+8 > len(b) {
			break
		}
		putWord(b[n:n+8], pc)
		n += 8
	}
	clear(b[n:])
	return uint64(n)
}

func getComm(c *call5) uint64 {
	b, err := c.m.memory.write(c.arg(1), int(c.arg(2)))
	c.fail(err)
	clear(b)
	if len(b) > 0 {
		copy(b[:len(b)-1], c.m.Env.Comm)
	}
	return 0
}

func (c *call5) entryAddr(mp *Map, e *entry) uint64 {
	if e == nil {
		return 0
	}
	return e.place(&c.m.memory)
}

func mapLookup(c *call5) uint64 {
	mp := c.theMap(1)
	key := c.input(2, mp.KeySize)
	if c.err != nil {
		return 0
	}
	return c.entryAddr(mp, mp.lookup(key))
}

func mapLookupPerCPU(c *call5) uint64 {
	if c.arg(3) != 0 {
		return 0
	}
	return mapLookup(c)
}

func mapUpdate(c *call5) uint64 {
	mp := c.theMap(1)
	key, value := c.input(2, mp.KeySize), c.input(3, mp.ValueSize)
	if c.err != nil {
		return 0
	}
	return uint64(mp.update(key, value, c.arg(4)))
}

func mapDelete(c *call5) uint64 {
	mp := c.theMap(1)
	key := c.input(2, mp.KeySize)
	if c.err != nil {
		return 0
	}
	return uint64(mp.remove(key))
}

// probeRead clears the destination if the source cannot be read in full.
func probeRead(c *call5) uint64 {
	size := int(c.arg(2))
	dst, err := c.m.memory.write(c.arg(1), size)
	c.fail(err)
	src := c.m.memory.probe(c.arg(3), size)
	if len(src) < size {
		clear(dst)
		fault := int64(errFault)
		return uint64(fault)
	}
	copy(dst, src)
	return 0
}

func probeReadStr(c *call5) uint64 {
	size := int(c.arg(2))
	dst, err := c.m.memory.write(c.arg(1), size)
	c.fail(err)
	src := c.m.memory.probe(c.arg(3), size)
	if src == nil || len(dst) == 0 {
		clear(dst[:min(1, len(dst))])
		fault := int64(errFault)
		return uint64(fault)
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		src = src[:i]
	}
	n := copy(dst[:size-1], src)
	dst[n] = 0
	return uint64(n + 1)
}

func ringReserve(c *call5) uint64 {
	c.theRing(1)
	size := int(c.arg(2))
	c.arg(3)
	if c.m.RingFull {
		return 0
	}
	return c.m.memory.add(&region{data: make([]byte, size), reserved: true})
}

func (c *call5) theRing(n int) { c.theMap(n) }

func (c *call5) record() *region {
	r, off, ok := c.m.memory.find(c.arg(1))
	if !ok || off != 0 || !r.reserved {
		c.fail(fmt.Errorf("%#x is not a reserved record", c.arg(1)))
		return nil
	}
	c.m.memory.remove(c.arg(1))
	return r
}

func ringSubmit(c *call5) uint64 {
	if r := c.record(); r != nil {
		c.m.Records = append(c.m.Records, r.data)
	}
	return 0
}

func ringDiscard(c *call5) uint64 {
	c.record()
	return 0
}

func ringOutput(c *call5) uint64 {
	c.theRing(1)
	data := c.input(2, int(c.arg(3)))
	c.arg(4)
	if c.m.RingFull {
		again := int64(-11)
		return uint64(again)
	}
	c.m.Records = append(c.m.Records, bytes.Clone(data))
	return 0
}

func loop(c *call5) uint64 {
	n, fn, ctx := c.arg(1), c.arg(2), c.arg(3)
	c.arg(4)
	for i := uint64(0); i < n && c.err == nil; i++ {
		stop, err := c.m.call(int(fn-funcBase), i, ctx)
		c.fail(err)
		if stop != 0 {
			return i + 1
		}
	}
	return n
}

func forEach(c *call5) uint64 {
	mp, fn, ctx := c.theMap(1), c.arg(2), c.arg(3)
	n := uint64(0)
	for _, k := range mp.Keys() {
		e := mp.lookup(k)
		key := c.m.memory.add(&region{data: k, readOnly: true})
		stop, err := c.m.call(int(fn-funcBase), c.arg(1), key, c.entryAddr(mp, e), ctx)
		c.fail(err)
		n++
		if stop != 0 || c.err != nil {
			break
		}
	}
	return n
}
