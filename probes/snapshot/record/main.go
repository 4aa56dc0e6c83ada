// Command record pins the running system for tests: see package snapshot. It
// needs root and a kernel with BTF and tracefs. What is pinned is listed in
// wanted.go; addresses are made up, so that two runs on a kernel agree.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/gotrace/gotrace/probes/tracefs"
	"github.com/gotrace/gotrace/probes/user"
)

func main() {
	log.SetFlags(0)
	out := flag.String("out", "testdata/snapshot/6.18", "the folder to write")
	flag.Parse()
	if err := record(*out); err != nil {
		log.Fatal("record: ", err)
	}
}

func record(out string) error {
	if err := recordEvents(filepath.Join(out, "tracefs")); err != nil {
		return err
	}
	blob, err := prunedTypes()
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(blob); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	fmt.Printf("btf.gz: %d bytes of %d\n", packed.Len(), len(blob))
	if err := write(filepath.Join(out, "btf.gz"), packed.Bytes()); err != nil {
		return err
	}
	if err := recordFunctions(filepath.Join(out, "functions.txt")); err != nil {
		return err
	}
	return recordBinaries(filepath.Join(out, "binaries.json"))
}

// recordEvents copies the formats of the wanted tracepoints. An event that
// this kernel does not have is an error: the tests count on it.
func recordEvents(out string) error {
	events, err := tracefs.Find()
	if err != nil {
		return err
	}
	var names []string
	for _, name := range wantedEvents() {
		category, event, _ := strings.Cut(name, ":")
		path := filepath.Join("events", category, event, "format")
		text, err := os.ReadFile(filepath.Join(events.Root(), path))
		if err != nil {
			return err
		}
		if err := write(filepath.Join(out, path), text); err != nil {
			return err
		}
		names = append(names, name)
	}
	sort.Strings(names)
	return write(filepath.Join(out, "available_events"), []byte(strings.Join(names, "\n")+"\n"))
}

// recordFunctions writes the wanted functions with made-up addresses.
func recordFunctions(path string) error {
	names := wantedFunctions()
	sort.Strings(names)
	var text strings.Builder
	for i, name := range names {
		name, module, _ := strings.Cut(name, " ")
		line := fmt.Sprintf("%x %s", uint64(0xffffffff81000000)+uint64(i)*0x100, name)
		if module != "" {
			line += " [" + module + "]"
		}
		fmt.Fprintln(&text, line)
	}
	return write(path, []byte(text.String()))
}

// recordBinaries writes programs that exist only here.
func recordBinaries(path string) error {
	binaries := map[string][]user.Function{}
	for path, names := range wantedBinaries() {
		for i, name := range names {
			offset := uint64(0x1000 + 0x40*i)
			binaries[path] = append(binaries[path], user.Function{Name: name, Address: offset + 0x400000, Offset: offset, Size: 0x40})
		}
	}
	text, err := json.MarshalIndent(binaries, "", "\t")
	if err != nil {
		return err
	}
	return write(path, append(text, '\n'))
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
