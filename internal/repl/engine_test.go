package repl

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
)

// openConsole opens a console whose input never comes and whose output goes to
// a file: its entries are made by do.
func openConsole(t testing.TB) *console {
	t.Helper()
	needKernel(t)
	out, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c, err := open(Options{Stdin: read, Stdout: out, Env: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = write.Close()
		if _, err := c.leave(nil); err != nil {
			t.Error(err)
		}
		_ = read.Close()
		_ = out.Close()
	})
	return c
}

// output returns what the console has printed since it was asked last.
func (c *console) output(t testing.TB) string {
	t.Helper()
	c.screen.Flush()
	text, err := os.ReadFile(c.opts.Stdout.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.opts.Stdout.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if _, err := c.opts.Stdout.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// usage is what of the kernel's the process holds.
type usage struct {
	programs, maps, links, descriptors int
}

func measure(t testing.TB) usage {
	t.Helper()
	var u usage
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		u.descriptors++
		target, _ := os.Readlink("/proc/self/fd/" + e.Name())
		switch {
		case strings.Contains(target, "bpf-prog"):
			u.programs++
		case strings.Contains(target, "bpf-map"):
			u.maps++
		case strings.Contains(target, "bpf_link"), strings.Contains(target, "perf_event"):
			u.links++
		}
	}
	return u
}

// rounds returns how many clauses the tests of leaks add and drop: few every
// day, GOTRACE_REPL_ROUNDS=10000 for the whole.
func rounds(t testing.TB) int {
	t.Helper()
	if text := os.Getenv("GOTRACE_REPL_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 500
}

// TestAddAndDropLeakNothing adds and drops clauses of several kinds and compares
// what the process holds at the end with the beginning.
func TestAddAndDropLeakNothing(t *testing.T) {
	c := openConsole(t)
	ctx := context.Background()
	texts := []string{
		`begin { @n["a"] = count(); }`,
		`interval:s:1000 { @t = count(); @n["b"] = count(); }`,
		`begin { printf("x\n"); }`,
		`interval:s:1000 { @t = count(); }`,
	}
	round := func(i int) {
		text := texts[i%len(texts)]
		if i%50 == 49 {
			text = `tracepoint:sched:sched_process_hang { @hung[comm] = count(); }` // closing it takes the kernel some 20 ms
		}
		cl, err := c.engine.add(ctx, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.engine.drop(ctx, cl); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 60 {
		round(i)
	}
	before, memory, routines := measure(t), heap(), runtime.NumGoroutine()
	n := rounds(t)
	for i := range n {
		round(i)
	}
	after, memoryAfter := measure(t), heap()
	t.Logf("%d clauses: %+v, heap %d KiB, then %+v, heap %d KiB", n, before, memory>>10, after, memoryAfter>>10)
	if after != before {
		t.Errorf("held %+v before and %+v after %d clauses", before, after, n)
	}
	if grown := int64(memoryAfter) - int64(memory); grown > 4<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
	if more := runtime.NumGoroutine() - routines; more > 2 {
		t.Errorf("%d more goroutines", more)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestAttachIsFast holds the time from Enter to the prompt for a tracepoint.
func TestAttachIsFast(t *testing.T) {
	c := openConsole(t)
	best := time.Hour
	for range 5 {
		began := time.Now()
		c.do(context.Background(), `tracepoint:syscalls:sys_enter_getppid /comm != "gotrace"/ { @n[comm] = count(); }`)
		best = min(best, time.Since(began))
	}
	t.Logf("attached in %s at best", best)
	if best > 50*time.Millisecond {
		t.Errorf("attaching a tracepoint takes %s, want less than 50 ms", best)
	}
}

// TestRandomCommands does what a restless user would, in no order, and checks
// what must hold after each step.
func TestRandomCommands(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	c := openConsole(t)
	dir := t.TempDir()
	steps := []string{
		`begin { @n["a"] = count(); }`, `begin { @n["a"] = count(); @x = 5; }`, `interval:ms:20 { @t = count(); printf("t\n"); }`,
		`interval:ms:30 { @t = count(); exit(); }`, `@x = 7`, `@n`, `sum(@n)`, `@nosuch`, `begin { @x["a"] = 1; }`, `syntax error {`,
		`.list`, `.drop p%d`, `.off p%d`, `.on p%d`, `.undo`, `.undo`, `.pause`, `.resume`, `.edit p%d begin { @x = 3; }`,
		`.maps`, `.top @n`, `.rate @t`, `.snap s`, `.diff @n`, `.clear @n`, `.clear @*`, `.watch 1ms 2 @n`, `.drop @n`, `.drop @x`,
		`.export json ` + dir + `/x.json`, `.export csv ` + dir + `/x.csv`, `.cost`, `.loss`, `.plan begin { @n["q"] = count(); }`,
		`.bpf p%d`, `.save ` + dir + `/s.bt`, `.load ` + dir + `/s.bt`, `macro m(x) { x + 1 }`, `.drop d%d`, `let @n = hash(100);`,
		`.set max_strlen 64`, `.target comm cat`, `.target off`, `.show`, `.time`, `.color off`, `comm`, `.for 5ms`, `.run true`,
	}
	for i := range 250 {
		step := steps[rnd.IntN(len(steps))]
		if strings.Contains(step, "%d") {
			step = fmt.Sprintf(step, 1+rnd.IntN(c.engine.lastID+2))
		}
		c.do(context.Background(), step)
		if got := c.output(t); strings.Contains(got, "internal error") || strings.Contains(got, "panic") {
			t.Fatalf("step %d, %s:\n%s", i, step, got)
		}
		if len(c.engine.clauses) > 12 {
			c.do(context.Background(), ".drop all")
		}
		checkEngine(t, c, step)
	}
	c.do(context.Background(), ".drop all")
	for _, name := range c.engine.mapNames() {
		c.do(context.Background(), ".drop @"+name)
	}
	if u := measure(t); u.programs != 0 || u.maps != 0 || u.links != 0 {
		t.Errorf("after all was dropped the process holds %+v", u)
	}
}

// checkEngine checks that what the console believes is what the kernel has.
func checkEngine(t *testing.T, c *console, step string) {
	t.Helper()
	c.work.Lock()
	defer c.work.Unlock()
	ids := map[string]bool{}
	for _, cl := range c.engine.clauses {
		if ids[cl.id] {
			t.Fatalf("after %s: two clauses are %s", step, cl.id)
		}
		ids[cl.id] = true
		err := c.engine.session.EachProgram(cl.unit, func(*ebpf.Program, *object.Program) error { return nil })
		if cl.on != (err == nil) {
			t.Fatalf("after %s: %s is on: %t, and its programs: %v", step, cl.id, cl.on, err)
		}
	}
	for _, info := range c.engine.session.MapInfos() {
		if c.engine.maps[info.Described.Name] == nil {
			t.Fatalf("after %s: nobody knows the map @%s", step, info.Described.Name)
		}
	}
}
