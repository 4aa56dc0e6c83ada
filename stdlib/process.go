package stdlib

import (
	"github.com/gotrace/gotrace/lang/types"
)

// processRows describes the process, thread and task that an event happens in.
func processRows() []Function {
	return []Function{
		{
			Name: "pid", Bare: true, Params: params(opt("namespace", "curr_ns|init")),
			Result: "uint32", Type: types.Uint32(),
			Doc:     "Process id of the current task, which is the thread group id of the kernel. `pid(init)` is the id as seen from the initial PID namespace, `pid` and `pid(curr_ns)` as seen from that of gotrace.",
			Example: "tracepoint:sched:sched_switch { @[pid] = count(); }",
		},
		{
			Name: "tid", Bare: true, Params: params(opt("namespace", "curr_ns|init")),
			Result: "uint32", Type: types.Uint32(),
			Doc:     "Thread id of the current task. `tid(init)` is the id as seen from the initial PID namespace.",
			Example: "tracepoint:sched:sched_switch { @start[tid] = nsecs; }",
		},
		{
			Name: "uid", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "User id of the current task, as seen from the initial namespace.",
			Example: "tracepoint:syscalls:sys_enter_execve /uid == 0/ { @[comm] = count(); }",
		},
		{
			Name: "gid", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "Group id of the current task, as seen from the initial namespace.",
			Example: "tracepoint:syscalls:sys_enter_execve { @[gid] = count(); }",
		},
		{
			Name: "username", Bare: true, Result: "username", Type: types.Type{Kind: types.Username, Size: 8},
			Doc:     "Name of the current user. The name is looked up in user space when the value is printed.",
			Example: "tracepoint:syscalls:sys_enter_execve { @[username] = count(); }",
		},
		{
			Name: "comm", Bare: true, Params: params(opt("pid", "uint32")), Result: "string[16]", Type: types.StringOf(16),
			Doc:     "Name of the current thread; `comm(pid)` is that of its process. Other processes have no name here.",
			Example: "tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }",
		},
		{
			Name: "pcomm", Bare: true, Params: params(opt("task", "struct task_struct*")), Result: "string[16]",
			Doc:     "Name of the parent process of the task, or of the current task: `task.real_parent.comm`.",
			Example: "tracepoint:syscalls:sys_enter_execve { printf(\"%s -> %s\\n\", pcomm, comm); }",
		},
		{
			Name: "ppid", Bare: true, Params: params(opt("task", "struct task_struct*")), Result: "uint32",
			Doc:     "Process id of the parent of the task, or of the current task: `task.real_parent.tgid`.",
			Example: "tracepoint:syscalls:sys_enter_execve { printf(\"%d -> %d\\n\", ppid, pid); }",
		},
		{
			Name: "leader_comm", Bare: true, Params: params(opt("task", "struct task_struct*")), Result: "string[16]",
			Doc:     "Name of the leader of the thread group: `task.group_leader.comm`.",
			Example: "tracepoint:sched:sched_switch { @[leader_comm] = count(); }",
		},
		{
			Name: "leader_tid", Bare: true, Params: params(opt("task", "struct task_struct*")), Result: "uint32",
			Doc:     "Thread id of the leader of the thread group: `task.group_leader.pid`.",
			Example: "tracepoint:sched:sched_switch { @[leader_tid] = count(); }",
		},
		{
			Name: "curtask", Bare: true, Result: "struct task_struct*",
			Doc:     "Pointer to the kernel's description of the current task.",
			Example: "tracepoint:syscalls:sys_enter_execve { print(curtask.prio); }",
		},
		{
			Name: "cgroup", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "Id of the cgroup (version 2) that the current process belongs to.",
			Example: "tracepoint:sched:sched_switch { @[cgroup] = count(); }",
		},
		{
			Name: "cgroup_path", Params: params(req("cgroup", "uint64"), opt("filter", "const string")), Result: "cgroup_path",
			Doc:     "Path of a cgroup by its id. The path is looked up in user space when the value is printed; the optional filter is a wildcard that picks one of the mounted hierarchies.",
			Example: "tracepoint:sched:sched_switch { @[cgroup_path(cgroup)] = count(); }",
		},
		{
			Name: "cpid", Bare: true, Result: "uint32", Type: types.Uint32(),
			Doc:     "Process id of the command started with `-c`, or zero without one.",
			Example: "tracepoint:syscalls:sys_enter_execve /pid == cpid/ { @ = count(); }",
		},
		{
			Name: "has_cpid", Bare: true, Result: "bool", Type: types.BoolType(), CompileTime: true,
			Doc:     "Whether a command was started with `-c`, that is, whether `cpid` means something.",
			Example: "begin { print(has_cpid); }",
		},
	}
}
