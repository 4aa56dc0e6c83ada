package matrix

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/codegen"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/features"
	"github.com/gotrace/gotrace/runtime"
)

// TestVMScripts loads the examples and the scripts of the golden tests into the
// kernel. Only what this kernel does not have may be refused, and not by the
// verifier. They are loaded in this process, as to start gotrace for each takes
// an emulated processor minutes.
func TestVMScripts(t *testing.T) {
	_, kernel := guest(t)
	world := probes.NewLive(probes.Options{Unsafe: true})
	have := features.NewLive()
	for group, pattern := range map[string]string{"examples": "../../examples/*.bt", "golden scripts": "../../testdata/golden/*.bt"} {
		scripts, err := filepath.Glob(pattern)
		if err != nil || len(scripts) == 0 {
			t.Errorf("no scripts at %s: %v", pattern, err)
			continue
		}
		var refused, failed []string
		for _, path := range scripts {
			name := strings.TrimSuffix(filepath.Base(path), ".bt")
			var no *notHere
			err := loadScript(t, world, have, path)
			switch {
			case errors.As(err, &no):
				refused = append(refused, fmt.Sprintf("%s (%v)", name, no))
			case err != nil:
				failed = append(failed, name)
				t.Errorf("%s: %v", path, err)
			}
		}
		slices.Sort(refused)
		done := fmt.Sprintf("%d of %d load", len(scripts)-len(refused)-len(failed), len(scripts))
		if len(failed) > 0 {
			cell(kernel, "load: "+group, "FAIL", done+"; failed: "+strings.Join(failed, ", "))
			continue
		}
		if len(refused) > 0 {
			done += "; refused: " + strings.Join(refused, "; ")
		}
		cell(kernel, "load: "+group, "ok", done)
	}
}

// notHere says that this system does not have what a script wants.
type notHere struct{ reason string }

func (e *notHere) Error() string { return e.reason }

// lackOf are the codes of diagnostics about the system rather than the script.
var lackOf = []string{"unknown-probe", "unsupported", "unknown-type", "unknown-field", "unknown-symbol"}

// loadScript compiles a script for the running kernel and loads it.
func loadScript(t *testing.T, world typecheck.World, have codegen.Target, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	set := &source.Set{}
	file, list := parser.Parse(set, set.Add(path, string(text)))
	if list.HasErrors() {
		return errors.New(list.Sorted()[0].Msg)
	}
	prog, list := typecheck.Check(set, file, world, typecheck.Options{
		Unsafe: true, NoWarnings: true, Params: []string{"1", "2", "3"}, HaveChild: true, ProcessMode: true,
	})
	for _, d := range list.Sorted() {
		if d.Severity != source.Error {
			continue
		}
		if slices.Contains(lackOf, d.Code) {
			return &notHere{d.Msg}
		}
		return errors.New(d.Msg)
	}
	obj, err := codegen.Compile(prog, have, codegen.Options{})
	var unsupported *codegen.Unsupported
	if errors.As(err, &unsupported) {
		return &notHere{unsupported.Msg}
	}
	if err != nil {
		return err
	}
	session, err := runtime.New(runtime.Options{Out: io.Discard, Err: io.Discard, Quiet: true})
	if err != nil {
		return err
	}
	defer session.Close()
	_, err = session.Add(t.Context(), obj, runtime.UnitOptions{Sources: set, MaxStrlen: prog.Config.MaxStrlen})
	var attach *runtime.AttachError
	if errors.As(err, &attach) && strings.Contains(attach.Err.Error(), "nothing to attach with") {
		return nil // loaded, which is what this is about
	}
	var load *runtime.LoadError
	if errors.As(err, &load) && load.Reason == runtime.ReasonHelper {
		return &notHere{load.Error()}
	}
	if errors.As(err, &load) {
		return fmt.Errorf("%w\n%s", err, strings.Join(load.Log[max(0, len(load.Log)-12):], "\n"))
	}
	return err
}
