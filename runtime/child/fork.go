package child

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/runtime/child/limit"
)

// What package syscall does around its own fork: signals are held off so that
// no handler of ours runs in the child, and reset there.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()

// image is a program to execute, as execve takes it: a forked child of a Go
// program can do nothing but system calls, so all is made before.
type image struct {
	path       *byte
	argv, envv []*byte
	// wait is where the child waits for a byte, fault where it writes why the
	// program cannot be executed. The other ends are the parent's.
	wait, waitEnd, fault, faultEnd int
	parent                         int
	files                          limit.Limit
}

// newImage prepares the execution of a program.
func newImage(path string, args []string) (*image, error) {
	p, err := syscall.BytePtrFromString(path)
	if err != nil {
		return nil, err
	}
	argv, err := syscall.SlicePtrFromStrings(args)
	if err != nil {
		return nil, err
	}
	envv, err := syscall.SlicePtrFromStrings(os.Environ())
	if err != nil {
		return nil, err
	}
	return &image{path: p, argv: argv, envv: envv, parent: os.Getpid(), files: limit.Files()}, nil
}

// fork makes a child that waits and then executes the image. The calling
// goroutine must be locked to its thread: the child gets SIGTERM when that ends.
func (m *image) fork() (int, error) {
	var wait, fault [2]int
	if err := unix.Pipe2(wait[:], unix.O_CLOEXEC); err != nil {
		return 0, err
	}
	if err := unix.Pipe2(fault[:], unix.O_CLOEXEC); err != nil {
		unix.Close(wait[0])
		unix.Close(wait[1])
		return 0, err
	}
	m.wait, m.waitEnd, m.faultEnd, m.fault = wait[0], wait[1], fault[0], fault[1]
	syscall.ForkLock.Lock()
	pid, errno := m.clone()
	syscall.ForkLock.Unlock()
	unix.Close(m.wait)
	unix.Close(m.fault)
	if errno != 0 {
		unix.Close(m.waitEnd)
		unix.Close(m.faultEnd)
		return 0, errno
	}
	return int(pid), nil
}

// clone forks, and in the child never returns. It must not be moved into its
// caller, whose frame the child would then share the use of.
//
//go:noinline
//go:norace
func (m *image) clone() (pid uintptr, errno syscall.Errno) {
	beforeFork()
	pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		afterFork()
		return pid, errno
	}
	afterForkInChild()
	m.execute()
	return 0, 0
}

// execute is the child's life before its program. It calls nothing that may
// grow the stack, allocate or block another thread: there is no other thread.
//
//go:nosplit
//go:norace
func (m *image) execute() {
	var errno syscall.Errno
	var word [8]byte
	syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGTERM), 0, 0, 0, 0)
	if ppid, _, _ := syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); ppid != uintptr(m.parent) {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 1, 0, 0) // it has ended already
	}
	syscall.RawSyscall(unix.SYS_CLOSE, uintptr(m.waitEnd), 0, 0)
	for {
		n, _, e := syscall.RawSyscall(unix.SYS_READ, uintptr(m.wait), uintptr(unsafe.Pointer(&word[0])), 1)
		if e == unix.EINTR {
			continue
		}
		if n != 1 {
			syscall.RawSyscall(unix.SYS_EXIT_GROUP, 1, 0, 0)
		}
		break
	}
	if m.files.Hard != 0 {
		syscall.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&m.files)), 0, 0, 0)
	}
	_, _, errno = syscall.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(m.path)),
		uintptr(unsafe.Pointer(&m.argv[0])), uintptr(unsafe.Pointer(&m.envv[0])))
	word[0] = byte(errno)
	syscall.RawSyscall(unix.SYS_WRITE, uintptr(m.fault), uintptr(unsafe.Pointer(&word[0])), 1)
	for {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, notExecuted, 0, 0)
	}
}

// notExecuted is the exit code of a child whose program cannot be executed, as
// a shell has it.
const notExecuted = 126

// release lets the child go on and returns why it could not execute its
// program, zero if it could. A child that is gone has nothing to say.
func (m *image) release() syscall.Errno {
	var word [1]byte
	// Of a child that was killed this is EPIPE.
	if n, _ := unix.Write(m.waitEnd, word[:]); n == 1 {
		for {
			n, err := unix.Read(m.faultEnd, word[:])
			if err == unix.EINTR {
				continue
			}
			if n != 1 {
				word[0] = 0
			}
			break
		}
	}
	m.abandon()
	return syscall.Errno(word[0])
}

// abandon closes the ends that are ours.
func (m *image) abandon() {
	unix.Close(m.waitEnd)
	unix.Close(m.faultEnd)
}
