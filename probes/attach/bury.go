package attach

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Closing the perf event of a tracepoint or probe takes the kernel up to 75 ms,
// and one at a time: it waits for grace periods with a lock held
// (kernel/trace/trace_event_perf.c, perf_trace_destroy). With some hundred of
// them that is half a minute in which the user looks at a program that does not
// end, whether it closes them or leaves that to its exit.
//
// The wait is not for us: the program is off the event as soon as its link is
// closed. So the last reference to the events is given to an io_uring, whose
// remains a kernel thread clears away after it is closed. This process, or its
// exit, waits for nothing.

// ioUringParams is as large as struct io_uring_params (include/uapi/linux/io_uring.h).
type ioUringParams [120]byte

// ioUringRegisterFiles is IORING_REGISTER_FILES (Linux 5.1).
const ioUringRegisterFiles = 2

// buryMost is how many files one ring is given: below the limit of open files,
// which counts for these as well, and of any kernel's fixed files.
const buryMost = 512

// bury closes files, in the background if the kernel has io_uring and lets us
// use it. It returns those that it could not take.
func bury(files []fd) []fd {
	for len(files) > 0 {
		n := min(len(files), buryMost)
		if !entomb(files[:n]) {
			break
		}
		files = files[n:]
	}
	return files
}

// entomb makes a ring hold files, lets go of them, and closes it.
func entomb(files []fd) bool {
	var params ioUringParams
	ring, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
	if errno != 0 {
		return false
	}
	defer unix.Close(int(ring))
	numbers := make([]int32, len(files))
	for i, f := range files {
		numbers[i] = int32(f)
	}
	_, _, errno = unix.Syscall6(unix.SYS_IO_URING_REGISTER, ring, ioUringRegisterFiles,
		uintptr(unsafe.Pointer(&numbers[0])), uintptr(len(numbers)), 0, 0)
	if errno != 0 {
		return false
	}
	for _, f := range files {
		f.Close()
	}
	return true
}
