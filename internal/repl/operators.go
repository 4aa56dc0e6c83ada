package repl

import (
	"math"

	"github.com/gotrace/gotrace/lang/ast"
)

func (q *query) unary(x *ast.Unary) (datum, error) {
	d, err := q.eval(x.X)
	if err != nil {
		return d, err
	}
	return each(d, func(d datum) (datum, error) {
		if d.kind != aNumber {
			return datum{}, wrong(x, "%s of %s means nothing", x.Op, d.kind)
		}
		switch x.Op {
		case "-":
			if d.whole {
				return whole(-d.i), nil
			}
			return float(-d.f), nil
		case "+":
			return d, nil
		case "!":
			return truth(d.f == 0), nil
		case "~":
			if d.whole {
				return whole(^d.i), nil
			}
		}
		return datum{}, errKernel
	})
}

// binary evaluates an operator. With a map on one side it applies to each of
// its values, with maps on both to the values of the same key.
func (q *query) binary(x *ast.Binary) (datum, error) {
	a, err := q.eval(x.X)
	if err != nil {
		return a, err
	}
	if a.kind == aNumber && (x.Op == "&&" && a.f == 0 || x.Op == "||" && a.f != 0) {
		return truth(x.Op == "||"), nil
	}
	b, err := q.eval(x.Y)
	if err != nil {
		return b, err
	}
	if isKeyed(a) && isKeyed(b) {
		return q.join(x, a.table, b.table)
	}
	if isKeyed(b) {
		return each(b, func(b datum) (datum, error) { return combine(x, a, b) })
	}
	return each(a, func(a datum) (datum, error) {
		return each(b, func(b datum) (datum, error) { return combine(x, a, b) })
	})
}

func isKeyed(d datum) bool { return d.kind == aTable && d.table.keyed }

// join combines two maps by their keys.
func (q *query) join(x *ast.Binary, a, b *shot) (datum, error) {
	out := &shot{keyed: true, at: a.at}
	for _, r := range a.rows {
		other, ok := b.find(r.keyText)
		if !ok {
			continue
		}
		val, err := combine(x, r.val, other.val)
		if err != nil {
			return datum{}, err
		}
		out.rows = append(out.rows, row{keys: r.keys, keyText: r.keyText, val: val})
	}
	return tableDatum(out.sorted()), nil
}

// combine applies an operator to two values.
func combine(x *ast.Binary, a, b datum) (datum, error) {
	if a.kind == aStats {
		a = float(a.mean())
	}
	if b.kind == aStats {
		b = float(b.mean())
	}
	switch x.Op {
	case "==":
		return truth(same(a, b)), nil
	case "!=":
		return truth(!same(a, b)), nil
	}
	if a.kind == aText && b.kind == aText {
		return compareWith(x, compareDatums(a, b))
	}
	if a.kind != aNumber || b.kind != aNumber {
		return datum{}, wrong(x, "%s of %s and %s means nothing", x.Op, a.kind, b.kind)
	}
	switch x.Op {
	case "&&":
		return truth(a.f != 0 && b.f != 0), nil
	case "||":
		return truth(a.f != 0 || b.f != 0), nil
	case "<", "<=", ">", ">=":
		return compareWith(x, compareDatums(a, b))
	}
	if a.whole && b.whole {
		if d, ok := integers(x.Op, a, b); ok {
			return d, nil
		}
	}
	return floats(x, a.f, b.f)
}

func compareWith(x *ast.Binary, c int) (datum, error) {
	switch x.Op {
	case "<":
		return truth(c < 0), nil
	case "<=":
		return truth(c <= 0), nil
	case ">":
		return truth(c > 0), nil
	case ">=":
		return truth(c >= 0), nil
	}
	return datum{}, wrong(x, "%s of texts means nothing", x.Op)
}

// integers does what is exact in integers; a division with a rest is not.
func integers(op string, a, b datum) (datum, bool) {
	result := func(i int64) (datum, bool) {
		d := whole(i)
		if a.unsigned && b.unsigned {
			d = unsignedDatum(uint64(i))
		}
		return d, true
	}
	switch op {
	case "+":
		return result(a.i + b.i)
	case "-":
		return whole(a.i - b.i), true
	case "*":
		return result(a.i * b.i)
	case "/":
		if b.i != 0 && a.i%b.i == 0 {
			return result(a.i / b.i)
		}
	case "%":
		if b.i != 0 {
			return result(a.i % b.i)
		}
	case "&":
		return result(a.i & b.i)
	case "|":
		return result(a.i | b.i)
	case "^":
		return result(a.i ^ b.i)
	case "<<":
		return result(a.i << uint64(b.i&63))
	case ">>":
		if a.unsigned {
			return unsignedDatum(uint64(a.i) >> uint64(b.i&63)), true
		}
		return whole(a.i >> uint64(b.i&63)), true
	}
	return datum{}, false
}

func floats(x *ast.Binary, a, b float64) (datum, error) {
	switch x.Op {
	case "+":
		return float(a + b), nil
	case "-":
		return float(a - b), nil
	case "*":
		return float(a * b), nil
	case "/":
		if b == 0 {
			return datum{}, wrong(x, "division by zero")
		}
		return float(a / b), nil
	case "%":
		if b == 0 {
			return datum{}, wrong(x, "division by zero")
		}
		return float(math.Mod(a, b)), nil
	}
	return datum{}, wrong(x, "%s needs integers", x.Op)
}
