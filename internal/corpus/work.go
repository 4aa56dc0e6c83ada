package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// work is what the copy of this program does: it reads a file a few times and
// fails to open another.
func work() {
	for range 5 {
		file, err := os.Open("/proc/self/comm")
		if err != nil {
			os.Exit(1)
		}
		_, _ = io.Copy(io.Discard, file)
		file.Close()
	}
	_, _ = os.Open("/no/such/file")
	_, _ = os.Stat("/no/such/place")
}

// work runs the copy, which it makes first.
func (r *runner) work() error {
	if r.copied == "" {
		dir, err := os.MkdirTemp("", "corpus")
		if err != nil {
			return err
		}
		self, err := os.ReadFile("/proc/self/exe")
		if err != nil {
			return err
		}
		r.copied = filepath.Join(dir, load)
		if err := os.WriteFile(r.copied, self, 0o755); err != nil {
			return err
		}
	}
	return exec.Command(r.copied, "work").Run()
}
