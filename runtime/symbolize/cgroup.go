package symbolize

import (
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// AppendCgroup appends the path of a control group, "unified:/path", or nothing
// but "unified:" if there is no group of that id.
func (s *Symbols) AppendCgroup(dst []byte, id uint64) []byte {
	name, ok := s.cgroups[id]
	if !ok {
		name = s.findCgroup(id)
		if name != "" { // one that is not there may come
			s.cgroups[id] = name
		}
	}
	return append(append(dst, "unified:"...), name...)
}

func (s *Symbols) findCgroup(id uint64) string {
	root := s.opts.Cgroup
	if unified := filepath.Join(root, "unified"); isDir(unified) {
		root = unified
	}
	if name, ok := byHandle(root, id); ok {
		return name
	}
	return byInode(root, id)
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// byHandle asks the kernel for the directory: a group's id is a file handle of
// its file system. That takes privileges.
func byHandle(root string, id uint64) (string, bool) {
	const kernfsID = 0xfe // FILEID_KERNFS
	mount, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", false
	}
	defer unix.Close(mount)
	var raw [8]byte
	binary.NativeEndian.PutUint64(raw[:], id)
	fd, err := unix.OpenByHandleAt(mount, unix.NewFileHandle(kernfsID, raw[:]), unix.O_RDONLY|unix.O_CLOEXEC)
	if err != nil {
		return "", false
	}
	defer unix.Close(fd)
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return "", false
	}
	return within(root, name)
}

// within makes a path relative to the root of the hierarchy.
func within(root, name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, root)
	if rest == "" {
		rest = "/"
	}
	return rest, ok
}

// byInode looks through the hierarchy: a group's id is its inode number.
func byInode(root string, id uint64) string {
	found := ""
	// A group that vanishes meanwhile is not the one looked for.
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if sameInode(name, id) {
			found, _ = within(root, name)
			return filepath.SkipAll
		}
		return nil
	})
	return found
}
