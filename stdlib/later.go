package stdlib

// laterRows are functions of the reference that have no meaning here yet. They
// are in the table so that a script that uses one is told so, and not that the
// name is unknown.
func laterRows() []Function {
	later := func(name, result, hint, doc, example string, ps ...Param) Function {
		return Function{Name: name, Result: result, Params: ps, Unsupported: hint, Doc: doc, Example: example}
	}
	bare := func(f Function) Function { f.Bare = true; return f }
	rows := []Function{
		bare(later("ctx", "pointer", "use args, argN or reg()", "Pointer to the raw context of the probe.", "begin { print(ctx); }")),
		bare(later("config", "record", "write the value itself", "The settings as a record.", "begin { print(config); }")),
		later("cgroupid", "uint64", "compare cgroup with the number from `stat -c %i PATH`", "Id of the cgroup at a path.", "begin { print(cgroupid(\"/sys/fs/cgroup\")); }", req("path", "const string")),
		later("container_of", "T*", "subtract offsetof() from the pointer and cast it", "Pointer to the struct that a member is in.", "begin { print(container_of(1, 2, 3)); }", req("pointer", "T*"), req("type", "type"), req("member", "name")),
		bare(later("dw_ustack", "ustack", "use ustack, which follows frame pointers", "The call stack of the program by its DWARF unwind tables.", "profile:hz:99 { @[dw_ustack] = count(); }", opt("mode", "name"), opt("limit", "const int"))),
		later("memcmp", "int64", "compare arrays or strings with ==", "Compares bytes of memory.", "begin { print(memcmp(1, 2, 3)); }", req("a", "any"), req("b", "any"), req("n", "uint64")),
		later("percpu_kaddr", "uint64*", "use kaddr for symbols that are not per CPU", "Address of a per-CPU kernel symbol.", "begin { print(percpu_kaddr(\"runqueues\")); }", req("symbol", "const string"), opt("cpu", "uint32")),
		later("skboutput", "uint32", "print what you need of the sk_buff", "Writes a network packet to a file.", "begin { print(skboutput(\"a\", 1, 2, 3)); }", req("path", "const string"), req("skb", "pointer"), req("length", "uint64"), req("offset", "uint64")),
		later("socket_cookie", "uint64", "use the address of the socket as its name", "Cookie of a socket.", "begin { print(socket_cookie(1)); }", req("sk", "struct sock*")),
		later("str_concat", "string", "print the strings one after the other", "Both strings in one.", "begin { print(str_concat(\"a\", \"b\")); }", req("a", "string"), req("b", "string")),
		later("strerror", "string", "print the number", "Text of an error number.", "begin { print(strerror(1)); }", req("error", "int")),
		later("syscall_name", "string", "print the number", "Name of a system call by its number.", "begin { print(syscall_name(1)); }", req("number", "int")),
		later("unwatch", "void", "watchpoints are not supported yet either", "Removes a watchpoint.", "begin { unwatch(1); }", req("address", "pointer")),
		later("write_user", "bool", "writing to user memory is not possible yet", "Writes to memory of the current process.", "begin { write_user(1, 2, 3); }", req("dst", "pointer"), req("src", "pointer"), req("length", "uint32")),
		later("tseries", "tseries", "use hist or stats by interval", "Time series of a value.", "begin { @ = tseries(1, 1s, 5); }", req("n", "int"), req("interval", "const int"), req("count", "const int"), opt("agg", "const string")),
		later("kfunc_exist", "bool", "leave the test out", "Whether the kernel has a kfunc.", "begin { print(kfunc_exist(\"bpf_iter\")); }", req("name", "const string")),
		later("kfunc_allowed", "bool", "leave the test out", "Whether a kfunc may be called here.", "begin { print(kfunc_allowed(\"bpf_iter\")); }", req("name", "const string")),
		later("debugf", "void", "use printf", "Prints to the kernel's trace pipe.", "begin { debugf(\"a\"); }", req("format", "const string"), variadic("args", "any")),
		later("typeinfo", "record", "use sizeof, or print the value", "Description of a type.", "begin { print(typeinfo(1)); }", req("operand", "any")),
		later("assert_str", "void", "leave the test out", "Checks at compile time that a value is a string.", "begin { assert_str(\"a\"); }", req("value", "any")),
	}
	for i := range rows {
		if rows[i].Name == "tseries" {
			rows[i].Group = Aggregation
		}
	}
	return rows
}
