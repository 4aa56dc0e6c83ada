package stdlib

// symbolRows turn addresses into names and names into addresses.
func symbolRows() []Function {
	return []Function{
		{
			Name: "ksym", Params: params(req("address", "uint64")), Result: "ksym",
			Doc:     "The kernel symbol that an address is in; it is looked up when the value is printed.",
			Example: "kprobe:vfs_read { @[ksym(reg(\"ip\"))] = count(); }",
		},
		{
			Name: "usym", Params: params(req("address", "uint64")), Result: "usym",
			Doc:     "The symbol of the current process that an address is in; it is looked up when the value is printed.",
			Example: "uprobe:/bin/bash:readline { print(usym(reg(\"ip\"))); }",
		},
		{
			Name: "kaddr", Params: params(req("symbol", "const string")), Result: "uint64", CompileTime: true,
			Doc:     "Address of a kernel symbol.",
			Example: "interval:1s { print(*(uint64*)kaddr(\"jiffies\")); }",
		},
		{
			Name: "percpu_kaddr", Params: params(req("symbol", "const string"), opt("cpu", "uint32")), Result: "uint64*",
			Doc:     "Pointer to a per-CPU variable of the kernel, on the current CPU or the one given; null on a CPU that does not exist.",
			Example: "interval:1s { print((int32)*percpu_kaddr(\"process_counts\", 0)); }",
		},
		{
			Name: "uaddr", Params: params(req("symbol", "const string")), Result: "uint64*", CompileTime: true, Contexts: userContexts(),
			Doc:     "Pointer to a variable of the traced binary, by its name. What it points at is an unsigned integer of the symbol's size, or of eight bytes.",
			Example: "uprobe:/bin/bash:readline { print(*uaddr(\"ps1_prompt\")); }",
		},
	}
}
