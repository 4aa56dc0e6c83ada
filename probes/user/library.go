package user

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// libraries returns the paths of a library, best first: "libc" is any version,
// "libssl.so.3" that one.
func (f *Finder) libraries(name string) []string {
	var paths []string
	if f.pid > 0 {
		// What the process really uses goes first.
		if mapped, err := f.mapped(); err == nil {
			for _, path := range mapped {
				if isVersionOf(filepath.Base(path), name) {
					paths = append(paths, path)
				}
			}
		}
	}
	if cache, err := os.ReadFile(f.inRoot("/etc/ld.so.cache")); err == nil {
		for _, path := range cached(cache, name) {
			path = f.inRoot(path)
			if checkELF(path) == nil {
				paths = append(paths, path)
			}
		}
	}
	if len(paths) > 0 {
		return paths
	}
	for _, dir := range []string{"/lib64", "/usr/lib64", "/lib/*-linux-*", "/usr/lib/*-linux-*", "/lib", "/usr/lib", "/usr/local/lib"} {
		matches, err := filepath.Glob(f.inRoot(filepath.Join(dir, name+"*")))
		if err != nil {
			continue
		}
		for _, path := range matches {
			if isVersionOf(filepath.Base(path), name) && checkELF(path) == nil {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// isVersionOf reports whether a file is the library of a name.
func isVersionOf(file, name string) bool {
	return file == name || strings.HasPrefix(file, name+".so")
}

// The layout of ld.so.cache (glibc's sysdeps/generic/dl-cache.h): a header that
// begins with the magic, entries, strings; offsets count from the magic.
const (
	cacheMagic      = "glibc-ld.so.cache1.1"
	cacheHeaderSize = 48
	cacheEntrySize  = 24
)

// cached returns the paths that a cache has for a library, the greatest version
// first and otherwise in its order, which is that of preference.
func cached(cache []byte, name string) []string {
	// An older format may come before the current one.
	start := bytes.Index(cache, []byte(cacheMagic))
	if start < 0 {
		return nil
	}
	cache = cache[start:]
	if len(cache) < cacheHeaderSize {
		return nil
	}
	type found struct{ name, path string }
	var all []found
	count := int(binary.NativeEndian.Uint32(cache[len(cacheMagic):]))
	for i := range count {
		at := cacheHeaderSize + i*cacheEntrySize
		if at+cacheEntrySize > len(cache) {
			break
		}
		key := cString(cache, binary.NativeEndian.Uint32(cache[at+4:]))
		if isVersionOf(key, name) {
			all = append(all, found{key, cString(cache, binary.NativeEndian.Uint32(cache[at+8:]))})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].name > all[j].name })
	var paths []string
	for _, lib := range all {
		if lib.path != "" {
			paths = append(paths, lib.path)
		}
	}
	return paths
}

func cString(data []byte, at uint32) string {
	if uint64(at) >= uint64(len(data)) {
		return ""
	}
	text, _, _ := bytes.Cut(data[at:], []byte{0})
	return string(text)
}
