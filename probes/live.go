package probes

import (
	"sync"

	"github.com/gotrace/gotrace/probes/features"
	"github.com/gotrace/gotrace/probes/kernel"
	"github.com/gotrace/gotrace/probes/tracefs"
	"github.com/gotrace/gotrace/probes/user"
)

// NewLive returns the running system. Nothing is read before it is asked for.
func NewLive(options Options) *World {
	events := &liveTracepoints{find: sync.OnceValues(tracefs.Find)}
	types := kernel.LiveTypes()
	return &World{
		Tracepoints: events,
		Functions: kernel.NewFunctions(kernel.Sources{
			Root:      kernel.LiveRoot(),
			Traceable: events.functions,
			Known:     types.HasFunction,
		}),
		Types:    types,
		Binaries: user.NewFinder(options.PID),
		Options:  options,
		Debug:    user.NewDebugInfo(),
		KeyLimit: features.StringLimit,
	}
}

// liveTracepoints is the mounted tracefs, looked for when first needed.
type liveTracepoints struct {
	find func() (*tracefs.FS, error)
}

func (t *liveTracepoints) Format(category, event string) (*tracefs.Format, error) {
	fs, err := t.find()
	if err != nil {
		return nil, err
	}
	return fs.Format(category, event)
}

func (t *liveTracepoints) Events() ([]tracefs.Event, error) {
	fs, err := t.find()
	if err != nil {
		return nil, err
	}
	return fs.Events()
}

// functions lists what ftrace can trace.
func (t *liveTracepoints) functions(yield func(name, module string) bool) error {
	fs, err := t.find()
	if err != nil {
		return err
	}
	return fs.Functions(yield)
}
