package matrix

import (
	"runtime"
	"testing"
)

// TestGoTarget is a Go program to trace: the case of goreturn.txt runs it. Its
// stacks grow and its garbage is collected while it is traced, which a replaced
// return address does not survive.
func TestGoTarget(t *testing.T) {
	for i := range 20 {
		done := make(chan int)
		go func() { done <- goWork(i) }()
		if got := <-done; got != 2*i {
			t.Errorf("%d, want %d", got, 2*i)
		}
	}
}

//go:noinline
func goWork(n int) int {
	if grow(200) == 0 {
		return -1
	}
	runtime.GC()
	return 2 * n
}

//go:noinline
func grow(n int) int {
	var frame [512]byte
	if n == 0 {
		return 1
	}
	frame[n] = byte(n)
	return grow(n-1) + int(frame[n]) - n
}
