package main

import (
	"context"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/runtime"
)

// selftest says that the run is one of --test or --bench.
func (f *flags) selftest() bool { return f.test || f.bench }

// pick leaves out the tests and benchmarks that the run is not for.
func pick(f *flags, prog *typed.Program) error {
	left := ""
	var clauses []*typed.Clause
	for _, c := range prog.Clauses {
		var points []point.Point
		for _, p := range c.Points {
			if p.Provider == "test" && !f.test || p.Provider == "bench" && !f.bench {
				left = p.Provider
				continue
			}
			points = append(points, p)
		}
		if len(points) > 0 {
			c.Points = points
			clauses = append(clauses, c)
		}
	}
	if len(clauses) == 0 && left != "" {
		return usageError("the script has nothing but %s probes", left).hint("--%s runs them", left)
	}
	prog.Clauses = clauses
	return nil
}

// runSelftest runs what --test or --bench asks for.
func runSelftest(ctx context.Context, f *flags, session *runtime.Session) error {
	switch {
	case f.test:
		return session.Test(ctx)
	case f.bench:
		return session.Bench(ctx)
	}
	return nil
}
