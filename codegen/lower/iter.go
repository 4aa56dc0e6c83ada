package lower

import (
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
)

// skipNothing ends the program of an iterator where there is no object: the
// kernel runs it once more when it has seen them all. The object is what the
// last argument points at.
func (f *fn) skipNothing() {
	if f.group.context != point.Iter {
		return
	}
	args := f.group.points[0].Args
	if args == nil || len(args.Members) == 0 {
		return
	}
	last := args.Members[len(args.Members)-1]
	if last.Type.Kind != types.Pointer {
		return
	}
	body := f.b.NewBlock("object")
	f.b.If(f.b.Load(8, false, f.ctx, int64(last.Offset)), body, f.exit)
	f.b.Seal(body)
	f.b.SetBlock(body)
}
