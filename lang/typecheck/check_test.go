package typecheck_test

import (
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/typed"
)

// check parses and checks a script in the fake world. The messages are rendered
// as people see them.
func check(script string, opts typecheck.Options) (*typed.Program, string) {
	set := &source.Set{}
	id := set.Add("script.bt", script)
	file, list := parser.Parse(set, id)
	if list.HasErrors() {
		return nil, render(set, list)
	}
	prog, list := typecheck.Check(set, file, newFakeWorld(), opts)
	return prog, render(set, list)
}

func render(set *source.Set, list *source.List) string {
	var b strings.Builder
	for _, d := range list.Sorted() {
		b.WriteString(set.Render(d))
	}
	return b.String()
}

func dump(t *testing.T, p *typed.Program) string {
	t.Helper()
	var b strings.Builder
	if err := typed.Dump(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTry(t *testing.T) {
	for _, script := range []string{
		`tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }`,
		`tracepoint:syscalls:sys_enter_openat /pid == 5/ { printf("%-6d %-16s %s\n", pid, comm, str(args.filename)); }`,
		`tracepoint:sched:sched_switch { @[args.prev_comm, pid] += args.next_pid; $x = 1; $x++; @y = $x + nsecs; if (@y > 3) { print(@, 3); } }`,
		`begin { $i = 0; while ($i < ncpus) { $i++; @c = count(); @s[1,"a"] = sum($i); } print((int64)@c); @h = hist(5, 2); }`,
		`kprobe:vfs_open { $p = (struct path*)arg0; @[str($p->dentry->d_name.name)] = count(); print(curtask.comm); print(ppid) }`,
		`begin { @a[1] = 2; for ($kv : @a) { print($kv); @b[$kv.0] = $kv.1; } for ($i : 0..10) { @c[$i] = (1, "x"); } }`,
		`fentry:foo { @[args.task.comm] = args.task.path.dentry.d_name.len; @f = args.task.flags.high; @s = args.task.state; print(args.task.b); print(args.task.matrix[1][2]); }`,
	} {
		p, msgs := check(script, typecheck.Options{})
		if p == nil {
			t.Errorf("%s\n%s", script, msgs)
			continue
		}
		t.Logf("%s\n%s%s", script, msgs, dump(t, p))
	}
}
