package features

import (
	"errors"
	"math"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// stackKeys is what a map's key may have where keys must fit the stack (before
// Linux 5.16), and shortStrings a length of strings of which two fit that.
const (
	stackKeys    = 512
	shortStrings = 200
)

// StringLimit is how long strings should be by default, so that they fit into
// the keys of this kernel's maps: without limit since Linux 5.16.
func StringLimit() int {
	err := unlocked(func() error {
		m, err := ebpf.NewMap(&ebpf.MapSpec{
			Name: "gotrace_try", Type: ebpf.Hash, KeySize: 2 * stackKeys, ValueSize: 8, MaxEntries: 1, Flags: unix.BPF_F_NO_PREALLOC,
		})
		if err != nil {
			return err
		}
		return m.Close()
	})
	if errors.Is(err, unix.E2BIG) {
		return shortStrings
	}
	return math.MaxInt
}
