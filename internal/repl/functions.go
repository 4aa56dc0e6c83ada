package repl

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
)

// queryFunction is a function of queries: it works on what maps hold.
type queryFunction struct {
	name, usage, doc string
	// min and max bound the number of arguments.
	min, max int
	eval     func(x *ast.Call, args []datum) (datum, error)
}

// queryFunctions is the table of functions that queries have.
func queryFunctions() []queryFunction {
	return []queryFunction{
		{"sum", "sum(@map)", "the sum of all values", 1, 1, evalSum},
		{"count", "count(@map)", "how many were counted: of a map its keys, of a histogram its samples", 1, 1, evalCount},
		{"len", "len(@map)", "the number of keys", 1, 1, evalLen},
		{"min", "min(@map)", "the least value", 1, 1, extreme(func(c int) bool { return c < 0 })},
		{"max", "max(@map)", "the greatest value", 1, 1, extreme(func(c int) bool { return c > 0 })},
		{"avg", "avg(@map)", "the average of the values", 1, 1, evalAvg},
		{"median", "median(@map)", "the same as p50", 1, 1, func(x *ast.Call, a []datum) (datum, error) { return percentileOf(x, a[0], 50) }},
		{"pct", "pct(@map, percent)", "the percentile of a histogram, or of the values of a map; p50, p99 and p999 for short", 2, 2, evalPct},
		{"keys", "keys(@map)", "the keys", 1, 1, evalKeys},
		{"values", "values(@map)", "the values, the least first", 1, 1, evalValues},
		{"top", "top(@map, n)", "the n greatest", 2, 2, evalTop},
		{"share", "share(@map)", "each value as percents of the sum", 1, 1, evalShare},
		{"round", "round(x, digits)", "x with so many digits behind the point", 1, 2, evalRound},
		{"abs", "abs(x)", "x without its sign", 1, 1, mathFunction(math.Abs)},
		{"sqrt", "sqrt(x)", "the square root", 1, 1, mathFunction(math.Sqrt)},
		{"log2", "log2(x)", "the logarithm to the base of two", 1, 1, mathFunction(math.Log2)},
	}
}

// call calls a function of queries. Others are the kernel's.
func (q *query) call(x *ast.Call) (datum, error) {
	if p, ok := percentileName(x.Name); ok && len(x.Args) == 1 {
		d, err := q.eval(x.Args[0])
		if err != nil {
			return d, err
		}
		return percentileOf(x, d, p)
	}
	table := queryFunctions()
	i := slices.IndexFunc(table, func(f queryFunction) bool { return f.name == x.Name })
	if i < 0 {
		return datum{}, errKernel
	}
	f := table[i]
	if len(x.Args) < f.min || len(x.Args) > f.max {
		return datum{}, wrong(x, "%s is called as %s", f.name, f.usage)
	}
	args, err := q.evalAll(x.Args)
	if err != nil {
		return datum{}, err
	}
	return f.eval(x, args)
}

// percentileName reads "p99" as 99 and "p999" as 99.9.
func percentileName(name string) (float64, bool) {
	digits, ok := strings.CutPrefix(name, "p")
	if !ok || len(digits) < 1 || len(digits) > 6 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	if len(digits) > 2 && digits != "100" {
		digits = digits[:2] + "." + digits[2:]
	}
	p, err := strconv.ParseFloat(digits, 64)
	return p, err == nil
}

// values returns the values of a map, or of a list, or the value itself.
func values(d datum) []datum {
	switch d.kind {
	case aTable:
		var list []datum
		for _, r := range d.table.rows {
			list = append(list, r.val)
		}
		return list
	case aList:
		return d.list
	}
	return []datum{d}
}

func evalSum(x *ast.Call, args []datum) (datum, error) {
	exact, isExact, sum := int64(0), true, 0.0
	for _, v := range values(args[0]) {
		switch v.kind {
		case aText, aList, aTable:
			return datum{}, wrong(x, "sum of %s means nothing", v.kind)
		case aNumber:
			exact += v.i
			isExact = isExact && v.whole
			sum += v.f
		default:
			isExact = false
			sum += v.weight()
		}
	}
	if isExact {
		return whole(exact), nil
	}
	return float(sum), nil
}

func evalCount(_ *ast.Call, args []datum) (datum, error) {
	n := 0.0
	for _, v := range values(args[0]) {
		switch v.kind {
		case aHistogram:
			n += v.samples()
		case aStats:
			n += float64(v.count)
		default:
			n++
		}
	}
	return float(n), nil
}

func evalLen(_ *ast.Call, args []datum) (datum, error) {
	if args[0].kind == aText {
		return whole(int64(len(args[0].s))), nil
	}
	return whole(int64(len(values(args[0])))), nil
}

func extreme(better func(c int) bool) func(*ast.Call, []datum) (datum, error) {
	return func(x *ast.Call, args []datum) (datum, error) {
		list := values(args[0])
		if len(list) == 0 {
			return datum{}, wrong(x, "%s of nothing", x.Name)
		}
		best := list[0]
		for _, v := range list[1:] {
			if better(compareDatums(v, best)) {
				best = v
			}
		}
		if best.kind == aHistogram || best.kind == aStats {
			return float(best.weight()), nil
		}
		return best, nil
	}
}

func evalAvg(x *ast.Call, args []datum) (datum, error) {
	if d := args[0]; isKeyed(d) && len(d.table.rows) > 0 && d.table.rows[0].val.kind == aHistogram {
		return each(d, func(v datum) (datum, error) { return float(v.mean()), nil })
	}
	list := values(args[0])
	if len(list) == 0 {
		return datum{}, wrong(x, "average of nothing")
	}
	sum := 0.0
	for _, v := range list {
		sum += v.mean()
	}
	return float(sum / float64(len(list))), nil
}

func evalPct(x *ast.Call, args []datum) (datum, error) {
	if args[1].kind != aNumber || args[1].f < 0 || args[1].f > 100 {
		return datum{}, wrong(x.Args[1], "a percentile is between 0 and 100")
	}
	return percentileOf(x, args[0], args[1].f)
}

// percentileOf is that of each histogram, or of the values of a map.
func percentileOf(x *ast.Call, d datum, p float64) (datum, error) {
	list := values(d)
	if len(list) == 0 {
		return datum{}, wrong(x, "%s of nothing", x.Name)
	}
	if list[0].kind == aHistogram {
		return each(d, func(v datum) (datum, error) { return float(v.percentile(p)), nil })
	}
	list = slices.Clone(list)
	slices.SortFunc(list, compareDatums)
	at := int(math.Ceil(p/100*float64(len(list)))) - 1
	return list[min(max(at, 0), len(list)-1)], nil
}

func evalKeys(x *ast.Call, args []datum) (datum, error) {
	if !isKeyed(args[0]) {
		return datum{}, wrong(x.Args[0], "this has no keys")
	}
	var list []datum
	for _, r := range args[0].table.rows {
		list = append(list, text(r.keyText))
	}
	slices.SortFunc(list, compareDatums)
	return listDatum(list), nil
}

func evalValues(_ *ast.Call, args []datum) (datum, error) {
	list := slices.Clone(values(args[0]))
	slices.SortFunc(list, compareDatums)
	return listDatum(list), nil
}

func evalTop(x *ast.Call, args []datum) (datum, error) {
	if !isKeyed(args[0]) || args[1].kind != aNumber {
		return datum{}, wrong(x, "top is called as top(@map, n)")
	}
	t := args[0].table.sorted()
	if n := max(int(args[1].f), 0); n < len(t.rows) {
		t.rows = t.rows[len(t.rows)-n:]
	}
	return tableDatum(t), nil
}

func evalShare(x *ast.Call, args []datum) (datum, error) {
	total := 0.0
	for _, v := range values(args[0]) {
		total += v.weight()
	}
	if total == 0 {
		return datum{}, wrong(x, "the sum is zero")
	}
	return each(args[0], func(v datum) (datum, error) { return float(100 * v.weight() / total), nil })
}

func evalRound(x *ast.Call, args []datum) (datum, error) {
	digits := 0.0
	if len(args) > 1 {
		digits = args[1].f
	}
	scale := math.Pow(10, math.Trunc(digits))
	return mathFunction(func(f float64) float64 { return math.Round(f*scale) / scale })(x, args[:1])
}

func mathFunction(f func(float64) float64) func(*ast.Call, []datum) (datum, error) {
	return func(x *ast.Call, args []datum) (datum, error) {
		return each(args[0], func(d datum) (datum, error) {
			if d.kind != aNumber && d.kind != aStats {
				return datum{}, wrong(x, "%s of %s means nothing", x.Name, d.kind)
			}
			return float(f(d.weight())), nil
		})
	}
}
