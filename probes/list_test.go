package probes_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/tracefs"
)

// list lists a pattern of the snapshot.
func list(t *testing.T, pattern string, verbose bool) string {
	t.Helper()
	var out strings.Builder
	n, err := pinned(t).List(&out, pattern, verbose)
	if err != nil {
		t.Errorf("%s: %v", pattern, err)
	}
	if lines := strings.Count(out.String(), "\n"); !verbose && lines != n {
		t.Errorf("%s: %d lines, said %d", pattern, lines, n)
	}
	return out.String()
}

func TestList(t *testing.T) {
	for pattern, want := range map[string]string{
		"tracepoint:sched:sched_w*":       "tracepoint:sched:sched_wakeup\ntracepoint:sched:sched_wakeup_new\n",
		"t:*sched_wakeup":                 "tracepoint:sched:sched_wakeup\n",
		"sched_wakeup":                    "rawtracepoint:vmlinux:sched_wakeup\ntracepoint:sched:sched_wakeup\n",
		"*:sched:sched_switch":            "tracepoint:sched:sched_switch\n",
		"*vfs_rea*":                       "fentry:vmlinux:vfs_read\nfentry:vmlinux:vfs_readv\nkprobe:vfs_read\nkprobe:vfs_readv\n",
		"kprobe:kvm:*":                    "kprobe:kvm:kvm_arch_vcpu_load\nkprobe:kvm:kvm_mmu_page_fault\nkprobe:kvm:kvm_set_msr\n",
		"kr:vfs_open":                     "kretprobe:vfs_open\n",
		"software:cpu*":                   "software:cpu-clock:\nsoftware:cpu-migrations:\nsoftware:cpu:\n",
		"interval":                        "",
		"i:*":                             "interval:hz:\ninterval:ms:\ninterval:s:\ninterval:us:\n",
		"rt:sched_s*":                     "rawtracepoint:vmlinux:sched_switch\n",
		"uprobe:/bin/bash:rl_*":           "uprobe:/bin/bash:rl_set_prompt\nuprobe:/bin/bash:rl_stuff_char\n",
		"s:cs:, h:cycles:":                "software:cs:\nhardware:cycles:\n",
		"struct in6*":                     "struct in6_addr\nstruct in6_pktinfo\n",
		"enum cpu_*":                      "enum cpu_usage_stat\n",
		"begin":                           "",
		"tracepoint:no_such_thing:at_all": "",
	} {
		if got := list(t, pattern, false); got != want {
			t.Errorf("%s:\n%s", pattern, got)
		}
	}
}

func TestListVerbose(t *testing.T) {
	for pattern, want := range map[string]string{
		"tracepoint:syscalls:sys_enter_openat": `tracepoint:syscalls:sys_enter_openat
    int __syscall_nr
    int dfd
    const char * filename
    int flags
    umode_t mode
`,
		"rt:sched_switch": `rawtracepoint:vmlinux:sched_switch
    bool preempt
    struct task_struct * prev
    struct task_struct * next
    unsigned int prev_state
`,
		"k:vfs_open":  "kprobe:vfs_open\n    const struct path * path\n    struct file * file\n",
		"kr:vfs_open": "kretprobe:vfs_open\n    int retval\n",
		"struct path": "vmlinux: struct path {\n\tstruct vfsmount *mnt;\n\tstruct dentry *dentry;\n};\n\n",
	} {
		if got := list(t, pattern, true); got != want {
			t.Errorf("%s:\n%s", pattern, got)
		}
	}
}

func TestListErrors(t *testing.T) {
	var out strings.Builder
	var missing *typecheck.NotFound
	if _, err := pinned(t).List(&out, "trcepoint:*", false); !errors.As(err, &missing) || missing.Hint != `did you mean "tracepoint"?` {
		t.Errorf("%v", err)
	}
}

func TestListPoints(t *testing.T) {
	w := pinned(t)
	var out strings.Builder
	for _, text := range []string{"begin", "kprobe:vfs_open", "tracepoint:sched:sched_wakeup", "interval:1s"} {
		points, err := w.Points(spec(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.ListPoints(&out, points, false); err != nil {
			t.Fatal(err)
		}
	}
	if got := out.String(); got != "kprobe:vfs_open\ntracepoint:sched:sched_wakeup\ninterval:us:1000000\n" {
		t.Error(got)
	}
}

func TestLiveList(t *testing.T) {
	if _, err := tracefs.Find(); err != nil {
		t.Skipf("needs tracefs: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to read tracefs")
	}
	var out strings.Builder
	n, err := probes.NewLive(probes.Options{}).List(&out, "tracepoint:syscalls:sys_enter_*", false)
	if err != nil || n < 100 || !strings.Contains(out.String(), "tracepoint:syscalls:sys_enter_openat\n") {
		t.Errorf("%d, %v", n, err)
	}
}
