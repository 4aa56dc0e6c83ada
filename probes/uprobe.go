package probes

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/ianlancetaylor/demangle"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/probes/user"
)

// uprobePoints resolves "uprobe:binary:function[+offset]",
// "uprobe:binary:address", "uprobe:binary:cpp:function" and, with -p,
// "uprobe:function"; and the same of uretprobe, without offsets.
func uprobePoints(w *World, spec *ast.AttachPoint) ([]point.Point, error) {
	kind, _ := KindByName(spec.Parts[0].Text)
	usage := fmt.Sprintf("write %s:BINARY:FUNCTION, such as %[1]s:/bin/bash:readline or %[1]s:libc:malloc", kind.Name)
	if w.Binaries == nil {
		return nil, bad(1, "there are no binaries to probe")
	}
	u := uprobe{world: w, kind: kind}
	switch n := len(spec.Parts); {
	case n == 2 && w.Binaries.Main() != "":
		u.target, u.function, u.at = ast.Part{Text: w.Binaries.Main(), Quoted: true}, spec.Parts[1], 1
	case n == 3 && spec.Parts[1].Text == "cpp" && w.Binaries.Main() != "":
		u.target, u.function, u.at, u.cpp = ast.Part{Text: w.Binaries.Main(), Quoted: true}, spec.Parts[2], 2, true
	case n == 3:
		u.target, u.function, u.at = spec.Parts[1], spec.Parts[2], 2
	case n == 4 && spec.Parts[2].Text == "cpp":
		u.target, u.function, u.at, u.cpp = spec.Parts[1], spec.Parts[3], 3, true
	case n == 4:
		return nil, hint(2, "only cpp is, which means names as in C++", "%q is not a language of names", spec.Parts[2].Text)
	default:
		return nil, shape(spec, 2, 3, usage)
	}
	if strings.Contains(u.target.Text, "@") && !u.target.Quoted {
		return nil, &typecheck.Unsupported{Part: 1, Msg: "probes on source lines are not supported yet", Hint: usage}
	}
	if u.function.Text == "" {
		return nil, hint(u.at, usage, "%s needs a function", kind.Name)
	}
	if err := u.parseOffset(); err != nil {
		return nil, err
	}
	paths, err := w.Binaries.Resolve(u.target.Text)
	if err != nil {
		return nil, userError(1, err)
	}
	return u.resolve(paths)
}

// uprobe is an attach point being resolved.
type uprobe struct {
	world            *World
	kind             Kind
	target, function ast.Part
	at               int // the index of the function's part
	cpp              bool
	offset           uint64
	address          *uint64
}

// parseOffset splits "function+offset" and finds addresses.
func (u *uprobe) parseOffset() error {
	name, offset, found := strings.Cut(u.function.Text, "+")
	// "operator+" of C++ is no offset.
	if !found || u.cpp {
		if n, err := parseNumber(u.function.Text); err == nil {
			if wildPart(u.target) {
				return bad(1, "an address needs one binary, not wildcards")
			}
			u.address = &n
		}
		return nil
	}
	if u.kind.Context == point.Uretprobe {
		return bad(u.at, "uretprobe takes no offset: it acts where the function returns")
	}
	n, err := parseNumber(offset)
	if err != nil {
		return bad(u.at, "the offset %s: %q", err, offset)
	}
	if wild(name) {
		return bad(u.at, "an offset needs one function, not wildcards")
	}
	u.function.Text, u.offset = name, n
	return nil
}

// resolve finds the function in each binary.
func (u *uprobe) resolve(paths []string) ([]point.Point, error) {
	var points []point.Point
	var names []string
	for _, path := range paths {
		if u.address != nil {
			offset, err := u.world.Binaries.Offset(path, *u.address)
			if err != nil {
				return nil, userError(u.at, err)
			}
			points = append(points, u.point(path, user.Function{Offset: offset}))
			continue
		}
		functions, err := u.world.Binaries.Functions(path)
		if err != nil {
			return nil, userError(1, err)
		}
		found, err := u.match(path, functions)
		if err != nil {
			return nil, err
		}
		points = append(points, found...)
		if len(found) == 0 && len(paths) == 1 {
			for _, f := range functions {
				names = append(names, u.readable(f.Name))
			}
		}
	}
	if len(points) == 0 {
		return nil, u.missing(paths, names)
	}
	return points, nil
}

// match returns the points of the functions that the attach point names.
func (u *uprobe) match(path string, functions []user.Function) ([]point.Point, error) {
	match := matcher(u.function)
	switch {
	case u.cpp:
		match = cppMatcher(u.function.Text)
	case !wildPart(u.function):
		// Sorted: no need to look at all of a large program.
		name := u.function.Text
		at := sort.Search(len(functions), func(i int) bool { return functions[i].Name >= name })
		functions = functions[at:min(at+1, len(functions))]
	}
	var points []point.Point
	last := ""
	for _, f := range functions {
		if f.Name == last || !match(f.Name) {
			continue
		}
		last = f.Name
		if f.Size > 0 && u.offset >= f.Size {
			return nil, bad(u.at, "offset %d is outside of %s, which has %d bytes", u.offset, f.Name, f.Size)
		}
		f.Offset += u.offset
		one, err := u.pointsOf(path, f)
		var nowhere *user.Error
		if errors.As(err, &nowhere) && wildPart(u.function) {
			continue
		}
		if err != nil {
			return nil, userError(u.at, err)
		}
		points = append(points, one...)
	}
	return points, nil
}

// pointsOf returns the points of a function: more than one for the return
// instructions of a function that has several.
func (u *uprobe) pointsOf(path string, f user.Function) ([]point.Point, error) {
	p := u.point(path, f)
	if u.kind.Context != point.Uretprobe {
		return []point.Point{p}, nil
	}
	returns, ok, err := u.world.Binaries.Returns(path, f)
	if err != nil || !ok {
		return []point.Point{p}, err
	}
	var points []point.Point
	for _, offset := range returns {
		p.Attach.Address, p.Attach.AtReturn = offset, true
		points = append(points, p)
	}
	return points, nil
}

// cppMatcher matches mangled names by how C++ writes them, with the parameters
// if the wanted name has any.
func cppMatcher(wanted string) func(string) bool {
	match := func(name string) bool { return name == wanted }
	if strings.Contains(wanted, "*") {
		match = glob(strings.ReplaceAll(strings.ReplaceAll(wanted, "[", "?"), "]", "?")).match
	}
	params := strings.Contains(wanted, "(")
	return func(name string) bool {
		if match(name) {
			return true
		}
		if !strings.HasPrefix(name, "_Z") {
			return false
		}
		full, err := demangle.ToString(name)
		if err != nil {
			return false
		}
		if params {
			return match(full)
		}
		short, err := demangle.ToString(name, demangle.NoParams)
		return err == nil && match(short)
	}
}

// readable is a function's name as this attach point would spell it.
func (u *uprobe) readable(name string) string {
	if u.cpp {
		return demangle.Filter(name, demangle.NoParams)
	}
	return name
}

// missing explains why no function was found.
func (u *uprobe) missing(paths, names []string) error {
	where := u.target.Text
	if len(paths) == 1 {
		where = paths[0]
	}
	if wildPart(u.function) || u.cpp && strings.Contains(u.function.Text, "*") {
		return bad(u.at, "no function of %s matches %q", where, u.function.Text)
	}
	if len(names) == 0 && len(paths) == 1 {
		return hint(u.at, "it is stripped: use one with symbols, or a probe on an address", "%s has no symbols, so no function %q either", where, u.function.Text)
	}
	advice := didYouMean(u.function.Text, names)
	if advice == "" {
		advice = fmt.Sprintf("gotrace -l '%s:%s:*' lists them all", u.kind.Name, where)
	}
	return hint(u.at, advice, "%s has no function %q", where, u.function.Text)
}

// point makes the point of a function of a binary.
func (u *uprobe) point(path string, f user.Function) point.Point {
	p := point.Point{
		Provider: u.kind.Name,
		Context:  u.kind.Context,
		Attach:   point.Attach{Path: path, Symbol: f.Name, Offset: u.offset, Address: f.Offset},
	}
	name := f.Name
	switch {
	case u.address != nil:
		name = fmt.Sprint(*u.address)
	case u.cpp:
		name = "cpp:" + name
	}
	p.Name = u.kind.Name + ":" + path + ":" + name
	if u.offset != 0 {
		p.Name += fmt.Sprintf("+%d", u.offset)
	}
	if u.kind.Context == point.Uretprobe {
		ret := types.Uint64()
		p.Ret = &ret
	}
	return p
}

// userError places an error of package user at a part.
func userError(part int, err error) error {
	var e *user.Error
	if errors.As(err, &e) {
		return hint(part, e.Hint, "%s", e.Msg)
	}
	return err
}

// listUprobes lists the functions of the binaries that a query names.
func listUprobes(w *World, q query, yield func(entry)) error {
	if w.Binaries == nil || q.target == "" {
		return nil
	}
	target := q.target
	if target == "*" && w.Binaries.Main() == "" {
		return nil
	}
	paths, err := w.Binaries.Resolve(target)
	if err != nil {
		return userError(1, err)
	}
	for _, path := range paths {
		functions, err := w.Binaries.Functions(path)
		if err != nil {
			return userError(1, err)
		}
		last := ""
		for _, f := range functions {
			if f.Name == last || !q.matchIn(f.Name) {
				continue
			}
			last = f.Name
			yield(entry{name: path + ":" + f.Name, params: func() []string { return w.userParams(q.kind.Context, path, f.Name) }})
		}
	}
	return nil
}
