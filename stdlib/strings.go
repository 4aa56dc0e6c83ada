package stdlib

// stringRows work on strings.
func stringRows() []Function {
	return []Function{
		{
			Name: "strlen", Params: params(req("string", "string")), Result: "uint64",
			Doc:     "Number of characters of a string, without the NUL.",
			Example: "tracepoint:syscalls:sys_enter_openat { @ = hist(strlen(str(args.filename))); }",
		},
		{
			Name: "strcap", Params: params(req("string", "string")), Result: "int64", CompileTime: true,
			Doc:     "How many bytes a string of this type can hold.",
			Example: "begin { print(strcap(comm)); }",
		},
		{
			Name: "strncmp", Params: params(req("a", "string"), req("b", "string"), req("n", "const int")), Result: "uint64",
			Doc:     "Zero if the first `n` characters of both strings are the same, another number otherwise.",
			Example: "tracepoint:syscalls:sys_enter_execve /strncmp(comm, \"ba\", 2) == 0/ { @ = count(); }",
		},
		{
			Name: "strcontains", Params: params(req("haystack", "string"), req("needle", "string")), Result: "bool",
			Doc:     "Whether the one string contains the other.",
			Example: "tracepoint:syscalls:sys_enter_execve /strcontains(comm, \"sh\")/ { @ = count(); }",
		},
		{
			Name: "strstr", Params: params(req("haystack", "string"), req("needle", "string")), Result: "int64",
			Doc:     "Index of the first place where the one string contains the other, or -1.",
			Example: "tracepoint:syscalls:sys_enter_execve { print(strstr(comm, \"sh\")); }",
		},
		{
			Name: "memcmp", Params: params(req("left", "string|array|pointer"), req("right", "string|array|pointer"), req("count", "int")), Result: "int64",
			Doc:     "Compares the first `count` bytes: zero if they are the same, otherwise the difference of the first two that are not.",
			Example: "begin { print(memcmp(\"abc\", \"abd\", 3)); }",
		},
		{
			Name: "str_concat", Params: params(req("a", "string"), req("b", "string")), Result: "string",
			Doc:     "Both strings in one, of at most `max_strlen` bytes.",
			Example: "begin { print(str_concat(comm, \"!\")); }",
		},
		{
			Name: "assert_str", Params: params(req("value", "any")), Result: "void", CompileTime: true,
			Doc:     "Refuses to compile the script if the value is not a string, an array of characters or a pointer to some.",
			Example: "begin { assert_str(comm); }",
		},
		{
			Name: "strerror", Params: params(req("error", "int")), Result: "name",
			Doc:     "Text of an error number. The value stays the number and is printed as the text; it can be compared with literal texts.",
			Example: "tracepoint:syscalls:sys_exit_openat /args.ret < 0/ { @[strerror(-args.ret)] = count(); }",
		},
		{
			Name: "signal_name", Params: params(req("signal", "int")), Result: "name",
			Doc:     "Text of a signal by its number. The value stays the number and is printed as the text.",
			Example: "tracepoint:signal:signal_generate { @[signal_name(args.sig)] = count(); }",
		},
		{
			Name: "syscall_name", Params: params(req("number", "int")), Result: "name",
			Doc:     "Name of a system call by its number on this machine. The value stays the number and is printed as the name.",
			Example: "tracepoint:raw_syscalls:sys_enter { @[syscall_name(args.id)] = count(); }",
		},
	}
}
