package stdlib

// constantRows are answered by the type checker.
func constantRows() []Function {
	tests := []Function{
		{Name: "is_array", Doc: "Whether an expression is an array."},
		{Name: "is_integer", Doc: "Whether an expression is an integer."},
		{Name: "is_literal", Doc: "Whether an expression is a literal."},
		{Name: "is_ptr", Doc: "Whether an expression is a pointer."},
		{Name: "is_str", Doc: "Whether an expression is a string."},
		{Name: "is_unsigned_integer", Doc: "Whether an expression is an unsigned integer."},
	}
	for i := range tests {
		tests[i].Params = params(req("expression", "any"))
		tests[i].Result, tests[i].CompileTime = "bool", true
		tests[i].Example = "begin { print(" + tests[i].Name + "(comm)); }"
	}
	return append(tests,
		Function{
			Name: "sizeof", Params: params(req("operand", "type|expression")), Result: "uint64", CompileTime: true,
			Doc:     "Size in bytes of a type or of the value of an expression, which is not evaluated.",
			Example: "begin { print(sizeof(struct task_struct)); }",
		},
		Function{
			Name: "offsetof", Params: params(req("record", "type|expression"), req("member", "name")), Result: "uint64", CompileTime: true,
			Doc:     "Offset in bytes of a member, or of a member of a member, of a struct.",
			Example: "begin { print(offsetof(struct task_struct, comm)); }",
		},
		Function{
			Name: "container_of", Params: params(req("pointer", "T*"), req("type", "type"), req("member", "name")), Result: "type*",
			Doc:     "Pointer to the struct of the type whose member is at the pointer.",
			Example: "begin { $name = (uint64)curtask + offsetof(struct task_struct, comm); print(container_of($name, struct task_struct, comm).pid); }",
		},
		Function{
			Name: "typeinfo", Params: params(req("operand", "type|expression")), Result: "record", CompileTime: true,
			Doc:     "What is known of a type, as a record: `btf_id`, `base_type` (\"int\", \"string\", \"pointer\" ...) and `full_type`.",
			Example: "begin { print(typeinfo(pid).full_type); }",
		},
		Function{
			Name: "config", Bare: true, Result: "record", CompileTime: true,
			Doc:     "The settings as a record.",
			Example: "begin { print(config.max_strlen); }",
		},
		Function{
			Name: "getopt", Result: "bool|int|string", CompileTime: true,
			Params:  params(req("name", "const string"), opt("default", "const bool|int|string"), opt("description", "const string")),
			Doc:     "Value of the named parameter that was given after `--`, of the type of its default; without a default, whether it was given.",
			Example: "begin { print(getopt(\"count\", 5)); }",
		},
		Function{
			Name: "default_str_length", Bare: true, Result: "uint64", CompileTime: true,
			Doc:     "The setting `max_strlen`.",
			Example: "begin { print(default_str_length); }",
		},
	)
}

// systemConstantRows are constants too, about the system that the script is
// compiled on.
func systemConstantRows() []Function {
	return []Function{
		{
			Name: "kfunc_exist", Params: params(req("name", "const string")), Result: "bool", CompileTime: true,
			Doc:     "Whether the kernel has a function of this name.",
			Example: "begin { print(kfunc_exist(\"bpf_task_from_pid\")); }",
		},
		{
			Name: "kfunc_allowed", Params: params(req("name", "const string")), Result: "bool", CompileTime: true,
			Doc:     "Whether a function of the kernel may be called here: never, as gotrace calls none.",
			Example: "begin { print(kfunc_allowed(\"bpf_task_from_pid\")); }",
		},
		{
			Name: "cgroupid", Params: params(req("path", "const string")), Result: "uint64", CompileTime: true,
			Doc:     "Id of the cgroup (version 2) at a path, to compare `cgroup` with.",
			Example: "tracepoint:sched:sched_switch /cgroup == cgroupid(\"/sys/fs/cgroup\")/ { @ = count(); }",
		},
	}
}
