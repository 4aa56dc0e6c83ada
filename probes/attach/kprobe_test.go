package attach_test

import (
	"errors"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/attach"
)

// needKprobes skips a test where there are none: `make test-vm` runs it in a
// guest that has them.
func needKprobes(t *testing.T) {
	t.Helper()
	needRoot(t)
	if _, err := os.Stat("/sys/bus/event_source/devices/kprobe"); err != nil {
		t.Skip("this kernel has no kprobes: run make test-vm")
	}
}

// kprobed is a function that only a getppid of this process calls.
const kprobed = "__do_sys_getppid"

func TestVMKprobe(t *testing.T) {
	needKprobes(t)
	for _, spec := range []string{"kprobe:" + kprobed, "kretprobe:" + kprobed, "kprobe:vmlinux:" + kprobed, "kprobe:__do_sys_getp?id"} {
		t.Run(spec, func(t *testing.T) {
			c := newCounter(t, ebpf.Kprobe, ebpf.AttachNone, os.Getpid())
			link := c.put(t, attach.Options{}, resolve(t, spec)...)
			before := c.count(t)
			for range 100 {
				unix.Getppid()
			}
			got := c.count(t) - before
			if err := link.Close(); err != nil {
				t.Error(err)
			}
			if got != 100 {
				t.Errorf("%d runs, want 100", got)
			}
			after := c.count(t)
			unix.Getppid()
			if got := c.count(t); got != after {
				t.Errorf("%d runs after the link was closed", got-after)
			}
		})
	}
}

func TestVMKprobeMulti(t *testing.T) {
	needKprobes(t)
	points := resolve(t, "kprobe:__do_sys_get*id")
	if len(points) < 3 {
		t.Fatalf("only %d functions", len(points))
	}
	c := newCounter(t, ebpf.Kprobe, ebpf.AttachTraceKprobeMulti, os.Getpid())
	link, err := attach.Attach(t.Context(), c.Program, object.Program{Context: point.Kprobe, Points: points, Multi: true}, attach.Options{})
	if errors.Is(err, ebpf.ErrNotSupported) {
		t.Skip("this kernel has no kprobe_multi")
	}
	if err != nil {
		t.Fatal(err)
	}
	unix.Getppid()
	unix.Getuid()
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	if got := c.count(t); got < 2 {
		t.Errorf("%d runs, want 2", got)
	}
}

func TestVMKprobeErrors(t *testing.T) {
	needKprobes(t)
	c := newCounter(t, ebpf.Kprobe, ebpf.AttachNone, os.Getpid())
	for _, test := range []struct {
		attach point.Attach
		want   string
	}{
		{point.Attach{Symbol: "no_such_function"}, `there is no kernel function "no_such_function" to probe`},
		{point.Attach{Symbol: "do_int3"}, `kernel function "do_int3" cannot be probed`},
	} {
		p := point.Point{Provider: "kprobe", Name: "kprobe:" + test.attach.Symbol, Context: point.Kprobe, Attach: test.attach}
		_, err := attach.Attach(t.Context(), c.Program, object.Program{Context: point.Kprobe, Points: []point.Point{p}}, attach.Options{})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v", test.attach.Symbol, err)
		}
	}
}
