package typecheck_test

import (
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
)

// fakeWorld is a small system: a few tracepoints with arguments, a handful of
// structs with every sort of member, some enumerators and symbols.
type fakeWorld struct {
	records     map[string]types.Type
	tracepoints map[string]types.Type
}

func named(t types.Type, name string) types.Type { t.Name = name; return t }

func incomplete(name string) types.Type {
	return types.Type{Kind: types.Record, Name: name, Incomplete: true}
}

// layout makes a struct of members in C layout.
func layout(name string, members ...types.Member) types.Type {
	t := types.Type{Kind: types.Record, Name: name}
	offset, align := 0, 1
	for _, m := range members {
		a := max(1, m.Type.Align())
		offset = (offset + a - 1) &^ (a - 1)
		m.Offset = offset
		t.Members = append(t.Members, m)
		offset += m.Type.Size
		align = max(align, a)
	}
	t.Size = (offset + align - 1) &^ (align - 1)
	return t
}

func mem(name string, t types.Type) types.Member { return types.Member{Name: name, Type: t} }

func newFakeWorld() *fakeWorld {
	char := named(types.Int8(), "char")
	charPtr := types.PointerTo(char, types.NoSpace)
	w := &fakeWorld{records: map[string]types.Type{}, tracepoints: map[string]types.Type{}}
	qstr := layout("struct qstr", mem("hash", types.Uint32()), mem("len", types.Uint32()), mem("name", types.PointerTo(types.Uint8(), "")))
	dentry := layout("struct dentry", mem("d_flags", types.Uint32()), mem("d_parent", types.PointerTo(incomplete("struct dentry"), "")), mem("d_name", qstr))
	path := layout("struct path", mem("mnt", types.PointerTo(types.VoidType(), "")), mem("dentry", types.PointerTo(incomplete("struct dentry"), "")))
	flags := types.Type{Kind: types.Record, Name: "struct flags", Size: 8, Members: []types.Member{
		{Name: "low", Type: types.Uint32(), BitSize: 3},
		{Name: "high", Type: types.Int32(), BitOffset: 3, BitSize: 5},
		{Name: "whole", Type: types.Uint32(), Offset: 4},
	}}
	inner := layout("", mem("a", types.Uint16()), mem("b", types.Uint16()))
	addr := types.Type{Kind: types.Record, Name: "union addr", Union: true, Size: 16, Members: []types.Member{
		mem("v4", types.Uint32()), mem("v6", types.ArrayOf(types.Uint8(), 16)),
	}}
	state := types.Type{Kind: types.Enum, Name: "enum state", Size: 4, Enumerators: []types.Enumerator{{Name: "STATE_OPEN", Value: 1}, {Name: "STATE_SHUT", Value: 2}}}
	task := layout("struct task_struct",
		mem("flags", flags), mem("pid", named(types.Int32(), "pid_t")), mem("tgid", named(types.Int32(), "pid_t")),
		mem("prio", types.Int32()), mem("comm", types.ArrayOf(char, 16)), mem("state", state),
		mem("", inner), mem("addr", addr), mem("cpus", types.ArrayOf(types.Uint64(), 4)),
		mem("real_parent", types.PointerTo(incomplete("struct task_struct"), "")),
		mem("group_leader", types.PointerTo(incomplete("struct task_struct"), "")),
		mem("mac", types.ArrayOf(types.Uint8(), 6)), mem("path", types.PointerTo(incomplete("struct path"), "")),
		mem("fn", types.PointerTo(types.Type{Kind: types.Func}, "")),
		mem("matrix", types.ArrayOf(types.ArrayOf(types.Int32(), 3), 2)),
	)
	for _, r := range []types.Type{qstr, dentry, path, flags, addr, task} {
		w.records[r.Name] = r
	}
	common := []types.Member{mem("common_type", types.Uint16()), mem("common_pid", types.Int32())}
	tp := func(name string, members ...types.Member) {
		w.tracepoints[name] = layout("struct "+name, append(append([]types.Member{}, common...), members...)...)
	}
	tp("syscalls:sys_enter_openat", mem("__syscall_nr", types.Int32()), mem("dfd", types.Int64()), mem("filename", charPtr), mem("flags", types.Int64()), mem("mode", types.Uint64()))
	tp("syscalls:sys_enter_open", mem("__syscall_nr", types.Int32()), mem("filename", charPtr), mem("flags", types.Int64()), mem("mode", types.Uint64()))
	tp("syscalls:sys_enter_execve", mem("__syscall_nr", types.Int32()), mem("filename", charPtr),
		mem("argv", types.PointerTo(charPtr, "")), mem("envp", types.PointerTo(charPtr, "")))
	tp("syscalls:sys_exit_openat", mem("__syscall_nr", types.Int32()), mem("ret", types.Int64()))
	tp("sched:sched_switch", mem("prev_comm", types.ArrayOf(char, 16)), mem("prev_pid", types.Int32()), mem("prev_state", types.Int64()),
		mem("next_comm", types.ArrayOf(char, 16)), mem("next_pid", types.Int32()))
	tp("sched:sched_process_exec", types.Member{Name: "filename", Type: types.StringOf(256), DataLoc: true}, mem("pid", types.Int32()))
	tp("signal:signal_generate", mem("sig", types.Int32()), mem("pid", types.Int32()))
	tp("raw_syscalls:sys_enter", mem("id", types.Int64()), mem("args", types.ArrayOf(types.Uint64(), 6)))
	w.records["struct file"] = layout("struct file", mem("f_flags", types.Uint32()), mem("f_path", path))
	w.records["struct sock"] = layout("struct sock", mem("family", types.Uint16()))
	return w
}

// entryArgs are the arguments of the functions that fentry probes are on.
func entryArgs(function string) types.Type {
	n := mem("n", types.Uint64())
	switch function {
	case "filp_close":
		return layout("", mem("filp", types.PointerTo(incomplete("struct file"), "")), n)
	case "tcp_rcv_established":
		return layout("", mem("sk", types.PointerTo(incomplete("struct sock"), "")), n)
	}
	return layout("", mem("task", types.PointerTo(incomplete("struct task_struct"), "")), n)
}

func (w *fakeWorld) Points(spec *ast.AttachPoint) ([]point.Point, error) {
	kind := spec.Parts[0].Text
	rest := ""
	if len(spec.Parts) > 1 {
		rest = spec.Text[strings.Index(spec.Text, ":")+1:]
	}
	one := func(p point.Point) ([]point.Point, error) {
		if p.Name == "" {
			p.Name = spec.Text
		}
		return []point.Point{p}, nil
	}
	switch kind {
	case "begin", "BEGIN", "end", "END", "interval", "i":
		provider := strings.ToLower(kind)
		if provider == "i" {
			provider = "interval"
		}
		return one(point.Point{Provider: provider, Context: point.Timer})
	case "test", "bench":
		return one(point.Point{Provider: kind, Context: point.Timer, Attach: point.Attach{Event: rest}})
	case "profile", "software", "hardware":
		return one(point.Point{Provider: kind, Context: point.PerfEvent})
	case "kprobe", "kretprobe", "uprobe", "uretprobe":
		ctx := map[string]point.Context{"kprobe": point.Kprobe, "kretprobe": point.Kretprobe, "uprobe": point.Uprobe, "uretprobe": point.Uretprobe}[kind]
		if strings.Contains(rest, "missing") {
			return nil, &typecheck.NotFound{Part: 1, Msg: fmt.Sprintf("no function %q", rest)}
		}
		p := point.Point{Provider: kind, Context: ctx, Attach: point.Attach{Symbol: rest}}
		if ctx == point.Uprobe || ctx == point.Uretprobe {
			p.Attach.Path = spec.Parts[1].Text
		}
		return one(p)
	case "rawtracepoint":
		args := layout("", mem("next", types.PointerTo(incomplete("struct task_struct"), "")), mem("n", types.Uint64()))
		return one(point.Point{Provider: kind, Context: point.RawTracepoint, Args: &args})
	case "fentry":
		args := entryArgs(rest)
		return one(point.Point{Provider: kind, Context: point.Fentry, Args: &args})
	case "tracepoint", "t":
		return w.matchTracepoints(spec, rest)
	}
	return nil, &typecheck.NotFound{Part: 0, Msg: fmt.Sprintf("unknown probe type %q", kind), Hint: suggest.Hint("", kind, []string{"tracepoint", "kprobe", "interval"})}
}

func (w *fakeWorld) matchTracepoints(spec *ast.AttachPoint, rest string) ([]point.Point, error) {
	var points []point.Point
	var names []string
	for _, name := range sortedKeys(w.tracepoints) {
		names = append(names, name)
		if name == rest || strings.HasSuffix(rest, "*") && strings.HasPrefix(name, strings.TrimSuffix(rest, "*")) {
			args := w.tracepoints[name]
			category, event, _ := strings.Cut(name, ":")
			points = append(points, point.Point{
				Provider: "tracepoint", Name: "tracepoint:" + name, Context: point.Tracepoint, Args: &args,
				Attach: point.Attach{Category: category, Event: event},
			})
		}
	}
	if len(points) == 0 {
		return nil, &typecheck.NotFound{Part: 2, Msg: fmt.Sprintf("no tracepoint %q", rest), Hint: suggest.Hint("", rest, names)}
	}
	return points, nil
}

func (w *fakeWorld) Record(t types.Type) (types.Type, error) {
	if r, ok := w.records[t.Name]; ok {
		return r, nil
	}
	var names []string
	for name := range w.records {
		names = append(names, name)
	}
	return t, &typecheck.NotFound{Part: -1, Msg: fmt.Sprintf("unknown type %q", t.Name), Hint: suggest.Hint("", t.Name, names)}
}

func (w *fakeWorld) TypeByName(name string) (types.Type, error) {
	if name == "pid_t" {
		return named(types.Int32(), "pid_t"), nil
	}
	if name == "enum state" {
		return types.Type{Kind: types.Enum, Name: name, Size: 4}, nil
	}
	return w.Record(types.Type{Kind: types.Record, Name: name})
}

func (w *fakeWorld) Constant(name string) (int64, types.Type, bool) {
	switch name {
	case "STATE_OPEN":
		return 1, types.Type{Kind: types.Enum, Name: "enum state", Size: 4}, true
	case "STATE_SHUT":
		return 2, types.Type{Kind: types.Enum, Name: "enum state", Size: 4}, true
	}
	return 0, types.Type{}, false
}

func (w *fakeWorld) KernelSymbol(name string) (uint64, error) {
	switch name {
	case "jiffies":
		return 0xffffffff81000000, nil
	case "process_counts", "__per_cpu_offset":
		return 0xffffffff82000000, nil
	}
	return 0, &typecheck.NotFound{Part: -1, Msg: fmt.Sprintf("no kernel symbol %q", name)}
}

func (w *fakeWorld) UserSymbol(binary, name string) (uint64, uint64, error) {
	if name == "counter" {
		return 0x4000, 4, nil
	}
	if name == "ps1_prompt" {
		return 0x5000, 8, nil
	}
	return 0, 0, &typecheck.NotFound{Part: -1, Msg: fmt.Sprintf("no symbol %q in %s", name, binary)}
}

func sortedKeys(m map[string]types.Type) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	for i := range keys {
		for j := i + 1; j < len(keys); j++ {
			if keys[j] < keys[i] {
				keys[i], keys[j] = keys[j], keys[i]
			}
		}
	}
	return keys
}
