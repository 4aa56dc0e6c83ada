package repl

// recipe is a clause to begin with.
type recipe struct {
	title, text string
}

// recipes are what .examples shows and .find searches.
func recipes() []recipe {
	return []recipe{
		{"files opened, by process", `tracepoint:syscalls:sys_enter_openat { @opens[comm] = count(); }`},
		{"files opened, as they are", `tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args.filename)); }`},
		{"programs started", `tracepoint:sched:sched_process_exec { printf("%d %s\n", pid, str(args.filename)); }`},
		{"system calls, by process", `tracepoint:raw_syscalls:sys_enter { @calls[comm] = count(); }`},
		{"system calls that fail", `tracepoint:raw_syscalls:sys_exit /args.ret < 0/ { @errors[comm, -args.ret] = count(); }`},
		{"sizes of reads", `tracepoint:syscalls:sys_exit_read /args.ret > 0/ { @bytes = hist(args.ret); }`},
		{"how long reads take: begin", `tracepoint:syscalls:sys_enter_read { @start[tid] = nsecs; }`},
		{"how long reads take: end", `tracepoint:syscalls:sys_exit_read /@start[tid]/ { @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }`},
		{"where the CPUs are, by stack", `profile:hz:99 { @stacks[kstack] = count(); }`},
		{"who runs, by CPU", `profile:hz:99 { @on[cpu, comm] = count(); }`},
		{"switches of tasks", `tracepoint:sched:sched_switch { @switches[args.prev_comm] = count(); }`},
		{"signals sent", `tracepoint:signal:signal_generate { printf("%s sends %d to %d\n", comm, args.sig, args.pid); }`},
		{"processes that end, with their code", `tracepoint:sched:sched_process_exit { printf("%s %d\n", comm, curtask->exit_code >> 8); }`},
		{"page faults, by process", `software:page-faults:100 { @faults[comm] = count(); }`},
		{"kernel function calls", `kprobe:vfs_read { @reads[comm] = count(); }`},
		{"a line each second", `interval:s:1 { print(@calls, 5); clear(@calls); }`},
	}
}
