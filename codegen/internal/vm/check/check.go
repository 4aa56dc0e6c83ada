// Package check tests BPF instructions against the rules of the verifier that
// can be checked cheaply and hold on every kernel, so that a golden that breaks
// one fails without a kernel:
//
//	every instruction is reachable, and none falls off the end of a function
//	registers hold something when read; R1-R5 do not survive a call
//	R0 is set at exit, and is no pointer
//	stack bytes are written before they are read, by helpers too
//	a pointer that may be null is compared with zero before it is used
//	immediates do not divide by zero nor shift beyond the word
//	the stack of a chain of calls fits 512 bytes
//
// It is a data-flow analysis over instructions. Where paths meet only what
// holds on all of them is kept, so unlike the verifier, which follows each path
// apart, it does not see that two branches on one condition agree.
package check

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// MapInfo is what the checker needs to know of a map.
type MapInfo struct {
	KeySize, ValueSize int
}

// Program checks the functions of a program. Maps gives the sizes of the maps
// that are known, by the names of the references.
func Program(insns asm.Instructions, maps map[string]MapInfo) error {
	c := &checker{maps: maps, index: map[int]int{}}
	raw := 0
	for i := range insns {
		if name := insns[i].Symbol(); name != "" || i == 0 {
			c.funcs = append(c.funcs, function{name: name, start: i})
		}
		c.index[raw] = i
		c.raw = append(c.raw, raw)
		raw += int(insns[i].Width())
	}
	c.insns = insns
	for i := range c.funcs {
		end := len(insns)
		if i+1 < len(c.funcs) {
			end = c.funcs[i+1].start
		}
		c.funcs[i].end = end
		c.function(&c.funcs[i], i == 0)
	}
	c.stack()
	return errors.Join(c.errs...)
}

type function struct {
	name       string
	start, end int // indices into the instructions
	depth      int // bytes of stack it touches
	callees    []string
}

type checker struct {
	insns asm.Instructions
	maps  map[string]MapInfo
	raw   []int       // raw offset of each instruction
	index map[int]int // and back
	funcs []function
	fn    *function
	at    int
	mute  bool // while the analysis has not settled
	errs  []error
}

func (c *checker) errorf(format string, args ...any) {
	if c.mute {
		return
	}
	err := fmt.Errorf("%s, instruction %d (%v): %s", c.fn.name, c.raw[c.at], c.insns[c.at], fmt.Sprintf(format, args...))
	c.errs = append(c.errs, err)
}

// function analyses one function to a fixpoint, then once more with a voice.
func (c *checker) function(fn *function, entry bool) {
	c.fn = fn
	in := make([]*state, fn.end-fn.start)
	in[0] = entryState(entry)
	work := []int{fn.start}
	c.mute = true
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		for _, next := range c.step(i, in[i-fn.start].clone()) {
			k := next.index - fn.start
			if k < 0 || k >= len(in) {
				continue
			}
			switch {
			case in[k] == nil:
				in[k] = next.state
			case !in[k].join(next.state, c.raw[next.index]):
				continue
			}
			work = append(work, next.index)
		}
	}
	c.mute = false
	for i := fn.start; i < fn.end; i++ {
		c.at = i
		if in[i-fn.start] == nil {
			c.errorf("unreachable")
			continue
		}
		for _, next := range c.step(i, in[i-fn.start].clone()) {
			if next.index < fn.start || next.index >= fn.end {
				c.errorf("leaves the function")
			}
		}
	}
}

// stack adds up the frames of chains of calls.
func (c *checker) stack() {
	byName := map[string]*function{}
	for i := range c.funcs {
		byName[c.funcs[i].name] = &c.funcs[i]
	}
	const unit, limit = 32, 512
	var deepest func(f *function, hops int) int
	deepest = func(f *function, hops int) int {
		below := 0
		for _, name := range f.callees {
			if g := byName[name]; g != nil && hops < 8 {
				below = max(below, deepest(g, hops+1))
			}
		}
		if below == 0 {
			return f.depth
		}
		return (max(f.depth, 1)+unit-1)/unit*unit + below
	}
	if d := deepest(&c.funcs[0], 0); d > limit {
		c.errs = append(c.errs, fmt.Errorf("%s: %d bytes of stack", c.funcs[0].name, d))
	}
}
