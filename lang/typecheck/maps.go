package typecheck

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// shape says whether a map has keys; a map has one shape everywhere.
type shape int

const (
	noShape shape = iota
	scalarMap
	keyedMap
)

// mapState is what is known of a map. The types only ever grow.
type mapState struct {
	name string
	// typed is the map of this round's program; nil until the round uses it.
	typed *typed.Map

	shape     shape
	shapeSpan source.Span
	key       types.Type
	keySpan   source.Span
	value     types.Type
	valueSpan source.Span
	// assigned says that something gives the map a value.
	assigned bool
	decl     *ast.MapDecl
	// fixedBy names the unit that settled the types, if one did.
	fixedBy string
}

func (m *mapState) title() string { return "@" + m.name }

// keyType is the key's type as it is stored.
func (m *mapState) keyType() types.Type { return stored(m.key) }

// valueType is the type of the values as they are stored.
func (m *mapState) valueType() types.Type { return storedValue(m.value) }

// mapNamed returns the state of a map and takes note that it is used.
func (c *checker) mapNamed(name string, span source.Span) *mapState {
	m := c.maps[name]
	if m == nil {
		m = &mapState{name: name}
		c.maps[name] = m
		for _, p := range c.opts.Maps {
			if p.Map.Name == name {
				m.adopt(p)
			}
		}
		c.changed = true
	}
	if m.typed == nil {
		m.typed = &typed.Map{Index: len(c.mapOrder), Name: name, Span: span}
		c.mapOrder = append(c.mapOrder, m)
	}
	return m
}

// adopt takes the settled types of an earlier unit's map.
func (m *mapState) adopt(p Predeclared) {
	m.shape, m.assigned, m.fixedBy = scalarMap, true, p.By
	m.value = p.Map.Value
	if p.Map.Key != nil {
		m.shape, m.key = keyedMap, *p.Map.Key
	}
}

// mapKinds are the kinds of "let @x = kind(n)".
func mapKinds() []typed.MapKind {
	return []typed.MapKind{typed.Hash, typed.LRUHash, typed.PerCPUHash, typed.PerCPULRUHash}
}

// declareMap handles "let @x = kind(n);".
func (c *checker) declareMap(d *ast.MapDecl) {
	m := c.mapNamed(d.Name, d.Span)
	if m.decl != nil && m.decl != d {
		c.errorf(d.Span, "duplicate", "map %s is declared twice", m.title()).
			WithRelated(m.decl.Span, "the first declaration is here")
		return
	}
	m.decl = d
	for _, kind := range mapKinds() {
		if string(kind) == d.Kind {
			m.typed.Kind = kind
		}
	}
	if m.typed.Kind == typed.AutoMap {
		var names []string
		for _, kind := range mapKinds() {
			names = append(names, string(kind))
		}
		hint := suggest.Hint("", d.Kind, names)
		if hint == "" {
			hint = "the kinds are " + strings.Join(names, ", ")
		}
		c.errorf(d.Span, "unknown-map-kind", "unknown kind of map %s", quote(d.Kind)).Hint = hint
		return
	}
	if len(d.Args) != 1 {
		c.errorf(d.Span, "argument-count", "%s takes one argument, the greatest number of elements", d.Kind).
			WithHint("write let %s = %s(1000);", m.title(), d.Kind)
		return
	}
	if n, ok := c.constInt(d.Args[0]); ok {
		if n < 1 || n > 1<<31-1 {
			c.errorf(d.Args[0].Pos(), "bad-argument", "a map cannot have %d elements", n)
			return
		}
		m.typed.MaxEntries = int(n)
	} else if _, bad := d.Args[0].(*ast.Int); !bad {
		c.errorf(d.Args[0].Pos(), "not-constant", "the number of elements must be a constant")
	}
}

// useShape records that a map is used with or without keys.
func (c *checker) useShape(m *mapState, s shape, span source.Span) bool {
	if m.shape == noShape {
		m.shape, m.shapeSpan = s, span
		c.changed = true
	}
	if m.shape == s {
		return true
	}
	msg := "map %s is used without a key, but it has keys"
	note := "it is used with a key here"
	if s == keyedMap {
		msg, note = "map %s is used with a key, but it has none", "it is used without a key here"
	}
	d := c.errorf(span, "map-shape", msg, m.title())
	c.relate(d, m, m.shapeSpan, note)
	return false
}

// relate points a conflict at the place that settled a map's type.
func (c *checker) relate(d *source.Diagnostic, m *mapState, span source.Span, note string) {
	if m.fixedBy != "" {
		d.Hint = "the type of " + m.title() + " was settled by " + m.fixedBy
		return
	}
	if !span.IsZero() { // zero: nothing but the default decided
		d.WithRelated(span, "%s", note)
	}
}

// learnKey joins the type of a key into the map's.
func (c *checker) learnKey(m *mapState, t types.Type, span source.Span) bool {
	switch {
	case isBadType(t):
		return true
	case isBadType(m.key):
		m.key, m.keySpan = t, span
		c.changed = true
		return true
	}
	next, how := join(m.key, t)
	if how == conflict || m.fixedBy != "" && !fitsFixed(t, m.keyType()) {
		d := c.errorf(span, "map-key-type", "key of map %s is %s here", m.title(), describe(t))
		c.relate(d, m, m.keySpan, "it is "+describe(m.key)+" here")
		return false
	}
	if m.fixedBy != "" {
		return true
	}
	if how == mixed && m.keySpan != span {
		c.warnMixed(span, "key of map "+m.title(), m.keySpan)
	}
	c.grow(&m.key, next)
	return true
}

// learnValue joins the type of a value into the map's.
func (c *checker) learnValue(m *mapState, t types.Type, span source.Span) bool {
	m.assigned = true
	switch {
	case isBadType(t):
		return true
	case isBadType(m.value):
		m.value, m.valueSpan = t, span
		c.changed = true
		return true
	}
	next, how := join(m.value, t)
	if how == conflict || m.fixedBy != "" && !fitsFixed(t, m.valueType()) {
		d := c.errorf(span, "map-value-type", "value of map %s is %s here", m.title(), describe(t))
		c.relate(d, m, m.valueSpan, "it is "+describe(m.value)+" here")
		return false
	}
	if m.fixedBy != "" {
		return true
	}
	if how == mixed && m.valueSpan != span {
		c.warnMixed(span, "value of map "+m.title(), m.valueSpan)
	}
	c.grow(&m.value, next)
	return true
}

// grow replaces a type by the join of it and another.
func (c *checker) grow(t *types.Type, next types.Type) {
	if c.quiet > 0 || sameOpen(*t, next) {
		return
	}
	*t = next
	c.changed = true
}

// sameOpen reports whether two types are equal including the marks of literals
// and the spaces that Equal does not look at.
func sameOpen(a, b types.Type) bool {
	if !a.Equal(b) || a.Space != b.Space || isLiteral(a) != isLiteral(b) || isFlexible(a) != isFlexible(b) {
		return false
	}
	if a.Kind == types.Tuple {
		for i := range a.Members {
			if !sameOpen(a.Members[i].Type, b.Members[i].Type) {
				return false
			}
		}
	}
	return true
}

// fitsFixed reports whether a value can be put into a type that can no longer
// grow.
func fitsFixed(t, fixed types.Type) bool {
	if isLiteral(t) && fixed.Kind == types.Int {
		return true // a literal out of range is reported when it is converted
	}
	next, how := join(fixed, t)
	return how == joined && next.Equal(fixed)
}

func (c *checker) warnMixed(span source.Span, what string, first source.Span) {
	c.warnf(span, "sign-mismatch", "%s is signed in one place and unsigned in another; it is kept as int64", what).
		WithRelated(first, "the other place").
		WithHint("cast one of them, for example (int64)x")
}

// closeType gives the default integer type to one map or variable that is
// assigned, but whose type nothing decides, such as @x in "@x = @x + 1". One at
// a time: what is decided by it must not get the default, too. It returns false
// if there is none left.
func (c *checker) closeType() bool {
	for _, m := range c.mapOrder {
		if isBadType(m.value) && m.assigned {
			m.value = literalType(0, false)
			return true
		}
	}
	var first *varState
	for _, v := range c.vars {
		if isBadType(v.t) && (first == nil || v.span.Off < first.span.Off) {
			first = v
		}
	}
	if first == nil {
		return false
	}
	first.t = literalType(0, false)
	return true
}

// finishMaps writes what was learnt into the round's maps and reports maps that
// are only read.
func (c *checker) finishMaps() {
	for _, m := range c.mapOrder {
		c.prog.Maps = append(c.prog.Maps, m.typed)
		m.typed.Value = m.valueType()
		if m.shape == keyedMap {
			key := m.keyType()
			m.typed.Key = &key
		}
		if isBadType(m.value) && c.closed && !c.unmatched && !m.assigned {
			c.undefinedMap(m)
		}
		if m.value.Kind == types.Agg && m.decl != nil && !perCPUKind(m.typed.Kind) {
			c.errorf(m.decl.Span, "map-kind", "map %s holds %s, which needs a per-CPU map, but is declared as %s",
				m.title(), m.value.Agg, m.typed.Kind).
				WithRelated(m.valueSpan, "the aggregation is assigned here").
				WithHint("declare it as percpuhash or percpulruhash")
		}
		if m.value.Kind != types.Agg && !isBadType(m.value) && perCPUKind(m.typed.Kind) {
			c.errorf(m.decl.Span, "map-kind", "map %s holds %s, but is declared as %s, which is for aggregations",
				m.title(), describe(m.value), m.typed.Kind).
				WithHint("declare it as hash or lruhash")
		}
	}
}

func perCPUKind(k typed.MapKind) bool { return k == typed.PerCPUHash || k == typed.PerCPULRUHash }

// undefinedMap reports a map that is used and never given a value.
func (c *checker) undefinedMap(m *mapState) {
	if m.decl != nil && m.typed.Span == m.decl.Span && m.shape == noShape {
		c.warnf(m.decl.Span, "unused-map", "map %s is declared and never used", m.title())
		m.typed.Value = types.Int64()
		return
	}
	var names []string
	for _, other := range c.mapOrder {
		if other.assigned {
			names = append(names, other.name)
		}
	}
	d := c.errorf(m.typed.Span, "undefined-map", "map %s is used, but nothing is ever assigned to it", m.title())
	d.Hint = suggest.Hint("@", m.name, names)
}
