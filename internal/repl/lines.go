package repl

import (
	"bufio"
	"io"
	"strings"
	"sync"
)

// maxLine is the longest line read from a pipe.
const maxLine = 4 << 20

// plainLines reads a session from a pipe or a file.
type plainLines struct {
	lines chan string
	quit  chan struct{}
	once  sync.Once
}

func newPlainLines(in io.Reader) *plainLines {
	p := &plainLines{lines: make(chan string), quit: make(chan struct{})}
	go func() {
		defer close(p.lines)
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, maxLine)
		for scan.Scan() {
			select {
			case p.lines <- strings.TrimSuffix(scan.Text(), "\r"):
			case <-p.quit:
				return
			}
		}
	}()
	return p
}

// Line implements lineSource; there is nobody to show the prompt to.
func (p *plainLines) Line(string) (string, error) {
	select {
	case line, ok := <-p.lines:
		if ok {
			return line, nil
		}
	case <-p.quit:
	}
	return "", io.EOF
}

// Remember implements lineSource: a replay is no history.
func (p *plainLines) Remember(string) {}

// Close implements lineSource.
func (p *plainLines) Close() { p.once.Do(func() { close(p.quit) }) }
