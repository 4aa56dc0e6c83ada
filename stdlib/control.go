package stdlib

import "github.com/gotrace/gotrace/lang/point"

func userContexts() []point.Context {
	return []point.Context{point.Uprobe, point.Uretprobe, point.USDT}
}

// controlRows act on the tracer or on the traced.
func controlRows() []Function {
	return []Function{
		{
			Name: "exit", Params: params(opt("code", "int")), Result: "void", Async: true,
			Doc:     "Ends tracing, with the exit code if there is one. The end probes still run and maps are printed.",
			Example: "interval:10s { exit(); }",
		},
		{
			Name: "assert", Params: params(req("condition", "bool"), req("message", "string")), Result: "void",
			Doc:     "Ends tracing with an error message and exit code 1 if the condition does not hold.",
			Example: "begin { assert(ncpus > 0, \"no processors\"); }",
		},
		{
			Name: "static_assert", Params: params(req("condition", "const bool"), req("message", "const string")), Result: "void", CompileTime: true,
			Doc:     "Refuses to compile the script if the condition does not hold.",
			Example: "begin { static_assert(sizeof(uint64) == 8, \"odd machine\"); }",
		},
		{
			Name: "fail", Params: params(req("format", "const string"), variadic("args", "const any")), Result: "void", CompileTime: true,
			Doc:     "Refuses to compile the script, unless it is in a branch whose condition is constant and false.",
			Example: "begin { if (sizeof(uint64) != 8) { fail(\"odd machine: %d\", sizeof(uint64)); } }",
		},
		{
			Name: "signal", Params: params(req("signal", "const string|int")), Result: "void", Unsafe: true, Contexts: allButTimers(),
			Doc:     "Sends a signal, by name or number, to the current process.",
			Example: "tracepoint:syscalls:sys_enter_execve /comm == \"bash\"/ { signal(\"STOP\"); }",
		},
		{
			Name: "signal_thread", Params: params(req("signal", "const string|int")), Result: "void", Unsafe: true, Contexts: allButTimers(),
			Doc:     "Sends a signal, by name or number, to the current thread.",
			Example: "tracepoint:syscalls:sys_enter_execve /comm == \"bash\"/ { signal_thread(19); }",
		},
		{
			Name: "write_user", Params: params(req("dst", "void*"), req("src", "value|variable's address"), req("length", "const int")), Result: "bool", Unsafe: true, Contexts: allButTimers(),
			Doc:     "Writes the first `length` bytes of a value of the script to memory of the current process, and says whether that succeeded.",
			Example: "tracepoint:syscalls:sys_enter_openat /comm == \"myapp\"/ { $p = \"/tmp/x\"; write_user(args.filename, &$p, 7); }",
		},
		{
			Name: "override", Params: params(req("value", "uint64")), Result: "void", Unsafe: true, Contexts: []point.Context{point.Kprobe},
			Doc:     "Returns the value to the caller of the traced function without running it. The kernel must allow error injection for the function.",
			Example: "kprobe:vfs_read /comm == \"id\"/ { override(1); }",
		},
	}
}
