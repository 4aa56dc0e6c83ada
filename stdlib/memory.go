package stdlib

import "github.com/gotrace/gotrace/lang/point"

// memoryRows read memory and choose where it is read from.
func memoryRows() []Function {
	return []Function{
		{
			Name: "str", Params: params(req("data", "char*"), opt("length", "uint64")), Result: "string",
			Doc:     "Reads a string that ends in a NUL byte from memory, at most `length` or else `max_strlen` - 1 characters of it.",
			Example: "tracepoint:syscalls:sys_enter_openat { print(str(args.filename, 64)); }",
		},
		{
			Name: "buf", Params: params(req("data", "void*"), opt("length", "uint64")), Result: "buffer",
			Doc:     "Reads `length` bytes from memory; of an array, all of it. At most `max_strlen` bytes are read.",
			Example: "tracepoint:syscalls:sys_enter_openat { printf(\"%r\\n\", buf(args.filename, 8)); }",
		},
		{
			Name: "path", Params: params(req("path", "struct path*"), opt("size", "const int")), Result: "string",
			Doc:      "The full path of a file, from the kernel's `struct path`, which must be one of an argument of the probe. The kernel allows it in some functions only, such as `filp_close`, and in iterators; elsewhere loading fails.",
			Example:  "fentry:filp_close { print(path(args.filp.f_path)); }",
			Contexts: []point.Context{point.Fentry, point.Fexit, point.Iter},
		},
		{
			Name: "kptr", Params: params(req("pointer", "T*")), Result: "T*",
			Doc:     "The same pointer, marked as one into kernel memory.",
			Example: "kprobe:vfs_read { print(*kptr((uint64*)arg0)); }",
		},
		{
			Name: "uptr", Params: params(req("pointer", "T*")), Result: "T*",
			Doc:     "The same pointer, marked as one into the memory of the current process.",
			Example: "kprobe:do_sys_openat2 { print(str(uptr((int8*)arg1))); }",
		},
		{
			Name: "bswap", Params: params(req("value", "int")), Result: "unsigned int of the same size",
			Doc:     "The integer with its bytes in reverse order.",
			Example: "begin { printf(\"%x\\n\", bswap((uint32)0x12345678)); }",
		},
		{
			Name: "is_err", Params: params(req("pointer", "void*")), Result: "bool",
			Doc:     "Whether a pointer is an error code in disguise, as the kernel's `IS_ERR` tells.",
			Example: "kretprobe:do_filp_open { if (is_err(retval)) { @errors = count(); } }",
		},
	}
}
