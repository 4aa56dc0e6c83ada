package main

// script is one entry of the corpus: a program and, if what it prints can be
// compared, what to run under it.
type script struct {
	name    string
	program string
	args    []string
	// workload is a command to run when the probes are attached; keep is what a line of the output
	// must contain to count (the system has other processes, too).
	workload string
	keep     string
	// compare says that both tracers' output is held against each other, numbers
	// that differ by nature aside.
	compare bool
	// loose takes all numbers for the same: they are times and process ids.
	loose  bool
	unsafe bool
}

// fires reports whether the workload makes a tool print something of its own.
func fires(tool string) bool {
	switch tool {
	case "opensnoop.bt", "execsnoop.bt", "statsnoop.bt":
		return true
	}
	return false
}

// load is a copy of this program under a name of its own, so that "comm" tells
// its events from everybody else's; see work.
const load = "corpusload"

// oneLiners are the sorts of one-line programs that the tutorial, the manual
// and the reference of bpftrace teach, in our own words.
func oneLiners() []script {
	return append(append(firing(), attaching()...), oldSyntax()...)
}

// firing are programs whose probes can be made to fire here.
func firing() []script {
	list := []script{
		{name: "hello", program: `begin { printf("hello world\n"); exit(); }`},
		{name: "open files", program: `tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args.filename)); }`, workload: load, keep: load + " /proc/self/comm"},
		{name: "opens by process", program: `tracepoint:syscalls:sys_enter_openat /comm == "corpusload"/ { @[comm] = count(); }`, workload: load, keep: "@[" + load},
		{name: "read sizes", program: `tracepoint:syscalls:sys_exit_read /comm == "corpusload"/ { @bytes = hist(args.ret); }`, workload: load, keep: "["},
		{name: "read sizes, linear", program: `tracepoint:syscalls:sys_exit_read /comm == "corpusload"/ { @bytes = lhist(args.ret, 0, 2000, 200); }`, workload: load, keep: "["},
		{name: "programs started", program: `tracepoint:syscalls:sys_enter_execve { join(args.argv); }`, workload: load, keep: load + " work"},
		{name: "opens by name", program: `tracepoint:syscalls:sys_enter_openat /comm == "corpusload"/ { @[str(args.filename)] = count(); }`, workload: load, keep: "@["},
		{name: "process start", program: `tracepoint:sched:sched_process_exec { printf("%s %s\n", comm, str(args.filename)); }`, workload: load, keep: load},
		{name: "bytes by process", program: `tracepoint:syscalls:sys_exit_read /comm == "corpusload" && args.ret > 0/ { @[comm] = sum(args.ret); }`, workload: load, keep: "@[" + load},
		{name: "stats", program: `tracepoint:syscalls:sys_exit_read /comm == "corpusload"/ { @ = stats(args.ret); }`, workload: load, keep: "@"},
		{name: "least and most", program: `tracepoint:syscalls:sys_exit_read /comm == "corpusload"/ { @least = min(args.ret); @most = max(args.ret); @mean = avg(args.ret); }`, workload: load, keep: "@"},
		{name: "errors of opens", program: `tracepoint:syscalls:sys_exit_openat /args.ret < 0 && comm == "corpusload"/ { @[comm, -args.ret] = count(); }`, workload: load, keep: "@["},
		{name: "exits", program: `tracepoint:syscalls:sys_enter_exit_group /comm == "corpusload"/ { printf("%s exits with %d\n", comm, args.error_code); }`, workload: load, keep: load},
		{name: "tuples", program: `begin { $t = (1, "two", (3, -4)); print($t); print($t.2.1); @[1, "x"] = (5, 6); exit(); }`},
		{name: "records", program: `begin { $r = (a=1, b="x"); print($r); print($r.b); exit(); }`},
		{name: "parameters", program: `begin { printf("%d %s %d\n", $1, str($2), $#); exit(); }`, args: []string{"42", "hello"}},
		{name: "formats", program: `begin { printf("%5d|%-5d|%05d|%x|%X|%o|%c|%s|%10s|%-10s|%%|%lu\n", 42, 42, 42, 255, 255, 8, 65, "s", "r", "l", (uint64)1); exit(); }`},
		{name: "shifts and signs", program: `begin { $a = (int64)-8; print($a >> 1); print($a << 1); print((uint8)300); print((int8)200); print(-1 < 1); exit(); }`},
		{name: "comparison of strings", program: `begin { print(comm == "x"); print(strncmp("abc", "abd", 2)); print(strcontains("haystack", "st")); print(strstr("haystack", "st")); exit(); }`},
		{name: "loop over a range", program: `begin { for ($i : 0..5) { printf("%d ", $i); } printf("\n"); exit(); }`},
		{name: "loop over a map", program: `begin { @a[1] = 10; for ($kv : @a) { printf("%d %d\n", $kv.0, $kv.1); } exit(); }`},
		{name: "while", program: `begin { $i = 0; while ($i < 4) { printf("%d ", $i); $i++; } printf("\n"); exit(); }`},
		{name: "unroll", program: `begin { unroll(3) { printf("again "); } printf("\n"); exit(); }`},
		{name: "macro", program: `macro twice(x) { x * 2 } begin { print(twice(21)); exit(); }`},
		{name: "ternary", program: `begin { $x = 5; printf("%s\n", $x > 3 ? "many" : "few"); exit(); }`},
		{name: "addresses of the network", program: `begin { printf("%s %s\n", ntop(0x0100007f), ntop(pton("::1"))); exit(); }`},
		{name: "names", program: `begin { printf("%s\n", signal_name(9)); exit(); }`},
		{name: "map functions", program: `begin { @a[1] = 1; @a[2] = 2; delete(@a, 1); print(len(@a)); print(has_key(@a, 1)); print(has_key(@a, 2)); clear(@a); exit(); }`},
		{name: "print top", program: `begin { @a[1] = (uint64)30; @a[2] = (uint64)20; @a[3] = (uint64)10; print(@a, 2); print(@a, 2, 10); clear(@a); exit(); }`},
		{name: "end probe", program: `begin { @x = 1; exit(); } end { printf("bye %d\n", @x); clear(@x); }`},
		{name: "exit code", program: `begin { print("leaving"); exit(3); }`},
		{name: "getopt", program: `begin { print((getopt("aa", 1), getopt("bb"))); exit(); }`, args: []string{"--", "--aa=20", "--bb"}},
	}
	for i := range list {
		list[i].compare = true
	}
	return list
}

// attaching are programs that are only loaded and attached.
func attaching() []script {
	return []script{
		{name: "sizes of block I/O", program: `tracepoint:block:block_rq_issue { @ = hist(args.bytes); }`},
		{name: "scheduler events", program: `tracepoint:sched:sched* { @[probe] = count(); } interval:s:5 { exit(); }`},
		{name: "kernel stacks", program: `profile:hz:99 { @[kstack] = count(); }`},
		{name: "stacks of switches", program: `tracepoint:sched:sched_switch { @[kstack] = count(); }`},
		{name: "user stacks", program: `profile:hz:99 /pid == 1/ { @[ustack(5)] = count(); }`},
		{name: "time of reads", program: `kprobe:vfs_read { @start[tid] = nsecs; } kretprobe:vfs_read /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start, tid); }`},
		{name: "bytes of reads", program: `kretprobe:vfs_read { @bytes = lhist(retval, 0, 2000, 200); }`},
		{name: "functions of the file system", program: `kprobe:vfs_* { @[func] = count(); }`},
		{name: "fields of a struct", program: `kprobe:vfs_open { printf("open path: %s\n", str(((struct path *)arg0)->dentry->d_name.name)); }`},
		{name: "system calls by kind", program: `tracepoint:syscalls:sys_enter_* { @[probe] = count(); }`},
		{name: "page faults", program: `software:faults:1 { @[comm] = count(); }`},
		{name: "cache misses", program: `hardware:cache-misses:1000000 { @[comm, pid] = count(); }`},
		{name: "file opens, typed", program: `fentry:vfs_open { printf("%s\n", str(args.path.dentry.d_name.name)); }`},
		{name: "results, typed", program: `fexit:vfs_read { @[retval > 0] = count(); }`},
		{name: "raw tracepoint", program: `rawtracepoint:sched_switch { @ = count(); }`},
		{name: "signals sent", program: `tracepoint:syscalls:sys_enter_kill { printf("%s sends %d to %d\n", comm, args.sig, args.pid); }`},
		{name: "shell", program: `uretprobe:/bin/bash:readline { printf("%s\n", str(retval)); }`},
		{name: "every second", program: `interval:s:1 { time("%H:%M:%S "); print(@); clear(@); } tracepoint:syscalls:sys_enter_execve { @ = count(); }`},
		{name: "system", program: `begin { system("date"); exit(); }`, unsafe: true},
		{name: "lru map", program: `let @a = lruhash(100); begin { @a[1] = 1; exit(); }`},
	}
}

// oldSyntax are programs as they were written for older versions.
func oldSyntax() []script {
	return []script{
		{name: "old: BEGIN and END", program: `BEGIN { @x = 1; exit(); } END { clear(@x); printf("done\n"); }`, compare: true},
		{name: "old: args with an arrow", program: `tracepoint:syscalls:sys_enter_openat { printf("%s\n", str(args->filename)); }`},
		{name: "old: delete of an element", program: `begin { @x[1] = 1; delete(@x[1]); exit(); }`, compare: true},
		{name: "old: short names", program: `t:sched:sched_switch { @[comm] = count(); } i:s:1 { exit(); }`},
		{name: "old: kfunc", program: `kfunc:vfs_read { @ = count(); } kretfunc:vfs_read { @r = count(); }`},
		{name: "old: stack", program: `profile:hz:99 { @[stack] = count(); }`},
		{name: "old: short kprobe", program: `k:vfs_read { @ = count(); }`},
		{name: "old: sarg0", program: `uprobe:/bin/bash:readline { printf("%d\n", sarg0); }`},
	}
}
