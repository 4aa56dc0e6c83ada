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
			Name: "signal_name", Params: params(req("signal", "const int")), Result: "string", CompileTime: true,
			Doc:     "Name of a signal by its number, which must be a literal.",
			Example: "begin { print(signal_name(9)); }",
		},
	}
}
