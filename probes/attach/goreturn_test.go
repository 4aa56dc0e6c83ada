package attach_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/probes/attach"
)

// goVictim makes the test program one that calls goWork: see TestUretprobeOfGo.
const goVictim = "GOTRACE_TEST_GO_WORK"

// goWork returns what it is given by one of two returns. It grows the stack of
// its goroutine, with its caller's frames on it, and collects garbage: what a
// replaced return address does not survive.
//
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

// TestUretprobeOfGo checks that a Go program lives through uretprobes, and that
// each return counts.
func TestUretprobeOfGo(t *testing.T) {
	if os.Getenv(goVictim) != "" {
		bufio.NewReader(os.Stdin).ReadString('\n')
		sum := 0
		for i := range 20 {
			done := make(chan int)
			go func() { done <- goWork(i) }()
			sum += <-done
		}
		fmt.Println("sum", sum)
		os.Exit(0)
	}
	needRoot(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestUretprobeOfGo$")
	cmd.Env = append(os.Environ(), goVictim+"=1")
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c := newCounter(t, ebpf.Kprobe, ebpf.AttachNone, 0)
	points := resolve(t, "uretprobe:"+self+":github.com/gotrace/gotrace/probes/attach_test.goWork")
	if len(points) < 2 || !points[0].Attach.AtReturn {
		t.Fatalf("%+v", points)
	}
	c.put(t, attach.Options{}, points...)
	fmt.Fprintln(input)
	input.Close()
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "sum 380\n" {
		t.Errorf("%v: %.2000s", err, out)
	}
	if got := c.count(t); got != 20 {
		t.Errorf("%d returns, want 20", got)
	}
}
