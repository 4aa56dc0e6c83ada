package lower

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// mapInfo is how a map of the script is stored.
type mapInfo struct {
	m       *typed.Map
	key     string // in the object
	value   types.Type
	storage object.Storage
	perCPU  bool
	writers
	// keySize is that of the kernel's key, valueSize that of its value.
	keySize, valueSize int
}

// cell reports whether the map is one value in a shared array, which is always
// there and found without a lookup.
func (m *mapInfo) cell() bool { return m.storage == object.ArrayCell && !m.perCPU }

// agg is the map's aggregation, if it is one.
func (m *mapInfo) agg() types.AggKind {
	if m.m.Value.Kind == types.Agg {
		return m.m.Value.Agg
	}
	return ""
}

// planMaps decides for each map how it is stored and adds it to the object.
func (u *unit) planMaps() {
	by := writersOf(u.prog)
	for _, m := range u.prog.Maps {
		info := &mapInfo{m: m, key: "AT_" + m.Name, value: m.Value, writers: by[m.Index]}
		if u.opts.SharedMaps {
			info.exclusive = false
		}
		info.perCPU = u.perCPU(m)
		if info.value.IsInteger() {
			// Eight bytes, so that every integer can be added to atomically.
			info.value.Size = 8
		}
		info.plan()
		u.maps = append(u.maps, info)
		entries := u.entries(info)
		u.addMap(info.key, &ebpf.MapSpec{
			Type: info.kernelType(), KeySize: uint32(info.keySize), ValueSize: uint32(info.valueSize),
			MaxEntries: uint32(entries), Flags: u.hashFlags(info),
		})
		u.res.Manifest.Maps = append(u.res.Manifest.Maps, object.Map{
			Name: m.Name, Spec: info.key, Key: m.Key, Value: info.value, Storage: info.storage,
			PerCPU: info.perCPU, MaxEntries: entries, Span: m.Span,
		})
	}
	order := make([]int, len(u.prog.Maps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return strings.Compare(u.prog.Maps[a].Name, u.prog.Maps[b].Name)
	})
	u.res.Manifest.PrintOrder = order
}

// perCPU decides where each CPU has a value of its own: for aggregations, which
// user space can merge. One that a script reads itself is shared, if atomic adds
// can keep it right; minima and maxima cannot be kept so, and are merged by the
// program that reads them.
func (u *unit) perCPU(m *typed.Map) bool {
	if m.Kind == typed.PerCPUHash || m.Kind == typed.PerCPULRUHash {
		return true
	}
	if m.Value.Kind != types.Agg || m.Kind == typed.Hash || m.Kind == typed.LRUHash {
		return false
	}
	switch m.Value.Agg {
	case types.Count, types.Sum, types.Avg, types.Stats:
		return !m.ReadInKernel && !m.Iterated
	case types.Min, types.Max:
		if m.ReadInKernel || m.Iterated {
			u.need(target.FeaturePerCPULookup, m.Span, "reading a "+string(m.Value.Agg)+"() in the script", "")
		}
	}
	return true
}

// plan chooses the storage and the kernel's sizes.
func (m *mapInfo) plan() {
	buckets := m.agg() == types.Hist || m.agg() == types.LHist
	m.valueSize = valueSize(m.value)
	switch {
	case m.agg() == types.TSeries:
		m.storage, m.keySize = object.SeriesHash, 8
		if m.m.Key != nil {
			m.keySize += alignedSize(*m.m.Key)
		}
	case m.m.Key == nil && buckets:
		m.storage, m.keySize = object.BucketArray, 4
	case m.m.Key == nil:
		m.storage, m.keySize = object.ArrayCell, 4
		if m.agg() == "" {
			m.valueSize = (m.valueSize+7)&^7 + 8
		}
	case buckets:
		m.storage, m.keySize = object.BucketHash, alignedSize(*m.m.Key)+8
	default:
		m.storage, m.keySize = object.HashTable, m.m.Key.Size
	}
	m.keySize = max(m.keySize, 1)
}

// valueSize is the size of a value or an aggregation, see object.Storage.
func valueSize(t types.Type) int {
	if t.Kind != types.Agg {
		return max(1, t.Size)
	}
	switch t.Agg {
	case types.Count, types.Hist, types.LHist:
		return 8
	case types.TSeries:
		return seriesSize
	}
	return 16
}

func (m *mapInfo) kernelType() ebpf.MapType {
	array := m.storage == object.ArrayCell || m.storage == object.BucketArray
	lru := m.m.Kind == typed.LRUHash || m.m.Kind == typed.PerCPULRUHash
	switch {
	case array && m.perCPU:
		return ebpf.PerCPUArray
	case array:
		return ebpf.Array
	case lru && m.perCPU:
		return ebpf.LRUCPUHash
	case lru:
		return ebpf.LRUHash
	case m.perCPU:
		return ebpf.PerCPUHash
	}
	return ebpf.Hash
}

// entries is how many entries the kernel's map has.
func (u *unit) entries(m *mapInfo) int {
	switch m.storage {
	case object.ArrayCell:
		return 1
	case object.BucketArray:
		return bucketCount(m.value)
	}
	n := m.m.MaxEntries
	if n == 0 {
		n = max(1, u.prog.Config.MaxMapKeys)
	}
	switch {
	case m.storage == object.BucketHash:
		// Each key has several buckets, few of them used.
		n *= bucketsPerKey
	case m.storage == object.SeriesHash && m.m.Key == nil:
		n = m.value.Len
	case m.storage == object.SeriesHash:
		n = min(n*m.value.Len, max(n, mostIntervals))
	}
	return n
}

// bucketsPerKey is the room for buckets of a keyed histogram, per key.
const bucketsPerKey = 8

// mostIntervals bounds the room for intervals of a keyed time series, of all keys
// together, unless there may be more keys: memory may be taken for all at once.
const mostIntervals = 1 << 17

// hashFlags asks for elements allocated when they are inserted, where the
// kernel allows that: a map then costs next to nothing until it is used.
func (u *unit) hashFlags(m *mapInfo) uint32 {
	const noPrealloc = 1
	switch m.kernelType() {
	case ebpf.Hash, ebpf.PerCPUHash:
		if u.lazyHash() && !m.burst {
			return noPrealloc
		}
	}
	return 0
}

// lazyHash reports whether hash maps may be allocated lazily. Kernels before
// 6.1 refuse that for perf events, and warn of it for all tracing programs.
func (u *unit) lazyHash() bool { return u.target.Have(target.FeatureLazyHash) }
