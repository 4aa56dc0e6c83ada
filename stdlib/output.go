package stdlib

// outputRows print something, in user space.
func outputRows() []Function {
	return []Function{
		{
			Name: "printf", Params: params(req("format", "const string"), variadic("args", "any")), Result: "void", Async: true,
			Doc:     "Prints values by a format like C's. `%r`, `%rx` and `%rh` print buffers, `%s` prints every type that is text to people: strings, symbols, addresses of the network, stacks, enumerators. `%t` prints nanoseconds in the unit that suits them (`1.2 ms`), `%B` a number of bytes (`3.4 MiB`); both take a precision. `%f` prints a division of integers as a decimal: `printf(\"%.2f\", $bytes / $calls)`.",
			Example: "tracepoint:syscalls:sys_enter_openat { printf(\"%-6d %-16s %s\\n\", pid, comm, str(args.filename)); }",
		},
		{
			Name: "errorf", Params: params(req("format", "const string"), variadic("args", "any")), Result: "void", Async: true,
			Doc:     "As `printf`, but prints an error message with the place in the script.",
			Example: "begin { errorf(\"bad value %d\", 10); }",
		},
		{
			Name: "warnf", Params: params(req("format", "const string"), variadic("args", "any")), Result: "void", Async: true,
			Doc:     "As `printf`, but prints a warning with the place in the script, unless warnings are off.",
			Example: "begin { warnf(\"odd value %d\", 10); }",
		},
		{
			Name: "print", Params: params(req("value", "any|map"), opt("top", "const int"), opt("div", "const int"), variadic("percentiles", "const string")), Result: "void", Async: true,
			Doc:     "Prints a value, or a map: all of it, or only its `top` greatest values, each divided by `div`. Of a map of histograms it prints percentiles instead, if they are named: `print(@, \"p50\", \"p99.9\")`. They are estimated from the buckets, so that a finer histogram (`hist(n, 5)`) gives better ones.",
			Example: "tracepoint:sched:sched_switch { @[comm] = count(); } interval:5s { print(@, 3); clear(@); }",
		},
		{
			Name: "join", Params: params(req("array", "char**"), opt("separator", "const string")), Result: "void", Async: true,
			Doc:     "Prints the strings of a null-terminated array, with a blank or the separator between them.",
			Example: "tracepoint:syscalls:sys_enter_execve { join(args.argv); }",
		},
		{
			Name: "cat", Params: params(req("format", "const string"), variadic("args", "any")), Result: "void", Async: true,
			Doc:     "Prints the contents of a file, whose path is formatted as by `printf`. At most `max_cat_bytes` are printed.",
			Example: "tracepoint:syscalls:sys_enter_execve { cat(\"/proc/%d/maps\", pid); }",
		},
		{
			Name: "system", Params: params(req("command", "const string"), variadic("args", "any")), Result: "void", Async: true, Unsafe: true,
			Doc:     "Runs a shell command, formatted as by `printf`, and prints its output.",
			Example: "tracepoint:syscalls:sys_enter_execve { system(\"ps -p %d\", pid); }",
		},
	}
}
