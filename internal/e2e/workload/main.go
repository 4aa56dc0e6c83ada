// Command workload makes an exact, small number of events for tests to count.
//
// It is copied under a name of its own for each test, so that "comm" tells its
// events from everybody else's. Calls that are counted are made by
// RawSyscall: the Go runtime neither repeats them nor adds to them.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// Descriptors that only the counted writes use.
const (
	writesFD = 1000
	pairsFD  = 1001
)

var commands = map[string]func(args []string){
	"getppid": func(args []string) { getppid(number(args, 0)) },
	"writes":  func(args []string) { writes(number(args, 0)) },
	"text":    func(args []string) { text(number(args, 0)) },
	"pairs":   func(args []string) { pairs(number(args, 0)) },
	"opens":   func(args []string) { opens(number(args, 0)) },
	"threads": func(args []string) { threads(number(args, 0), number(args, 1)) },
	"touch":   func(args []string) { touches(number(args, 0)) },
	"exec":    execute,
	"wait":    func(args []string) { waitLine(); getppid(number(args, 0)) },
	"stay":    func(args []string) { touches(number(args, 0)); getppid(number(args, 0)); waitLine() },
	"flood":   func(args []string) { flood(number(args, 0)) },
	"busy":    func([]string) { busy() },
	"exit":    func(args []string) { os.Exit(number(args, 0)) },
}

func main() {
	if len(os.Args) > 1 {
		if run := commands[os.Args[1]]; run != nil {
			run(os.Args[2:])
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: workload COMMAND [ARG...]")
	os.Exit(2)
}

func number(args []string, i int) int {
	if i >= len(args) {
		fail("argument %d is missing", i+1)
	}
	n, err := strconv.Atoi(args[i])
	if err != nil {
		fail("%s is no number", args[i])
	}
	return n
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "workload: "+format+"\n", args...)
	os.Exit(1)
}

// getppid makes exactly n getppid calls, all from the first thread.
func getppid(n int) {
	runtime.LockOSThread()
	for range n {
		syscall.RawSyscall(syscall.SYS_GETPPID, 0, 0, 0)
	}
}

func null(fd int) {
	null, err := syscall.Open("/dev/null", syscall.O_WRONLY, 0)
	if err == nil {
		err = syscall.Dup3(null, fd, 0)
	}
	if err != nil {
		fail("/dev/null as %d: %v", fd, err)
	}
}

func write(fd int, p unsafe.Pointer, n int) {
	if got, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(p), uintptr(n)); int(got) != n {
		fail("write: %v", errno)
	}
}

// writes makes n writes of 1, 2, ... n bytes.
func writes(n int) {
	null(writesFD)
	buf := make([]byte, n+1)
	for i := 1; i <= n; i++ {
		write(writesFD, unsafe.Pointer(&buf[0]), i)
	}
}

// text writes eleven bytes of text, n times.
func text(n int) {
	null(writesFD)
	buf := []byte("hello\tworld\x00")
	for range n {
		write(writesFD, unsafe.Pointer(&buf[0]), len(buf)-1)
	}
}

// pairs writes n records of two 64-bit numbers: 1 and 10, 2 and 20, ...
func pairs(n int) {
	null(pairsFD)
	for i := 1; i <= n; i++ {
		p := [2]int64{int64(i), int64(i * 10)}
		write(pairsFD, unsafe.Pointer(&p), int(unsafe.Sizeof(p)))
	}
}

// opens fails to open n paths: the first once, the second twice, and so on.
func opens(n int) {
	dir := -100 // AT_FDCWD
	for i := 1; i <= n; i++ {
		path, _ := syscall.BytePtrFromString("/nonexistent/gotrace/" + strconv.Itoa(i))
		for range i {
			syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(path)), 0, 0, 0, 0)
		}
	}
}

// threads makes n getppid calls from each of several threads at once.
func threads(count, n int) {
	var all sync.WaitGroup
	for range count {
		all.Go(func() { getppid(n) })
	}
	all.Wait()
}

var touched atomic.Int64

//go:noinline
func touch(i int) { touched.Add(int64(i)) }

// touches calls touch with 0, 1, ... n-1.
func touches(n int) {
	for i := range n {
		touch(i)
	}
}

// execute replaces the process, after one execve call.
func execute(args []string) {
	if len(args) == 0 {
		fail("exec needs a program")
	}
	fail("exec %s: %v", args[0], syscall.Exec(args[0], args, os.Environ()))
}

// waitLine says that it is there and waits for a line or the end of its input.
func waitLine() {
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1))
}

// flood makes n getppid calls on every CPU as fast as it can.
func flood(n int) {
	threads(runtime.NumCPU(), n)
}

// spin keeps a CPU busy.
func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		touches(1000)
	}
}
