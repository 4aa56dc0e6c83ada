package snapshot_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/gotrace/gotrace/probes/snapshot"
)

const pinned = "../../testdata/snapshot/6.18"

func TestLoad(t *testing.T) {
	w, err := snapshot.Load(os.DirFS(pinned))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"struct task_struct", "struct file", "struct sock", "struct sk_buff", "struct request", "struct bio", "struct nsproxy"} {
		if record, err := w.TypeByName(name); err != nil || len(record.Members) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if address, err := w.KernelSymbol("vfs_read"); err != nil || address == 0 {
		t.Errorf("vfs_read: %x, %v", address, err)
	}
	if address, size, err := w.UserSymbol("/bin/bash", "readline"); err != nil || address == 0 || size == 0 {
		t.Errorf("readline: %x, %d, %v", address, size, err)
	}
	if value, enum, ok := w.Constant("TCP_ESTABLISHED"); !ok || value != 1 || enum.Size != 4 {
		t.Errorf("TCP_ESTABLISHED: %d, %v, %v", value, enum, ok)
	}
}

// TestSize keeps the snapshot small enough to be committed.
func TestSize(t *testing.T) {
	info, err := os.Stat(pinned + "/btf.gz")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 64<<10 {
		t.Errorf("btf.gz has %d bytes: prune it further", info.Size())
	}
}

func TestBroken(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"empty":  {},
		"no gz":  {"btf.gz": {Data: []byte("x")}},
		"no btf": {"btf.gz": {Data: []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")}},
	} {
		if _, err := snapshot.Load(files); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
