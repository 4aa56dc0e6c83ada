package bpf

import (
	"testing"

	"github.com/cilium/ebpf/asm"
	"pgregory.net/rapid"
)

// TestSequence makes random parallel copies and follows what each place holds.
func TestSequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() place {
			n := rapid.IntRange(0, 11).Draw(t, "place")
			if n >= 6 {
				return place{stack: true, slot: n - 6}
			}
			return place{reg: asm.Register(n)}
		}
		held := map[place]place{}
		want := map[place]place{}
		var moves []move
		for range rapid.IntRange(1, 10).Draw(t, "moves") {
			dst, src := draw(), draw()
			if _, twice := want[dst]; twice {
				continue
			}
			want[dst] = src
			moves = append(moves, move{dst: dst, src: src})
		}
		get := func(p place) place {
			if h, ok := held[p]; ok {
				return h
			}
			return p
		}
		m := &mover{temp: asm.R9, free: noFree, emit: func(mv move) {
			if mv.src.stack && mv.dst.stack {
				t.Fatalf("moves a stack word to another")
			}
			held[mv.dst] = get(mv.src)
		}, aside: func() place { return place{stack: true, slot: 99} }}
		if rapid.Bool().Draw(t, "free") {
			m.free = asm.R8
		}
		m.sequence(moves)
		for dst, src := range want {
			if get(dst) != src {
				t.Errorf("%v holds %v, not %v", dst, get(dst), src)
			}
		}
	})
}
