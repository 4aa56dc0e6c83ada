package cdef

import (
	"fmt"
	"sort"

	"modernc.org/cc/v4"

	"github.com/gotrace/gotrace/lang/types"
)

// converter makes types.Types of cc's.
type converter struct {
	u    *unit
	tree *cc.AST
	// specs finds the definition of a record: cc copies types when it
	// qualifies them, but never their members.
	specs map[*cc.Field]*cc.StructOrUnionSpecifier
	done  map[*cc.Field]placed
	open  map[*cc.Field]bool // being laid out
	ids   map[any]int64      // by tag, or by first member
	depth int
	r     *Result
}

// placed is a type and the alignment that C gives it.
type placed struct {
	types.Type
	align int
	// members counts the members of a record, those of its records included.
	members int
}

// The bounds of a record: above any of the kernel's, and small enough that
// records of records of records cannot fill the memory.
const (
	maxMembers    = 1 << 16
	maxRecordSize = 1 << 24
	maxTypeDepth  = 100
)

func newConverter(u *unit, tree *cc.AST) *converter {
	c := &converter{
		u: u, tree: tree, specs: map[*cc.Field]*cc.StructOrUnionSpecifier{},
		done: map[*cc.Field]placed{}, open: map[*cc.Field]bool{}, ids: map[any]int64{},
	}
	for l := tree.TranslationUnit; l != nil; l = l.TranslationUnit {
		if d := l.ExternalDeclaration; d != nil && d.Declaration != nil {
			c.findSpecs(d.Declaration.DeclarationSpecifiers)
		}
	}
	return c
}

// findSpecs notes the records that a declaration defines.
func (c *converter) findSpecs(s *cc.DeclarationSpecifiers) {
	for ; s != nil; s = s.DeclarationSpecifiers {
		c.findSpec(s.TypeSpecifier)
	}
}

func (c *converter) findSpec(t *cc.TypeSpecifier) {
	if t == nil || t.StructOrUnionSpecifier == nil {
		return
	}
	spec := t.StructOrUnionSpecifier
	if spec.Case != cc.StructOrUnionSpecifierDef {
		return
	}
	if first := fieldOf(spec.Type(), 0); first != nil {
		c.specs[first] = spec
	}
	for l := spec.StructDeclarationList; l != nil; l = l.StructDeclarationList {
		if l.StructDeclaration == nil {
			continue
		}
		for s := l.StructDeclaration.SpecifierQualifierList; s != nil; s = s.SpecifierQualifierList {
			c.findSpec(s.TypeSpecifier)
		}
	}
}

// fieldOf returns the i-th member of a record, nil behind the last.
func fieldOf(t cc.Type, i int) *cc.Field {
	switch t := t.(type) {
	case *cc.StructType:
		if i < t.NumFields() {
			return t.FieldByIndex(i)
		}
	case *cc.UnionType:
		if i < t.NumFields() {
			return t.FieldByIndex(i)
		}
	}
	return nil
}

// all converts what the file scope declares.
func (c *converter) all(r *Result) {
	c.r = r
	var keys []string
	for name := range c.tree.Scope.Nodes {
		keys = append(keys, name)
	}
	sort.Strings(keys)
	for _, name := range keys {
		for _, node := range c.tree.Scope.Nodes[name] {
			switch n := node.(type) {
			case *cc.StructOrUnionSpecifier:
				c.define(tagOf(n)+" "+name, n.Type(), n)
			case *cc.EnumSpecifier:
				c.define("enum "+name, n.Type(), n)
			case *cc.Declarator:
				if n.IsTypename() {
					c.define(name, n.Type(), n)
				}
			case *cc.Enumerator:
				c.enumerator(name, n)
			}
		}
	}
}

func tagOf(n *cc.StructOrUnionSpecifier) string {
	if n.StructOrUnion != nil && n.StructOrUnion.Case == cc.StructOrUnionUnion {
		return "union"
	}
	return "struct"
}

// define converts one type and puts it under its name. Types that are used and
// not defined stay out, and so does what was borrowed.
func (c *converter) define(name string, t cc.Type, at cc.Node) {
	if _, borrowed := c.u.known[name]; borrowed || t == nil || ours(at.Position().Filename) {
		return
	}
	if t.Kind() == cc.Struct || t.Kind() == cc.Union {
		if fieldOf(t, 0) == nil && t.IsIncomplete() {
			return
		}
	}
	p, err := c.typ(t, false)
	if err != nil {
		if i, ok := c.u.piece(at.Position().Filename); ok {
			c.u.errorAtNode(i, at, err)
		}
		return
	}
	c.r.Types[name] = p.Type
}

// errorAtNode reports what is wrong with a node of the script; err may know a
// better one.
func (u *unit) errorAtNode(i int, at cc.Node, err error) {
	if e, ok := err.(*nodeError); ok {
		if j, ok := u.piece(e.at.Position().Filename); ok {
			i, at = j, e.at
		}
	}
	p := at.Position()
	u.errorf(u.place(i, fmt.Sprint(p.Line), fmt.Sprint(p.Column)), "bad-c", "%s", err)
}

// nodeError is an error at a node.
type nodeError struct {
	at  cc.Node
	msg string
}

func (e *nodeError) Error() string { return e.msg }

func (c *converter) enumerator(name string, n *cc.Enumerator) {
	v, ok := integerValue(n.Value())
	if !ok || ours(n.Position().Filename) {
		return
	}
	// One whose enum was converted has that as its type.
	if _, known := c.r.Constants[name]; !known {
		c.r.Constants[name] = Const{Int: v}
	}
}

func integerValue(v cc.Value) (int64, bool) {
	switch v := v.(type) {
	case cc.Int64Value:
		return int64(v), true
	case cc.UInt64Value:
		return int64(v), true
	}
	return 0, false
}

// typ converts a type; behind a pointer, records stay incomplete.
func (c *converter) typ(t cc.Type, behind bool) (placed, error) {
	if c.depth++; c.depth > maxTypeDepth {
		return placed{}, fmt.Errorf("this type is nested too deeply")
	}
	defer func() { c.depth-- }()
	p, err := c.plain(t, behind)
	if err != nil {
		return p, err
	}
	if a := t.Attributes(); a != nil && a.Aligned() > 0 && t.Typedef() != nil {
		p.align = int(a.Aligned()) // a typedef's attribute sets the alignment
	}
	return p, nil
}

func (c *converter) plain(t cc.Type, behind bool) (placed, error) {
	name := ""
	if d := t.Typedef(); d != nil {
		name = d.Name()
		if known, ok := c.u.known[name]; ok {
			return borrowed(known, behind), nil
		}
	}
	switch t := t.(type) {
	case *cc.PointerType:
		elem, err := c.typ(t.Elem(), true)
		return placed{Type: types.PointerTo(elem.Type, types.NoSpace), align: 8}, err
	case *cc.ArrayType:
		return c.array(t, behind)
	case *cc.StructType, *cc.UnionType:
		return c.record(t, behind)
	case *cc.EnumType:
		return c.enum(t), nil
	case *cc.FunctionType:
		return placed{Type: types.Type{Kind: types.Func}, align: 1}, nil
	}
	return c.basic(t, name)
}

// borrowed is a type that another source knows.
func borrowed(t types.Type, behind bool) placed {
	p := placed{Type: t, align: t.Align(), members: len(t.Members)}
	if behind && t.Kind == types.Record {
		p.Members, p.Incomplete = nil, true
	}
	return p
}

func (c *converter) basic(t cc.Type, name string) (placed, error) {
	size := int(t.Size())
	switch {
	case t.Kind() == cc.Void:
		return placed{Type: types.VoidType(), align: 1}, nil
	case t.Kind() == cc.Bool:
		return placed{Type: types.BoolType(), align: 1}, nil
	case size <= 0 || size > 64 || t.VectorSize() > 0:
		return placed{}, fmt.Errorf("the type %s is not supported yet", t)
	case cc.IsIntegerType(t) && size <= 8:
		out := types.IntOf(size, cc.IsSignedInteger(t))
		if out.Name = name; name == "" {
			out.Name = t.String()
		}
		return placed{Type: out, align: t.Align()}, nil
	}
	// A float or an integer too wide for a register: bytes.
	return placed{Type: types.ArrayOf(types.Uint8(), size), align: t.Align()}, nil
}

func (c *converter) array(t *cc.ArrayType, behind bool) (placed, error) {
	elem, err := c.typ(t.Elem(), behind)
	if err != nil {
		return elem, err
	}
	n := max(t.Len(), 0) // one without a length, at the end of a struct
	if elem.Size > 0 && n > maxRecordSize/int64(elem.Size) || n > maxRecordSize {
		return placed{}, fmt.Errorf("an array of %d elements is too large", n)
	}
	return placed{Type: types.ArrayOf(elem.Type, int(n)), align: elem.align, members: elem.members}, nil
}

func (c *converter) enum(t *cc.EnumType) placed {
	out := types.Type{Kind: types.Enum, Size: int(t.Size()), Signed: cc.IsSignedInteger(t.UnderlyingType())}
	if tag := t.Tag(); tag.SrcStr() != "" {
		out.Name = "enum " + tag.SrcStr()
		if known, ok := c.u.known[out.Name]; ok {
			return borrowed(known, false)
		}
	}
	for _, e := range t.Enumerators() {
		v, _ := integerValue(e.Value())
		out.Enumerators = append(out.Enumerators, types.Enumerator{Name: e.Token.SrcStr(), Value: v})
		if v < 0 {
			out.Signed = true
		}
	}
	for _, e := range out.Enumerators {
		c.r.Constants[e.Name] = Const{Int: e.Value, Type: out}
	}
	return placed{Type: out, align: t.Align()}
}
