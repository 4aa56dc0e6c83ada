package features_test

import (
	"os"
	"testing"

	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/probes/features"
)

func TestPinned(t *testing.T) {
	counts := map[string]int{"5.10": 0, "6.1": 10, "6.12": 12, "6.18": 12}
	for _, release := range features.PinnedNames() {
		kernel, err := features.Pinned(release, "amd64")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range target.Features() {
			if kernel.Have(f) {
				n++
			}
		}
		if n != counts[release] {
			t.Errorf("%s has %d features, want %d", release, n, counts[release])
		}
		if kernel.Arch() != "amd64" || kernel.PossibleCPUs() < 2 {
			t.Errorf("%s: %s with %d CPUs", release, kernel.Arch(), kernel.PossibleCPUs())
		}
	}
	if _, err := features.Pinned("2.6", "amd64"); err == nil {
		t.Error("2.6 is pinned")
	}
}

func TestLive(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to load BPF programs")
	}
	if os.Getenv("GOTRACE_VM") != "" {
		t.Skip("TestVMPinnedTable says it better")
	}
	live := features.NewLive()
	// Whatever runs the tests is newer than 5.15.
	for _, f := range []target.Feature{target.FeatureTaskBTF, target.FeatureAtomicFetch, target.FeatureForEachMapElem, target.FeatureAttachCookie} {
		if !live.Have(f) {
			t.Errorf("no %s", f)
		}
	}
	if live.PossibleCPUs() < 1 {
		t.Errorf("%d CPUs", live.PossibleCPUs())
	}
	live.Disable(target.FeatureTaskBTF)
	if live.Have(target.FeatureTaskBTF) {
		t.Error("a disabled feature is there")
	}
	if live.Have("no such feature") {
		t.Error("an unknown feature is there")
	}
}

func TestInfo(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to try features")
	}
	sections := map[string]int{}
	for _, item := range features.Info(features.NewLive()) {
		t.Logf("%-7s %-22s %-5v %s; %s", item.Section, item.Name, item.OK, item.Detail, item.Consequence)
		sections[item.Section]++
		if item.OK != (item.Consequence == "") {
			t.Errorf("%s: ok %v and consequence %q", item.Name, item.OK, item.Consequence)
		}
	}
	if len(sections) != 4 || sections["Code"] != len(target.Features()) {
		t.Errorf("%v", sections)
	}
}

// TestVMPinnedTable holds the table of a release against a real kernel of it.
func TestVMPinnedTable(t *testing.T) {
	release := os.Getenv("GOTRACE_VM_KERNEL")
	if os.Getenv("GOTRACE_VM") == "" {
		t.Skip("needs one of the kernels that make test-vm runs")
	}
	pinned, err := features.Pinned(release, "amd64")
	if err != nil {
		t.Skip(err)
	}
	live := features.NewLive()
	for _, f := range target.Features() {
		if f == target.FeatureKprobeMulti && release == "6.1" {
			continue // Debian builds it without fprobe
		}
		if live.Have(f) != pinned.Have(f) {
			t.Errorf("%s: the kernel %v, the table %v", f, live.Have(f), pinned.Have(f))
		}
	}
}

func BenchmarkTry(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("needs root to load BPF programs")
	}
	for _, f := range target.Features() {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				features.NewLive().Have(f)
			}
		})
	}
}
