package cdef

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"
)

// The limits of headers: those of a whole kernel tree stay far below.
const (
	maxHeaders    = 100000
	maxRepeats    = 1000 // of one header: those without a guard stop here
	maxHeaderSize = 8 << 20
	maxHeaderSum  = 128 << 20
)

// headerFS is what cc sees of the headers: the few that belong to a compiler,
// those of the caller, and empty ones for what comes from elsewhere. It bounds
// how much is read, for a header may include itself.
type headerFS struct {
	headers fs.FS
	absent  func(name string) bool

	opened   int
	repeats  map[string]int
	read     int64
	overflow bool
}

// Open implements fs.FS.
func (h *headerFS) Open(name string) (fs.File, error) {
	name = path.Clean(name)
	if text, ok := compilerHeader(name); ok {
		return newHeader(name, []byte(text)), nil
	}
	h.opened++
	h.repeats[name]++
	if h.opened > maxHeaders || h.repeats[name] > maxRepeats || h.read > maxHeaderSum {
		h.overflow = true
		return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("too many headers")}
	}
	if h.headers != nil && fs.ValidPath(name) {
		f, err := h.headers.Open(name)
		if err == nil {
			defer f.Close()
			text, err := io.ReadAll(io.LimitReader(f, maxHeaderSize))
			if err != nil {
				return nil, err
			}
			h.read += int64(len(text))
			return newHeader(name, text), nil
		}
	}
	if h.absent != nil && h.absent(name) {
		return newHeader(name, nil), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// header is a header in memory. It is its own FileInfo.
type header struct {
	*bytes.Reader
	name string
	size int64
}

func newHeader(name string, text []byte) *header {
	return &header{Reader: bytes.NewReader(text), name: name, size: int64(len(text))}
}

func (h *header) Stat() (fs.FileInfo, error) { return headerInfo{h}, nil }
func (h *header) Close() error               { return nil }

type headerInfo struct{ h *header }

func (i headerInfo) Name() string       { return path.Base(i.h.name) }
func (i headerInfo) Size() int64        { return i.h.size }
func (i headerInfo) Mode() fs.FileMode  { return 0o444 }
func (i headerInfo) ModTime() time.Time { return time.Time{} }
func (i headerInfo) IsDir() bool        { return false }
func (i headerInfo) Sys() any           { return nil }
