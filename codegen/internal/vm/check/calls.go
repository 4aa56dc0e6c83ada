package check

import "github.com/cilium/ebpf/asm"

// call checks the arguments of a call and sets its result.
func (c *checker) call(ins *asm.Instruction, s *state) {
	if ins.Src == asm.PseudoCall {
		c.callee(ins.Reference())
		s.clobber()
		s.regs[asm.R0] = value{kind: scalar}
		return
	}
	fn := asm.BuiltinFunc(ins.Constant)
	args := signatures()[fn]
	for n, a := range args {
		c.argument(s, asm.R1+asm.Register(n), a, args)
	}
	s.clobber()
	switch fn {
	case asm.FnMapLookupElem, asm.FnMapLookupPercpuElem, asm.FnRingbufReserve:
		s.regs[asm.R0] = value{kind: nullable, id: c.raw[c.at]}
	default:
		s.regs[asm.R0] = value{kind: scalar}
	}
}

// argKind is what a helper takes.
type argKind uint8

const (
	anything argKind = iota // any word, which must be there
	aMap
	aKey    // memory of the size of the map's key
	aValue  // or value
	readMem // memory to read, its size in the next argument
	fillMem // memory to write, its size in the next argument
	aRecord // a pointer that is not null
)

// signatures lists the helpers of which the arguments are checked.
func signatures() map[asm.BuiltinFunc][]argKind {
	read := []argKind{fillMem, anything, anything}
	return map[asm.BuiltinFunc][]argKind{
		asm.FnMapLookupElem:       {aMap, aKey},
		asm.FnMapLookupPercpuElem: {aMap, aKey, anything},
		asm.FnMapUpdateElem:       {aMap, aKey, aValue, anything},
		asm.FnMapDeleteElem:       {aMap, aKey},
		asm.FnProbeRead:           read,
		asm.FnProbeReadKernel:     read,
		asm.FnProbeReadUser:       read,
		asm.FnProbeReadKernelStr:  read,
		asm.FnProbeReadUserStr:    read,
		asm.FnGetCurrentComm:      {fillMem, anything},
		asm.FnGetStack:            {anything, fillMem, anything, anything},
		asm.FnGetStackid:          {anything, aMap, anything},
		asm.FnRingbufReserve:      {aMap, anything, anything},
		asm.FnRingbufOutput:       {aMap, readMem, anything, anything},
		asm.FnRingbufSubmit:       {aRecord, anything},
		asm.FnRingbufDiscard:      {aRecord, anything},
		asm.FnLoop:                {anything, anything, anything, anything},
		asm.FnForEachMapElem:      {aMap, anything, anything, anything},
	}
}

func (c *checker) argument(s *state, r asm.Register, want argKind, args []argKind) {
	v := c.read(s, r)
	switch want {
	case aMap:
		// A map of maps gives its elements as pointers.
		if v.kind != mapRef && v.kind != pointer && v.kind != scalar {
			c.errorf("%v is not a map", r)
		}
	case aKey, aValue:
		m, ok := c.maps[s.regs[asm.R1].sym]
		size := m.KeySize
		if want == aValue {
			size = m.ValueSize
		}
		c.memory(s, r, v, size, ok, false)
	case readMem, fillMem:
		size := c.read(s, r+1)
		c.memory(s, r, v, int(size.off), size.known, want == fillMem)
	case aRecord:
		if v.kind == nullable {
			c.errorf("%v may be null", r)
		}
	}
}

// memory checks memory of size bytes given to a helper.
func (c *checker) memory(s *state, r asm.Register, v value, size int, known, fill bool) {
	switch v.kind {
	case nullable:
		c.errorf("%v may be null", r)
	case mapRef, context, funcRef:
		c.errorf("%v is no memory", r)
	}
	if v.kind != frame || !v.known {
		return
	}
	if !known {
		// How much is filled varies: it is taken to be all there is.
		if fill {
			s.write(v.off, int(-v.off))
		}
		return
	}
	c.depth(v.off, size)
	if fill {
		s.write(v.off, size)
		return
	}
	c.needWritten(s, v.off, size)
}
