package stdlib

import "github.com/gotrace/gotrace/lang/point"

// allButTimers are the contexts that belong to a task other than gotrace itself.
func allButTimers() []point.Context {
	return []point.Context{
		point.Tracepoint, point.RawTracepoint, point.BTFTracepoint, point.Fentry, point.Fexit,
		point.Kprobe, point.Kretprobe, point.Uprobe, point.Uretprobe, point.USDT, point.PerfEvent,
	}
}

// stackRows is about call stacks.
func stackRows() []Function {
	return []Function{
		{
			Name: "kstack", Aliases: []string{"stack"}, Bare: true, Result: "kstack",
			Params:  params(opt("mode", "bpftrace|perf|raw"), opt("limit", "const int")),
			Doc:     "The kernel's call stack, at most `limit` frames (127 if not given, 1024 at most). The mode chooses how it is printed and defaults to the setting `stack_mode`.",
			Example: "kprobe:vfs_read { @[kstack(perf, 5)] = count(); }",
		},
		{
			Name: "ustack", Bare: true, Result: "ustack",
			Params:  params(opt("mode", "bpftrace|perf|raw|build_id"), opt("limit", "const int")),
			Doc:     "The call stack of the interrupted program, followed by its frame pointers. Arguments are those of `kstack`.",
			Example: "profile:hz:99 { @[ustack] = count(); }",
		},
	}
}
