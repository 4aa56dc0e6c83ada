package typecheck_test

import (
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// TestConfig checks where settings come from: the environment wins over the
// config block, and GOTRACE_X over BPFTRACE_X.
func TestConfig(t *testing.T) {
	const script = "config = { max_strlen = 64; BPFTRACE_MAX_MAP_KEYS = 10; stack_mode = raw; license = \"GPL v2\" } begin { print(1); }"
	prog, messages := check(script, typecheck.Options{Env: map[string]string{
		"BPFTRACE_MAX_STRLEN": "128", "GOTRACE_MAX_STRLEN": "256", "BPFTRACE_CPP_DEMANGLE": "0",
		"BPFTRACE_BTF": "/boot/btf", "HOME": "/root",
	}})
	if prog == nil || messages != "" {
		t.Fatal(messages)
	}
	cfg := prog.Config
	if cfg.MaxStrlen != 256 || cfg.MaxMapKeys != 10 || cfg.StackMode != types.StackRaw || cfg.License != "GPL v2" || cfg.CppDemangle {
		t.Errorf("%+v", cfg)
	}
}

// TestEnvironment checks the messages about the environment.
func TestEnvironment(t *testing.T) {
	_, messages := check("begin { print(1); }", typecheck.Options{Env: map[string]string{"BPFTRACE_MAX_STRLENN": "5"}})
	if !strings.Contains(messages, `did you mean "max_strlen"?`) {
		t.Error(messages)
	}
	prog, messages := check("begin { print(1); }", typecheck.Options{Env: map[string]string{"GOTRACE_MAX_STRLEN": "long"}})
	if prog != nil || !strings.Contains(messages, "GOTRACE_MAX_STRLEN") {
		t.Error(messages)
	}
}

// TestNoWarnings checks that warnings can be left out.
func TestNoWarnings(t *testing.T) {
	if _, messages := check("begin { 5; }", typecheck.Options{}); !strings.Contains(messages, "warning") {
		t.Error(messages)
	}
	if _, messages := check("begin { 5; }", typecheck.Options{NoWarnings: true}); messages != "" {
		t.Error(messages)
	}
}

// TestMissingProbes checks the setting that makes missing probes no error.
func TestMissingProbes(t *testing.T) {
	const body = " kprobe:missing_one { print(1); } begin { print(2); }"
	for setting, want := range map[string]string{"error": ": error: ", "warn": ": warning: ", "ignore": ""} {
		prog, messages := check("config = { missing_probes = "+setting+" }"+body, typecheck.Options{})
		if (prog == nil) != (setting == "error") || want == "" && messages != "" || !strings.Contains(messages, want) {
			t.Errorf("%s: %s", setting, messages)
		}
	}
}

// TestPredeclared checks scripts against maps that an earlier unit has settled.
func TestPredeclared(t *testing.T) {
	key := types.Uint32()
	opts := typecheck.Options{Maps: []typecheck.Predeclared{
		{Map: &typed.Map{Name: "count", Key: &key, Value: types.Type{Kind: types.Agg, Size: 8, Agg: types.Count}}, By: "entry 1"},
		{Map: &typed.Map{Name: "last", Value: types.Uint64()}, By: "entry 2"},
		{Map: &typed.Map{Name: "name", Value: types.StringOf(8)}, By: "entry 3"},
	}}
	for _, test := range []struct{ script, want string }{
		{"begin { @count[pid] = count(); @count[5] = count(); print(@count); }", ""},
		{"begin { @last = 5; @last = nsecs; @last -= 1; @last++; print(@last); }", ""},
		{`begin { @name = "short"; print(@name); }`, ""},
		{"begin { @count[nsecs] = count(); }", "entry 1"},
		{"begin { @count = count(); }", "entry 1"},
		{"begin { @count[pid] = sum(1); }", "entry 1"},
		{`begin { @last = "text"; }`, "entry 2"},
		{`begin { @name = "much too long"; }`, "entry 3"},
		{"begin { @last = -1; }", "does not fit"},
	} {
		prog, messages := check(test.script, opts)
		if (prog != nil) != (test.want == "") || !strings.Contains(messages, test.want) {
			t.Errorf("%s: %s", test.script, messages)
		}
	}
}

// TestSpace checks where pointers point to in each kind of probe.
func TestSpace(t *testing.T) {
	for _, test := range []struct {
		script string
		want   types.Space
	}{
		{"kprobe:f { $p = (struct path*)arg0; print($p); }", types.Kernel},
		{"uprobe:/bin/sh:f { $p = (struct path*)arg0; print($p); }", types.User},
		{"tracepoint:syscalls:sys_enter_openat { $p = args.filename; print($p); }", types.User},
		{"tracepoint:sched:sched_switch { $p = (struct path*)args.prev_state; print($p); }", types.Kernel},
		{"tracepoint:syscalls:sys_enter_openat { $p = (struct path*)5; print($p); }", types.Kernel},
		{"kprobe:f { $p = uptr((struct path*)arg0); print($p); }", types.User},
		{"uprobe:/bin/sh:f { $p = kptr((struct path*)arg0).dentry; print($p); }", types.Kernel},
		{"fentry:f { $p = args.task; print($p); }", types.BTF},
		{"fentry:f { $p = args.task.path; print($p); }", types.BTF},
		{"fentry:f { $p = args.task.path.dentry.d_name.name; print($p); }", types.Kernel},
		{"fentry:f { $p = args.task; $p++; print($p); }", types.Kernel},
		{"fentry:f { @p = args.task; $p = @p; print($p); }", types.Kernel},
		{"kprobe:f { $p = curtask; $p = (struct task_struct*)arg0; print($p); }", types.Kernel},
		{"kprobe:f { $p = (struct task_struct*)curtask; print($p); }", types.BTF},
		{"rawtracepoint:f { $p = args.next; print($p); }", types.Kernel},
		{"begin { $x = 1; $p = &$x; print($p); }", types.Stk},
		{"begin { @x = 1; $p = &@x; print($p); }", types.MapMem},
	} {
		prog, messages := check(test.script, typecheck.Options{})
		if prog == nil {
			t.Errorf("%s: %s", test.script, messages)
			continue
		}
		vars := prog.Clauses[0].Vars
		if got := vars[len(vars)-1].Type.Space; got != test.want {
			t.Errorf("%s: space %q, want %q", test.script, got, test.want)
		}
	}
}

// TestManyMaps checks that inference settles however long the chain of what
// decides what.
func TestManyMaps(t *testing.T) {
	var b strings.Builder
	b.WriteString("begin { ")
	for i := range 300 {
		b.WriteString("@m" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + " = @m" + string(rune('a'+(i+1)%26)) + strings.Repeat("x", (i+1)/26) + "; ")
	}
	b.WriteString("@m" + string(rune('a'+300%26)) + strings.Repeat("x", 300/26) + " = nsecs; }")
	prog, messages := check(b.String(), typecheck.Options{})
	if prog == nil {
		t.Fatal(messages)
	}
	for _, m := range prog.Maps {
		if !m.Value.Equal(types.Uint64()) {
			t.Fatalf("@%s is %s", m.Name, m.Value)
		}
	}
}
