package runtime

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// testRunAttr is the part of union bpf_attr for BPF_PROG_TEST_RUN.
type testRunAttr struct {
	fd, retval               uint32
	dataInSize, dataOutSize  uint32
	dataIn, dataOut          uint64
	repeat, duration         uint32
	ctxInSize, ctxOutSize    uint32
	ctxIn, ctxOut            uint64
	flags, cpu, batchSize, _ uint32
}

// runOnce runs a program that no event of the kernel triggers: begin, end and
// interval. They are raw tracepoints, whose test run works from Linux 5.10.
func runOnce(p *ebpf.Program) error { return testRun(p, &testRunAttr{}) }

// testRun runs a program, and leaves in attr what the kernel says of it.
func testRun(p *ebpf.Program, attr *testRunAttr) error {
	attr.fd = uint32(p.FD())
	for {
		_, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_TEST_RUN, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
		runtime.KeepAlive(p)
		switch {
		case errno == 0:
			return nil
		case errors.Is(errno, unix.EINTR), errors.Is(errno, unix.EAGAIN):
			continue
		}
		return fmt.Errorf("run program: %w", errno)
	}
}

// ticker runs an interval program at its period.
type ticker struct {
	quit, done chan struct{}
}

// startTicker starts the runs of an interval. Times that have passed while the
// program ran are left out, as a timer of the kernel would.
func startTicker(p *ebpf.Program, period time.Duration, failed func(error)) *ticker {
	t := &ticker{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(t.done)
		clock := time.NewTicker(period)
		defer clock.Stop()
		for {
			select {
			case <-t.quit:
				return
			case <-clock.C:
			}
			if err := runOnce(p); err != nil {
				failed(err)
				return
			}
		}
	}()
	return t
}

// stop ends the runs and waits for the one under way.
func (t *ticker) stop() {
	close(t.quit)
	<-t.done
}
