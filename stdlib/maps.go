package stdlib

// mapRows work on maps.
func mapRows() []Function {
	return []Function{
		{
			Name: "clear", Params: params(req("map", "map")), Result: "void", Async: true,
			Doc:     "Removes all elements of a map.",
			Example: "tracepoint:sched:sched_switch { @[comm] = count(); } interval:1s { print(@); clear(@); }",
		},
		{
			Name: "zero", Params: params(req("map", "map")), Result: "void", Async: true,
			Doc:     "Sets all values of a map to zero and keeps its keys.",
			Example: "tracepoint:sched:sched_switch { @[comm] = count(); } interval:1s { print(@); zero(@); }",
		},
		{
			Name: "delete", Params: params(req("map", "map"), opt("key", "key")), Result: "bool",
			Doc:     "Deletes one element of a map and says whether there was one. A map without keys takes no key. The older form `delete(@map[key])` means the same.",
			Example: "kprobe:vfs_read { @start[tid] = nsecs; } kretprobe:vfs_read { delete(@start, tid); }",
		},
		{
			Name: "has_key", Params: params(req("map", "map"), req("key", "key")), Result: "bool",
			Doc:     "Whether a map has an element of this key. Several keys are a tuple.",
			Example: "begin { @[1, \"a\"] = 1; if (has_key(@, (1, \"a\"))) { print(1); } }",
		},
		{
			Name: "find", Params: params(req("map", "map"), req("key", "key"), req("result", "variable")), Result: "bool",
			Doc:     "Whether a map has an element of this key; if so, its value is stored in the variable.",
			Example: "begin { @[1] = 2; let $v = 0; if (find(@, 1, $v)) { print($v); } }",
		},
		{
			Name: "len", Params: params(req("value", "map|stack|string")), Result: "int64",
			Doc:     "Number of elements of a map, of frames of a stack, of characters of a string.",
			Example: "tracepoint:sched:sched_switch { @[comm] = count(); } interval:1s { print(len(@)); }",
		},
	}
}
