package codegen

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// encode writes a value as it is in memory, with zeroes wherever nothing is.
func encode(v value, t types.Type) []byte {
	b := make([]byte, t.Size)
	switch {
	case t.Scalar():
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], uint64(v.n))
		copy(b, word[:])
	default:
		copy(b, v.s)
	}
	return b
}

// decode reads a value from memory. What is behind the NUL of a string and
// between the elements of a tuple does not count.
func decode(b []byte, t types.Type) value {
	switch {
	case t.Kind == types.String:
		s, _, _ := strings.Cut(string(b[:t.Size]), "\x00")
		return value{s: s}
	case t.Kind == types.Tuple:
		clean := make([]byte, t.Size)
		for _, m := range t.Members {
			copy(clean[m.Offset:], encode(decode(b[m.Offset:], m.Type), m.Type))
		}
		return value{s: string(clean)}
	case !t.Scalar():
		return value{s: string(b[:t.Size])}
	}
	var word [8]byte
	copy(word[:], b[:t.Size])
	return value{n: fitInt(int64(binary.LittleEndian.Uint64(word[:])), t)}
}

// tupleValue makes a tuple of its elements.
func tupleValue(t types.Type, elems ...value) value {
	b := make([]byte, t.Size)
	for i, m := range t.Members {
		copy(b[m.Offset:], encode(elems[i], m.Type))
	}
	return value{s: string(b)}
}

// convertMemory converts between arrays, integers, strings and tuples.
func convertMemory(v value, from, to types.Type) value {
	if from.Kind != types.Tuple {
		return decode(encode(v, from), to)
	}
	b := encode(v, from)
	elems := make([]value, len(to.Members))
	for i, m := range from.Members {
		x := decode(b[m.Offset:], m.Type)
		switch into := to.Members[i].Type; {
		case m.Type.Scalar() && into.Scalar():
			x.n = fitInt(x.n, into)
		case m.Type.Kind == types.Tuple:
			x = convertMemory(x, m.Type, into)
		}
		elems[i] = x
	}
	return tupleValue(to, elems...)
}

// memory evaluates what makes and takes apart values in memory. An address is
// the number of its variable: it is only ever read through at once.
func (e *evaluator) memory(x typed.Expr) value {
	switch x := x.(type) {
	case *typed.TupleExpr:
		elems := make([]value, len(x.Elems))
		for i, el := range x.Elems {
			elems[i] = e.expr(el)
		}
		return tupleValue(x.T, elems...)
	case *typed.Member:
		b := encode(e.expr(x.X), x.X.Type())
		return decode(b[x.Member.Offset:], x.T)
	case *typed.Element:
		b := encode(e.expr(x.X), x.X.Type())
		at := int(e.expr(x.Index).n) * x.T.Size
		return decode(b[at:at+x.T.Size], x.T)
	case *typed.Deref:
		if address, ok := x.X.(*typed.AddressOf); ok {
			return e.expr(address.X)
		}
	}
	panic(fmt.Sprintf("evaluator: %T", x))
}
