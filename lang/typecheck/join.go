package typecheck

import "github.com/gotrace/gotrace/lang/types"

// Integer literals have types of their own until something settles them: the
// smallest signed type that holds the value, marked as literal. A positive
// literal takes the sign of whatever it meets; both kinds take eight bytes if
// nothing else decides. The mark is kept in the Name of the type, which Equal
// does not look at, so that it travels inside tuples; no finished program
// contains it.
const (
	literalName  = "+literal" // not negative: takes either sign
	negativeName = "-literal"
)

func isLiteral(t types.Type) bool {
	return t.Kind == types.Int && (t.Name == literalName || t.Name == negativeName)
}

func isFlexible(t types.Type) bool { return t.Kind == types.Int && t.Name == literalName }

func isBadType(t types.Type) bool { return t.Kind == types.Invalid }

// literalType is the type of an integer literal whose bits are v; big says that
// it is a positive number beyond int64.
func literalType(v int64, big bool) types.Type {
	t := types.Int64()
	switch {
	case big:
		return types.Uint64()
	case v == int64(int8(v)):
		t = types.Int8()
	case v == int64(int16(v)):
		t = types.Int16()
	case v == int64(int32(v)):
		t = types.Int32()
	}
	t.Name = literalName
	if v < 0 {
		t.Name = negativeName
	}
	return t
}

// outcome says how a join went.
type outcome int

const (
	joined   outcome = iota
	mixed            // joined, but two signs met in 64 bits
	conflict         // no type holds both
)

// join returns the least type that holds the values of both, which is what a
// map or variable becomes that both are assigned to. The invalid type joins
// with anything.
func join(a, b types.Type) (types.Type, outcome) {
	switch {
	case isBadType(a):
		return b, joined
	case isBadType(b):
		return a, joined
	case a.Kind == types.Enum && b.Kind == types.Enum && a.Equal(b):
		return a, joined
	case isNumber(a) && isNumber(b):
		if a.Kind == types.Bool && b.Kind == types.Bool {
			return a, joined
		}
		return joinInts(number(a), number(b))
	case a.Kind == types.KSym && b.Kind == types.FuncName, a.Kind == types.FuncName && b.Kind == types.KSym:
		return types.Type{Kind: types.KSym, Size: 8}, joined
	case a.Kind != b.Kind:
		return a, conflict
	}
	switch a.Kind {
	case types.String:
		return types.StringOf(max(a.Size, b.Size)), joined
	case types.Buffer:
		return types.BufferOf(max(a.Len, b.Len)), joined
	case types.Tuple:
		return joinTuples(a, b)
	case types.Pointer:
		return joinPointers(a, b)
	case types.Agg:
		return joinAggs(a, b)
	case types.Record, types.Array:
		if !a.Equal(b) {
			return a, conflict
		}
		if a.Space != b.Space {
			a.Space = types.Kernel
		}
		return a, joined
	}
	if a.Equal(b) {
		return a, joined
	}
	return a, conflict
}

// isNumber reports whether a type is an integer or converts to one by itself.
func isNumber(t types.Type) bool {
	return t.Kind == types.Int || t.Kind == types.Enum || t.Kind == types.Bool
}

// number is the integer type that a number counts as.
func number(t types.Type) types.Type {
	switch t.Kind {
	case types.Bool:
		return literalType(1, false)
	case types.Enum:
		return types.IntOf(t.Size, t.Signed)
	}
	return t
}

// joinInts joins integers as the language reference says: the larger size; of
// different signs, a signed type that holds both, or int64.
func joinInts(a, b types.Type) (types.Type, outcome) {
	size := max(a.Size, b.Size)
	switch {
	case isLiteral(a) && isLiteral(b):
		t := types.IntOf(size, true)
		t.Name = literalName
		if !isFlexible(a) || !isFlexible(b) {
			t.Name = negativeName
		}
		return t, joined
	case isFlexible(a):
		return types.IntOf(size, b.Signed), joined
	case isFlexible(b):
		return types.IntOf(size, a.Signed), joined
	case a.Signed == b.Signed:
		if a.Size >= b.Size {
			return plain(a), joined
		}
		return plain(b), joined
	case a.Signed && a.Size > b.Size, b.Signed && b.Size > a.Size:
		return types.IntOf(size, true), joined
	case size < 8:
		return types.IntOf(2*size, true), joined
	}
	return types.Int64(), mixed
}

// plain is an integer type without the mark of a literal.
func plain(t types.Type) types.Type {
	if isLiteral(t) {
		t.Name = ""
	}
	return t
}

func joinTuples(a, b types.Type) (types.Type, outcome) {
	if len(a.Members) != len(b.Members) {
		return a, conflict
	}
	worst := joined
	elems := make([]types.Type, len(a.Members))
	for i, m := range a.Members {
		j := memberIndex(b, m.Name, i)
		if j < 0 {
			return a, conflict
		}
		t, how := join(m.Type, b.Members[j].Type)
		worst = max(worst, how)
		elems[i] = t
	}
	if worst == conflict {
		return a, conflict
	}
	return tupleOf(elems, a), worst
}

// memberIndex finds the element that goes with element i of another tuple: the
// one of its name, or of its number.
func memberIndex(t types.Type, name string, i int) int {
	if name == "" {
		if t.Members[i].Name != "" {
			return -1
		}
		return i
	}
	for j, m := range t.Members {
		if m.Name == name {
			return j
		}
	}
	return -1
}

// tupleOf makes a tuple of elements with the names of another.
func tupleOf(elems []types.Type, like types.Type) types.Type {
	var names []string
	for _, m := range like.Members {
		if m.Name != "" {
			names = append(names, m.Name)
		}
	}
	if len(names) != len(elems) {
		names = nil
	}
	return types.TupleOf(elems, names)
}

func joinPointers(a, b types.Type) (types.Type, outcome) {
	switch {
	case a.Space == b.Space:
	case kernelSide(a.Space) && kernelSide(b.Space):
		a.Space = types.Kernel
	default:
		return a, conflict
	}
	ae, be := a.Elem, b.Elem
	switch {
	case sameElem(*ae, *be), be.Kind == types.Void, ae.Kind == types.Int && be.Kind == types.Int && ae.Size == be.Size:
	case ae.Kind == types.Void:
		a.Elem = be
	default:
		return a, conflict
	}
	return a, joined
}

// sameElem reports whether two pointers point at the same type. A record behind
// a pointer may be known by its name only.
func sameElem(a, b types.Type) bool {
	switch {
	case a.Kind != b.Kind:
		return false
	case a.Kind == types.Record:
		return a.Name == b.Name && (a.Name != "" || a.ID == b.ID)
	case a.Kind == types.Pointer:
		return sameElem(*a.Elem, *b.Elem)
	}
	return a.Equal(b)
}

// kernelSide reports whether memory of a space can be read as the kernel's.
func kernelSide(s types.Space) bool { return s == types.Kernel || s == types.BTF || s == types.NoSpace }

func joinAggs(a, b types.Type) (types.Type, outcome) {
	signed := a.Signed || b.Signed
	a.Signed, b.Signed = signed, signed
	if !a.Equal(b) {
		return a, conflict
	}
	return a, joined
}

// settle replaces what is still open in a type: literals become eight bytes.
func settle(t types.Type) types.Type {
	switch {
	case isLiteral(t):
		return types.IntOf(8, t.Signed)
	case t.Kind == types.Tuple:
		elems := make([]types.Type, len(t.Members))
		for i, m := range t.Members {
			elems[i] = settle(m.Type)
		}
		return tupleOf(elems, t)
	}
	return t
}

// asRead is the type of a variable or element when it is read: settled, but one
// that only ever got positive literals still takes the sign of what it meets.
func asRead(t types.Type) types.Type {
	flexible := isFlexible(t)
	t = settle(t)
	if flexible {
		t.Name = literalName
	}
	return t
}

// stored is a type as it is kept in a map, where the verifier's trust in a
// pointer is lost.
func stored(t types.Type) types.Type {
	t = settle(t)
	switch t.Kind {
	case types.Pointer:
		if t.Space == types.BTF {
			t.Space = types.Kernel
		}
	case types.Record, types.Array:
		if t.Space == types.BTF {
			t.Space = types.Kernel
		}
	case types.Tuple:
		elems := make([]types.Type, len(t.Members))
		for i, m := range t.Members {
			elems[i] = stored(m.Type)
		}
		return tupleOf(elems, t)
	}
	return t
}

// storedValue is the type of a map's values: integers have eight bytes, so that
// adding to them is one atomic instruction.
func storedValue(t types.Type) types.Type {
	t = stored(t)
	if t.Kind == types.Int {
		return types.IntOf(8, t.Signed)
	}
	return t
}
