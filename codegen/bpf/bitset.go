package bpf

import "math/bits"

// bitset is a set of small numbers, of a size fixed when it is made.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (s bitset) has(i int) bool { return s[i/64]>>(i%64)&1 != 0 }
func (s bitset) set(i int)      { s[i/64] |= 1 << (i % 64) }
func (s bitset) clear(i int)    { s[i/64] &^= 1 << (i % 64) }
func (s bitset) clone() bitset  { return append(bitset(nil), s...) }

func (s bitset) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// union adds t and reports whether that changed s.
func (s bitset) union(t bitset) bool {
	changed := false
	for i, w := range t {
		if w&^s[i] != 0 {
			s[i] |= w
			changed = true
		}
	}
	return changed
}

func (s bitset) intersect(t bitset) {
	for i, w := range t {
		s[i] &= w
	}
}

func (s bitset) each(do func(int)) {
	for i, w := range s {
		for w != 0 {
			do(i*64 + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}
