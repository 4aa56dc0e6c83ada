package lower

import (
	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
)

// The flags of map_update_elem and the errors it gives.
const (
	updateAny     = 0
	updateNoExist = 1

	errExist  = -17
	errTooBig = -7
)

// mapKey builds a key. A map without keys has the key zero.
func (f *fn) mapKey(m *mapInfo, key typed.Expr) mem {
	if m.m.Key == nil {
		return f.indexKey(f.b.Const(0))
	}
	size := m.keySize
	dst := f.tempBytes("key", size)
	dst.slot.Size = size
	f.build(key, dst, true)
	return dst
}

// indexKey makes the key of an array.
func (f *fn) indexKey(index *ir.Value) mem {
	key := slotMem(f.b.NewSlot("index", 4, 4))
	f.store(key, 0, 4, index)
	return key
}

// upsert finds the element of a key and works on it in place (hit); if there
// is none yet, it inserts one with the value that initial builds. Elements come
// and go on other CPUs meanwhile: an insertion that finds another's element
// works on that one, so nothing is lost.
func (f *fn) upsert(m *mapInfo, key mem, span source.Span, hit func(mem), initial func() mem) {
	found := f.callLookup(m.key, key)
	there, miss, end := f.b.NewBlock("hit"), f.b.NewBlock("miss"), f.b.NewBlock("end")
	miss.Cold = true
	f.b.If(found, there, miss)
	f.b.Seal(there)
	f.b.SetBlock(there)
	hit(baseMem(found, 8))
	f.b.Jump(end)
	f.b.Seal(miss)
	f.b.SetBlock(miss)
	f.insert(m, key, span, hit, initial, end)
	f.b.Seal(end)
	f.b.SetBlock(end)
}

// insert is the cold half of upsert; it ends with a jump.
func (f *fn) insert(m *mapInfo, key mem, span source.Span, hit func(mem), initial func() mem, end *ir.Block) {
	err := f.update(m, key, initial(), updateNoExist)
	failed, again, lost := f.b.NewBlock("insert.failed"), f.b.NewBlock("insert.again"), f.b.NewBlock("insert.lost")
	for _, b := range []*ir.Block{failed, again, lost} {
		b.Cold = true
	}
	f.b.If(err, failed, end)
	f.b.Seal(failed)
	f.b.SetBlock(failed)
	f.b.If(f.b.Bin(ir.OpEq, err, f.b.Const(errExist)), again, lost)
	f.b.Seal(again)
	f.b.SetBlock(again)
	found := f.callLookup(m.key, key)
	retry := f.b.NewBlock("retry")
	retry.Cold = true
	f.b.If(found, retry, lost)
	f.b.Seal(retry)
	f.b.SetBlock(retry)
	hit(baseMem(found, 8))
	f.b.Jump(end)
	f.b.Seal(lost)
	f.b.SetBlock(lost)
	f.loseUpdate(m, err, span)
	f.b.Jump(end)
}

func (f *fn) update(m *mapInfo, key, value mem, flags int64) *ir.Value {
	return f.b.Call(asm.FnMapUpdateElem, f.b.MapPtr(m.key), f.addr(key), f.addr(value), f.b.Const(flags))
}

// loseUpdate counts a failed update: the map is full, or something else.
func (f *fn) loseUpdate(m *mapInfo, err *ir.Value, span source.Span) {
	f.ifElse(f.b.Bin(ir.OpEq, err, f.b.Const(errTooBig)),
		func() { f.lose(object.LossMapFull, m.m, span) },
		func() { f.lose(object.LossUpdate, m.m, span) })
}

// setAny stores an element whatever was there.
func (f *fn) setAny(m *mapInfo, key, value mem, span source.Span) {
	err := f.update(m, key, value, updateAny)
	f.ifNonZero(err, true, func() { f.loseUpdate(m, err, span) })
}

// setMap is "@m[k] = v".
func (f *fn) setMap(s *typed.SetMap) {
	m := f.maps[s.Map.Index]
	if m.cell() {
		f.setCell(m, s.Value)
		return
	}
	if !m.value.Scalar() {
		value := f.materializeFor(s.Value)
		f.setAny(m, f.mapKey(m, s.Key), value, s.Span)
		return
	}
	v := f.word(s.Value)
	key := f.mapKey(m, s.Key)
	size := m.value.Size
	boxed := func() mem {
		box := f.temp("value", m.value)
		f.store(box, 0, size, v)
		return box
	}
	if m.m.Deleted && m.m.Key != nil {
		// Elements that are deleted again are mostly not there.
		f.setAny(m, key, boxed(), s.Span)
		return
	}
	f.upsert(m, key, s.Span, func(at mem) { f.store(at, 0, size, v) }, boxed)
}

// materializeFor gives memory with the value to store into a map. The kernel
// copies it, so a variable's own will do.
func (f *fn) materializeFor(e typed.Expr) mem {
	if e.Type().Scalar() {
		tmp := f.temp("value", e.Type())
		f.build(e, tmp, false)
		return tmp
	}
	return f.materialize(e)
}

// setCell stores into the one value of a map without keys.
func (f *fn) setCell(m *mapInfo, e typed.Expr) {
	if m.value.Scalar() {
		v := f.word(e)
		f.store(f.cellMem(m), 0, m.value.Size, v)
	} else {
		// Built apart first: the new value may depend on the old.
		value := f.materialize(e)
		f.copyValue(f.cellMem(m), value, m.value, e.Type(), false)
	}
	f.markSet(m)
}

// cellMem is the value of a map without keys.
func (f *fn) cellMem(m *mapInfo) mem { return baseMem(f.b.MapValue(m.key, 0), 8) }

// markSet sets the word that says the map was set.
func (f *fn) markSet(m *mapInfo) { f.store(f.cellMem(m), m.valueSize-8, 8, f.b.Const(1)) }

// addMap is "@m[k] += v" for integers.
func (f *fn) addToMap(s *typed.AddMap) {
	m := f.maps[s.Map.Index]
	f.addElement(m, s.Key, f.word(s.Delta), s.Span)
}

func (f *fn) addElement(m *mapInfo, key typed.Expr, delta *ir.Value, span source.Span) {
	if m.cell() {
		cell := f.cellMem(m)
		f.b.AtomicAdd(8, cell.base, 0, delta)
		f.markSet(m)
		return
	}
	f.upsert(m, f.mapKey(m, key), span,
		func(at mem) { f.b.AtomicAdd(8, at.base, at.off, delta) },
		func() mem {
			box := f.tempBytes("value", 8)
			f.store(box, 0, 8, delta)
			return box
		})
}

// readMapWord reads a scalar element; a missing one is zero.
func (f *fn) readMapWord(e *typed.MapRead) *ir.Value {
	m := f.maps[e.Map.Index]
	if m.agg() != "" {
		return f.readAggregation(m, e)
	}
	read := func(at mem) *ir.Value { return f.narrow(f.load(at, 0, m.value.Size, signed(m.value)), m) }
	if m.cell() {
		return read(f.cellMem(m))
	}
	found := f.callLookup(m.key, f.mapKey(m, e.Key))
	result := &ir.Var{Name: "element"}
	f.b.Set(result, f.b.Const(0))
	f.ifNonZero(found, false, func() { f.b.Set(result, read(baseMem(found, 8))) })
	return f.b.Get(result)
}

// narrow cuts an integer that the map holds in eight bytes to the script's type.
func (f *fn) narrow(v *ir.Value, m *mapInfo) *ir.Value {
	if m.m.Value.IsInteger() {
		return f.fit(v, m.m.Value)
	}
	return v
}

// incDecMap is ++ or -- of an element.
func (f *fn) incDecMap(e *typed.IncDec, target *typed.MapRead) *ir.Value {
	m := f.maps[target.Map.Index]
	if !m.value.IsInteger() || m.perCPU {
		return f.incDecSlow(e, target)
	}
	return f.fetchAdd(m, e, target)
}
