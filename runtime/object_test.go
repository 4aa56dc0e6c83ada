package runtime

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/runtime/output"
)

// needKernel skips a test that loads programs.
func needKernel(t testing.TB) {
	t.Helper()
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: uint32(os.Getpagesize())})
	if err != nil {
		t.Skipf("needs root and a kernel with BPF ring buffers: %v", err)
	}
	m.Close()
}

// script builds objects by hand: what code generation would make of a script.
type script struct {
	obj *object.Object
}

const (
	testRing   = "events"
	testLosses = "losses"
	testFired  = "fired"
)

func newScript(ringPages int) *script {
	s := &script{obj: &object.Object{Spec: &ebpf.CollectionSpec{
		Maps: map[string]*ebpf.MapSpec{
			testRing:   {Name: testRing, Type: ebpf.RingBuf},
			testLosses: {Name: testLosses, Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: 16},
			testFired:  {Name: testFired, Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: 1},
		},
		Programs: map[string]*ebpf.ProgramSpec{},
	}}}
	s.obj.Manifest = object.Manifest{
		Ring: testRing, LossMap: testLosses, RingBufferPages: ringPages, PrintMapsOnExit: true,
	}
	return s
}

// event adds an event and returns its id.
func (s *script) event(e object.Event) int {
	s.obj.Manifest.Events = append(s.obj.Manifest.Events, e)
	return len(s.obj.Manifest.Events) - 1
}

// printf adds a printf of 64-bit integers.
func (s *script) printf(format string, args int) int {
	e := object.Event{Kind: object.EventPrintf, Format: format, FixedSize: 8 + 8*args, Map: -1}
	for i := range args {
		e.Args = append(e.Args, object.EventArg{Type: types.Int64(), Offset: 8 + 8*i})
	}
	return s.event(e)
}

// scalarMap adds "@name = count()".
func (s *script) countMap(name string) int {
	spec := "AT_" + name
	s.obj.Spec.Maps[spec] = &ebpf.MapSpec{Name: spec, Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: 1}
	m := &s.obj.Manifest
	m.Maps = append(m.Maps, object.Map{
		Name: name, Spec: spec, PerCPU: true, Storage: object.ArrayCell,
		Value: types.Type{Kind: types.Agg, Agg: types.Count, Size: 8},
	})
	m.PrintOrder = append(m.PrintOrder, len(m.Maps)-1)
	return len(m.Maps) - 1
}

// loss adds a counter of lost events and returns its index.
func (s *script) loss(probe string) int {
	m := &s.obj.Manifest
	m.Losses = append(m.Losses, object.Loss{Cause: object.LossRing, Probe: probe})
	return len(m.Losses) - 1
}

// add appends one to a counter of an array map.
func addTo(m string, index int, label string) asm.Instructions {
	return asm.Instructions{
		asm.StoreImm(asm.R10, -4, int64(index), asm.Word),
		asm.Mov.Reg(asm.R2, asm.R10),
		asm.Add.Imm(asm.R2, -4),
		asm.LoadMapPtr(asm.R1, 0).WithReference(m),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, label),
		asm.Mov.Imm(asm.R1, 1),
		asm.AddAtomic.Mem(asm.R0, asm.R1, asm.DWord, 0),
		asm.Mov.Imm(asm.R0, 0).WithSymbol(label),
	}
}

// emit sends an event: its integers are all the number of the events fired so
// far on this CPU, or what args says.
func emit(id, size, loss int, flags int64, label string, args ...int64) asm.Instructions {
	ins := asm.Instructions{
		asm.LoadMapPtr(asm.R1, 0).WithReference(testRing),
		asm.Mov.Imm(asm.R2, int32(size)),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnRingbufReserve.Call(),
		asm.JEq.Imm(asm.R0, 0, label+"_lost"),
		asm.StoreImm(asm.R0, 0, int64(id), asm.Word),
		asm.StoreImm(asm.R0, 4, 0, asm.Word),
	}
	for i, a := range args {
		ins = append(ins, asm.Mov.Imm(asm.R1, int32(a)), asm.StoreMem(asm.R0, int16(8+8*i), asm.R1, asm.DWord))
	}
	ins = append(ins,
		asm.Mov.Reg(asm.R1, asm.R0),
		asm.Mov.Imm(asm.R2, int32(flags)),
		asm.FnRingbufSubmit.Call(),
		asm.Ja.Label(label+"_end"),
	)
	lost := addTo(testLosses, loss, label+"_counted")
	lost[0] = lost[0].WithSymbol(label + "_lost")
	ins = append(ins, lost...)
	return append(ins, asm.Mov.Imm(asm.R0, 0).WithSymbol(label+"_end"))
}

const (
	noWakeup    = 1
	forceWakeup = 2
)

// timer adds a program that user space runs.
func (s *script) timer(role string, period time.Duration, body ...asm.Instructions) {
	name := role + string(rune('a'+len(s.obj.Manifest.Programs)))
	s.program(name, ebpf.RawTracepoint, 0, body...)
	s.describe(object.Program{Name: name, Context: point.Timer, Role: role, Points: []point.Point{{
		Provider: role, Name: role, Context: point.Timer, Attach: point.Attach{Period: uint64(period)},
	}}})
}

// tracepoint adds a program on a tracepoint that runs for this process alone.
func (s *script) tracepoint(category, event string, body ...asm.Instructions) {
	name := event
	mine := asm.Instructions{
		asm.FnGetCurrentPidTgid.Call(),
		asm.RSh.Imm(asm.R0, 32),
		asm.JNE.Imm(asm.R0, int32(os.Getpid()), "exit"),
	}
	s.program(name, ebpf.TracePoint, 1, append([]asm.Instructions{mine}, body...)...)
	s.describe(object.Program{Name: name, Context: point.Tracepoint, Points: []point.Point{{
		Provider: "tracepoint", Name: "tracepoint:" + category + ":" + event, Context: point.Tracepoint,
		Attach: point.Attach{Category: category, Event: event},
	}}})
}

func (s *script) program(name string, kind ebpf.ProgramType, ret int32, body ...asm.Instructions) {
	var ins asm.Instructions
	for _, b := range body {
		ins = append(ins, b...)
	}
	ins = append(ins, asm.Mov.Imm(asm.R0, ret).WithSymbol("exit"), asm.Return())
	s.obj.Spec.Programs[name] = &ebpf.ProgramSpec{Name: name, Type: kind, License: "GPL", Instructions: ins}
}

func (s *script) describe(p object.Program) {
	s.obj.Manifest.Programs = append(s.obj.Manifest.Programs, p)
}

// fakeAttacher attaches tracepoints with the ebpf package.
type fakeAttacher struct{}

type fakeLink struct {
	points []point.Point
	links  []link.Link
}

func (l *fakeLink) Points() []point.Point { return l.points }

func (l *fakeLink) Close() error {
	var problems []error
	for _, one := range l.links {
		problems = append(problems, one.Close())
	}
	return errors.Join(problems...)
}

func (fakeAttacher) Attach(_ context.Context, prog *ebpf.Program, p object.Program) (Link, error) {
	l := &fakeLink{points: p.Points}
	for _, at := range p.Points {
		one, err := link.Tracepoint(at.Attach.Category, at.Attach.Event, prog, nil)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.links = append(l.links, one)
	}
	return l, nil
}

// safeBuffer is a buffer that two goroutines may use.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// session makes a session for a test.
func session(t testing.TB, change func(*Options)) (s *Session, out, messages *safeBuffer) {
	t.Helper()
	needKernel(t)
	out, messages = &safeBuffer{}, &safeBuffer{}
	opts := Options{Out: out, Err: messages, Format: output.Text, Attacher: fakeAttacher{}}
	if change != nil {
		change(&opts)
	}
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, out, messages
}

func testUnit() UnitOptions {
	set := &source.Set{}
	set.Add("script.bt", strings.Repeat(" ", 100))
	return UnitOptions{Sources: set}
}

// add adds a script to a session.
func add(t testing.TB, s *Session, sc *script) UnitID {
	t.Helper()
	id, err := s.Add(t.Context(), sc.obj, testUnit())
	if err != nil {
		var refused *LoadError
		if errors.As(err, &refused) {
			t.Log(strings.Join(refused.Log, "\n"))
		}
		t.Fatal(err)
	}
	return id
}
