package probes

import (
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/probes/user"
)

// usdtPoints resolves "usdt:binary:[provider:]name". A probe that the compiler
// put at several places has a point for each.
func usdtPoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	const usage = "write usdt:BINARY:NAME or usdt:BINARY:PROVIDER:NAME"
	if w.Binaries == nil {
		return nil, bad(1, "there are no binaries to probe")
	}
	u := usdt{world: w}
	anything := ast.Part{Text: "*"}
	switch n := len(spec.Parts); {
	case n == 2 && w.Binaries.Main() != "":
		u.target, u.provider, u.name, u.at = ast.Part{Text: w.Binaries.Main(), Quoted: true}, anything, spec.Parts[1], 1
	case n == 3:
		u.target, u.provider, u.name, u.at = spec.Parts[1], anything, spec.Parts[2], 2
	case n == 4:
		u.target, u.provider, u.name, u.at = spec.Parts[1], spec.Parts[2], spec.Parts[3], 3
	default:
		return nil, shape(spec, 2, 3, usage)
	}
	if u.provider.Text == "" {
		u.provider = anything
	}
	if u.name.Text == "" {
		u.name = anything
	}
	paths, err := w.Binaries.Resolve(u.target.Text)
	if err != nil {
		return nil, userError(1, err)
	}
	return u.resolve(paths)
}

// usdt is an attach point being resolved.
type usdt struct {
	world                  *World
	target, provider, name ast.Part
	at                     int // the index of the name's part
}

func (u *usdt) resolve(paths []string) ([]point.Point, error) {
	inProvider, inName := matcher(u.provider), matcher(u.name)
	var points []point.Point
	var names []string
	for _, path := range paths {
		notes, err := u.world.Binaries.Notes(path)
		if err != nil {
			return nil, userError(1, err)
		}
		for _, n := range notes {
			names = append(names, n.Name)
			if !inProvider(n.Provider) || !inName(n.Name) {
				continue
			}
			points = append(points, usdtPoint(path, n))
		}
	}
	if len(points) > 0 {
		return points, nil
	}
	where := u.target.Text
	if len(paths) == 1 {
		where = paths[0]
	}
	switch {
	case len(names) == 0 && where == "*":
		return nil, bad(1, "nothing that the process has mapped has USDT probes")
	case len(names) == 0:
		return nil, hint(u.at, "it was built without; uprobe traces its functions", "%s has no USDT probes", where)
	case wildPart(u.name) || wildPart(u.provider) && u.at == 3:
		return nil, bad(u.at, "no USDT probe of %s matches %q", where, u.name.Text)
	}
	advice := didYouMean(u.name.Text, names)
	if advice == "" {
		advice = fmt.Sprintf("gotrace -l 'usdt:%s:*' lists them all", where)
	}
	return nil, hint(u.at, advice, "%s has no USDT probe %q", where, u.name.Text)
}

// usdtPoint makes the point of a note.
func usdtPoint(path string, n user.Note) point.Point {
	p := point.Point{
		Provider: "usdt",
		Name:     strings.Join([]string{"usdt", path, n.Provider, n.Name}, ":"),
		Context:  point.USDT,
		Attach:   point.Attach{Path: path, Symbol: n.Name, Address: n.Offset, Semaphore: n.Semaphore},
		Operands: n.Operands,
	}
	if n.Problem != nil {
		p.Note = fmt.Sprintf("%s: %v: only the arguments before it can be read", p.Name, n.Problem)
	}
	return p
}

// listUSDT lists the probes of binaries, each once.
func listUSDT(w *World, q query, yield func(entry)) error {
	if w.Binaries == nil {
		return nil
	}
	target := q.target
	if q.parts == 1 && w.Binaries.Main() != "" {
		target = w.Binaries.Main()
	}
	if target == "*" && w.Binaries.Main() == "" {
		return nil
	}
	paths, err := w.Binaries.Resolve(target)
	if err != nil {
		return userError(0, err)
	}
	for _, path := range paths {
		notes, err := w.Binaries.Notes(path)
		if err != nil {
			return userError(0, err)
		}
		last := ""
		for _, n := range notes {
			name := n.Provider + ":" + n.Name
			if name == last || !q.matchIn(name) && !q.matchIn(n.Name) {
				continue
			}
			last = name
			yield(entry{name: path + ":" + name, params: func() []string { return usdtParams(n.Operands) }})
		}
	}
	return nil
}

// usdtParams describes arguments, which have no names, as C does.
func usdtParams(operands []point.Operand) []string {
	var params []string
	for i, o := range operands {
		params = append(params, fmt.Sprintf("%s arg%d", o, i))
	}
	return params
}
