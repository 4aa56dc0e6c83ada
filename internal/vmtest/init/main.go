//go:build linux

// Command init is the first and only program of the virtual machine that the
// tests run in (scripts/vm-run.sh): it makes the guest a place where BPF
// programs can be loaded and traced, runs one command, tells the host how the
// command ended, and turns the machine off.
//
// The guest has three serial ports, so that nothing that one of them says can
// be taken for something else: the kernel's console (ttyS0), the command's
// output (ttyS1), and the result (ttyS2), which is one line: "exit" and the
// code, or "error" and what went wrong here.
//
// What to run is in /etc/vm, each file a list of strings that end in NUL: cmd
// (the arguments), env (name=value) and cwd (one folder).
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	code, err := run()
	result := fmt.Sprintf("exit %d\n", code)
	if err != nil {
		result = fmt.Sprintf("error %v\n", err)
	}
	if port, err := openPort("/dev/ttyS2"); err == nil {
		io.WriteString(port, result)
		drain(port)
	}
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	// Not reached, or as pid 1 this ends in a panic, which ends the guest too.
	os.Exit(1)
}

func run() (code int, err error) {
	if os.Getpid() != 1 {
		// Without this check a curious `./init` would turn off the host.
		fmt.Fprintln(os.Stderr, "init: only for the first process of a virtual machine")
		os.Exit(1)
	}
	if err := mounts(); err != nil {
		return 0, err
	}
	if err := loopback(); err != nil {
		return 0, err
	}
	limits()
	unix.Sethostname([]byte("gotrace-vm"))

	argv, err := list("/etc/vm/cmd")
	if err != nil {
		return 0, err
	}
	env, err := list("/etc/vm/env")
	if err != nil {
		return 0, err
	}
	cwd, err := list("/etc/vm/cwd")
	if err != nil {
		return 0, err
	}
	if len(argv) == 0 || len(cwd) != 1 {
		return 0, errors.New("/etc/vm names no command or no folder")
	}
	port, err := openPort("/dev/ttyS1")
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat("/bin/busybox"); err == nil {
		if code, err := command([]string{"/bin/busybox", "--install", "-s", "/bin"}, env, "/", port); err != nil || code != 0 {
			return 0, fmt.Errorf("busybox --install: code %d, %v", code, err)
		}
	}
	code, err = command(argv, env, cwd[0], port)
	drain(port)
	return code, err
}

// mounts mounts what a tracer looks at. What an old kernel lacks is left out;
// the test that needs it will say so.
func mounts() error {
	const quiet = unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV
	for _, m := range []struct {
		kind, dir string
		flags     uintptr
		options   string
		must      bool
	}{
		{"proc", "/proc", quiet, "", true},
		{"sysfs", "/sys", quiet, "", true},
		{"devtmpfs", "/dev", unix.MS_NOSUID, "mode=755", true},
		{"devpts", "/dev/pts", unix.MS_NOSUID | unix.MS_NOEXEC, "ptmxmode=666", false},
		{"tmpfs", "/dev/shm", unix.MS_NOSUID | unix.MS_NODEV, "", false},
		{"tmpfs", "/tmp", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777", true},
		{"tmpfs", "/run", unix.MS_NOSUID | unix.MS_NODEV, "mode=755", false},
		{"tracefs", "/sys/kernel/tracing", quiet, "", true},
		{"debugfs", "/sys/kernel/debug", quiet, "", false},
		{"securityfs", "/sys/kernel/security", quiet, "", false},
		{"bpf", "/sys/fs/bpf", quiet, "mode=700", true},
		{"cgroup2", "/sys/fs/cgroup", quiet, "", false},
	} {
		// In sysfs the kernel makes the folders, and MkdirAll may not.
		os.MkdirAll(m.dir, 0o755)
		err := unix.Mount(m.kind, m.dir, m.kind, m.flags, m.options)
		if err != nil && !errors.Is(err, unix.EBUSY) && m.must {
			return fmt.Errorf("mount %s: %w", m.dir, err)
		}
	}
	for link, target := range map[string]string{
		"/dev/fd":     "/proc/self/fd",
		"/dev/stdin":  "/proc/self/fd/0",
		"/dev/stdout": "/proc/self/fd/1",
		"/dev/stderr": "/proc/self/fd/2",
	} {
		os.Symlink(target, link)
	}
	// A root of its own for bpftrace, where vm-run.sh carried one.
	if _, err := os.Stat("/peers"); err != nil {
		return nil
	}
	for _, dir := range []string{"/proc", "/sys", "/dev", "/tmp"} {
		os.MkdirAll("/peers"+dir, 0o755)
		if err := unix.Mount(dir, "/peers"+dir, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("mount /peers%s: %w", dir, err)
		}
	}
	os.MkdirAll("/peers/host", 0o755)
	if err := unix.Mount("/", "/peers/host", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount /peers/host: %w", err)
	}
	return nil
}

// loopback brings up lo: a guest has no network but this one.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("lo: %w", err)
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("lo: %w", err)
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req); err != nil {
		return fmt.Errorf("lo: %w", err)
	}
	return nil
}

// limits gives what a root's login shell has on a usual machine. (Memory for
// BPF is counted against RLIMIT_MEMLOCK before 5.11, and is left as the kernel
// gives it: raising it is gotrace's own job, and tested.)
func limits() {
	unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1024, Max: 1 << 20})
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}

// list reads a file of strings that end in NUL.
func list(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00"), nil
}

// openPort opens a serial port that passes on every byte as it is.
func openPort(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	tio, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, &os.PathError{Op: "TCGETS", Path: path, Err: err}
	}
	// Raw: no newline made into two bytes, no echo, no signals. The speed is a
	// word only; QEMU's port takes a byte as soon as it is written.
	tio.Iflag, tio.Oflag, tio.Lflag = 0, 0, 0
	tio.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, tio); err != nil {
		return nil, &os.PathError{Op: "TCSETS", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// drain waits until the port's last byte has left the guest.
func drain(port *os.File) {
	unix.IoctlSetInt(int(port.Fd()), unix.TCSBRK, 1)
}

// command runs argv to its end, with its output copied to out, and returns the
// exit code that a shell would give it.
//
// It does not use os/exec: the first process inherits every orphan of the
// guest and has to wait for them all, which would take os/exec's child away
// from it.
func command(argv, env []string, dir string, out io.Writer) (int, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	// A pipe and not the port itself: on a terminal a program may behave
	// otherwise than under go test.
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(out, r)
		copied <- err
	}()
	proc, err := os.StartProcess(argv[0], argv, &os.ProcAttr{
		Dir:   dir,
		Env:   env,
		Files: []*os.File{null, w, w},
	})
	w.Close()
	if err != nil {
		return 0, err
	}
	code := 0
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("wait: %w", err)
		}
		if pid != proc.Pid {
			continue
		}
		code = status.ExitStatus()
		if status.Signaled() {
			code = 128 + int(status.Signal())
		}
		break
	}
	// Whoever the command left behind may hold the pipe open for ever.
	select {
	case err = <-copied:
	case <-time.After(2 * time.Second):
	}
	return code, err
}
