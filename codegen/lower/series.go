package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// Where the parts of an interval of a time series are; see object.SeriesHash.
const (
	seriesValue = 0
	seriesMeta  = 8
	seriesEpoch = 16
	seriesSize  = 24
)

// addToSeries is "@m[k] = tseries(v, interval, n)". Intervals are counted from
// the epoch of the wall clock, so that they begin at round times, and one takes
// the slot of the one that was n before it.
func (f *fn) addToSeries(m *mapInfo, s *typed.Aggregate) {
	t := m.m.Value
	v := f.word(s.Args[0])
	now := f.b.Bin(ir.OpAdd, f.b.Call(asm.FnKtimeGetBootNs), f.b.Const(f.opts.WallOffsetNS))
	epoch := f.b.Bin(ir.OpUDiv, now, f.b.Const(t.Step))
	meta := f.b.Const(1)
	if t.By == "" {
		meta = now
	}
	key := f.tempBytes("key", m.keySize)
	size := 0
	if m.m.Key != nil {
		size = m.m.Key.Size
		f.build(s.Key, key, true)
	}
	f.zero(key.plus(size), m.keySize-8-size)
	f.store(key, m.keySize-8, 8, f.b.Bin(ir.OpUMod, epoch, f.b.Const(int64(t.Len))))
	begin := func(at mem) {
		f.store(at, seriesValue, 8, v)
		f.store(at, seriesMeta, 8, meta)
		f.store(at, seriesEpoch, 8, epoch)
	}
	f.upsert(m, key, s.Span,
		func(at mem) {
			same := f.b.Bin(ir.OpEq, f.load(at, seriesEpoch, 8, false), epoch)
			f.ifElse(same, func() { f.addToInterval(t, at, v, meta) }, func() { begin(at) })
		},
		func() mem {
			box := f.tempBytes("first", seriesSize)
			begin(box)
			return box
		})
}

// addToInterval works a value into an interval that has one.
func (f *fn) addToInterval(t types.Type, at mem, v, meta *ir.Value) {
	old := f.load(at, seriesValue, 8, false)
	switch t.By {
	case types.Min, types.Max:
		better := f.b.Bin(extremeOp(t.By, t.Signed), v, old)
		f.ifNonZero(better, false, func() { f.store(at, seriesValue, 8, v) })
	case types.Sum, types.Avg:
		f.store(at, seriesValue, 8, f.b.Bin(ir.OpAdd, old, v))
		f.store(at, seriesMeta, 8, f.b.Bin(ir.OpAdd, f.load(at, seriesMeta, 8, false), meta))
	default:
		f.store(at, seriesValue, 8, v)
		f.store(at, seriesMeta, 8, meta)
	}
}
