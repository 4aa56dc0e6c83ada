package kernel_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/probes/kernel"
)

const symbols = `ffffffff81000000 T _text
ffffffff81000100 T vfs_read
ffffffff81000100 T __pfx_vfs_read
ffffffff81000200 t do_int3
ffffffff81000300 D jiffies
ffffffff81000400 t helper.cold
ffffffffc0000000 t kvm_exit	[kvm]
garbage
zz T bad
`

func sources(files map[string]string) kernel.Sources {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return kernel.Sources{
		Root:      root,
		Traceable: func(func(name, module string) bool) error { return fs.ErrPermission },
	}
}

func TestFunctionsOfSymbolTable(t *testing.T) {
	f := kernel.NewFunctions(sources(map[string]string{
		"proc/kallsyms":                            symbols,
		"sys/kernel/debug/kprobes/blacklist":       "0xffffffff81000200-0xffffffff81000210\tdo_int3\n",
		"sys/bus/event_source/devices/kprobe/type": "6\n",
	}))
	if err := f.Kprobes(); err != nil {
		t.Error(err)
	}
	all, err := f.Traceable()
	if got := fmt.Sprint(all); err != nil || got != "[{_text } {kvm_exit kvm} {vfs_read }]" {
		t.Errorf("%s, %v", got, err)
	}
	for _, test := range []struct {
		name, module string
		want         kernel.FunctionState
	}{
		{"vfs_read", "", kernel.FunctionFound}, {"kvm_exit", "kvm", kernel.FunctionFound}, {"kvm_exit", "", kernel.FunctionFound},
		{"vfs_read", "kvm", kernel.FunctionMissing}, {"nothing", "", kernel.FunctionMissing}, {"jiffies", "", kernel.FunctionMissing},
		{"do_int3", "", kernel.FunctionBlacklisted},
	} {
		if got, err := f.Lookup(test.name, test.module); got != test.want || err != nil {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
	}
	if address, err := f.Symbol("jiffies"); address != 0xffffffff81000300 || err != nil {
		t.Errorf("%x, %v", address, err)
	}
	if _, err := f.Symbol("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestFunctionsOfFtrace(t *testing.T) {
	s := sources(nil)
	s.Traceable = func(yield func(name, module string) bool) error {
		yield("b", "")
		yield("a", "m")
		return nil
	}
	s.Known = func(name string) bool { return name == "known" }
	f := kernel.NewFunctions(s)
	if all, err := f.Traceable(); err != nil || fmt.Sprint(all) != "[{a m} {b }]" {
		t.Errorf("%v, %v", all, err)
	}
	if state, err := f.Lookup("known", ""); state != kernel.FunctionFound || err != nil {
		t.Errorf("%v, %v", state, err)
	}
	// There is no symbol table to say no.
	if state, err := f.Lookup("other", ""); state != kernel.FunctionUnknown || err != nil {
		t.Errorf("%v, %v", state, err)
	}
	var unsupported *typecheck.Unsupported
	if err := f.Kprobes(); !errors.As(err, &unsupported) || unsupported.Msg != "this kernel has no kprobes (CONFIG_KPROBES is off)" {
		t.Error(err)
	}
}

func TestHiddenAddresses(t *testing.T) {
	f := kernel.NewFunctions(sources(map[string]string{"proc/kallsyms": "0000000000000000 T vfs_read\n"}))
	var unsupported *typecheck.Unsupported
	if _, err := f.Symbol("vfs_read"); !errors.As(err, &unsupported) {
		t.Error(err)
	}
}

func TestLiveTypes(t *testing.T) {
	types := kernel.LiveTypes()
	task, err := types.ByName("struct task_struct")
	if errors.Is(err, kernel.ErrNoBTF) {
		t.Skip("needs a kernel with BTF")
	}
	if err != nil || len(task.Members) == 0 {
		t.Errorf("%v", err)
	}
	if _, err := types.ByName("struct no_such_thing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if !types.HasFunction("vfs_read") || types.HasFunction("no_such_thing") {
		t.Error("HasFunction is wrong")
	}
}
