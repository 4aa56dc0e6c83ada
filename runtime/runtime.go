// Package runtime runs compiled scripts: it creates their maps, loads and
// attaches their programs, turns the events that arrive into output, and ends
// in an order that loses nothing.
//
// A Session holds any number of objects, its units, which come and go while it
// runs: the batch tool adds one, the REPL one for each entry. Maps of the same
// name are shared between units. A script's events come through one ring
// buffer in the order in which they happened, and what acts in user space
// (print of a map, clear, exit) acts when its event is reached, so that order
// is kept.
//
// The end of a session: intervals stop, all links are closed at the same time,
// the ring is read until it is empty, the end programs run, the ring is read
// again, the maps are printed, what was lost is told. So the number of events
// printed and the number told to be lost add up to those that happened.
//
// Locking: the event loop holds mu while it works and not while it waits;
// everything that adds, removes, reads or prints from outside takes it too.
// Closing links needs only linkMu, so that a blocked output cannot keep probes
// attached.
package runtime

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/symbolize"
)

// Attacher attaches loaded programs to their points; probes/attach does it.
// Points that cannot be attached and may be skipped are the attacher's
// business: it returns an error only for what must stop the script.
type Attacher interface {
	Attach(ctx context.Context, prog *ebpf.Program, p object.Program) (Link, error)
}

// Link is a program's attachments.
type Link interface {
	// Points returns the points attached to.
	Points() []point.Point
	// Close detaches the program, and returns when no new run of it can begin.
	Close() error
}

// Target is a process whose end ends the session: a child started for -c, or
// the process of -p.
type Target interface {
	// Start lets the process go on once everything is attached.
	Start() error
	// PID is its process id.
	PID() int
	// Done is closed when the process has ended.
	Done() <-chan struct{}
	// Stop ends the process if it is ours.
	Stop()
}

// Options are the choices of a session.
type Options struct {
	// Out receives the script's output, Err messages about the run.
	Out, Err io.Writer
	// Format is the form of the output, Buffer when it is written.
	Format output.Format
	Buffer output.BufferMode
	// Color allows colours in messages on Err.
	Color bool
	// Quiet leaves out how many probes were attached (-q).
	Quiet bool
	// NoWarnings drops warnings.
	NoWarnings bool
	// Verbose prints what the verifier says of programs that load (-v), and
	// ReportReads tells of failed reads of memory (-k).
	Verbose, ReportReads bool
	// NotifyAttached prints __BPFTRACE_NOTIFY_PROBES_ATTACHED when the probes
	// of the first unit are attached, for test tools.
	NotifyAttached bool
	// KeepMaps keeps the maps of removed units until the session is closed.
	KeepMaps bool
	// EndAfterIterator ends the session when an iterator has run.
	EndAfterIterator bool
	Attacher         Attacher
	// Target is nil if there is neither -c nor -p.
	Target Target
	// Symbols are the choices for names of addresses.
	Symbols symbolize.Options
}

// UnitID names a unit of a session.
type UnitID int

// Session is a running set of units. New makes one, Close ends it.
type Session struct {
	opts    Options
	writer  *output.Writer
	log     *output.Log
	symbols *symbolize.Symbols
	waiter  *waiter
	bootAt  time.Time // the wall clock's time of boot

	mu       sync.Mutex
	units    []*unit
	maps     map[string]*sharedMap // by the name in Spec.Maps
	lastID   UnitID
	exitCode int
	closed   bool
	exited   bool // exit() was reached: what was sent after it is not printed
	// selftested says that tests or benchmarks ran, whose maps are not printed.
	selftested bool
	broken     bool // a malformed event was told of
	notified   bool
	due        time.Time // when losses are looked at next

	linkMu   sync.Mutex
	stopOnce sync.Once
	stop     chan struct{} // closed when the session is to end
	running  chan struct{} // closed when Run begins
}

// New returns a session without units.
func New(opts Options) (*Session, error) {
	w, err := newWaiter()
	if err != nil {
		return nil, err
	}
	s := &Session{
		opts:    opts,
		writer:  output.NewWriter(opts.Out, opts.Buffer),
		symbols: symbolize.New(opts.Symbols),
		waiter:  w,
		bootAt:  bootTime(),
		maps:    map[string]*sharedMap{},
		stop:    make(chan struct{}),
		running: make(chan struct{}),
	}
	logOpts := output.LogOptions{Color: opts.Color, NoWarnings: opts.NoWarnings}
	if opts.Format == output.JSON {
		logOpts.JSON = s.writer
	}
	s.log = output.NewLog(opts.Err, logOpts)
	return s, nil
}

// bootTime returns when the machine was booted by the wall clock: timestamps
// of programs count from there.
func bootTime() time.Time {
	var boot unix.Timespec
	now := time.Now()
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err != nil {
		return now
	}
	return now.Add(-time.Duration(boot.Nano()))
}

// Log returns the session's log, for messages in its style and order.
func (s *Session) Log() *output.Log { return s.log }

// Exit asks the session to end as if a script had called exit(). It does not
// wait.
func (s *Session) Exit() {
	s.stopOnce.Do(func() { close(s.stop) })
	s.waiter.wake()
}

// Close detaches and unloads everything and frees the session. Output that was
// not printed by Run is lost.
func (s *Session) Close() error {
	s.Exit()
	s.detachAll()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, u := range s.units {
		u.close()
	}
	s.units = nil
	for name, m := range s.maps {
		m.close()
		delete(s.maps, name)
	}
	s.symbols.Close()
	return s.waiter.close()
}
