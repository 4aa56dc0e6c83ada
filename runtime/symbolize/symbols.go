// Package symbolize names addresses: functions of the kernel, of processes that
// run or ran, and the paths of control groups.
//
// Tables are read when the first address is asked about, and kept: the kernel's
// from /proc/kallsyms, those of a binary from its ELF file by device and inode,
// whoever maps it. What a process has mapped is read at its first sight and
// again now and then while it lives, so that its addresses have names after its
// end.
package symbolize

import (
	"encoding/hex"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/ianlancetaylor/demangle"

	"github.com/gotrace/gotrace/lang/types"
)

// Options are the choices of a Symbols.
type Options struct {
	// Demangle turns names of C++ and Rust into those of the source.
	Demangle bool
	// Proc is where the proc file system is mounted, "/proc" if empty.
	Proc string
	// Cgroup is where cgroup2 is mounted, "/sys/fs/cgroup" if empty.
	Cgroup string
}

// Symbols names addresses. It belongs to one goroutine at a time.
type Symbols struct {
	opts    Options
	kernel  *kernelTable
	procs   map[uint32]*process
	files   map[fileID]*elfTable
	vdso    *elfTable
	cgroups map[uint64]string
	now     func() time.Time
}

// New returns a Symbols that has read nothing yet.
func New(opts Options) *Symbols {
	if opts.Proc == "" {
		opts.Proc = "/proc"
	}
	if opts.Cgroup == "" {
		opts.Cgroup = "/sys/fs/cgroup"
	}
	return &Symbols{
		opts: opts, now: time.Now,
		procs: map[uint32]*process{}, files: map[fileID]*elfTable{}, cgroups: map[uint64]string{},
	}
}

// Close frees the tables.
func (s *Symbols) Close() {
	s.kernel, s.vdso = nil, nil
	s.procs, s.files, s.cgroups = map[uint32]*process{}, map[fileID]*elfTable{}, map[uint64]string{}
}

// symbol is a named address: how far it is behind the name, and the file or
// kernel module the name is from.
type symbol struct {
	name   string
	offset uint64
	file   string
}

// Kernel looks up a kernel address. The module is empty for the kernel's own.
func (s *Symbols) Kernel(addr uint64) (name string, offset uint64, module string, ok bool) {
	if s.kernel == nil {
		s.kernel = readKernel(path.Join(s.opts.Proc, "kallsyms"))
	}
	sym, ok := s.kernel.lookup(addr)
	return sym.name, sym.offset, sym.file, ok
}

// User looks up an address of a process. The file is known even where the name
// is not.
func (s *Symbols) User(addr uint64, tgid uint32) (name string, offset uint64, file string, ok bool) {
	sym, ok := s.user(addr, tgid)
	return sym.name, sym.offset, sym.file, ok
}

// AppendKernel appends the name of the kernel function at an address, or the
// address.
func (s *Symbols) AppendKernel(dst []byte, addr uint64) []byte {
	if name, _, _, ok := s.Kernel(addr); ok {
		return append(dst, name...)
	}
	return appendAddress(dst, addr)
}

// AppendUser appends the name of a process's function at an address, or the
// address.
func (s *Symbols) AppendUser(dst []byte, addr uint64, tgid uint32) []byte {
	if sym, ok := s.user(addr, tgid); ok {
		return append(dst, sym.name...)
	}
	return appendAddress(dst, addr)
}

// AppendFunction appends the name of a function that may be the kernel's: those
// have the upper half of the addresses.
func (s *Symbols) AppendFunction(dst []byte, addr uint64) []byte {
	if addr>>63 != 0 {
		return s.AppendKernel(dst, addr)
	}
	return appendAddress(dst, addr)
}

func appendAddress(dst []byte, addr uint64) []byte {
	return strconv.AppendUint(append(dst, "0x"...), addr, 16)
}

// AppendStack appends a stack: an empty line, then a line for each address, the
// innermost first. A tgid of zero says that the addresses are the kernel's.
func (s *Symbols) AppendStack(dst []byte, mode types.StackMode, tgid uint32, addrs []uint64) []byte {
	dst = append(dst, '\n')
	for _, addr := range addrs {
		switch mode {
		case types.StackRaw, types.StackBuildID:
			dst = strconv.AppendUint(dst, addr, 16)
		case types.StackPerf:
			dst = s.appendPerf(dst, tgid, addr)
		default:
			dst = append(dst, "        "...)
			if sym, ok := s.frame(tgid, addr); ok {
				dst = appendOffset(append(dst, sym.name...), sym.offset)
			} else {
				dst = appendAddress(dst, addr)
			}
		}
		dst = append(dst, '\n')
	}
	return dst
}

func (s *Symbols) frame(tgid uint32, addr uint64) (symbol, bool) {
	if tgid != 0 {
		return s.user(addr, tgid)
	}
	name, offset, module, ok := s.Kernel(addr)
	return symbol{name, offset, module}, ok
}

// appendPerf appends a frame as perf script prints it.
func (s *Symbols) appendPerf(dst []byte, tgid uint32, addr uint64) []byte {
	dst = strconv.AppendUint(append(dst, '\t'), addr, 16)
	dst = append(dst, ' ')
	sym, ok := s.frame(tgid, addr)
	if ok {
		dst = appendOffset(append(dst, sym.name...), sym.offset)
	} else {
		dst = appendAddress(dst, addr)
	}
	if tgid == 0 {
		return dst
	}
	if sym.file == "" {
		sym.file = "[unknown]"
	}
	dst = append(append(dst, " ("...), sym.file...)
	return append(dst, ')')
}

func appendOffset(dst []byte, offset uint64) []byte {
	return strconv.AppendUint(append(dst, '+'), offset, 10)
}

// buildIDFrame is the size of struct bpf_stack_build_id.
const buildIDFrame = 32

// AppendBuildIDs appends a stack of struct bpf_stack_build_id: the build id and
// the offset in the file of each address, or the address where the kernel could
// not find that.
func (s *Symbols) AppendBuildIDs(dst, frames []byte) []byte {
	const valid, ip = 1, 2
	dst = append(dst, '\n')
	for ; len(frames) >= buildIDFrame; frames = frames[buildIDFrame:] {
		status, at := nativeUint32(frames), nativeUint64(frames[24:])
		switch {
		case status == valid:
			dst = hex.AppendEncode(dst, frames[4:24])
			dst = appendAddress(append(dst, ' '), at)
		case status == ip && at != 0:
			dst = strconv.AppendUint(dst, at, 16)
		default:
			return dst
		}
		dst = append(dst, '\n')
	}
	return dst
}

// readable turns a symbol's name into the source's, if asked to.
func (s *Symbols) readable(name string) string {
	if !s.opts.Demangle || !strings.HasPrefix(name, "_Z") && !strings.HasPrefix(name, "_R") {
		return name
	}
	return demangle.Filter(name)
}
