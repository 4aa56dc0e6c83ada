package probes

import (
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/types"
)

// NameArguments implements typecheck.ArgumentNamer: it gives the point of a
// function of a program its arguments by name, from the debug information of
// the binary. That is read only for scripts that use it, as it may be large.
func (w *World) NameArguments(p *point.Point) error {
	if p.Context != point.Uprobe || p.Attach.Offset != 0 || w.Debug == nil || p.Attach.Symbol == "" {
		return nil
	}
	address, _, err := w.Binaries.Symbol(p.Attach.Path, p.Attach.Symbol)
	if err != nil {
		return nil
	}
	args, err := w.Debug.Arguments(p.Attach.Path, address)
	if err == nil && args != nil {
		p.Args = args
	}
	return err
}

// userParams describes the arguments of a program's function, where its debug
// information tells them.
func (w *World) userParams(context point.Context, path, function string) []string {
	p := point.Point{Context: context, Attach: point.Attach{Path: path, Symbol: function}}
	if err := w.NameArguments(&p); err != nil || p.Args == nil {
		return nil
	}
	var params []string
	for _, m := range p.Args.Members {
		params = append(params, m.Type.String()+" "+m.Name)
	}
	return params
}

// userRecord completes a record of a program's.
func (w *World) userRecord(t types.Type) (types.Type, bool, error) {
	if t.ID >= 0 || w.Debug == nil {
		return t, false, nil
	}
	found, err := w.Debug.Record(t.ID)
	return found, true, err
}
