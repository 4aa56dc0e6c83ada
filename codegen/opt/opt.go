// Package opt improves IR: the same effects in the same order, by fewer
// instructions, and never on a path that did not need them.
//
// A pass is a function on one ir.Func and does one thing; the table below says
// what has to come before it. Passes leave alone what verifiers rely on: a
// bounds check stays a comparison of the very value that is then used, and a
// mask stays where it is.
package opt

import (
	"fmt"

	"github.com/gotrace/gotrace/codegen/ir"
)

// Options are how to run the passes.
type Options struct {
	// Check verifies the program before the first pass and after each. It is
	// meant for tests.
	Check bool
	// Skip names passes not to run.
	Skip map[string]bool
	// After, if not nil, is called after each pass, for dumps.
	After func(pass string, p *ir.Program)
}

// pass is a row of the table of passes.
type pass struct {
	name string
	// run changes a function; entry says that it is the program's entry, whose
	// first parameter is the context.
	run func(f *ir.Func, entry bool)
	// after names passes of which one run must come before this one.
	after []string
}

// passes lists the passes in the order they run. Some occur twice: threading
// makes straight lines of what had joins, and so new equal values.
func passes() []pass {
	return []pass{
		{name: "trivialParams", run: trivialParams},
		{name: "foldConst", run: foldConst, after: []string{"trivialParams"}},
		{name: "mergeEqual", run: mergeEqual, after: []string{"foldConst"}},
		{name: "threadBranches", run: threadBranches, after: []string{"foldConst"}},
		{name: "deadCode", run: deadCode, after: []string{"threadBranches"}},
		{name: "trivialParams", run: trivialParams},
		{name: "foldConst", run: foldConst},
		{name: "mergeEqual", run: mergeEqual},
		{name: "impliedBranches", run: impliedBranches, after: []string{"mergeEqual", "threadBranches"}},
		{name: "threadBranches", run: threadBranches},
		{name: "deadStores", run: deadStores, after: []string{"mergeEqual"}},
		{name: "deadCode", run: deadCode},
		{name: "sinkValues", run: sinkValues, after: []string{"deadCode", "mergeEqual"}},
		{name: "layoutBlocks", run: layoutBlocks, after: []string{"deadCode", "threadBranches"}},
	}
}

// Passes returns the names of the passes in the order they run.
func Passes() []string {
	var names []string
	for _, p := range passes() {
		names = append(names, p.name)
	}
	return names
}

// Run improves a program in place. An error says that Options.Check found a
// broken rule, and after which pass.
func Run(p *ir.Program, opt Options) error {
	if err := check(p, opt, "lowering"); err != nil {
		return err
	}
	for _, ps := range passes() {
		if opt.Skip[ps.name] {
			continue
		}
		for i, f := range p.Funcs {
			ps.run(f, i == 0)
		}
		if err := check(p, opt, ps.name); err != nil {
			return err
		}
		if opt.After != nil {
			opt.After(ps.name, p)
		}
	}
	return nil
}

func check(p *ir.Program, opt Options, stage string) error {
	if !opt.Check {
		return nil
	}
	if err := ir.Check(p); err != nil {
		return fmt.Errorf("opt: after %s: %w\n%s", stage, err, p)
	}
	return nil
}
