package codegen

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"

	"github.com/gotrace/gotrace/codegen/bpf"
	"github.com/gotrace/gotrace/codegen/lower"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/features"
	"github.com/gotrace/gotrace/probes/snapshot"
)

var update = flag.Bool("update", false, "rewrite the expected code")

const goldens = "../testdata/golden"

// pinned is a target that does not depend on the kernel the test runs on.
type pinned struct {
	features bool
}

func (p pinned) Have(Feature) bool { return p.features }
func (pinned) Arch() string        { return "amd64" }
func (pinned) PossibleCPUs() int   { return 2 }

var newest, oldest = pinned{true}, pinned{false}

// world loads the snapshot that scripts are checked against.
func world(t testing.TB) typecheck.World {
	t.Helper()
	w, err := snapshot.Load(os.DirFS("../testdata/snapshot/6.18"))
	if err != nil {
		t.Fatal(err)
	}
	w.Options.Unsafe = true
	return w
}

// front parses and checks a script.
func front(w typecheck.World, name, text string) (*typed.Program, error) {
	set := &source.Set{}
	id := set.Add(name, text)
	file, list := parser.Parse(set, id)
	if list.HasErrors() {
		return nil, diagnostics(set, list)
	}
	prog, list := typecheck.Check(set, file, w, typecheck.Options{Unsafe: true, NoWarnings: true})
	if list.HasErrors() {
		return nil, diagnostics(set, list)
	}
	return prog, nil
}

func diagnostics(set *source.Set, list *source.List) error {
	var b strings.Builder
	for _, d := range list.Sorted() {
		b.WriteString(set.Render(d))
	}
	return fmt.Errorf("%s", b.String())
}

// golden is one script with what it is compiled to.
type golden struct {
	name, text string
	target     pinned
	opts       Options
	noLoad     string // why TestLoad leaves it out
}

var directive = regexp.MustCompile(`(?m)^// (target|pid|noload): (.+)$`)

func readGoldens(t testing.TB) []golden {
	t.Helper()
	paths, err := filepath.Glob(goldens + "/*.bt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	var all []golden
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g := golden{name: strings.TrimSuffix(filepath.Base(path), ".bt"), text: string(text), target: newest}
		for _, m := range directive.FindAllStringSubmatch(g.text, -1) {
			switch {
			case m[1] == "pid":
				g.opts.TargetPID, _ = strconv.Atoi(m[2])
			case m[1] == "noload":
				g.noLoad = m[2]
			case m[2] == "5.10":
				g.target = oldest
			}
		}
		all = append(all, g)
	}
	return all
}

// compileGolden compiles a script and writes down what came of it.
func compileGolden(w typecheck.World, g golden) (*object.Object, string, error) {
	prog, err := front(w, g.name+".bt", g.text)
	if err != nil {
		return nil, "", err
	}
	var irs, code strings.Builder
	c := &compiler{prog: prog, target: g.target, opts: g.opts, check: true}
	c.inspect = func(p lower.Program, res *bpf.Result) {
		fmt.Fprintln(&irs, p.IR)
		fmt.Fprintf(&code, "%s; %d bytes of stack, %d of scratch\n\n",
			bpf.Disassemble(res.Instructions), res.FrameSize, res.ScratchSize)
	}
	obj, err := c.compile()
	if err != nil {
		return nil, "", err
	}
	var b strings.Builder
	section := func(name, text string) { fmt.Fprintf(&b, "-- %s --\n%s\n\n", name, strings.TrimSpace(text)) }
	section("ir", irs.String())
	section("bpf", code.String())
	section("maps", describeMaps(obj))
	section("programs", describe(obj.Manifest.Programs))
	section("events", describe(obj.Manifest.Events))
	section("losses", describeLosses(obj.Manifest.Losses))
	return obj, b.String(), nil
}

func describeMaps(obj *object.Object) string {
	var names []string
	for name := range obj.Spec.Maps {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		m := obj.Spec.Maps[name]
		fmt.Fprintf(&b, "%s: %s key %d value %d entries %d flags %d\n", name, m.Type, m.KeySize, m.ValueSize, m.MaxEntries, m.Flags)
	}
	for _, m := range obj.Manifest.Maps {
		fmt.Fprintf(&b, "@%s: %s %s value %s", m.Name, m.Spec, m.Storage, m.Value)
		if m.Key != nil {
			fmt.Fprintf(&b, " key %s", m.Key)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func describeLosses(losses []object.Loss) string {
	var b strings.Builder
	for i, l := range losses {
		fmt.Fprintf(&b, "%d: %s %s %s\n", i, l.Cause, l.Probe, l.Map)
	}
	return b.String()
}

// describe writes records of the manifest as JSON, one a line.
func describe[T any](records []T) string {
	var b strings.Builder
	for _, r := range records {
		text, err := json.Marshal(r)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	w := world(t)
	for _, g := range readGoldens(t) {
		t.Run(g.name, func(t *testing.T) {
			_, got, err := compileGolden(w, g)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(goldens, g.name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err, "(-update writes it)")
			}
			if got != string(want) {
				t.Errorf("%s differs from what the compiler makes (-update rewrites it):\n%s", path, firstDifference(string(want), got))
			}
		})
	}
}

// firstDifference shows the first line that two texts do not share.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, now %d", len(a), len(b))
}

// TestLoad has the live kernel's verifier judge the code of every golden.
func TestLoad(t *testing.T) {
	needRoot(t)
	w := world(t)
	for _, g := range readGoldens(t) {
		t.Run(g.name, func(t *testing.T) {
			obj, _, err := compileGolden(w, g)
			if err != nil {
				t.Fatal(err)
			}
			if g.noLoad != "" {
				t.Skip(g.noLoad)
			}
			loadObject(t, obj)
		})
	}
}

// TestVMLoad has the kernel of a virtual machine judge the goldens, compiled
// for what that kernel is and has.
func TestVMLoad(t *testing.T) {
	needVM(t)
	w := probes.NewLive(probes.Options{Unsafe: true})
	live := features.NewLive()
	for _, g := range readGoldens(t) {
		t.Run(g.name, func(t *testing.T) {
			prog, err := front(w, g.name+".bt", g.text)
			if err != nil {
				t.Skip(err) // this kernel's world has not got what the script names
			}
			c := &compiler{prog: prog, target: live, opts: g.opts, check: true}
			obj, err := c.compile()
			var unsupported *Unsupported
			if errors.As(err, &unsupported) || g.noLoad != "" {
				t.Skip(err, g.noLoad)
			}
			if err != nil {
				t.Fatal(err)
			}
			if longKeys(obj) && os.Getenv("GOTRACE_VM_KERNEL") == "5.10" {
				t.Skip("hash keys of more than 512 bytes")
			}
			loadObject(t, obj)
		})
	}
}

// longKeys reports whether an object has maps that old kernels do not make:
// their keys had to fit the stack.
func longKeys(obj *object.Object) bool {
	for _, m := range obj.Spec.Maps {
		if m.KeySize > 512 {
			return true
		}
	}
	return false
}

func needVM(t testing.TB) {
	t.Helper()
	if os.Getenv("GOTRACE_VM") == "" {
		t.Skip("runs in a virtual machine: make test-vm")
	}
	if err := rlimit.RemoveMemlock(); err != nil { // before 5.11 maps are locked memory
		t.Fatal(err)
	}
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
}

// loadObject loads an object into the kernel and unloads it again.
func loadObject(t testing.TB, obj *object.Object) {
	t.Helper()
	for _, m := range obj.Spec.Maps {
		if m.Type == ebpf.RingBuf {
			m.MaxEntries = 4096
		}
	}
	coll, err := ebpf.NewCollection(obj.Spec)
	if err != nil {
		t.Fatalf("the kernel refuses the program: %+v", err)
	}
	coll.Close()
}
