package lower

import (
	"fmt"

	"github.com/cilium/ebpf/asm"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// handler lowers a stdlib function, by the sort of its result: nothing, a
// word, or memory. Exactly one is set, but for those that may be of two sorts.
type handler struct {
	void  func(*fn, *typed.Call)
	word  func(*fn, *typed.Call) *ir.Value
	build func(*fn, *typed.Call, mem, bool)
}

// handlers is the table of functions.
func handlers() map[string]handler {
	return map[string]handler{
		"printf":        {void: (*fn).printf},
		"errorf":        {void: (*fn).printf},
		"warnf":         {void: (*fn).printf},
		"system":        {void: (*fn).printf},
		"cat":           {void: (*fn).printf},
		"print":         {void: (*fn).print},
		"clear":         {void: (*fn).clearMap},
		"zero":          {void: (*fn).clearMap},
		"exit":          {void: (*fn).exitCall},
		"time":          {void: (*fn).time},
		"join":          {void: (*fn).join},
		"delete":        {word: (*fn).deleteElement},
		"has_key":       {word: (*fn).hasKey},
		"len":           {word: (*fn).length},
		"strlen":        {word: (*fn).stringLength},
		"strcontains":   {word: (*fn).contains},
		"strstr":        {word: (*fn).find},
		"bswap":         {word: (*fn).byteSwap},
		"ksym":          {word: (*fn).argument},
		"cgroup_path":   {word: (*fn).argument},
		"signal":        {word: (*fn).signal, void: (*fn).signalVoid},
		"signal_thread": {word: (*fn).signal, void: (*fn).signalVoid},
		"override":      {void: (*fn).override},
		"strftime":      {build: (*fn).strftime},
		"str":           {build: (*fn).str},
		"buf":           {build: (*fn).buf},
		"usym":          {build: (*fn).userSymbol},
		"ntop":          {build: (*fn).inet},
		"macaddr":       {build: (*fn).macAddress},
		"path":          {build: (*fn).filePath},
		"str_concat":    {build: (*fn).concat},
		"write_user":    {word: (*fn).writeUser},
		"socket_cookie": {word: (*fn).socketCookie},
	}
}

func (f *fn) handler(name string) handler {
	h, ok := f.calls[name]
	if !ok {
		internal("no lowering of %s()", name)
	}
	return h
}

func (f *fn) callVoid(e *typed.Call) {
	h := f.handler(e.Name)
	switch {
	case h.void != nil:
		h.void(f, e)
	case h.word != nil:
		h.word(f, e)
	default:
		internal("%s() in a void context", e.Name)
	}
}

func (f *fn) callWord(e *typed.Call) *ir.Value {
	h := f.handler(e.Name)
	if h.word == nil {
		internal("%s() gives no word", e.Name)
	}
	return h.word(f, e)
}

func (f *fn) buildCall(e *typed.Call, dst mem, padded bool) {
	h := f.handler(e.Name)
	if h.build == nil {
		internal("%s() gives nothing in memory", e.Name)
	}
	h.build(f, e, dst, padded)
}

// argument is a function that only gives its argument another meaning.
func (f *fn) argument(e *typed.Call) *ir.Value { return f.word(e.Args[0]) }

func (f *fn) byteSwap(e *typed.Call) *ir.Value {
	x := f.word(e.Args[0])
	if e.T.Size == 1 {
		return x
	}
	return f.b.Swap(x, e.T.Size)
}

func (f *fn) signal(e *typed.Call) *ir.Value {
	helper := asm.FnSendSignal
	if e.Name == "signal_thread" {
		helper = asm.FnSendSignalThread
	}
	return f.b.Call(helper, f.word(e.Args[0]))
}

func (f *fn) signalVoid(e *typed.Call) { f.signal(e) }

func (f *fn) override(e *typed.Call) {
	f.b.Call(asm.FnOverrideReturn, f.context(), f.word(e.Args[0]))
}

// deleteElement deletes and reports whether something was there. The one value
// of a map without keys is set back; where each CPU has its own, user space
// does it.
func (f *fn) deleteElement(e *typed.Call) *ir.Value {
	ref := e.Args[0].(*typed.MapRef)
	m := f.maps[ref.Map.Index]
	if m.m.Key != nil {
		if m.keyedBuckets() {
			return f.deleteBuckets(e, m, ref)
		}
		err := f.b.Call(asm.FnMapDeleteElem, f.b.MapPtr(m.key), f.addr(f.mapKey(m, ref.Key)))
		return f.b.Bin(ir.OpEq, err, f.b.Const(0))
	}
	if !m.cell() {
		f.mapEvent(e, ref)
		return f.b.Const(1)
	}
	cell := f.cellMem(m)
	was := f.b.Bin(ir.OpNe, f.load(cell, m.setOffset(), 8, false), f.b.Const(0))
	f.eachPiece(8, m.valueSize, func(off, n int) { f.store(cell, off, n, f.b.Const(0)) })
	return was
}

// setOffset is where a cell has the word that is not zero when it is set.
func (m *mapInfo) setOffset() int { return m.valueSize - 8 }

// deleteBuckets deletes the buckets of one key, which are elements of their own.
func (f *fn) deleteBuckets(e *typed.Call, m *mapInfo, ref *typed.MapRef) *ir.Value {
	return f.anyBucket(e, m, ref, func(key mem) *ir.Value {
		err := f.b.Call(asm.FnMapDeleteElem, f.b.MapPtr(m.key), f.addr(key))
		return f.b.Bin(ir.OpEq, err, f.b.Const(0))
	})
}

// maxSlots bounds the loop over the elements that one key has.
const maxSlots = 1002

// anyBucket calls do for each element that a key of a keyed histogram or time
// series may have, and reports whether one of the calls gave other than zero.
func (f *fn) anyBucket(e *typed.Call, m *mapInfo, ref *typed.MapRef, do func(key mem) *ir.Value) *ir.Value {
	count := m.value.Len
	if m.agg() != types.TSeries {
		count = bucketCount(m.value)
	}
	if count > maxSlots {
		panic(&Unsupported{
			Span: e.Span, Msg: fmt.Sprintf("%s() of a time series with more than %d intervals is not supported yet", e.Name, maxSlots),
		})
	}
	size := m.m.Key.Size
	key := f.tempBytes("key", m.keySize)
	f.build(ref.Key, key, true)
	f.zero(key.plus(size), m.keySize-8-size)
	found := &ir.Var{Name: "any"}
	f.b.Set(found, f.b.Const(0))
	f.countLoop(count, func(i *ir.Value, _ *ir.Block) {
		f.store(key, m.keySize-8, 8, i)
		f.ifNonZero(do(key), false, func() { f.b.Set(found, f.b.Const(1)) })
	})
	return f.b.Get(found)
}

func (f *fn) hasKey(e *typed.Call) *ir.Value {
	ref := e.Args[0].(*typed.MapRef)
	m := f.maps[ref.Map.Index]
	if m.cell() {
		return f.b.Bin(ir.OpNe, f.load(f.cellMem(m), m.setOffset(), 8, false), f.b.Const(0))
	}
	if m.keyedBuckets() {
		return f.anyBucket(e, m, ref, func(key mem) *ir.Value {
			return f.b.Bin(ir.OpNe, f.callLookup(m.key, key), f.b.Const(0))
		})
	}
	return f.b.Bin(ir.OpNe, f.callLookup(m.key, f.mapKey(m, ref.Key)), f.b.Const(0))
}

// keyedBuckets reports whether each key of the map has several elements.
func (m *mapInfo) keyedBuckets() bool {
	return m.storage == object.BucketHash || m.storage == object.SeriesHash && m.m.Key != nil
}

// length is the number of elements of a map, counted by walking it, or of
// frames of a stack.
func (f *fn) length(e *typed.Call) *ir.Value {
	ref, ok := e.Args[0].(*typed.MapRef)
	if !ok {
		return f.stackLength(e.Args[0])
	}
	f.need(target.FeatureForEachMapElem, e.Span, "len() of a map", "")
	m := f.maps[ref.Map.Index]
	name := f.callback(4, 3, func(*fn, []*ir.Value) {})
	return f.b.Call(asm.FnForEachMapElem, f.b.MapPtr(m.key), f.b.FuncPtr(name), f.b.Const(0), f.b.Const(0))
}
