package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tool is a tracer to measure.
type tool struct {
	name    string // with its version
	path    string // inside root
	root    string // what it is started in by chroot; empty for none
	missing string // why it can't be measured
	dialect dialect
}

// dialect makes a tool's command line of a clause on a tracepoint. An empty
// result means that the tool has no words for it.
type dialect func(s script) []string

// script is one clause on a system call's tracepoint.
type script struct {
	call   string // for example sys_enter_getppid
	filter string // a comm; empty for none
	action string
	ply    string // the same in ply's language, empty where it has no word for it
}

// The marker by which bpftrace and gotrace tell that tracing has begun.
const marker = "__BPFTRACE_NOTIFY_PROBES_ATTACHED"

// ready is what any of the tools prints when everything is attached.
var ready = regexp.MustCompile(`(?m)^(` + marker + `|Attached \d+ probes?|debug: ply: active)$`)

func bt(s script) []string {
	text := "tracepoint:syscalls:" + s.call + " "
	if s.filter != "" {
		text += fmt.Sprintf("/comm == %q/ ", s.filter)
	}
	return []string{"-e", text + "{ " + s.action + " }"}
}

// ply can't compare strings: its programs run for everybody's events.
func ply(s script) []string {
	if s.ply == "" {
		return nil
	}
	return []string{"-k", "-d", fmt.Sprintf(`tracepoint:syscalls/%s { %s }`, s.call, s.ply)}
}

func findTools() ([]*tool, error) {
	bin := os.Getenv("GOTRACE_BIN")
	if bin == "" {
		bin = "bin/gotrace"
	}
	path, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("no gotrace to measure: %v (make builds it)", err)
	}
	root := os.Getenv("GOTRACE_PEERS")
	if home, err := os.UserHomeDir(); root == "" && err == nil {
		root = filepath.Join(home, ".cache/gotrace/peers/sid")
	}
	tools := []*tool{
		{name: "gotrace", path: path, dialect: bt},
		peer("bpftrace", root, "/usr/bin/bpftrace", bt),
		peer("ply", root, "/usr/sbin/ply", ply),
	}
	return tools, nil
}

var version = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// peer looks for a program under root, or else in the PATH.
func peer(name, root, path string, d dialect) *tool {
	t := &tool{name: name, path: path, root: root, dialect: d}
	if _, err := os.Stat(filepath.Join(root, path)); root == "" || err != nil {
		t.root = ""
		if t.path, err = exec.LookPath(name); err != nil {
			t.missing = "not installed"
			return t
		}
	}
	flag := map[string]string{"bpftrace": "--version", "ply": "-v"}[name]
	out, err := t.command(flag).CombinedOutput()
	if err != nil {
		t.missing = "does not run"
		return t
	}
	if v := version.FindString(string(out)); v != "" && name == "bpftrace" {
		t.name += " " + v
	} else if v := debianVersion(root, name); v != "" {
		t.name += " " + v
	}
	return t
}

// debianVersion asks the package list under root: ply does not know its own.
func debianVersion(root, name string) string {
	status, err := os.ReadFile(filepath.Join(root, "/var/lib/dpkg/status"))
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(status), "\nPackage: "+name+"\n")
	_, after, _ = strings.Cut(after, "\nVersion: ")
	line, _, _ := strings.Cut(after, "\n")
	return version.FindString(line)
}

func (t *tool) command(args ...string) *exec.Cmd {
	cmd := exec.Command(t.path, args...)
	cmd.Env = append(os.Environ(), marker+"=1", "BPFTRACE_MAX_PROBES=10000")
	if t.root != "" {
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: t.root}
		cmd.Dir = "/"
	}
	return cmd
}

// tracing is a tool that is running.
type tracing struct {
	cmd    *exec.Cmd
	took   time.Duration // from exec to attached
	stderr watch
	timer  *time.Timer
}

// watch keeps what a tool writes, up to a bound, and tells when it is ready.
type watch struct {
	mu    sync.Mutex
	kept  []byte
	ready chan struct{}
}

const keepBytes = 1 << 20

func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.kept) < keepBytes {
		w.kept = append(w.kept, p...)
	}
	if w.ready != nil && ready.Match(w.kept) {
		// (Both streams may tell it: the first counts.)
		select {
		case w.ready <- struct{}{}:
		default:
		}
		w.ready = nil
	}
	return len(p), nil
}

func (w *watch) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.kept)
}

// limit bounds each run of a tool.
const limit = 60 * time.Second

// begin starts a tool and returns when it traces. What it prints goes to out,
// if that is not nil: reading it would cost this process CPU.
func (t *tool) begin(s script, out *os.File) (*tracing, error) {
	args := t.dialect(s)
	if args == nil {
		return nil, errNoWord
	}
	attached := make(chan struct{}, 1)
	r := &tracing{cmd: t.command(args...), stderr: watch{ready: attached}}
	r.cmd.Stderr, r.cmd.Stdout = &r.stderr, &watch{ready: attached}
	if out != nil {
		r.cmd.Stdout = out
	}
	r.cmd.WaitDelay = limit
	began := time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	r.timer = time.AfterFunc(limit, func() { r.cmd.Process.Kill() })
	select {
	case <-attached:
		r.took = time.Since(began)
		return r, nil
	case <-r.ended():
		r.timer.Stop()
		r.cmd.Wait()
		return nil, fmt.Errorf("not attached: %s", lastLine(r.stderr.String()))
	}
}

// ended is closed when the process has ended: its pidfd is readable then.
func (r *tracing) ended() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fd, err := unix.PidfdOpen(r.cmd.Process.Pid, 0)
		if err != nil {
			return
		}
		defer unix.Close(fd)
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if err != unix.EINTR {
				return
			}
		}
	}()
	return ended
}

// end interrupts the tool and waits until it is gone.
func (r *tracing) end() error {
	defer r.timer.Stop()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	r.cmd.Wait() // (ply's exit code after an interrupt is not 0)
	return nil
}

// status reads a field of /proc/PID/status in kB, as a number of bytes.
func (r *tracing) status(field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			kB, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kB * 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in the status of the process", field)
}

// cpu returns the CPU time of all threads so far.
func (r *tracing) cpu() time.Duration {
	var sum time.Duration
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", r.cmd.Process.Pid))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		ns, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(ns, 10, 64)
		sum += time.Duration(n)
	}
	return sum
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
