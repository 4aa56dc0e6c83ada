package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/attach"
	"github.com/gotrace/gotrace/probes/features"
	"github.com/gotrace/gotrace/runtime"
	"github.com/gotrace/gotrace/runtime/output"
	"github.com/gotrace/gotrace/runtime/symbolize"
	"github.com/gotrace/gotrace/runtime/value"
)

// engine holds the clauses of a console and runs them in one session.
//
// It is used by one goroutine at a time, the holder of console.work, but for what
// its comment says otherwise.
type engine struct {
	session *runtime.Session
	world   *probes.World
	target  codegen.Target
	opts    Options
	out     io.Writer

	clauses []*clause
	defs    []*definition
	// maps is what is known of the session's maps, by name without "@".
	maps map[string]*mapInfo
	// settings are those of .set, as the environment has them.
	settings map[string]string
	filter   filter
	lastID   int
	started  time.Time
	bootNS   uint64
	stats    io.Closer // keeps the kernel's run time statistics on

	names *catalog

	cancel context.CancelFunc
	ended  chan struct{} // closed when the event loop has ended
	runErr error

	exits chan exit // clauses that called exit(), for the reaper
	// gone are the losses of clauses that were dropped, by id.
	gone []lossOf
}

// lossOf is what a clause lost.
type lossOf struct {
	id   string
	lost []runtime.LossCount
}

// mapInfo is what a clause that uses a map must keep to.
type mapInfo struct {
	typed *typed.Map
	by    string // the clause that settled its types
	// decoder decodes the map when no clause is left, and names are the probe
	// names that its values may refer to.
	decoder *value.Decoder
	names   []string
	strings []string
}

// attacher connects the runtime with probes/attach.
type attacher struct{}

func (attacher) Attach(ctx context.Context, prog *ebpf.Program, p object.Program) (runtime.Link, error) {
	link, err := attach.Attach(ctx, prog, p, attach.Options{})
	if err != nil {
		return nil, err
	}
	return link, nil
}

// quietVerifier leaves out the verifier's statistics: the session keeps them for
// the time they tell, and says them aloud.
type quietVerifier struct{ out io.Writer }

func (q quietVerifier) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("program ")) && bytes.Contains(p, []byte("verification time")) {
		return len(p), nil
	}
	return q.out.Write(p)
}

// newEngine starts a session whose output goes to out.
func newEngine(opts Options, out io.Writer) (*engine, error) {
	session, err := runtime.New(runtime.Options{
		Out: out, Err: quietVerifier{out}, Color: opts.Color, Quiet: true, Verbose: true, KeepMaps: true,
		Buffer: output.BufferLine, Attacher: attacher{},
		Symbols: symbolize.Options{Demangle: true},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &engine{
		session: session, opts: opts, out: out,
		world:  probes.NewLive(probes.Options{Unsafe: opts.Unsafe}),
		target: features.NewLive(),
		maps:   map[string]*mapInfo{}, settings: map[string]string{},
		started: time.Now(), bootNS: bootClock(),
		names: newCatalog(opts), exits: make(chan exit, 64), cancel: cancel, ended: make(chan struct{}),
	}
	for name, v := range opts.Env {
		e.settings[name] = v
	}
	// Without privileges there are no statistics, and nothing to count.
	if stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME); err == nil {
		e.stats = stats
	}
	go func() {
		defer close(e.ended)
		_, e.runErr = session.Run(ctx)
	}()
	return e, nil
}

func bootClock() uint64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return uint64(t.Nano())
}

// close detaches everything, lets the session print what is left, and frees it.
// between is called when all is printed and before the maps are gone.
func (e *engine) close(between func()) error {
	e.cancel()
	<-e.ended
	between()
	errs := []error{e.runErr, e.session.Close()}
	if e.stats != nil {
		errs = append(errs, e.stats.Close())
	}
	return errors.Join(errs...)
}

// catalog is the names of all probes and types.
func (e *engine) catalog() *catalog { return e.names }

// find returns a clause by its id.
func (e *engine) find(id string) *clause {
	for _, c := range e.clauses {
		if c.id == id {
			return c
		}
	}
	return nil
}
