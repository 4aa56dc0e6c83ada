package main

// wantedEvents are the tracepoints of a snapshot.
func wantedEvents() []string {
	events := []string{
		"block:block_rq_complete", "block:block_rq_insert", "block:block_rq_issue",
		"exceptions:page_fault_user",
		"irq:irq_handler_entry", "irq:irq_handler_exit", "irq:softirq_entry", "irq:softirq_exit",
		"kmem:kfree", "kmem:kmalloc", "kmem:kmem_cache_alloc", "kmem:mm_page_alloc",
		"net:net_dev_queue", "net:net_dev_xmit", "net:netif_receive_skb",
		"oom:mark_victim",
		"raw_syscalls:sys_enter", "raw_syscalls:sys_exit",
		"sched:sched_migrate_task", "sched:sched_process_exec", "sched:sched_process_exit", "sched:sched_process_fork",
		"sched:sched_switch", "sched:sched_wakeup", "sched:sched_wakeup_new",
		"signal:signal_deliver", "signal:signal_generate",
		"skb:kfree_skb", "sock:inet_sock_set_state",
		"task:task_newtask", "task:task_rename",
		"tcp:tcp_probe", "tcp:tcp_retransmit_skb",
		"timer:hrtimer_start",
		"vmscan:mm_vmscan_direct_reclaim_begin", "vmscan:mm_vmscan_direct_reclaim_end",
		"workqueue:workqueue_execute_start",
	}
	for _, call := range []string{
		"accept4", "bind", "clone", "close", "connect", "execve", "execveat", "exit_group", "fsync", "getpid", "getppid", "ioctl",
		"kill", "mmap", "mount", "nanosleep", "newfstat", "open", "openat", "openat2", "pread64", "read", "sendto", "setuid",
		"statx", "sync", "unlinkat", "write",
	} {
		events = append(events, "syscalls:sys_enter_"+call, "syscalls:sys_exit_"+call)
	}
	return events
}

// wantedRecords are kept with all their members. Of what these only point at,
// records not in the list are kept as names.
func wantedRecords() []string {
	return []string{
		"address_space", "bio", "block_device", "bpf_perf_event_data", "cgroup", "cred", "css_set", "dentry", "file",
		"fs_struct", "gendisk", "in6_addr", "in_addr", "inet_sock", "inode", "ipv6_pinfo", "iphdr", "kernfs_node", "kiocb",
		"linux_binprm", "list_head", "mm_struct", "mount", "msghdr", "net", "net_device", "nsproxy", "page", "path", "pid",
		"pid_namespace", "pt_regs", "qstr", "request", "rq", "sigaction", "signal_struct", "sk_buff", "sock", "sock_common",
		"sockaddr", "sockaddr_in", "sockaddr_in6", "socket", "super_block", "task_struct", "tcphdr", "tcp_sock", "timespec64",
		"upid", "uts_namespace", "user_namespace", "vfsmount", "vm_area_struct", "__kernel_timespec", "iovec", "user_arg_ptr",
		"thread_info", "sched_entity", "cgroup_subsys_state",
	}
}

// wantedNames are typedefs and enums.
func wantedNames() (typedefs, enums []string) {
	typedefs = []string{
		"pid_t", "uid_t", "gid_t", "size_t", "ssize_t", "loff_t", "umode_t", "dev_t", "sector_t", "gfp_t", "u8", "u16", "u32",
		"u64", "s8", "s16", "s32", "s64", "__be16", "__be32", "atomic_t", "atomic64_t", "kuid_t", "kgid_t", "bool", "ktime_t",
	}
	enums = []string{"pid_type", "req_op", "cpu_usage_stat", "hrtimer_mode", "skb_drop_reason", "zone_type"}
	return typedefs, enums
}

// wantedConstants are enumerators of enums without a name.
func wantedConstants() []string { return []string{"TCP_ESTABLISHED", "IPPROTO_TCP", "SOCK_STREAM"} }

// wantedRaw are the raw tracepoints.
func wantedRaw() []string {
	return []string{
		"block_rq_issue", "kfree_skb", "sched_process_exec", "sched_process_exit", "sched_process_fork", "sched_switch",
		"sched_wakeup", "sys_enter", "sys_exit", "task_rename",
	}
}

// wantedFunctions are the functions that can be probed, some with a module.
func wantedFunctions() []string {
	return []string{
		"blk_account_io_done", "blk_mq_start_request", "cap_capable", "d_lookup", "do_nanosleep", "do_sys_openat2", "do_unlinkat",
		"finish_task_switch", "kfree_skb", "kvm_arch_vcpu_load kvm", "kvm_mmu_page_fault kvm", "kvm_set_msr kvm", "lookup_fast",
		"oom_kill_process", "schedule", "security_file_open", "submit_bio", "tcp_close", "tcp_connect", "tcp_drop",
		"tcp_recvmsg", "tcp_reset", "tcp_retransmit_skb", "tcp_sendmsg", "tcp_set_state", "tcp_v4_connect", "tcp_v6_connect",
		"udp_recvmsg", "udp_sendmsg", "vfs_create", "vfs_fsync", "vfs_open", "vfs_read", "vfs_readv", "vfs_statx", "vfs_unlink",
		"vfs_write", "vfs_writev", "wake_up_new_task",
	}
}

// wantedBinaries are programs with their functions.
func wantedBinaries() map[string][]string {
	return map[string][]string{
		"/bin/bash":                       {"main", "readline", "rl_set_prompt", "rl_stuff_char", "execute_command"},
		"/lib/x86_64-linux-gnu/libc.so.6": {"malloc", "calloc", "free", "getaddrinfo", "gethostbyname", "open", "puts", "realloc", "strlen"},
		"/usr/local/bin/server":           {"main", "handle", "_ZN5MyApp6Server14handle_requestEi", "_ZN5MyApp6Server5closeEv"},
	}
}
