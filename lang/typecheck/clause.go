package typecheck

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// block is an action block with the points it is attached to, in groups that
// share a clause.
type block struct {
	probe  *ast.Probe
	groups []group
}

// group is points of one context whose arguments look alike to the block.
type group struct {
	key    string
	points []point.Point
	space  types.Space
}

// clause is the clause being checked.
type clause struct {
	typed *typed.Clause
	block *block
	scope *scope
	loops int
}

// point returns a point that stands for all of the clause.
func (cl *clause) point() point.Point { return cl.typed.Points[0] }

// outside is a clause for expressions that are not in any.
func outside() *clause {
	return &clause{
		typed: &typed.Clause{Index: -1, Points: []point.Point{{}}, Space: types.Kernel},
		block: &block{}, scope: &scope{vars: map[string]*variable{}},
	}
}

// findPoints asks the world for the points of every block. It happens once:
// points do not depend on types.
func (c *checker) findPoints() {
	for _, it := range c.file.Items {
		p, ok := it.(*ast.Probe)
		if !ok || c.skipped(p) {
			continue
		}
		b := &block{probe: c.macros.expandProbe(c, p)}
		uses := usesOf(b.probe)
		var unmatched []noMatch
		for _, spec := range p.Points {
			points, missing := c.pointsOf(spec)
			if missing != nil {
				unmatched = append(unmatched, noMatch{spec, missing})
			}
			for _, pt := range points {
				if !c.uniqueName(pt, spec) {
					continue
				}
				c.nameArguments(&pt, uses, spec)
				b.add(pt, uses)
			}
		}
		for _, u := range unmatched {
			c.wildcardWithoutMatch(u, len(b.groups) > 0)
		}
		c.blocks = append(c.blocks, b)
	}
	c.iteratorAlone()
}

// iteratorAlone refuses an iterator beside other probes: the trace ends when it
// has run.
func (c *checker) iteratorAlone() {
	count := 0
	var iter *ast.AttachPoint
	for _, b := range c.blocks {
		for _, g := range b.groups {
			count += len(g.points)
			if g.points[0].Context == point.Iter && iter == nil {
				iter = iteratorOf(b.probe)
			}
		}
	}
	if iter != nil && count > 1 {
		c.errorf(iter.Span, "iterator", "an iterator cannot be mixed with other probes").
			WithHint("it runs once, and the trace ends with it")
	}
}

// iteratorOf is the first attach point of a block that is an iterator.
func iteratorOf(p *ast.Probe) *ast.AttachPoint {
	for _, spec := range p.Points {
		if name := spec.Parts[0].Text; strings.EqualFold(name, "iter") || name == "it" {
			return spec
		}
	}
	return p.Points[0]
}

// noMatch is a wildcard that matches nothing here.
type noMatch struct {
	spec *ast.AttachPoint
	why  *NotFound
}

// wildcardWithoutMatch reports a wildcard that matches nothing. Beside probes
// that are there it is only a warning, as scripts name what some kernels lack in
// that way, and bpftrace lets them.
func (c *checker) wildcardWithoutMatch(u noMatch, others bool) {
	span := partSpan(u.spec, u.why.Part)
	if others {
		c.warnf(span, "unknown-probe", "%s", u.why.Msg)
		return
	}
	c.errorf(span, "unknown-probe", "%s", u.why.Msg).Hint = u.why.Hint
	c.unmatched = true
}

// wildcard reports whether an attach point may match any number of places.
func wildcard(spec *ast.AttachPoint) bool {
	for _, part := range spec.Parts {
		if !part.Quoted && strings.ContainsAny(part.Text, "*?[") {
			return true
		}
	}
	return false
}

// nameArguments asks for the names of a point's arguments where a block uses
// them.
func (c *checker) nameArguments(pt *point.Point, uses uses, spec *ast.AttachPoint) {
	w, ok := c.world.(ArgumentNamer)
	if !ok || pt.Args != nil || !uses.allArgs && len(uses.fields) == 0 {
		return
	}
	if err := w.NameArguments(pt); err != nil {
		c.warnf(spec.Span, "environment", "%s", err.Error())
	}
}

// add puts a point into the group of its kind.
func (b *block) add(pt point.Point, uses uses) {
	space := pointerSpace(pt)
	key := uses.key(pt) + string(argSpace(pt))
	for i := range b.groups {
		if b.groups[i].key == key {
			b.groups[i].points = append(b.groups[i].points, pt)
			return
		}
	}
	b.groups = append(b.groups, group{key: key, points: []point.Point{pt}, space: space})
}

// pointerSpace is where an address points that a probe's code computes with.
func pointerSpace(pt point.Point) types.Space {
	if pt.Context.User() {
		return types.User
	}
	return types.Kernel
}

// argSpace is where the addresses among a probe's arguments point: those of a
// system call are the caller's.
func argSpace(pt point.Point) types.Space {
	if pt.Context == point.Tracepoint && pt.Attach.Category == "syscalls" {
		return types.User
	}
	return pointerSpace(pt)
}

// spaceOf is where the memory at an address is.
func (c *checker) spaceOf(x typed.Expr) types.Space {
	if t := x.Type(); t.Kind == types.Pointer && t.Space != types.NoSpace {
		if t.Space == types.BTF {
			return types.Kernel
		}
		return t.Space
	}
	if _, ok := x.(*typed.ContextField); ok {
		return argSpace(c.cl.point())
	}
	return c.cl.typed.Space
}

// pointsOf resolves one attach point. A wildcard without a match is returned for
// its block to judge; all else is reported here.
func (c *checker) pointsOf(spec *ast.AttachPoint) ([]point.Point, *NotFound) {
	spec, ok := c.fillParams(spec)
	if !ok {
		return nil, nil
	}
	points, err := c.world.Points(spec)
	if err == nil && len(points) > 0 {
		for _, p := range points {
			if p.Note != "" {
				c.warnf(spec.Span, "probe-note", "%s", p.Note)
			}
		}
		return points, nil
	}
	span, msg, hint := spec.Span, "no such probe: "+clean(spec.Text), ""
	code := "unknown-probe"
	var missing *NotFound
	var refused *Unsupported
	switch {
	case errors.As(err, &missing):
		span, msg, hint = partSpan(spec, missing.Part), missing.Msg, missing.Hint
	case errors.As(err, &refused):
		span, msg, hint, code = partSpan(spec, refused.Part), refused.Msg, refused.Hint, "unsupported"
	case err != nil:
		msg, code = err.Error(), "environment"
	}
	// What the kernel has no probes of is missing as what has another name is.
	if missing != nil || refused != nil || err == nil {
		switch c.config.MissingProbes {
		case "ignore":
			return nil, nil
		case "warn":
			c.warnf(span, code, "%s", msg).Hint = hint
			return nil, nil
		}
	}
	if missing != nil && wildcard(spec) {
		return nil, missing
	}
	c.errorf(span, code, "%s", msg).Hint = hint
	c.unmatched = true
	return nil, nil
}

// partSpan is the place of one part of an attach point.
func partSpan(spec *ast.AttachPoint, part int) source.Span {
	if part < 0 || part >= len(spec.Parts) {
		return spec.Span
	}
	return spec.Parts[part].Span
}

// fillParams replaces positional parameters in an attach point.
func (c *checker) fillParams(spec *ast.AttachPoint) (*ast.AttachPoint, bool) {
	if !strings.Contains(spec.Text, "$") {
		return spec, true
	}
	filled := *spec
	filled.Parts = append([]ast.Part(nil), spec.Parts...)
	ok := true
	for i := range filled.Parts {
		part := &filled.Parts[i]
		part.Text = c.expandParams(part.Text, func(n int) {
			ok = false
			c.errorf(part.Span, "missing-parameter", "positional parameter $%d is not given", n).
				WithHint("append it to the command line")
		})
	}
	filled.Text = c.expandParams(spec.Text, func(int) {})
	return &filled, ok
}

// expandParams replaces each $N of a text by the parameter.
func (c *checker) expandParams(text string, missing func(n int)) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' {
			out.WriteByte(text[i])
			continue
		}
		j, n := i+1, 0
		for j < len(text) && j < i+6 && text[j] >= '0' && text[j] <= '9' {
			n = 10*n + int(text[j]-'0')
			j++
		}
		switch {
		case j == i+1:
			out.WriteByte('$')
			continue
		case n < 1 || n > len(c.opts.Params):
			missing(n)
		default:
			out.WriteString(c.opts.Params[n-1])
		}
		i = j - 1
	}
	return out.String()
}

// checkBlock checks a block once for each group of its points.
func (c *checker) checkBlock(b *block) {
	for _, g := range b.groups {
		c.cl = &clause{block: b, typed: &typed.Clause{
			Index: len(c.prog.Clauses), Block: c.blockIndex(b), Span: b.probe.Span,
			Context: g.points[0].Context, Points: g.points, Space: g.space,
		}}
		c.prog.Clauses = append(c.prog.Clauses, c.cl.typed)
		c.push()
		if b.probe.Pred != nil {
			c.cl.typed.Pred = c.condition(b.probe.Pred)
		}
		if b.probe.Body != nil {
			c.cl.typed.Body = c.stmts(b.probe.Body.Stmts)
			if r := b.probe.Body.Result; r != nil {
				c.cl.typed.Body = append(c.cl.typed.Body, c.exprStmt(&ast.ExprStmt{Span: r.Pos(), X: r})...)
			}
		}
		c.pop()
	}
	c.cl = outside()
}

func (c *checker) blockIndex(b *block) int {
	for i := range c.blocks {
		if c.blocks[i] == b {
			return i
		}
	}
	return -1
}

// uses says what of a point's description the meaning of a block depends on.
type uses struct {
	fields    []string // of args
	allArgs   bool
	retval    bool
	probetype bool
	// probeText says that the name of the probe is compared or searched, for
	// which it must be known when the block is compiled.
	probeText bool
}

// usesOf finds them in the syntax tree.
func usesOf(p *ast.Probe) uses {
	var u uses
	seen := map[string]bool{}
	inField := map[ast.Node]bool{}
	look := func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Field:
			if id, ok := n.X.(*ast.Ident); ok && id.Name == "args" {
				inField[id] = true
				if !seen[n.Name] {
					seen[n.Name] = true
					u.fields = append(u.fields, n.Name)
				}
			}
		case *ast.Ident:
			switch {
			case n.Name == "args" && !inField[n]:
				u.allArgs = true
			case n.Name == "retval":
				u.retval = true
			case n.Name == "probetype":
				u.probetype = true
			}
		case *ast.Binary:
			u.probeText = u.probeText || isProbeName(n.X) || isProbeName(n.Y)
		case *ast.Call:
			for _, a := range n.Args {
				u.probeText = u.probeText || isProbeName(a) && (strings.HasPrefix(n.Name, "str") || n.Name == "len")
			}
			u.retval = u.retval || n.Name == "retval"
			u.probetype = u.probetype || n.Name == "probetype"
		}
	}
	if p.Pred != nil {
		walk(p.Pred, look)
	}
	walk(p.Body, look)
	sort.Strings(u.fields)
	return u
}

func isProbeName(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "probe"
	case *ast.Call:
		return e.Name == "probe" && len(e.Args) == 0
	}
	return false
}

// key is equal for points that a block cannot tell apart.
func (u uses) key(pt point.Point) string {
	var b strings.Builder
	b.WriteString(string(pt.Context))
	if len(pt.Operands) > 0 {
		fmt.Fprintf(&b, "|%+v", pt.Operands)
	}
	if u.probetype {
		b.WriteString("|" + pt.Provider)
	}
	if u.probeText {
		b.WriteString("|" + pt.Name)
	}
	if u.allArgs && pt.Args != nil {
		fmt.Fprintf(&b, "|%+v", *pt.Args)
	}
	for _, name := range u.fields {
		if pt.Args == nil {
			b.WriteString("|none")
			continue
		}
		m, ok := pt.Args.Member(name)
		fmt.Fprintf(&b, "|%v %s %d %d %d %v", ok, m.Type, m.Type.Size, m.Offset, m.BitOffset, m.DataLoc)
		if m.Type.Kind == types.Pointer {
			b.WriteString(string(m.Type.Space))
		}
	}
	if u.retval && pt.Ret != nil {
		b.WriteString("|" + pt.Ret.String())
	}
	return b.String()
}
