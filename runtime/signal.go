package runtime

import (
	"os"
	"os/signal"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// startSignal runs a program of "self:signal" each time this process gets the
// signal. From now on it does not end the process.
func startSignal(p *ebpf.Program, name string, failed func(error)) *ticker {
	t := &ticker{quit: make(chan struct{}), done: make(chan struct{})}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, unix.SignalNum(name))
	go func() {
		defer close(t.done)
		defer signal.Stop(signals)
		for {
			select {
			case <-t.quit:
				return
			case <-signals:
			}
			if err := runOnce(p); err != nil {
				failed(err)
				return
			}
		}
	}()
	return t
}
