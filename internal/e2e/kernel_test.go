package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// held are the kernel's numbers of what a process has loaded and attached. They
// are read from its descriptors: others on the machine use BPF as well, so that
// counting everything would prove nothing.
type held struct {
	programs, maps, links []uint32
}

var fdinfoID = regexp.MustCompile(`(?m)^(prog_id|map_id|link_id):\s+(\d+)$`)

// heldBy reads what process pid holds. A running tracer holds something.
func heldBy(t *testing.T, pid int) *held {
	t.Helper()
	infos, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	h := &held{}
	for _, path := range infos {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // closed since
		}
		for _, m := range fdinfoID.FindAllStringSubmatch(string(text), -1) {
			id, err := strconv.ParseUint(m[2], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			switch m[1] {
			case "prog_id":
				h.programs = append(h.programs, uint32(id))
			case "map_id":
				h.maps = append(h.maps, uint32(id))
			case "link_id":
				h.links = append(h.links, uint32(id))
			}
		}
	}
	if len(h.programs)+len(h.links) == 0 {
		t.Errorf("process %d holds no program and no link while it traces", pid)
	}
	return h
}

// gone wants that none of it exists any more. The kernel frees some of it a
// little after the last descriptor is closed.
func (h *held) gone(t *testing.T) {
	t.Helper()
	var left string
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = h.left(); left == "" {
			return
		}
	}
	t.Errorf("still in the kernel: %s", left)
}

// left names the first thing that is still there.
func (h *held) left() string {
	for _, id := range h.programs {
		if p, err := ebpf.NewProgramFromID(ebpf.ProgramID(id)); !errors.Is(err, os.ErrNotExist) {
			if err == nil {
				p.Close()
			}
			return fmt.Sprintf("program %d (%v)", id, err)
		}
	}
	for _, id := range h.maps {
		if m, err := ebpf.NewMapFromID(ebpf.MapID(id)); !errors.Is(err, os.ErrNotExist) {
			if err == nil {
				m.Close()
			}
			return fmt.Sprintf("map %d (%v)", id, err)
		}
	}
	for _, id := range h.links {
		if l, err := link.NewFromID(link.ID(id)); !errors.Is(err, os.ErrNotExist) {
			if err == nil {
				l.Close()
			}
			return fmt.Sprintf("link %d (%v)", id, err)
		}
	}
	return ""
}
