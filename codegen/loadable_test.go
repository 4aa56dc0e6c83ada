package codegen

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"pgregory.net/rapid"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/probes/features"
)

// hooks are probes with expressions that mean something there: integers and
// strings.
var hooks = []struct{ probe, ints, texts string }{
	{"begin", "cpu uid", "comm"},
	{"interval:ms:100", "rand ncpus", "comm"},
	{"tracepoint:syscalls:sys_enter_openat", "args.dfd args.flags args.mode", "str(args.filename)|str(args.filename,32)|comm"},
	{"tracepoint:syscalls:sys_exit_read", "args.ret elapsed", "comm"},
	{"tracepoint:sched:sched_switch", "args.prev_pid args.next_prio args.prev_state", "args.prev_comm|args.next_comm"},
	{"tracepoint:sched:sched_process_exec", "args.pid args.old_pid", "str(args.filename)|comm"},
	{"rawtracepoint:sched_switch", "arg0 args.next.pid args.prev.prio", "args.next.comm|comm"},
	{"kprobe:vfs_read", "arg0 arg2 arg7 reg(\"sp\") ((struct\u00a0file\u00a0*)arg0).f_flags", "str(arg1)|str(((struct file *)arg0).f_path.dentry.d_name.name)"},
	{"kretprobe:vfs_read", "retval", "comm"},
	{"uprobe:/bin/bash:readline", "arg0 arg3", "str(arg0)|comm"},
	{"profile:hz:99", "reg(\"ip\") usermode", "comm"},
	{"software:page-faults:100", "cpu", "comm"},
}

// loadable writes scripts over everything that compiles: they are only loaded.
type loadable struct {
	t           *rapid.T
	b           strings.Builder
	ints, texts []string
	clause      int
	next        int
}

func (g *loadable) pick(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "pick") }

func (g *loadable) choose(options []string) string { return options[g.pick(len(options))] }

func (g *loadable) integer() string {
	x := g.choose(append([]string{"1", "pid", "tid", "nsecs", "(int8)5", "curtask.pid", "strlen(comm)"}, g.ints...))
	switch g.pick(6) {
	case 0:
		return fmt.Sprintf("((int64)%s %s (int64)%s)", x, g.choose([]string{"+", "-", "*", "/", "%", "&", ">>"}), g.choose(g.ints))
	case 1:
		return fmt.Sprintf("(%s == (int64)3 ? (int64)%s : 7)", "(int64)"+x, x)
	}
	return "(int64)" + x
}

func (g *loadable) text() string {
	if g.pick(4) == 0 {
		return g.choose([]string{`"lit"`, `"a longer literal than sixteen bytes"`})
	}
	return g.choose(g.texts)
}

// value is any printable expression and a format verb for it.
func (g *loadable) value() (expr, verb string) {
	switch g.pick(9) {
	case 0, 1:
		return g.integer(), "%d"
	case 2, 3:
		return g.text(), "%s"
	case 4:
		return g.choose([]string{"kstack", "ustack", "kstack(5)", "ustack(perf, 3)"}), "%s"
	case 5:
		return g.choose([]string{`strftime("%H", nsecs)`, "probe", "username", "ntop(0x7f000001)", "ksym(1)", "usym(2)"}), "%s"
	case 6:
		return "buf(" + g.choose([]string{"(int8*)1, 8", "(int8*)pid, cpu"}) + ")", "%r"
	}
	return g.integer(), "%x"
}

func (g *loadable) key() string {
	var parts []string
	for range g.pick(3) + 1 {
		parts = append(parts, g.choose([]string{g.integer(), "comm", "cpu", "kstack", "probe", "(int8)1"}))
	}
	return strings.Join(parts, ", ")
}

func (g *loadable) fresh(kind string) string {
	g.next++
	return fmt.Sprintf("%s%d_%d", kind, g.clause, g.next)
}

func (g *loadable) stmt(depth int) {
	switch g.pick(13) {
	case 0:
		fmt.Fprintf(&g.b, "@%s = %s;\n", g.fresh("agg"), g.aggregation())
	case 1, 2:
		fmt.Fprintf(&g.b, "@%s[%s] = %s;\n", g.fresh("agg"), g.key(), g.aggregation())
	case 3, 4:
		var verbs, args []string
		for range g.pick(4) {
			x, verb := g.value()
			verbs, args = append(verbs, verb), append(args, ", "+x)
		}
		fmt.Fprintf(&g.b, "printf(\"%s\\n\"%s);\n", strings.Join(verbs, " "), strings.Join(args, ""))
	case 5:
		x, _ := g.value()
		fmt.Fprintf(&g.b, "print((%s, %s));\n", x, g.integer())
	case 6:
		v := "$" + g.fresh("s")
		fmt.Fprintf(&g.b, "%s = %s; @%s[%s] = 1;\n", v, g.text(), g.fresh("m"), v)
	case 7:
		fmt.Fprintf(&g.b, "@%s[%s] = %s;\n", g.fresh("m"), g.key(), g.text())
	case 8:
		m := g.fresh("m")
		fmt.Fprintf(&g.b, "@%s[%s]++; $%s = 0; for ($kv : @%s) { $%s += $kv.1; print($kv.0); }\n", m, g.key(), m, m, m)
	case 9:
		if depth > 0 {
			fmt.Fprintf(&g.b, "if (%s == %s || %s > 5) {\n", g.text(), g.text(), g.integer())
			g.stmt(depth - 1)
			fmt.Fprintf(&g.b, "} else {\n")
			g.stmt(depth - 1)
			fmt.Fprintf(&g.b, "}\n")
		}
	case 10:
		if depth > 0 {
			fmt.Fprintf(&g.b, "for ($%s : 0..%s) {\n", g.fresh("i"), g.choose([]string{"5", "(int64)cpu", "1000"}))
			g.stmt(depth - 1)
			fmt.Fprintf(&g.b, "}\n")
		}
	case 11:
		fmt.Fprintf(&g.b, "if (strcontains(%s, %s)) { return; }\n", g.text(), `"ab"`)
	case 12:
		m := g.fresh("m")
		fmt.Fprintf(&g.b, "@%s = (%s, %s); print(@%s); $%s = @%s.0;\n", m, g.integer(), g.text(), m, m, m)
	}
}

func (g *loadable) aggregation() string {
	x := g.integer()
	return g.choose([]string{"count()", "sum(" + x + ")", "avg(" + x + ")", "min(" + x + ")", "max(" + x + ")",
		"stats(" + x + ")", "hist(" + x + ")", "hist(" + x + ", 2)", "lhist(" + x + ", 0, 100, 10)",
		"tseries(" + x + ", 1s, 5)", "tseries(" + x + ", 100ms, 20, \"max\")", "tseries(" + x + ", 1us, 3, \"avg\")"})
}

func (g *loadable) script() string {
	for g.clause = range g.pick(3) + 1 {
		h := hooks[g.pick(len(hooks))]
		g.ints = strings.Fields(strings.ReplaceAll(h.ints, "\u00a0", "~"))
		for i := range g.ints {
			g.ints[i] = strings.ReplaceAll(g.ints[i], "~", " ")
		}
		g.texts = strings.Split(h.texts, "|")
		fmt.Fprintf(&g.b, "%s", h.probe)
		if g.pick(3) == 0 {
			fmt.Fprintf(&g.b, " /%s > 2 && %s != %s/", g.integer(), g.text(), `"x"`)
		}
		g.b.WriteString(" {\n")
		for range g.pick(5) + 1 {
			g.stmt(2)
		}
		g.b.WriteString("}\n")
	}
	return g.b.String()
}

// TestLoadable compiles random scripts over all sorts of probes: whatever the
// type checker accepts the kernel must take, too.
func TestLoadable(t *testing.T) {
	needRoot(t)
	checkLoadable(t, world(t), newest)
}

// TestVMLoadable is TestLoadable on the kernel of a virtual machine.
func TestVMLoadable(t *testing.T) {
	needVM(t)
	checkLoadable(t, probes.NewLive(probes.Options{}), features.NewLive())
}

func checkLoadable(t *testing.T, w typecheck.World, target Target) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &loadable{t: rt}
		text := g.script()
		prog, err := front(w, "random.bt", text)
		if err != nil {
			rt.Skip(err)
		}
		c := &compiler{prog: prog, target: target, check: true}
		obj, err := c.compile()
		var unsupported *Unsupported
		if errors.As(err, &unsupported) {
			rt.Skip(err)
		}
		if err != nil {
			rt.Fatalf("%s\n%v", text, err)
		}
		if longKeys(obj) && os.Getenv("GOTRACE_VM_KERNEL") == "5.10" {
			rt.Skip("hash keys of more than 512 bytes")
		}
		for _, m := range obj.Spec.Maps {
			if m.Type == ebpf.RingBuf {
				m.MaxEntries = 4096
			}
		}
		coll, err := ebpf.NewCollection(obj.Spec)
		if err != nil {
			rt.Fatalf("%s\n%+v", text, err)
		}
		coll.Close()
	})
}
