package stdlib

// laterRows are functions of the reference that have no meaning here yet. They
// are in the table so that a script that uses one is told so, and not that the
// name is unknown.
func laterRows() []Function {
	later := func(name, result, hint, doc, example string, ps ...Param) Function {
		return Function{Name: name, Result: result, Params: ps, Unsupported: hint, Doc: doc, Example: example}
	}
	bare := func(f Function) Function { f.Bare = true; return f }
	return []Function{
		bare(later("dw_ustack", "ustack", "use ustack, which follows frame pointers", "The call stack of the program by its DWARF unwind tables.", "profile:hz:99 { @[dw_ustack] = count(); }", opt("mode", "name"), opt("limit", "const int"))),
		later("skboutput", "uint32", "print what you need of the sk_buff", "Writes a network packet to a file.", "begin { print(skboutput(\"a\", 1, 2, 3)); }", req("path", "const string"), req("skb", "pointer"), req("length", "uint64"), req("offset", "uint64")),
		later("unwatch", "void", "watchpoints are not supported yet either", "Removes a watchpoint.", "begin { unwatch(1); }", req("address", "pointer")),
		later("debugf", "void", "use printf", "Prints to the kernel's trace pipe.", "begin { debugf(\"a\"); }", req("format", "const string"), variadic("args", "any")),
	}
}
