package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// Where the parts of an aggregation's value are; see object.Storage.
const (
	aggValue = 0
	aggCount = 8 // of avg and stats
	aggSet   = 8 // of sum, min and max
)

// aggregate is "@m[k] = count()" and its kin.
func (f *fn) aggregate(s *typed.Aggregate) {
	m := f.maps[s.Map.Index]
	switch m.agg() {
	case types.Hist, types.LHist:
		f.addToBucket(m, s)
		return
	case types.TSeries:
		f.addToSeries(m, s)
		return
	}
	v := f.b.Const(1)
	if len(s.Args) > 0 {
		v = f.word(s.Args[0])
	}
	if m.m.Key == nil {
		if m.cell() {
			f.aggregateInto(m, f.cellMem(m), v, true)
			return
		}
		at := f.callLookup(m.key, f.indexKey(f.b.Const(0)))
		f.ifNonZero(at, false, func() { f.aggregateInto(m, baseMem(at, 8), v, true) })
		return
	}
	f.upsert(m, f.mapKey(m, s.Key), s.Span,
		func(at mem) { f.aggregateInto(m, at, v, false) },
		func() mem { return f.firstAggregate(m, v) })
}

// aggregateInto works a value into an aggregation in place. Mark says that the
// aggregation may not have been set yet.
func (f *fn) aggregateInto(m *mapInfo, at mem, v *ir.Value, mark bool) {
	base, off := f.at(at)
	switch m.agg() {
	case types.Count:
		f.accumulate(m, base, off, v)
	case types.Sum:
		f.accumulate(m, base, off+aggValue, v)
		if mark {
			f.store(at, aggSet, 8, f.b.Const(1))
		}
	case types.Avg, types.Stats:
		f.accumulate(m, base, off+aggValue, v)
		f.accumulate(m, base, off+aggCount, f.b.Const(1))
	case types.Min, types.Max:
		f.keepExtreme(m, at, v)
	default:
		internal("aggregation %q", m.agg())
	}
}

// accumulate adds to a word of an aggregation: atomically, unless the word is
// the CPU's own and no other program can come in between.
func (f *fn) accumulate(m *mapInfo, base *ir.Value, off int64, v *ir.Value) {
	if m.perCPU && m.exclusive {
		f.b.Store(8, base, off, f.b.Bin(ir.OpAdd, f.b.Load(8, false, base, off), v))
		return
	}
	f.b.AtomicAdd(8, base, off, v)
}

// keepExtreme stores v if nothing is set yet or v is the better one.
func (f *fn) keepExtreme(m *mapInfo, at mem, v *ir.Value) {
	compare, store, end := f.b.NewBlock("compare"), f.b.NewBlock("better"), f.b.NewBlock("end")
	f.b.If(f.load(at, aggSet, 8, false), compare, store)
	f.b.Seal(compare)
	f.b.SetBlock(compare)
	f.b.If(f.b.Bin(extremeOp(m.agg(), m.m.Value.Signed), v, f.load(at, aggValue, 8, false)), store, end)
	f.b.Seal(store)
	f.b.SetBlock(store)
	f.store(at, aggValue, 8, v)
	f.store(at, aggSet, 8, f.b.Const(1))
	f.b.Jump(end)
	f.b.Seal(end)
	f.b.SetBlock(end)
}

// extremeOp compares a new value with the old one of a min or max.
func extremeOp(kind types.AggKind, signed bool) ir.Op {
	switch {
	case kind == types.Min && signed:
		return ir.OpSLt
	case kind == types.Min:
		return ir.OpULt
	case signed:
		return ir.OpSGt
	}
	return ir.OpUGt
}

// firstAggregate builds the value of an element that is new.
func (f *fn) firstAggregate(m *mapInfo, v *ir.Value) mem {
	box := f.tempBytes("first", m.valueSize)
	f.store(box, aggValue, 8, v)
	if m.valueSize > 8 {
		f.store(box, aggSet, 8, f.b.Const(1)) // or a count of one
	}
	return box
}

// readAggregation makes an integer of an aggregation.
func (f *fn) readAggregation(m *mapInfo, e *typed.MapRead) *ir.Value {
	if m.cell() {
		return f.fit(f.aggregateValue(m, f.cellMem(m)), e.T)
	}
	key := f.mapKey(m, e.Key)
	if m.perCPU {
		return f.fit(f.mergeCPUs(m, f.addr(key)), e.T)
	}
	found := f.callLookup(m.key, key)
	result := &ir.Var{Name: "aggregate"}
	f.b.Set(result, f.b.Const(0))
	f.ifNonZero(found, false, func() { f.b.Set(result, f.aggregateValue(m, baseMem(found, 8))) })
	return f.fit(f.b.Get(result), e.T)
}

// aggregateValue is the integer of an aggregation in shared memory.
func (f *fn) aggregateValue(m *mapInfo, at mem) *ir.Value {
	v := f.load(at, aggValue, 8, false)
	if m.agg() != types.Avg && m.agg() != types.Stats {
		return v
	}
	return f.average(m, v, f.load(at, aggCount, 8, false))
}

// average divides; the average of nothing is zero, as the division gives.
func (f *fn) average(m *mapInfo, sum, count *ir.Value) *ir.Value {
	if m.m.Value.Signed {
		return f.b.Bin(ir.OpSDiv, sum, count)
	}
	return f.b.Bin(ir.OpUDiv, sum, count)
}

// mergeCPUs makes one integer of the aggregations that the CPUs have for a key.
func (f *fn) mergeCPUs(m *mapInfo, key *ir.Value) *ir.Value {
	acc, count := &ir.Var{Name: "merged"}, &ir.Var{Name: "count"}
	f.b.Set(acc, f.b.Const(0))
	f.b.Set(count, f.b.Const(0))
	f.countLoop(f.target.PossibleCPUs(), func(cpu *ir.Value, _ *ir.Block) {
		at := f.b.Call(asm.FnMapLookupPercpuElem, f.b.MapPtr(m.key), key, cpu)
		f.ifNonZero(at, false, func() { f.mergeOne(m, baseMem(at, 8), acc, count) })
	})
	switch m.agg() {
	case types.Avg, types.Stats:
		return f.average(m, f.b.Get(acc), f.b.Get(count))
	}
	return f.b.Get(acc)
}

// mergeOne works one CPU's aggregation into what was found so far. For minima
// and maxima count says whether anything was.
func (f *fn) mergeOne(m *mapInfo, at mem, acc, count *ir.Var) {
	v := f.load(at, aggValue, 8, false)
	switch m.agg() {
	case types.Count, types.Sum:
		f.b.Set(acc, f.b.Bin(ir.OpAdd, f.b.Get(acc), v))
	case types.Avg, types.Stats:
		f.b.Set(acc, f.b.Bin(ir.OpAdd, f.b.Get(acc), v))
		f.b.Set(count, f.b.Bin(ir.OpAdd, f.b.Get(count), f.load(at, aggCount, 8, false)))
	default:
		f.ifNonZero(f.load(at, aggSet, 8, false), false, func() {
			first := f.b.Bin(ir.OpEq, f.b.Get(count), f.b.Const(0))
			better := f.b.Bin(ir.OpOr, first, f.b.Bin(extremeOp(m.agg(), m.m.Value.Signed), v, f.b.Get(acc)))
			f.ifNonZero(better, false, func() { f.b.Set(acc, v) })
			f.b.Set(count, f.b.Const(1))
		})
	}
}

// incDecSlow changes an element that cannot be added to in place: of a
// pointer, or on the CPU's own copy.
func (f *fn) incDecSlow(e *typed.IncDec, target *typed.MapRead) *ir.Value {
	m := f.maps[target.Map.Index]
	old := f.readMapWord(target)
	next := f.fit(f.b.Bin(ir.OpAdd, old, f.b.Const(e.Delta)), m.m.Value)
	if m.cell() {
		f.store(f.cellMem(m), 0, m.value.Size, next)
		f.markSet(m)
	} else {
		box := f.tempBytes("value", 8)
		f.store(box, 0, m.value.Size, next)
		f.setAny(m, f.mapKey(m, target.Key), box, e.Span)
	}
	if e.Prefix {
		return next
	}
	return old
}

// fetchAdd adds to an integer element and gives its value.
func (f *fn) fetchAdd(m *mapInfo, e *typed.IncDec, target *typed.MapRead) *ir.Value {
	old := &ir.Var{Name: "old"}
	f.b.Set(old, f.b.Const(0))
	add := func(at mem) {
		base, off := f.at(at)
		if f.atomicFetch() {
			f.b.Set(old, f.b.AtomicFetchAdd(8, base, off, f.b.Const(e.Delta)))
			return
		}
		f.b.Set(old, f.b.Load(8, false, base, off))
		f.b.AtomicAdd(8, base, off, f.b.Const(e.Delta))
	}
	if m.cell() {
		add(f.cellMem(m))
		f.markSet(m)
	} else {
		f.upsert(m, f.mapKey(m, target.Key), e.Span, add, func() mem {
			box := f.tempBytes("value", 8)
			f.store(box, 0, 8, f.b.Const(e.Delta))
			return box
		})
	}
	v := f.b.Get(old)
	if e.Prefix {
		v = f.b.Bin(ir.OpAdd, v, f.b.Const(e.Delta))
	}
	return f.narrow(v, m)
}

// atomicFetch reports whether an addition can give the old value.
func (f *fn) atomicFetch() bool { return f.target.Have(target.FeatureAtomicFetch) }
