package symbolize

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"path"
	"slices"
	"sort"
	"strconv"
	"time"
)

// perfMap is what a just-in-time compiler wrote about its functions in
// /tmp/perf-PID.map: lines of start, size and name.
type perfMap struct {
	changed time.Time
	looked  time.Time
	funcs   []jitFunction
}

type jitFunction struct {
	addr, size uint64
	name       string
}

// inPerfMap names an address of memory that belongs to no file.
func (s *Symbols) inPerfMap(p *process, addr uint64, sym symbol) (symbol, bool) {
	if p.perfMap == nil {
		p.perfMap = &perfMap{}
	}
	pm := p.perfMap
	if now := s.now(); now.Sub(pm.looked) >= refreshAfter {
		pm.looked = now
		file := "perf-" + strconv.FormatUint(uint64(p.tgid), 10) + ".map"
		for _, dir := range []string{s.procPath(p.tgid, "root", "tmp"), "/tmp"} {
			if pm.load(path.Join(dir, file)) {
				break
			}
		}
	}
	i := sort.Search(len(pm.funcs), func(i int) bool { return pm.funcs[i].addr > addr }) - 1
	if i < 0 || addr-pm.funcs[i].addr >= pm.funcs[i].size {
		return sym, false
	}
	sym.name, sym.offset = pm.funcs[i].name, addr-pm.funcs[i].addr
	return sym, true
}

// load reads the file if it changed since it was read last.
func (pm *perfMap) load(file string) bool {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if info.ModTime().Equal(pm.changed) {
		return true
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	pm.changed, pm.funcs = info.ModTime(), pm.funcs[:0]
	for lines := bufio.NewScanner(f); lines.Scan() && len(pm.funcs) < maxSymbols; {
		start, rest, _ := bytes.Cut(lines.Bytes(), []byte{' '})
		size, name, ok := bytes.Cut(rest, []byte{' '})
		a, ok1 := parseHex(bytes.TrimPrefix(start, []byte("0x")))
		n, ok2 := parseHex(bytes.TrimPrefix(size, []byte("0x")))
		if ok && ok1 && ok2 {
			pm.funcs = append(pm.funcs, jitFunction{a, n, string(name)})
		}
	}
	// A later line is about newer code at the same place.
	slices.SortStableFunc(pm.funcs, func(a, b jitFunction) int { return cmp.Compare(a.addr, b.addr) })
	return true
}
