package probes_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/snapshot"
)

// pinned loads the snapshot that all tests share.
func pinned(t testing.TB) *probes.World {
	t.Helper()
	w, err := snapshot.Load(os.DirFS("../testdata/snapshot/6.18"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// spec makes an attach point of its text as the parser does: parts between
// colons, quotes taken off.
func spec(text string) *ast.AttachPoint {
	s := &ast.AttachPoint{Text: text}
	var part strings.Builder
	quoted, inside := false, false
	end := func() {
		s.Parts = append(s.Parts, ast.Part{Text: part.String(), Quoted: quoted})
		part.Reset()
		quoted = false
	}
	for _, c := range text {
		switch {
		case c == '"':
			inside, quoted = !inside, true
		case c == ':' && !inside:
			end()
		default:
			part.WriteRune(c)
		}
	}
	end()
	return s
}

func TestPoints(t *testing.T) {
	w := pinned(t)
	tests := []struct {
		spec string
		want string // the names, or part and message and hint of the error
	}{
		{"begin", "begin"},
		{"BEGIN", "begin"},
		{"END", "end"},
		{"begin:x", "1: begin has nothing after it"},
		{"interval:s:1", "interval:s:1"},
		{"i:1s", "interval:us:1000000"},
		{"interval:ms:100", "interval:ms:100"},
		{"interval:hz:4", "interval:hz:4"},
		{"i:1000000", "interval:us:1000"},
		{"i:5", "1: interval of 5 ns is too short: 1000 ns is the shortest; a bare number is nanoseconds; write interval:s:5 for seconds"},
		{"interval:s:0", "2: the time of interval is zero; write interval:1s, interval:ms:100 or interval:hz:99"},
		{"interval:parsec:1", `1: there is no unit of time "parsec"; the units are s, ms, us and hz`},
		{"interval:s:x", `2: the time of interval is not a number: "x"; write interval:1s, interval:ms:100 or interval:hz:99`},
		{"interval", "0: interval needs more than its name; write interval:1s, interval:ms:100 or interval:hz:99"},
		{"interval:s:1:2", "3: interval cannot have 3 parts; write interval:1s, interval:ms:100 or interval:hz:99"},
		{"profile:hz:99", "profile:hz:99"},
		{"p:10ms", "profile:us:10000"},
		{"software:faults:100", "software:faults:100"},
		{"s:cpu", "software:cpu"},
		{"software:cs:", "software:cs"},
		{"software:fault:", `1: there is no software event "fault"; did you mean "faults"?`},
		{"hardware:cache-misses:1e6", "hardware:cache-misses:1000000"},
		{"h:cycles", "hardware:cycles"},
		{"h:*", "1: hardware probes take no wildcards"},
		{"t:syscalls:sys_enter_execve", "tracepoint:syscalls:sys_enter_execve"},
		{"tracepoint:sched:sched_process_*", "tracepoint:sched:sched_process_exec tracepoint:sched:sched_process_exit tracepoint:sched:sched_process_fork"},
		{"t:*:sched_switch", "tracepoint:sched:sched_switch"},
		{"t:*sched_sw*", "tracepoint:sched:sched_switch"},
		{"t:syscalls:sys_e[nx]*_execve", "tracepoint:syscalls:sys_enter_execve tracepoint:syscalls:sys_exit_execve"},
		{"t:syscalls:sys_enter_openta", `2: there is no tracepoint "syscalls:sys_enter_openta"; did you mean "sys_enter_openat"?`},
		{"t:syscall:sys_enter_openat", `1: there is no tracepoint "syscall:sys_enter_openat"; did you mean "syscalls:sys_enter_openat"?`},
		{"t:shed:sched_swich", `1: there is no tracepoint category "shed"; did you mean "sched"?`},
		{"t:sched_switch", "0: t cannot have 1 part; write tracepoint:CATEGORY:EVENT, such as tracepoint:sched:sched_switch"},
		{"t:sched:nothing*", `2: no tracepoint matches "sched:nothing*"`},
		{`t:"sched":"sched_*"`, `2: there is no tracepoint "sched:sched_*"; gotrace -l 'tracepoint:*' lists them all`},
		{"t:../..:x", `1: there is no tracepoint category "../.."; gotrace -l 'tracepoint:*' lists them all`},
		{"rt:sched_switch", "rawtracepoint:vmlinux:sched_switch"},
		{"rawtracepoint:vmlinux:sys_enter", "rawtracepoint:vmlinux:sys_enter"},
		{"rawtracepoint:sched_p*", "rawtracepoint:vmlinux:sched_process_exec rawtracepoint:vmlinux:sched_process_exit rawtracepoint:vmlinux:sched_process_fork"},
		{"rt:sched_swich", `1: there is no raw tracepoint "sched_swich"; did you mean "sched_switch"?`},
		{"rt:kvm:sched_switch", `1: there is no raw tracepoint "sched_switch" in "kvm"; it is in vmlinux`},
		{"k:vfs_read", "kprobe:vfs_read"},
		{"kprobe:vfs_read+16", "kprobe:vfs_read+16"},
		{"kprobe:kvm:kvm_set_msr", "kprobe:kvm:kvm_set_msr"},
		{"kprobe:vfs_w*", "kprobe:vfs_write kprobe:vfs_writev"},
		{"kprobe:kvm:*", "kprobe:kvm:kvm_arch_vcpu_load kprobe:kvm:kvm_mmu_page_fault kprobe:kvm:kvm_set_msr"},
		{"kr:vfs_read", "kretprobe:vfs_read"},
		{"kr:vfs_read+4", "1: kretprobe takes no offset: it acts where the function returns"},
		{"k:vfs_raed", `1: there is no kernel function "vfs_raed"; did you mean "vfs_read"?`},
		{"k:nomod:vfs_read", `1: kernel module "nomod" is not loaded; lsmod lists those that are`},
		{"k:0xffffffff81000000", "1: a kprobe at an address may crash the kernel; --unsafe allows it"},
		{"k:vfs_*+4", "1: an offset needs one function, not wildcards"},
		{"u:/bin/bash:readline", "uprobe:/bin/bash:readline"},
		{"uprobe:/bin/bash:readline+4", "uprobe:/bin/bash:readline+4"},
		{"uprobe:/bin/bash:readline+400", "2: offset 400 is outside of readline, which has 64 bytes"},
		{"ur:/bin/bash:readline", "uretprobe:/bin/bash:readline"},
		{"ur:/bin/bash:readline+1", "2: uretprobe takes no offset: it acts where the function returns"},
		{"u:/bin/bash:rl_*", "uprobe:/bin/bash:rl_set_prompt uprobe:/bin/bash:rl_stuff_char"},
		{"u:/bin/bash:0x1000", "uprobe:/bin/bash:4096"},
		{"u:/bin/bash:readlin", `2: /bin/bash has no function "readlin"; did you mean "readline"?`},
		{"u:/bin/nothing:readlin", `1: there is no file "/bin/nothing"`},
		{`u:/usr/local/bin/server:cpp:"MyApp::Server::handle_request"`, "uprobe:/usr/local/bin/server:cpp:_ZN5MyApp6Server14handle_requestEi"},
		{`u:/usr/local/bin/server:cpp:"MyApp::Server::*"`, "uprobe:/usr/local/bin/server:cpp:_ZN5MyApp6Server14handle_requestEi uprobe:/usr/local/bin/server:cpp:_ZN5MyApp6Server5closeEv"},
		{`u:/usr/local/bin/server:cpp:"MyApp::Server::handle_request(int)"`, "uprobe:/usr/local/bin/server:cpp:_ZN5MyApp6Server14handle_requestEi"},
		{`u:/usr/local/bin/server:cpp:"MyApp::Server::clos"`, `3: /usr/local/bin/server has no function "MyApp::Server::clos"; did you mean "MyApp::Server::close"?`},
		{"u:/usr/local/bin/server:go:main", `2: "go" is not a language of names; only cpp is, which means names as in C++`},
		{"u:readline", "0: u cannot have 1 part; write uprobe:BINARY:FUNCTION, such as uprobe:/bin/bash:readline or uprobe:libc:malloc"},
		{"*:sched:sched_switch", "tracepoint:sched:sched_switch"},
		{"*:/bin/bash:main", "uprobe:/bin/bash:main"},
		{"*:vfs_rea*", "kprobe:vfs_read kprobe:vfs_readv"},
		{"*:nothing:nothing", `0: no probe matches "*:nothing:nothing"`},
		{"tracpoint:sched:sched_switch", `0: there is no probe type "tracpoint"; did you mean "tracepoint"?`},
		{"", "0: a probe has no provider"},
		{"fentry:no_such", "1: there is no kernel function \"no_such\"; gotrace -l 'fentry:*' lists what can be traced"},
		{"U:/bin/bash:x", "2: /bin/bash has no USDT probes; it was built without; uprobe traces its functions"},
		{"test:ok", "test:ok"},
		{"bench:x-y", "bench:x-y"},
		{"test", "0: test needs more than its name; write test:NAME"},
		{"test:", "1: test needs a name; write test:NAME"},
		{"bench:a:b", "2: bench cannot have 2 parts; write bench:NAME"},
		{"iter", "0: iter needs more than its name; write iter:task, iter:task_file or iter:task_vma"},
		{"iter:task*", "1: iter takes no wildcards; write iter:task, iter:task_file or iter:task_vma"},
		{"iter:tsk", `1: there is no iterator "tsk"; did you mean "task"?`},
		{"it:task:/sys/fs/bpf/list", "2: pinned iterators are not supported yet; without the last part it runs once"},
	}
	for _, test := range tests {
		points, err := w.Points(spec(test.spec))
		if got := outcome(points, err); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.spec, got, test.want)
		}
	}
}

// outcome writes points or an error in a line.
func outcome(points []point.Point, err error) string {
	var missing *typecheck.NotFound
	var unsupported *typecheck.Unsupported
	part, msg, hint := 0, "", ""
	switch {
	case err == nil:
		var names []string
		for _, p := range points {
			names = append(names, p.Name)
		}
		return strings.Join(names, " ")
	case errors.As(err, &missing):
		part, msg, hint = missing.Part, missing.Msg, missing.Hint
	case errors.As(err, &unsupported):
		part, msg, hint = unsupported.Part, unsupported.Msg, unsupported.Hint
	default:
		return "not the script's fault: " + err.Error()
	}
	if hint != "" {
		msg += "; " + hint
	}
	return string(rune('0'+part)) + ": " + msg
}

func TestLabelIsTheName(t *testing.T) {
	s := spec("tracepoint:sched:sched_switch")
	s.Label = "mine"
	points, err := pinned(t).Points(s)
	if err != nil || points[0].Name != "mine" {
		t.Errorf("%v, %v", points, err)
	}
}

func one(t *testing.T, w *probes.World, text string) point.Point {
	t.Helper()
	points, err := w.Points(spec(text))
	if err != nil || len(points) != 1 {
		t.Fatalf("%s: %v, %v", text, points, err)
	}
	return points[0]
}

func TestTracepointArgs(t *testing.T) {
	p := one(t, pinned(t), "tracepoint:syscalls:sys_enter_openat")
	if p.Context != point.Tracepoint || p.Attach.Category != "syscalls" || p.Attach.Event != "sys_enter_openat" {
		t.Errorf("%+v", p)
	}
	tests := []struct {
		name   string
		typ    string
		offset int
	}{{"__syscall_nr", "int32", 8}, {"dfd", "int32", 16}, {"filename", "int8*", 24}, {"flags", "int32", 32}, {"mode", "uint16", 40}}
	for i, test := range tests {
		m := p.Args.Members[i]
		if m.Name != test.name || m.Type.String() != test.typ || m.Offset != test.offset {
			t.Errorf("got %s %s at %d, want %+v", m.Type, m.Name, m.Offset, test)
		}
	}
	if m, _ := p.Args.Member("filename"); m.Type.Space != types.User {
		t.Errorf("a syscall's pointer is in %q", m.Type.Space)
	}
	p = one(t, pinned(t), "tracepoint:sched:sched_process_exec")
	if m, _ := p.Args.Member("filename"); !m.DataLoc || m.Type.Kind != types.Array || m.Type.Elem.Name != "char" {
		t.Errorf("filename is %+v", m)
	}
	p = one(t, pinned(t), "tracepoint:sched:sched_switch")
	if m, _ := p.Args.Member("prev_comm"); m.Type.Kind != types.Array || m.Type.Len != 16 || m.Type.Elem.Name != "char" {
		t.Errorf("prev_comm is %+v", m)
	}
	p = one(t, pinned(t), "tracepoint:skb:kfree_skb")
	if m, _ := p.Args.Member("skbaddr"); m.Type.Kind != types.Pointer || m.Type.Space != types.Kernel {
		t.Errorf("skbaddr is %+v", m)
	}
	if m, _ := p.Args.Member("reason"); m.Type.Kind != types.Enum || len(m.Type.Enumerators) == 0 {
		t.Errorf("reason is %+v", m)
	}
}

func TestRawTracepointArgs(t *testing.T) {
	p := one(t, pinned(t), "rawtracepoint:sched_switch")
	var got []string
	for _, m := range p.Args.Members {
		got = append(got, m.Type.String()+" "+m.Name)
	}
	if text := strings.Join(got, ", "); text != "bool preempt, struct task_struct* prev, struct task_struct* next, uint32 prev_state" {
		t.Error(text)
	}
}

func TestAttachData(t *testing.T) {
	w := pinned(t)
	tests := []struct {
		spec string
		want point.Attach
	}{
		{"interval:hz:4", point.Attach{Period: 250e6, Frequency: 4}},
		{"interval:2s", point.Attach{Period: 2e9}},
		{"profile:hz:99", point.Attach{Period: 10101010, Frequency: 99}},
		{"software:cs", point.Attach{Event: "context-switches", Period: 1000, PerfType: 1, PerfConfig: 3}},
		{"hardware:branches:7", point.Attach{Event: "branch-instructions", Period: 7, PerfConfig: 4}},
		{"kprobe:kvm:kvm_set_msr", point.Attach{Symbol: "kvm_set_msr", Module: "kvm"}},
		{"kprobe:vfs_read+8", point.Attach{Symbol: "vfs_read", Offset: 8}},
		{"uprobe:/bin/bash:readline+8", point.Attach{Path: "/bin/bash", Symbol: "readline", Offset: 8, Address: 0x1048}},
		{"uprobe:/bin/bash:0x1234", point.Attach{Path: "/bin/bash", Address: 0x1234}},
	}
	for _, test := range tests {
		if p := one(t, w, test.spec); p.Attach != test.want {
			t.Errorf("%s: %+v, want %+v", test.spec, p.Attach, test.want)
		}
	}
}
