package lower

import (
	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// A histogram's buckets. Of hist(n, k), with l the position of n's highest bit:
//
//	0                                       n < 0
//	n + 1                                   n < 2^k
//	(l-k+1)<<k | (n >> (l-k)) & (2^k-1)     else, plus 1
//
// so that each power of two has 2^k buckets. Of lhist(n, min, max, step):
//
//	0                      n < min
//	(n-min)/step + 1       min <= n < max
//	(max-min)/step + 1     max <= n

// bucketCount is how many buckets a histogram has.
func bucketCount(t types.Type) int {
	if t.Agg == types.LHist {
		return int((t.Max-t.Min)/t.Step) + 2
	}
	return (65-t.Bits)<<t.Bits + 1
}

// addToBucket is "@m[k] = hist(v)" and lhist.
func (f *fn) addToBucket(m *mapInfo, s *typed.Aggregate) {
	v := f.word(s.Args[0])
	weight := f.b.Const(1)
	if len(s.Args) > 1 {
		weight = f.word(s.Args[1])
	}
	bucket := f.log2Bucket(m.m.Value, v)
	if m.agg() == types.LHist {
		bucket = f.linearBucket(m.m.Value, v)
	}
	if m.m.Key == nil {
		at := f.callLookup(m.key, f.indexKey(bucket))
		f.ifNonZero(at, false, func() { f.accumulate(m, at, 0, weight) })
		return
	}
	size := m.m.Key.Size
	key := f.tempBytes("key", m.keySize)
	f.build(s.Key, key, true)
	f.zero(key.plus(size), m.keySize-8-size)
	f.store(key, m.keySize-8, 8, bucket)
	f.upsert(m, key, s.Span,
		func(at mem) { f.accumulate(m, at.base, at.off, weight) },
		func() mem {
			box := f.tempBytes("first", 8)
			f.store(box, 0, 8, weight)
			return box
		})
}

// log2Bucket is the bucket of hist.
func (f *fn) log2Bucket(t types.Type, n *ir.Value) *ir.Value {
	b := f.b
	result := &ir.Var{Name: "bucket"}
	small := b.NewBlock("small")
	large := b.NewBlock("large")
	end := b.NewBlock("bucket")
	b.Set(result, b.Const(0))
	if t.Signed {
		positive := b.NewBlock("positive")
		b.If(b.Bin(ir.OpSLt, n, b.Const(0)), end, positive)
		b.Seal(positive)
		b.SetBlock(positive)
	}
	b.If(b.Bin(ir.OpULt, n, b.Const(1<<t.Bits)), small, large)
	b.Seal(small)
	b.Seal(large)
	b.SetBlock(small)
	b.Set(result, b.Bin(ir.OpAdd, n, b.Const(1)))
	b.Jump(end)
	b.SetBlock(large)
	l := f.highestBit(n)
	if t.Bits == 0 {
		b.Set(result, b.Bin(ir.OpAdd, l, b.Const(2)))
	} else {
		shift := b.Bin(ir.OpSub, l, b.Const(int64(t.Bits)))
		major := b.Bin(ir.OpShl, b.Bin(ir.OpAdd, shift, b.Const(1)), b.Const(int64(t.Bits)))
		minor := b.Bin(ir.OpAnd, b.Bin(ir.OpShr, n, shift), b.Const(1<<t.Bits-1))
		b.Set(result, b.Bin(ir.OpAdd, b.Bin(ir.OpAdd, major, minor), b.Const(1)))
	}
	b.Jump(end)
	b.Seal(end)
	b.SetBlock(end)
	return b.Get(result)
}

// highestBit is the position of the highest bit set, counted from zero, found
// by halving.
func (f *fn) highestBit(n *ir.Value) *ir.Value {
	b := f.b
	rest, bit := &ir.Var{Name: "rest"}, &ir.Var{Name: "bit"}
	b.Set(rest, n)
	b.Set(bit, b.Const(0))
	for _, half := range []int64{32, 16, 8, 4, 2, 1} {
		above := b.Bin(ir.OpUGt, b.Get(rest), b.Const(1<<half-1))
		f.ifNonZero(above, false, func() {
			if half > 1 {
				b.Set(rest, b.Bin(ir.OpShr, b.Get(rest), b.Const(half)))
			}
			b.Set(bit, b.Bin(ir.OpAdd, b.Get(bit), b.Const(half)))
		})
	}
	return b.Get(bit)
}

// linearBucket is the bucket of lhist.
func (f *fn) linearBucket(t types.Type, n *ir.Value) *ir.Value {
	b := f.b
	result := &ir.Var{Name: "bucket"}
	less, inside, end := ir.OpULt, b.NewBlock("inside"), b.NewBlock("bucket")
	if t.Signed {
		less = ir.OpSLt
	}
	above := b.NewBlock("above")
	b.Set(result, b.Const(0))
	b.If(b.Bin(less, n, b.Const(t.Min)), end, above)
	b.Seal(above)
	b.SetBlock(above)
	b.Set(result, b.Const((t.Max-t.Min)/t.Step+1))
	b.If(b.Bin(less, n, b.Const(t.Max)), inside, end)
	b.Seal(inside)
	b.SetBlock(inside)
	index := b.Bin(ir.OpUDiv, b.Bin(ir.OpSub, n, b.Const(t.Min)), b.Const(t.Step))
	b.Set(result, b.Bin(ir.OpAdd, index, b.Const(1)))
	b.Jump(end)
	b.Seal(end)
	b.SetBlock(end)
	return b.Get(result)
}
