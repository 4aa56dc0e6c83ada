package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// Set by TestMain.
var (
	gotrace  string // the binary under test
	workload string // the program that makes events
	workdir  string // where copies of it are put, under /tmp: peers in a chroot see that
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if err := setup(); err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
		defer os.RemoveAll(workdir)
		return m.Run()
	}())
}

func setup() error {
	var err error
	if workdir, err = os.MkdirTemp("/tmp", "gotrace-e2e"); err != nil {
		return err
	}
	// Tests run gotrace as another user too.
	if err := os.Chmod(workdir, 0o755); err != nil {
		return err
	}
	workload = filepath.Join(workdir, "workload")
	if err := build(workload, "./workload"); err != nil {
		return err
	}
	if gotrace = os.Getenv("GOTRACE_BIN"); gotrace != "" {
		gotrace, err = filepath.Abs(gotrace)
		return err
	}
	gotrace = filepath.Join(workdir, "gotrace")
	return build(gotrace, "../../cmd/gotrace")
}

// build leaves the symbol table in, for user stacks, and debug information out.
func build(out, pkg string) error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %v\n%s", pkg, err, text)
	}
	return os.Chmod(out, 0o755)
}

// needRoot skips a test that loads programs into the kernel.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: it loads BPF programs")
	}
}

var commNumber atomic.Int64

// newComm gives the test a copy of the workload under a name that nothing else
// on the machine has, and returns that name, which is also its comm.
func newComm(t *testing.T) string {
	t.Helper()
	comm := fmt.Sprintf("gt%dw%d", os.Getpid(), commNumber.Add(1))
	if len(comm) > 15 {
		t.Fatalf("%s is too long for a comm", comm)
	}
	if err := os.Link(workload, filepath.Join(workdir, comm)); err != nil {
		t.Fatal(err)
	}
	return comm
}

// runWorkload runs the workload under the name comm to its end.
func runWorkload(t *testing.T, comm string, args ...string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(workdir, comm), args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("workload %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// as makes a command run as another user.
func as(cmd *exec.Cmd, uid uint32) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
}

const nobody = 65534

// bpftrace returns the path of bpftrace 0.27, or skips with the reason.
func bpftrace(t *testing.T) string {
	t.Helper()
	path, why := findBpftrace()
	if why != "" {
		t.Skip(why)
	}
	return path
}

func findBpftrace() (path, why string) {
	var places []string
	if dir := os.Getenv("GOTRACE_PEERS_BIN"); dir != "" {
		places = append(places, filepath.Join(dir, "bpftrace"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, filepath.Join(home, ".cache/gotrace/peers/bin/bpftrace"))
	}
	places = append(places, "bpftrace")
	for _, place := range places {
		path, err := exec.LookPath(place)
		if err != nil {
			continue
		}
		out, err := exec.Command(path, "--version").Output()
		if err == nil && strings.Contains(string(out), "v0.27") {
			return path, ""
		}
		why = fmt.Sprintf("%s is %q, not bpftrace 0.27", path, strings.TrimSpace(string(out)))
	}
	if why == "" {
		why = "bpftrace is not installed: scripts/peers.sh does it"
	}
	return "", why
}
