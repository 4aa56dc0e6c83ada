package opt

import "github.com/gotrace/gotrace/codegen/ir"

// layoutBlocks puts blocks in the order of the code: reverse post-order, which
// lets most jumps fall through, with cold blocks last. A block that is entered
// from cold blocks only is cold itself.
func layoutBlocks(f *ir.Func, _ bool) {
	cfg := ir.NewCFG(f)
	for _, b := range cfg.Order[1:] {
		cold := true
		for _, p := range cfg.Preds(b) {
			// Back edges come from blocks later in the order: they do not count.
			if !p.Cold && !cfg.Dominates(b, p) {
				cold = false
			}
		}
		b.Cold = b.Cold || cold
	}
	f.Blocks = f.Blocks[:0]
	for _, cold := range []bool{false, true} {
		for _, b := range cfg.Order {
			if (b.Cold && b != cfg.Order[0]) == cold {
				f.Blocks = append(f.Blocks, b)
			}
		}
	}
}
