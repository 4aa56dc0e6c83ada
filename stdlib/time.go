package stdlib

import "github.com/gotrace/gotrace/lang/types"

// timeRows is about clocks and dates.
func timeRows() []Function {
	return []Function{
		{
			Name: "nsecs", Bare: true, Params: params(opt("clock", "monotonic|boot|tai|sw_tai")),
			Result: "uint64", Type: types.Uint64(),
			Doc: "Nanoseconds of a kernel clock. `boot`, the default, counts from boot and includes time spent suspended; `monotonic` leaves suspended time out; `tai` is atomic time; `sw_tai` is atomic time computed from the boot clock, for kernels without the former.",
			Example: `kprobe:vfs_read { @start[tid] = nsecs; }
kretprobe:vfs_read /has_key(@start, tid)/ { @ns = hist(nsecs - @start[tid]); delete(@start, tid); }`,
		},
		{
			Name: "elapsed", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "Nanoseconds since tracing began.",
			Example: "interval:1s { print(elapsed); }",
		},
		{
			Name: "jiffies", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "The kernel's tick counter.",
			Example: "interval:1s { print(jiffies); }",
		},
		{
			Name: "time", Params: params(opt("format", "const string")), Result: "void", Async: true,
			Doc:     "Prints the time of day, by default as `%H:%M:%S` and a newline. The format is that of strftime(3). It is the time at which user space handles the event.",
			Example: "interval:1s { time(\"%H:%M:%S \"); print(@); } tracepoint:sched:sched_switch { @ = count(); }",
		},
		{
			Name: "strftime", Params: params(req("format", "const string"), req("nanoseconds", "uint64")), Result: "timestamp",
			Doc:     "A moment in time, given in nanoseconds of `nsecs`, that is formatted as in strftime(3) when it is printed; `%f` is the microseconds.",
			Example: "interval:1s { printf(\"%s\\n\", strftime(\"%H:%M:%S.%f\", nsecs)); }",
		},
	}
}
