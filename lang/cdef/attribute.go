package cdef

import (
	"iter"
	"strings"

	"modernc.org/cc/v4"
)

// attributes are those of gcc's attributes that change a layout.
type attributes struct {
	packed  bool
	aligned int
}

func (a attributes) and(b attributes) attributes {
	return attributes{packed: a.packed || b.packed, aligned: max(a.aligned, b.aligned)}
}

// biggestAlignment is what "aligned" without a number means.
const biggestAlignment = 16

// attributes reads a list of __attribute__s.
func (c *converter) attributes(list *cc.AttributeSpecifierList) (a attributes) {
	for ; list != nil; list = list.AttributeSpecifierList {
		if list.AttributeSpecifier == nil {
			continue
		}
		for v := list.AttributeSpecifier.AttributeValueList; v != nil; v = v.AttributeValueList {
			if v.AttributeValue == nil {
				continue
			}
			switch strings.Trim(v.AttributeValue.Token.SrcStr(), "_") {
			case "packed":
				a.packed = true
			case "aligned":
				a.aligned = max(a.aligned, alignment(v.AttributeValue))
			}
		}
	}
	return a
}

// alignment is the number of an "aligned".
func alignment(v *cc.AttributeValue) int {
	if v.ArgumentExpressionList == nil || v.ArgumentExpressionList.AssignmentExpression == nil {
		return biggestAlignment
	}
	return power(v.ArgumentExpressionList.AssignmentExpression.Value())
}

// power returns a value that is a sensible alignment, or zero.
func power(v cc.Value) int {
	n, ok := integerValue(v)
	if !ok || n <= 0 || n > 1<<16 || n&(n-1) != 0 {
		return 0
	}
	return int(n)
}

// declaration is one declaration of members: how many it declares, and the
// attributes of all of them and of the last.
type declaration struct {
	count           int
	specifier, last attributes
}

// declarations yields the declarations of a record in order.
func (l *layout) declarations() iter.Seq[declaration] {
	return func(yield func(declaration) bool) {
		if l.spec == nil {
			return
		}
		for list := l.spec.StructDeclarationList; list != nil; list = list.StructDeclarationList {
			d := list.StructDeclaration
			if d == nil || d.Case == cc.StructDeclarationAssert {
				continue
			}
			if !yield(l.declaration(d)) {
				return
			}
		}
	}
}

func (l *layout) declaration(d *cc.StructDeclaration) declaration {
	out := declaration{count: 1, last: l.c.attributes(d.AttributeSpecifierList)}
	for s := d.SpecifierQualifierList; s != nil; s = s.SpecifierQualifierList {
		out.specifier = out.specifier.and(l.c.attributes(s.AttributeSpecifierList))
		if s.TypeQualifier != nil {
			out.specifier = out.specifier.and(l.c.attributes(s.TypeQualifier.AttributeSpecifierList))
		}
		if a := s.AlignmentSpecifier; a != nil && a.ConstantExpression != nil {
			out.specifier.aligned = max(out.specifier.aligned, power(a.ConstantExpression.Value()))
		}
	}
	if d.StructDeclaratorList != nil {
		out.count = 0
		for s := d.StructDeclaratorList; s != nil; s = s.StructDeclaratorList {
			out.count++
		}
	}
	return out
}
