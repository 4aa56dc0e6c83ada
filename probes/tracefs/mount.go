package tracefs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// NotMounted is the error of a system without a readable tracefs.
type NotMounted struct {
	// Err is why it could not be read or mounted.
	Err error
}

func (e *NotMounted) Error() string {
	if errors.Is(e.Err, os.ErrPermission) {
		return "may not read the tracing file system at " + places()[0]
	}
	return "the tracing file system is not mounted at " + places()[0]
}

// Hint says what to do about it.
func (e *NotMounted) Hint() string {
	if errors.Is(e.Err, os.ErrPermission) {
		return "run as root"
	}
	if errors.Is(e.Err, unix.ENODEV) {
		return "this kernel has no tracefs (CONFIG_TRACING is off)"
	}
	return "mount it: mount -t tracefs tracefs " + places()[0]
}

func (e *NotMounted) Unwrap() error { return e.Err }

// places are where tracefs is mounted: by itself since 4.1, before that only
// as a part of debugfs, which a kernel still does (Documentation/trace/ftrace.rst).
func places() []string { return []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"} }

// Find returns the mounted tracing file system. One that is not mounted is, if
// this process may. The error is a *NotMounted.
func Find() (*FS, error) {
	var first error
	for _, place := range places() {
		// The folder exists also when nothing is mounted on it.
		_, err := os.Stat(place + "/events")
		if err == nil {
			return New(os.DirFS(place), place), nil
		}
		if first == nil || errors.Is(err, os.ErrPermission) {
			first = err
		}
	}
	if errors.Is(first, os.ErrPermission) {
		return nil, &NotMounted{Err: first}
	}
	place := places()[0]
	if err := unix.Mount("tracefs", place, "tracefs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		if errors.Is(err, unix.EPERM) {
			err = first
		}
		return nil, &NotMounted{Err: err}
	}
	if _, err := os.Stat(place + "/events"); err != nil {
		return nil, &NotMounted{Err: err}
	}
	return New(os.DirFS(place), place), nil
}
