package runtime

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/output"
)

// names resolves the numbers in a unit's values; it is its decoder's Resolver.
type names struct {
	s     *Session
	u     *unit
	users map[uint32]string
}

// KernelSymbol implements value.Resolver.
func (n *names) KernelSymbol(dst []byte, addr uint64) []byte {
	return n.s.symbols.AppendKernel(dst, addr)
}

// UserSymbol implements value.Resolver.
func (n *names) UserSymbol(dst []byte, addr uint64, tgid uint32) []byte {
	return n.s.symbols.AppendUser(dst, addr, tgid)
}

// Function implements value.Resolver.
func (n *names) Function(dst []byte, addr uint64) []byte {
	return n.s.symbols.AppendFunction(dst, addr)
}

// Stack implements value.Resolver.
func (n *names) Stack(dst []byte, t *types.Type, id uint64, tgid uint32) []byte {
	frames := n.frames(t, id)
	if t.Mode == types.StackBuildID && t.User {
		return n.s.symbols.AppendBuildIDs(dst, frames)
	}
	addrs := make([]uint64, 0, len(frames)/8)
	for ; len(frames) >= 8; frames = frames[8:] {
		a := binary.NativeEndian.Uint64(frames)
		if a == 0 {
			break
		}
		addrs = append(addrs, a)
	}
	mode := t.Mode
	if mode == "" {
		mode = n.u.manifest.StackMode
	}
	if !t.User {
		tgid = 0
	}
	return n.s.symbols.AppendStack(dst, mode, tgid, addrs)
}

// frames returns the stored stack of an id, or nothing if it was lost.
func (n *names) frames(t *types.Type, id uint64) []byte {
	buildID := t.Mode == types.StackBuildID && t.User
	for _, st := range n.u.stacks {
		size := 8 * st.depth
		if buildID {
			size *= 4 // struct bpf_stack_build_id
		}
		if st.user != t.User || st.depth != t.Depth || st.m.ValueSize() != size {
			continue
		}
		var key [8]byte
		binary.NativeEndian.PutUint64(key[:], id)
		value := make([]byte, size)
		if err := st.m.Lookup(key[:], value); err == nil {
			return value
		}
	}
	return nil
}

// Username implements value.Resolver.
func (n *names) Username(dst []byte, uid uint32) []byte {
	name, ok := n.users[uid]
	if !ok {
		name = username(uid)
		n.users[uid] = name
	}
	return append(dst, name...)
}

// CgroupPath implements value.Resolver.
func (n *names) CgroupPath(dst []byte, id uint64) []byte {
	return n.s.symbols.AppendCgroup(dst, id)
}

// ProbeName implements value.Resolver.
func (n *names) ProbeName(dst []byte, index uint64) []byte {
	if all := n.u.manifest.ProbeNames; index < uint64(len(all)) {
		return append(dst, all[index]...)
	}
	return strconv.AppendUint(dst, index, 10)
}

// Time implements value.Resolver.
func (n *names) Time(dst []byte, nanoseconds uint64, format uint32) []byte {
	layout := ""
	if all := n.u.manifest.Strings; uint64(format) < uint64(len(all)) {
		layout = all[format]
	}
	at := n.s.bootAt.Add(time.Duration(nanoseconds))
	return output.AppendTime(dst, layout, at, true)
}
