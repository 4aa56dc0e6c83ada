package attach_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/attach"
	"github.com/gotrace/gotrace/probes/features"
)

// victim is a running program to put uprobes on: see testdata/target.c.
type victim struct {
	path  string
	pid   int
	input io.Writer
	lines *bufio.Reader
}

func startVictim(t *testing.T) *victim {
	t.Helper()
	// In a VM it is there already, as there is no compiler.
	path, err := filepath.Abs("testdata/target")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		compiler, err := exec.LookPath("gcc")
		if err != nil {
			t.Skip("needs gcc to build a program to trace")
		}
		path = filepath.Join(t.TempDir(), "target")
		if out, err := exec.Command(compiler, "-O1", "-o", path, "testdata/target.c").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	cmd := exec.CommandContext(t.Context(), path)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		cmd.Wait()
	})
	return &victim{path: path, pid: cmd.Process.Pid, input: input, lines: bufio.NewReader(output)}
}

// work makes the program call work() n times and waits until it did.
func (p *victim) work(t *testing.T, n int) {
	t.Helper()
	fmt.Fprintln(p.input, n)
	if line, err := p.lines.ReadString('\n'); err != nil || line != "done\n" {
		t.Fatalf("%q, %v", line, err)
	}
}

// resolve finds the points of an attach point on the live system.
func resolve(t *testing.T, text string) []point.Point {
	t.Helper()
	spec := &ast.AttachPoint{Text: text}
	for part := range strings.SplitSeq(text, ":") {
		spec.Parts = append(spec.Parts, ast.Part{Text: part})
	}
	points, err := probes.NewLive(probes.Options{}).Points(spec)
	if err != nil {
		t.Fatal(err)
	}
	return points
}

func TestUprobe(t *testing.T) {
	needRoot(t)
	p := startVictim(t)
	for _, test := range []struct {
		name, spec string
		opts       attach.Options
		want       uint64
	}{
		{"entry", "uprobe:" + p.path + ":work", attach.Options{}, 100},
		{"return", "uretprobe:" + p.path + ":work", attach.Options{}, 100},
		{"process", "uprobe:" + p.path + ":work", attach.Options{PID: p.pid}, 100},
		{"other process", "uprobe:" + p.path + ":work", attach.Options{PID: os.Getpid()}, 0},
		{"wildcard", "uprobe:" + p.path + ":wor?", attach.Options{}, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, ebpf.Kprobe, ebpf.AttachNone, 0)
			link := c.put(t, test.opts, resolve(t, test.spec)...)
			p.work(t, 100)
			if err := link.Close(); err != nil {
				t.Error(err)
			}
			if got := c.count(t); got != test.want {
				t.Errorf("%d runs, want %d", got, test.want)
			}
			p.work(t, 10)
			if got := c.count(t); got != test.want {
				t.Errorf("%d runs after the link was closed", got-test.want)
			}
		})
	}
}

func TestUprobeMulti(t *testing.T) {
	needRoot(t)
	if !features.NewLive().Have(target.FeatureUprobeMulti) {
		t.Skip("this kernel has no uprobe_multi")
	}
	p := startVictim(t)
	c := newCounter(t, ebpf.Kprobe, ebpf.AttachTraceUprobeMulti, 0)
	points := append(resolve(t, "uprobe:"+p.path+":work"), resolve(t, "uprobe:libc:puts")...)
	program := object.Program{Context: point.Uprobe, Points: points, Multi: true, Cookies: []uint64{7, 8}}
	link, err := attach.Attach(t.Context(), c.Program, program, attach.Options{PID: p.pid})
	if err != nil {
		t.Fatal(err)
	}
	p.work(t, 100)
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	if got := c.count(t); got != 101 {
		t.Errorf("%d runs, want 100 of work and one of puts", got)
	}
}

func TestUprobeOfMissingFile(t *testing.T) {
	needRoot(t)
	p := startVictim(t)
	c := newCounter(t, ebpf.Kprobe, ebpf.AttachNone, 0)
	bad := resolve(t, "uprobe:"+p.path+":work")
	bad[0].Attach.Path += ".gone"
	_, err := attach.Attach(t.Context(), c.Program, object.Program{Context: point.Uprobe, Points: bad}, attach.Options{})
	var named *attach.Error
	if !errors.As(err, &named) || !strings.Contains(named.Msg, "there is no file") {
		t.Errorf("%v", err)
	}
}
