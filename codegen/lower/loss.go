package lower

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
)

// LossMap is the key of the map of loss counters, which the caller makes when
// it knows all of them.
const LossMap = "losses"

// loss returns the index of a loss counter.
func (u *unit) loss(l object.Loss) int {
	i, ok := u.losses[l]
	if !ok {
		i = len(u.res.Manifest.Losses)
		u.losses[l] = i
		u.res.Manifest.Losses = append(u.res.Manifest.Losses, l)
		u.res.Manifest.LossMap = LossMap
	}
	return i
}

// bump adds one to a loss counter of this CPU.
func (f *fn) bump(index int) {
	key := f.b.NewSlot("loss", 4, 4)
	f.b.Store(4, f.b.SlotAddr(key, 0), 0, f.b.Const(int64(index)))
	counter := f.b.Call(asm.FnMapLookupElem, f.b.MapPtr(LossMap), f.b.SlotAddr(key, 0))
	f.ifNonZero(counter, true, func() { f.b.AtomicAdd(8, counter, 0, f.b.Const(1)) })
}

// addMap adds a map under a key; its name in the kernel is cut to what fits.
func (u *unit) addMap(key string, spec *ebpf.MapSpec) {
	spec.Name = kernelName(u.opts.NamePrefix + key)
	u.res.Maps = append(u.res.Maps, spec)
	u.res.Keys = append(u.res.Keys, key)
}

// kernelName cuts a name to what the kernel stores.
func kernelName(name string) string {
	const most = 15
	name = identifier(name)
	return name[:min(len(name), most)]
}

// callLookup looks a key up; the result is null or the address of the value.
func (f *fn) callLookup(name string, key mem) *ir.Value {
	return f.b.Call(asm.FnMapLookupElem, f.b.MapPtr(name), f.addr(key))
}
