package runtime

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
)

// loadedPrograms counts the kernel's programs of a name.
func loadedPrograms(t *testing.T, name string) int {
	t.Helper()
	n := 0
	for id := ebpf.ProgramID(0); ; {
		next, err := ebpf.ProgramGetNextID(id)
		if err != nil {
			return n
		}
		id = next
		p, err := ebpf.NewProgramFromID(id)
		if err != nil {
			continue // gone meanwhile
		}
		if info, err := p.Info(); err == nil && info.Name == name {
			n++
		}
		p.Close()
	}
}

// loadedMaps counts the kernel's maps of a name.
func loadedMaps(t *testing.T, name string) int {
	t.Helper()
	n := 0
	for id := ebpf.MapID(0); ; {
		next, err := ebpf.MapGetNextID(id)
		if err != nil {
			return n
		}
		id = next
		m, err := ebpf.NewMapFromID(id)
		if err != nil {
			continue
		}
		if info, err := m.Info(); err == nil && info.Name == name {
			n++
		}
		m.Close()
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(list)
}

// eventually waits for the kernel, which frees programs after a grace period.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("still true after five seconds: %s", what)
			return
		}
	}
}

// leakScript is a script whose objects have names of their own.
func leakScript(name string) *script {
	sc := newScript(1)
	l := sc.loss("tracepoint")
	line := sc.printf("x\n", 0)
	sc.countMap(name)
	sc.tracepoint("syscalls", "sys_enter_getppid", emit(line, 8, l, noWakeup, "a"), addTo("AT_"+name, 0, "counted"))
	old := sc.obj.Manifest.Programs[0].Name
	sc.obj.Spec.Programs[name] = sc.obj.Spec.Programs[old]
	sc.obj.Spec.Programs[name].Name = name
	delete(sc.obj.Spec.Programs, old)
	sc.obj.Manifest.Programs[0].Name = name
	return sc
}

// TestNoLeaks adds and removes units while the session runs.
func TestNoLeaks(t *testing.T) {
	s, _, _ := session(t, func(o *Options) { o.Quiet = true })
	done := make(chan error)
	go func() { _, err := s.Run(t.Context()); done <- err }()
	once := func() {
		id := add(t, s, leakScript("gtleak"))
		if err := s.Remove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	once() // whatever is opened but once
	before := openFiles(t)
	rounds := 100
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		once()
	}
	if now := openFiles(t); now > before+2 { // the poller may have opened its own
		t.Errorf("%d files open, %d before", now, before)
	}
	// A link would keep its program loaded.
	eventually(t, "programs are loaded", func() bool { return loadedPrograms(t, "gtleak") == 0 })
	eventually(t, "maps are there", func() bool { return loadedMaps(t, "AT_gtleak") == 0 })
	s.Exit()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

const killedEnv = "GOTRACE_TEST_KILLED"

// TestKilled kills a process in the middle of a session: the kernel takes away
// all that it had loaded and attached.
func TestKilled(t *testing.T) {
	if os.Getenv(killedEnv) != "" {
		s, _, _ := session(t, nil)
		add(t, s, leakScript("gtkilled"))
		os.Stdout.WriteString("ready\n")
		_, _ = s.Run(t.Context())
		return
	}
	needKernel(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), killedEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "ready") {
	}
	if n := loadedPrograms(t, "gtkilled"); n != 1 {
		t.Errorf("%d programs before the kill", n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "programs are loaded", func() bool { return loadedPrograms(t, "gtkilled") == 0 })
	eventually(t, "maps are there", func() bool { return loadedMaps(t, "AT_gtkilled") == 0 })
}

// TestShared shares a map between two units; it stays for the second, and a
// unit that wants another type is refused.
func TestShared(t *testing.T) {
	s, out, _ := session(t, func(o *Options) { o.Quiet = true })
	count := func() *script {
		sc := newScript(1)
		sc.countMap("c")
		sc.timer("begin", 0, addTo("AT_c", 0, "counted"))
		return sc
	}
	first := add(t, s, count())
	add(t, s, count())
	other := count()
	other.obj.Manifest.Maps[0].Value.Agg = "sum"
	_, err := s.Add(t.Context(), other.obj, testUnit())
	if conflict, ok := err.(*MapConflictError); !ok || conflict.Error() != "map @c is of count already and cannot be of sum" {
		t.Errorf("Add with another type: %v", err)
	}
	if err := s.Remove(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.PrintMap("c", 0, 0); !ok || err != nil {
		t.Errorf("PrintMap: %v, %v", ok, err)
	}
	if out.String() != "@c: 2\n" {
		t.Errorf("output %q", out)
	}
	if ok, _ := s.PrintMap("none", 0, 0); ok {
		t.Error("a map that is not there was printed")
	}
}
