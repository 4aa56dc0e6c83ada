package runtime

// Iterator is a Link whose program is run by reading it, not by an event.
type Iterator interface {
	// Iterate runs the program over everything there is, once.
	Iterate() error
}

// startIteration runs an iterator in the background, so that its events are
// read meanwhile: it begins when Run does.
func (s *Session) startIteration(it Iterator, failed func(error)) *ticker {
	t := &ticker{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(t.done)
		select {
		case <-t.quit:
			return
		case <-s.running:
		}
		if err := it.Iterate(); err != nil {
			failed(err)
		}
		if s.opts.EndAfterIterator {
			s.Exit()
		}
	}()
	return t
}
