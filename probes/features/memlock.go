package features

import (
	"errors"

	"golang.org/x/sys/unix"
)

// unlocked tries something, and once more with the limit of locked memory
// raised: kernels before 5.11 charge programs and maps to it, and what was
// closed a moment ago is still charged.
func unlocked(try func() error) error {
	err := try()
	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if errors.Is(err, unix.EPERM) && unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unlimited) == nil {
		err = try()
	}
	return err
}
