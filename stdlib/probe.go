package stdlib

import (
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
)

// Groups of contexts that several rows share.
func entryContexts() []point.Context {
	return []point.Context{point.Kprobe, point.Uprobe, point.RawTracepoint, point.BTFTracepoint, point.Fentry, point.Fexit}
}

func functionContexts() []point.Context {
	return []point.Context{point.Kprobe, point.Kretprobe, point.Uprobe, point.Uretprobe}
}

func registerContexts() []point.Context {
	return append(functionContexts(), point.USDT, point.PerfEvent)
}

// probeRows is about the probe that fired and what it carries.
func probeRows() []Function {
	return []Function{
		{
			Name: "probe", Bare: true, Result: "string", Type: types.Type{Kind: types.ProbeName, Size: 8},
			Doc:     "Full name of the probe that fired.",
			Example: "tracepoint:syscalls:sys_enter_* { @[probe] = count(); }",
		},
		{
			Name: "probetype", Bare: true, Result: "string", CompileTime: true,
			Doc:     "Kind of the probe that fired, such as `kprobe`; `special` for begin and end.",
			Example: "begin { print(probetype); }",
		},
		{
			Name: "func", Bare: true, Result: "string", Type: types.Type{Kind: types.FuncName, Size: 8},
			Contexts: append(functionContexts(), point.Fentry, point.Fexit),
			Doc:      "Name of the function that is traced.",
			Example:  "kprobe:vfs_* { @[func] = count(); }",
		},
		{
			Name: "args", Bare: true, Result: "record",
			Contexts: append(entryContexts(), point.Tracepoint),
			Doc:      "The arguments of the probe by name: `args.filename`.",
			Example:  "tracepoint:syscalls:sys_enter_openat { print(str(args.filename)); }",
		},
		{
			Name: "arg0", Aliases: argNames(), Bare: true, Result: "uint64", Type: types.Uint64(), Contexts: append(entryContexts(), point.USDT),
			Doc:     "`arg0` to `arg9` are the arguments of the traced function by position, as integers.",
			Example: "kprobe:vfs_read { @[arg2] = count(); }",
		},
		{
			Name: "sarg0", Aliases: stackArgNames(), Bare: true, Result: "uint64", Type: types.Uint64(),
			Contexts: []point.Context{point.Kprobe, point.Uprobe},
			Doc:      "`sarg0` to `sarg9` are the words on the stack above the return address, where arguments are that do not fit registers.",
			Example:  "uprobe:/bin/bash:readline { print(sarg0); }",
		},
		{
			Name: "retval", Bare: true, Result: "uint64",
			Contexts: []point.Context{point.Kretprobe, point.Uretprobe, point.Fexit},
			Doc:      "The value that the traced function returned.",
			Example:  "kretprobe:vfs_read { @bytes = hist(retval); }",
		},
		{
			Name: "ctx", Bare: true, Result: "void*",
			Doc:     "Pointer to the raw context that the kernel gives the program, to be cast to what it is.",
			Example: "profile:hz:99 { print(*(uint64 *)ctx); }",
		},
		{
			Name: "reg", Params: params(req("name", "const string")), Result: "uint64", Contexts: registerContexts(),
			Doc:     "Contents of a register of the interrupted code, by its name on this machine, such as `ip`, `sp`, `di` or `r8`.",
			Example: "kprobe:vfs_read { @[ksym(reg(\"ip\"))] = count(); }",
		},
	}
}

func argNames() []string {
	return []string{"arg1", "arg2", "arg3", "arg4", "arg5", "arg6", "arg7", "arg8", "arg9"}
}

func stackArgNames() []string {
	return []string{"sarg1", "sarg2", "sarg3", "sarg4", "sarg5", "sarg6", "sarg7", "sarg8", "sarg9"}
}
