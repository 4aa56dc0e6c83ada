package attach

import (
	"errors"
	"io"

	"github.com/cilium/ebpf/link"

	"github.com/gotrace/gotrace/lang/point"
)

// iter makes the link of an iterator. Nothing runs before Iterate.
func (a *attacher) iter(p point.Point) error {
	it, err := link.AttachIter(link.IterOptions{Program: a.prog})
	if err != nil {
		return explain(p, err)
	}
	a.link.iterators = append(a.link.iterators, it)
	a.link.others = append(a.link.others, it)
	return nil
}

// Iterate runs the iterators of the link, each once over all that there is.
func (l *Link) Iterate() error {
	for _, it := range l.iterators {
		r, err := it.Open()
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}
