package repl

import (
	"context"
	"io"
	"sync"
	"time"
)

// keyInterrupt is what Ctrl-C sends while the terminal is raw.
const keyInterrupt = 3

// keys reads the terminal all the time, so that Ctrl-C is seen whatever goes
// on. The line editor and the live view take the keys from here, one at a time,
// and whole pastes.
type keys struct {
	// interrupt is called for Ctrl-C; if it returns true the key is used up.
	interrupt func() bool

	mu     sync.Mutex
	queue  []byte
	pastes []string
	closed bool
	more   chan struct{} // something came, or the end
}

func newKeys(in io.Reader, interrupt func() bool) *keys {
	k := &keys{interrupt: interrupt, more: make(chan struct{}, 1)}
	go k.run(in)
	return k
}

func (k *keys) run(in io.Reader) {
	buf := make([]byte, 4096)
	var pastes pasteFilter
	for {
		n, err := in.Read(buf)
		for _, p := range pastes.feed(buf[:n], n == len(buf)) {
			k.push(p)
		}
		if err != nil {
			k.Close()
			return
		}
	}
}

func (k *keys) push(p piece) {
	if p.paste {
		k.mu.Lock()
		k.pastes = append(k.pastes, p.text)
		k.queue = append(k.queue, string(pasteMark)...)
		k.mu.Unlock()
		k.nudge()
		return
	}
	for i := range len(p.text) {
		if p.text[i] == keyInterrupt && k.interrupt() {
			continue
		}
		k.mu.Lock()
		k.queue = append(k.queue, p.text[i])
		k.mu.Unlock()
	}
	k.nudge()
}

func (k *keys) nudge() {
	select {
	case k.more <- struct{}{}:
	default:
	}
}

// Read returns one byte: a reader that buffers must not take keys that are meant
// for whoever asks next.
func (k *keys) Read(p []byte) (int, error) {
	b, err := k.next(context.Background(), 0)
	if err != nil {
		return 0, io.EOF
	}
	p[0] = b
	return 1, nil
}

// next waits for a key, for ever if wait is zero.
func (k *keys) next(ctx context.Context, wait time.Duration) (byte, error) {
	var timeout <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timeout = t.C
	}
	for {
		k.mu.Lock()
		if len(k.queue) > 0 {
			b := k.queue[0]
			k.queue = k.queue[1:]
			k.mu.Unlock()
			return b, nil
		}
		closed := k.closed
		k.mu.Unlock()
		if closed {
			return 0, io.EOF
		}
		select {
		case <-k.more:
		case <-timeout:
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// paste takes the text of the next paste mark that was read.
func (k *keys) paste() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.pastes) == 0 {
		return ""
	}
	text := k.pastes[0]
	k.pastes = k.pastes[1:]
	return text
}

// Close ends reading: what was typed can still be read.
func (k *keys) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.nudge()
	return nil
}
