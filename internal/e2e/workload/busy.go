package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// busy does, within half a second or so, a little of everything that the
// examples watch. It changes nothing outside a temporary folder of its own:
// the mount, the kill and the setuid calls are made so that they fail or say
// what is so already.
func busy() {
	dir, err := os.MkdirTemp("", "gotrace-busy")
	if err != nil {
		fail("%v", err)
	}
	defer os.RemoveAll(dir)
	for range 3 {
		files(dir)
		processes()
		connections()
		identity()
		memory()
		waiting()
		migrate()
		spin(50 * time.Millisecond)
	}
}

func files(dir string) {
	os.Open("/nonexistent/gotrace")
	path := filepath.Join(dir, "short-lived")
	f, err := os.Create(path)
	if err != nil {
		fail("%v", err)
	}
	defer os.Remove(path)
	defer f.Close()
	f.Write(make([]byte, 1000))
	f.Write(make([]byte, 10000))
	if err := f.Sync(); err != nil {
		fail("%v", err)
	}
	os.ReadFile("/proc/self/status")
	for _, call := range []uintptr{syscall.SYS_MOUNT, syscall.SYS_UMOUNT2} {
		missing, _ := syscall.BytePtrFromString("/nonexistent/gotrace")
		name := uintptr(unsafe.Pointer(missing))
		if call == syscall.SYS_UMOUNT2 {
			syscall.RawSyscall(call, name, 0, 0)
			continue
		}
		kind, _ := syscall.BytePtrFromString("tmpfs")
		syscall.RawSyscall6(call, name, name, uintptr(unsafe.Pointer(kind)), 0, 0, 0)
	}
}

func processes() {
	exec.Command("/bin/sh", "-c", "exit 3").Run()
	exec.Command("/bin/sh", "-c", "kill -TERM $$").Run()
	exec.Command("/bin/bash", "-c", "x=$(echo y); echo $x").Run()
	syscall.Kill(os.Getpid(), 0)
	syscall.Kill(os.Getpid(), syscall.SIGURG)
}

func connections() {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Write([]byte("hello"))
			c.Close()
		}
	}()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		return
	}
	c.Read(make([]byte, 10))
	c.Close()
}

// identity asks to become who the process is already.
func identity() {
	same := ^uintptr(0)
	syscall.RawSyscall(syscall.SYS_SETRESUID, same, same, same)
	syscall.RawSyscall(syscall.SYS_SETRESGID, same, same, same)
}

func memory() {
	const size = 4 << 20
	m, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		fail("mmap: %v", err)
	}
	for i := 0; i < size; i += 4096 {
		m[i] = 1
	}
	syscall.Munmap(m)
}

// waiting sleeps by the clock, and on a lock that nobody frees.
func waiting() {
	nap := syscall.NsecToTimespec(int64(2 * time.Millisecond))
	syscall.Syscall6(syscall.SYS_CLOCK_NANOSLEEP, 1, 0, uintptr(unsafe.Pointer(&nap)), 0, 0, 0)
	var lock uint32
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&lock)), 128, 0, uintptr(unsafe.Pointer(&nap)), 0, 0)
}

// migrate moves a thread over all the CPUs it may use.
func migrate() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var allowed, one [128]byte
	n, _, _ := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, uintptr(len(allowed)), uintptr(unsafe.Pointer(&allowed[0])))
	for cpu := range int(n) * 8 {
		if allowed[cpu/8]&(1<<(cpu%8)) == 0 {
			continue
		}
		one = [128]byte{}
		one[cpu/8] = 1 << (cpu % 8)
		syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, uintptr(len(one)), uintptr(unsafe.Pointer(&one[0])))
	}
	syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, n, uintptr(unsafe.Pointer(&allowed[0])))
}
