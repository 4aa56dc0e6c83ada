package main

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes/headers"
)

// headers are the C headers that scripts may include here. No directory is
// looked at before a script needs one.
func (a *app) headers(f *flags) typecheck.Headers {
	return typecheck.Headers{
		User:   headers.User(f.includeDirs, a.getenv, runtime.GOARCH),
		Kernel: headers.Kernel(kernelRelease(), runtime.GOARCH, a.getenv),
	}
}

// kernelRelease is what uname -r prints.
func kernelRelease() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return ""
	}
	return unix.ByteSliceToString(name.Release[:])
}
