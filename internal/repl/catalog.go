package repl

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gotrace/gotrace/probes"
)

// catalog is the names of all probes and types, read when they are first asked
// for. It has a world of its own, as it is read in the background.
type catalog struct {
	reading sync.Mutex // for the world
	world   *probes.World

	mu    sync.Mutex
	lists map[string]*nameList
}

// nameList is a sorted list of names that is being read or is there.
type nameList struct {
	ready chan struct{}
	names []string
}

func newCatalog(opts Options) *catalog {
	return &catalog{world: probes.NewLive(probes.Options{Unsafe: opts.Unsafe}), lists: map[string]*nameList{}}
}

// list begins to read the names that match a pattern.
func (c *catalog) list(pattern string) *nameList {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lists[pattern]
	if l == nil {
		l = &nameList{ready: make(chan struct{})}
		c.lists[pattern] = l
		go func() {
			defer close(l.ready)
			c.reading.Lock()
			defer c.reading.Unlock()
			var out bytes.Buffer
			// What cannot be listed has no completions.
			_, _ = c.world.List(&out, pattern, false)
			l.names = strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\n' })
			slices.Sort(l.names)
		}()
	}
	return l
}

// prefixed returns the names of a list that begin with a prefix. It waits for
// the list for at most wait: a Tab must not hang on a file of the kernel.
func (l *nameList) prefixed(prefix string, wait time.Duration) []string {
	select {
	case <-l.ready:
	case <-time.After(wait):
		return nil
	}
	from, _ := slices.BinarySearch(l.names, prefix)
	to := from
	for to < len(l.names) && strings.HasPrefix(l.names[to], prefix) {
		to++
	}
	return l.names[from:to]
}

// all returns the names of all probes.
func (c *catalog) all() []string {
	var names []string
	for _, kind := range probes.Kinds() {
		if kind.Listed != probes.ListedKernel {
			continue
		}
		l := c.list(kind.Name + ":*")
		<-l.ready
		names = append(names, l.names...)
	}
	return names
}

// typeNames returns the names of all records and enums.
func (c *catalog) typeNames() []string {
	var names []string
	for _, keyword := range []string{"struct *", "union *", "enum *"} {
		l := c.list(keyword)
		<-l.ready
		names = append(names, l.names...)
	}
	return names
}
