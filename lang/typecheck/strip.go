package typecheck

import (
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// unmark takes the marks of literals out of a finished program, where every
// type is settled: what a mark is left on has the size and sign it says.
func unmark(p *typed.Program) {
	for _, m := range p.Maps {
		m.Value = unmarked(m.Value)
		if m.Key != nil {
			key := unmarked(*m.Key)
			m.Key = &key
		}
	}
	for _, cl := range p.Clauses {
		for _, v := range cl.Vars {
			v.Type = unmarked(v.Type)
		}
		typed.Walk(cl, func(x typed.Expr) {
			if s, ok := x.(interface{ SetType(types.Type) }); ok {
				s.SetType(unmarked(x.Type()))
			}
		})
	}
}

func unmarked(t types.Type) types.Type {
	t = plain(t)
	if t.Kind == types.Tuple {
		members := append([]types.Member(nil), t.Members...)
		for i := range members {
			members[i].Type = unmarked(members[i].Type)
		}
		t.Members = members
	}
	return t
}
