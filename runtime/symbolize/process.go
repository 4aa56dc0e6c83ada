package symbolize

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"
)

// refreshAfter is how old the picture of a process's memory may get: what it
// loads later, or an exec, is seen then.
const refreshAfter = time.Second

// missAfter is how old it may get for an address that is not in it.
const missAfter = 20 * time.Millisecond

// process is what a process has, or had, mapped as code.
type process struct {
	tgid    uint32
	maps    []mapping
	read    time.Time // when maps were tried to be read
	perfMap *perfMap
}

// mapping is a range of a process's memory with code.
type mapping struct {
	start, end, offset uint64
	dev                string
	inode              uint64
	path               string
}

// Observe takes note of a process that will be asked about later, while it is
// still there. It costs nothing for a process seen within the last second.
func (s *Symbols) Observe(tgid uint32) { s.process(tgid) }

// process returns the picture of a process, read anew if it is old.
func (s *Symbols) process(tgid uint32) *process {
	p := s.procs[tgid]
	if p == nil {
		p = &process{tgid: tgid}
		s.procs[tgid] = p
	}
	s.refresh(p, refreshAfter)
	return p
}

// refresh reads what a process has mapped if that was last done so long ago.
func (s *Symbols) refresh(p *process, age time.Duration) {
	now := s.now()
	if now.Sub(p.read) < age {
		return
	}
	p.read = now
	if maps := s.readMaps(p.tgid); len(maps) > 0 { // else it has ended: keep what was seen
		p.maps = maps
	}
}

func (s *Symbols) readMaps(tgid uint32) []mapping {
	text, err := os.ReadFile(s.procPath(tgid, "maps"))
	if err != nil {
		return nil
	}
	var maps []mapping
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte{'\n'})
		if m, ok := parseMapping(string(line)); ok {
			maps = append(maps, m)
		}
	}
	return maps
}

// parseMapping reads a line of /proc/PID/maps; only executable ranges count.
//
//	7f3a67000000-7f3a67100000 r-xp 00028000 fe:01 1234    /usr/lib/libc.so.6
func parseMapping(line string) (mapping, bool) {
	fields := strings.Fields(line)
	if len(fields) < 5 || len(fields[1]) < 3 || fields[1][2] != 'x' {
		return mapping{}, false
	}
	from, to, _ := strings.Cut(fields[0], "-")
	m := mapping{dev: fields[3]}
	var err [4]error
	m.start, err[0] = strconv.ParseUint(from, 16, 64)
	m.end, err[1] = strconv.ParseUint(to, 16, 64)
	m.offset, err[2] = strconv.ParseUint(fields[2], 16, 64)
	m.inode, err[3] = strconv.ParseUint(fields[4], 10, 64)
	for _, e := range err {
		if e != nil {
			return mapping{}, false
		}
	}
	if len(fields) > 5 { // a path may hold blanks
		m.path = line[strings.Index(line, fields[5]):]
	}
	return m, true
}

func (p *process) find(addr uint64) (mapping, bool) {
	i := sort.Search(len(p.maps), func(i int) bool { return p.maps[i].end > addr })
	if i < len(p.maps) && p.maps[i].start <= addr {
		return p.maps[i], true
	}
	return mapping{}, false
}

// user names an address of a process.
func (s *Symbols) user(addr uint64, tgid uint32) (symbol, bool) {
	p := s.process(tgid)
	m, ok := p.find(addr)
	if !ok {
		s.refresh(p, missAfter) // it may have loaded a library since
		m, ok = p.find(addr)
	}
	if !ok {
		return symbol{}, false
	}
	sym := symbol{file: strings.TrimSuffix(m.path, " (deleted)")}
	switch {
	case m.path == "[vdso]":
		return s.inVDSO(addr-m.start, sym)
	case m.inode == 0:
		return s.inPerfMap(p, addr, sym)
	}
	table := s.table(p, m)
	name, offset, ok := table.lookup(table.address(addr - m.start + m.offset))
	if !ok {
		return sym, false
	}
	sym.name, sym.offset = s.readable(name), offset
	return sym, true
}

func (s *Symbols) procPath(tgid uint32, parts ...string) string {
	return path.Join(append([]string{s.opts.Proc, strconv.FormatUint(uint64(tgid), 10)}, parts...)...)
}

// table returns the symbols of the file behind a mapping.
func (s *Symbols) table(p *process, m mapping) *elfTable {
	id := fileID{m.dev, m.inode, m.path}
	if t := s.files[id]; t != nil {
		return t
	}
	t := s.openTable(p, m)
	s.files[id] = t
	return t
}

// openTable tries the ways to a file: through the process's own view of the
// file system, by the mapping itself (which works for deleted files), and, when
// the process is gone, by the path if it still leads to the same file.
func (s *Symbols) openTable(p *process, m mapping) *elfTable {
	byMapping := s.procPath(p.tgid, "map_files", fmt.Sprintf("%x-%x", m.start, m.end))
	name, deleted := strings.CutSuffix(m.path, " (deleted)")
	tries := []string{s.procPath(p.tgid, "root", name), byMapping, name}
	if deleted {
		tries = []string{byMapping}
	}
	for _, file := range tries {
		if file != byMapping && !sameInode(file, m.inode) {
			continue
		}
		if t, err := readELF(file); err == nil {
			return t
		}
	}
	return &elfTable{}
}

// inVDSO names an address of the kernel's own library, which all processes have
// and which therefore is read from our own memory.
func (s *Symbols) inVDSO(offset uint64, sym symbol) (symbol, bool) {
	if s.vdso == nil {
		s.vdso = s.readVDSO()
	}
	name, off, ok := s.vdso.lookup(s.vdso.address(offset))
	sym.name, sym.offset = name, off
	return sym, ok
}

func (s *Symbols) readVDSO() *elfTable {
	if t, err := parseELF(bytes.NewReader(vdsoImage(path.Join(s.opts.Proc, "self")))); err == nil {
		return t
	}
	return &elfTable{}
}

// vdsoImage returns the library as it lies in the memory of a process, or
// nothing.
func vdsoImage(proc string) []byte {
	text, err := os.ReadFile(path.Join(proc, "maps"))
	if err != nil {
		return nil
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		m, ok := parseMapping(line)
		if !ok || m.path != "[vdso]" {
			continue
		}
		mem, err := os.Open(path.Join(proc, "mem"))
		if err != nil {
			return nil
		}
		defer mem.Close()
		image := make([]byte, m.end-m.start)
		if _, err := mem.ReadAt(image, int64(m.start)); err != nil {
			return nil
		}
		return image
	}
	return nil
}

func nativeUint32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }

func nativeUint64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }
