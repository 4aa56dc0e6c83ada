package runtime

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/source"
)

// defaultRing is the size of the ring buffer when the script does not say: at
// the rate of a tight loop on two CPUs it lasts for several looks at it.
const defaultRing = 4 << 20

// load creates a unit's maps and loads its programs. Maps of the script that
// the session has already are used again.
func (s *Session) load(u *unit, obj *object.Object) error {
	spec := obj.Spec.Copy()
	sizeRing(spec, &obj.Manifest)
	if err := s.openMaps(u, spec); err != nil {
		return err
	}
	for name, m := range u.raw {
		for _, p := range spec.Programs {
			if err := associate(p, name, m); err != nil {
				return err
			}
		}
	}
	opts := ebpf.ProgramOptions{}
	if s.opts.Verbose {
		opts.LogLevel = ebpf.LogLevelStats
	}
	for i := range obj.Manifest.Programs {
		mp := &obj.Manifest.Programs[i]
		ps, ok := spec.Programs[mp.Name]
		if !ok {
			return fmt.Errorf("gotrace: internal error: the object has no program %q", mp.Name)
		}
		var prog *ebpf.Program
		err := unlocked(func() (err error) {
			prog, err = ebpf.NewProgramWithOptions(ps, opts)
			return err
		})
		if err != nil {
			return trampolineError(ps, loadError("program "+mp.Name, mp.Span, err))
		}
		if prog.VerifierLog != "" {
			s.log.Raw([]byte("program " + mp.Name + ": " + prog.VerifierLog))
		}
		u.programs = append(u.programs, &program{Program: prog, spec: mp})
	}
	return nil
}

// associate puts a map's descriptor into the instructions that name it.
func associate(p *ebpf.ProgramSpec, name string, m *ebpf.Map) error {
	for i := range p.Instructions {
		ins := &p.Instructions[i]
		if ins.IsLoadFromMap() && ins.Reference() == name {
			if err := ins.AssociateMap(m); err != nil {
				return fmt.Errorf("program %s, map %s: %w", p.Name, name, err)
			}
		}
	}
	return nil
}

// sizeRing sets the size of the ring buffer: what the configuration says, or
// the default; a power of two of pages either way, as the kernel wants it.
func sizeRing(spec *ebpf.CollectionSpec, m *object.Manifest) {
	ring := spec.Maps[m.Ring]
	if m.Ring == "" || ring == nil {
		return
	}
	want := uint32(defaultRing)
	if m.RingBufferPages > 0 {
		want = uint32(m.RingBufferPages * os.Getpagesize())
	}
	size := uint32(os.Getpagesize())
	for size < want {
		size *= 2
	}
	ring.MaxEntries = size
}

// openMaps creates the maps of a unit, or takes those of the session.
func (s *Session) openMaps(u *unit, spec *ebpf.CollectionSpec) error {
	shared := map[string]*object.Map{}
	for i := range u.manifest.Maps {
		shared[u.manifest.Maps[i].Spec] = &u.manifest.Maps[i]
	}
	stacks := map[string]bool{}
	for _, st := range u.manifest.Stacks {
		stacks[st.Spec] = true
	}
	for name, ms := range spec.Maps {
		described := shared[name]
		if described == nil && !stacks[name] {
			m, err := createMap(ms, source.Span{})
			if err != nil {
				return err
			}
			u.raw[name] = m
			u.own = append(u.own, m)
			continue
		}
		m, err := s.share(name, ms, described)
		if err != nil {
			return err
		}
		u.shared = append(u.shared, m)
		u.raw[name] = m.Map
	}
	return nil
}

// createMap creates a map.
func createMap(spec *ebpf.MapSpec, span source.Span) (*ebpf.Map, error) {
	var m *ebpf.Map
	err := unlocked(func() (err error) {
		m, err = ebpf.NewMap(spec)
		return err
	})
	return m, loadError("map "+spec.Name, span, err)
}

// unlocked loads something, and tries once more with the limit of locked memory
// raised: kernels before 5.11 charge maps and programs to it. It is raised only
// when it was in the way.
func unlocked(load func() error) error {
	err := load()
	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if errors.Is(err, unix.EPERM) && unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unlimited) == nil {
		err = load()
	}
	return err
}
