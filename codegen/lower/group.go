package lower

import (
	"fmt"
	"slices"

	"github.com/gotrace/gotrace/codegen/target"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typed"
)

// group is a program to be: points that all run the same clauses.
type group struct {
	context point.Context
	points  []point.Point
	clauses []*typed.Clause
	// cookie says that the points are told apart by their attach cookies.
	cookie bool
}

// hook is the identity of an attachable place. Two points with the same hook
// are the same place, however the script spelled it.
type hook struct {
	provider string
	context  point.Context
	attach   point.Attach
}

// groups collects, for each hook, the clauses that apply to it in script order,
// and merges hooks with the same clauses into one program.
func (u *unit) groups() []*group {
	type entry struct {
		point   point.Point
		clauses []*typed.Clause
	}
	var order []*entry
	byHook := map[hook]*entry{}
	for _, c := range u.prog.Clauses {
		for _, p := range c.Points {
			h := hook{p.Provider, c.Context, p.Attach}
			e := byHook[h]
			if e == nil {
				e = &entry{point: p}
				byHook[h] = e
				order = append(order, e)
			}
			if !slices.Contains(e.clauses, c) {
				e.clauses = append(e.clauses, c)
			}
		}
	}
	var groups []*group
	byKey := map[string]*group{}
	for _, e := range order {
		key := u.groupKey(e.point, e.clauses)
		g := byKey[key]
		if g == nil {
			g = &group{context: e.clauses[0].Context, clauses: e.clauses}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.points = append(g.points, e.point)
	}
	for _, g := range groups {
		g.cookie = len(g.points) > 1 && usesProbeName(g.clauses)
	}
	return groups
}

// groupKey is equal for points that may share a program.
func (u *unit) groupKey(p point.Point, clauses []*typed.Clause) string {
	key := string(clauses[0].Context)
	for _, c := range clauses {
		key += fmt.Sprintf(" %d", c.Index)
	}
	context := clauses[0].Context
	alone := context == point.Timer || usesProbeName(clauses) && !u.cookies(context)
	if context == point.Fentry || context == point.Fexit {
		key += " " + p.Attach.Module + ":" + p.Attach.Symbol // and for one function
	}
	if context == point.BTFTracepoint || context == point.Iter {
		key += " " + p.Attach.Event // the program is loaded for one tracepoint
	}
	if context.User() {
		key += " " + p.Attach.Path // a multi link is for one file
	}
	if alone {
		key += " " + p.Name
	}
	return key
}

// cookies says whether programs of a context can ask which point they run for.
func (u *unit) cookies(c point.Context) bool {
	switch c {
	case point.Tracepoint, point.Kprobe, point.Kretprobe, point.Uprobe, point.Uretprobe, point.USDT, point.PerfEvent:
		return u.target.Have(target.FeatureAttachCookie)
	}
	return false
}

func usesProbeName(clauses []*typed.Clause) bool {
	for _, c := range clauses {
		found := false
		typed.Walk(c, func(e typed.Expr) {
			if b, ok := e.(*typed.Builtin); ok && b.Name == "probe" {
				found = true
			}
		})
		if found {
			return true
		}
	}
	return false
}
