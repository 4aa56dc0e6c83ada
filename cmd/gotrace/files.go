package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// fileAccess is what a script may see of the file system.
type fileAccess struct{}

// Read returns the text of a script to import.
func (fileAccess) Read(name string) (string, error) {
	if err := trusted(filepath.Dir(name)); err != nil {
		return "", err
	}
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return readAll(file)
}

// List returns the names of the files in a folder.
func (fileAccess) List(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	if err := trusted(folder); err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// trusted refuses folders that anybody may write to: what a script imports runs
// as root. bpftrace refuses them, too.
func trusted(folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	const anybody = 0o002
	if info.Mode().Perm()&anybody != 0 {
		return fmt.Errorf("the folder %s can be written to by anybody", folder)
	}
	return nil
}

// cgroupID returns the number of a cgroup (version 2): that of its folder.
func cgroupID(path string) (uint64, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0, err
	}
	return st.Ino, nil
}
