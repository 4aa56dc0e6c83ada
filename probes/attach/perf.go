package attach

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/point"
)

// perfEvent opens a perf event and hangs the program on it.
//
// The event is opened disabled. On a tracepoint or probe it stays so: the
// kernel runs BPF programs of these whether or not the event counts, and an
// event that does not count costs nothing (kernel/trace/bpf_trace.c
// trace_call_bpf, called before the list of active events is looked at).
func (a *attacher) perfEvent(p point.Point, attr unix.PerfEventAttr, pid, cpu int, cookie *uint64) error {
	attr.Size = uint32(unsafe.Sizeof(attr))
	attr.Bits |= unix.PerfBitDisabled
	event, err := unix.PerfEventOpen(&attr, pid, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return err
	}
	one := perfAttachment{event: fd(event), link: noFD, point: p}
	one.sampled = p.Context == point.PerfEvent && attr.Bits&unix.PerfBitEnableOnExec == 0
	if one.link, err = a.hang(one.event, cookie); err != nil {
		one.event.Close()
		return err
	}
	a.link.perf = append(a.link.perf, one)
	return nil
}

// hang attaches the program to an open perf event: by a BPF link (Linux 5.15),
// which can carry a cookie, else by ioctl, which cannot.
func (a *attacher) hang(event fd, cookie *uint64) (fd, error) {
	var value uint64
	if cookie != nil {
		value = *cookie
	}
	link, err := createPerfLink(a.prog.FD(), int(event), value)
	if err == nil || cookie != nil || !errors.Is(err, unix.EINVAL) {
		return link, err
	}
	return noFD, unix.IoctlSetInt(int(event), unix.PERF_EVENT_IOC_SET_BPF, a.prog.FD())
}

// perfLinkAttr is union bpf_attr for BPF_LINK_CREATE of a perf event
// (include/uapi/linux/bpf.h).
type perfLinkAttr struct {
	progFD     uint32
	targetFD   uint32
	attachType uint32
	flags      uint32
	cookie     uint64
}

// createPerfLink creates a link. cilium/ebpf has one only together with its own
// way to open perf events.
func createPerfLink(prog, event int, cookie uint64) (fd, error) {
	attr := perfLinkAttr{
		progFD:     uint32(prog),
		targetFD:   uint32(event),
		attachType: unix.BPF_PERF_EVENT,
		cookie:     cookie,
	}
	for {
		link, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_LINK_CREATE, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
		switch errno {
		case 0:
			return fd(link), nil
		case unix.EINTR, unix.EAGAIN:
			continue
		}
		return noFD, errno
	}
}
