package repl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

// errKernel says that a query needs what only a program in the kernel can tell.
var errKernel = errors.New("only the kernel knows")

// query is one evaluation: each map is read once.
type query struct {
	engine *engine
	shots  map[string]*shot
}

// query answers an expression: here if that is possible, else by a program that
// prints it and goes.
func (c *console) query(ctx context.Context, set *source.Set, x ast.Expr) error {
	q := &query{engine: c.engine, shots: map[string]*shot{}}
	d, err := q.eval(x)
	if errors.Is(err, errKernel) {
		return c.kernelQuery(ctx, set, x)
	}
	var at *placedError
	if errors.As(err, &at) {
		list := &source.List{}
		list.Errorf(at.span, "query", "%s", at.msg).Hint = at.hint
		return &scriptError{set: set, list: list}
	}
	if err != nil {
		return err
	}
	c.screen.Print(answer(d))
	return nil
}

// placedError is an error at a place of a query.
type placedError struct {
	span      source.Span
	msg, hint string
}

func (e *placedError) Error() string { return e.msg }

func wrong(x ast.Node, format string, args ...any) error {
	return &placedError{span: x.Pos(), msg: fmt.Sprintf(format, args...)}
}

// answer writes the result of a query.
func answer(d datum) string {
	switch d.kind {
	case aTable:
		return d.table.show(0)
	case aList:
		var b strings.Builder
		for _, x := range d.list {
			b.WriteString(x.String() + "\n")
		}
		return b.String()
	case aHistogram:
		var b strings.Builder
		for _, x := range d.buckets {
			fmt.Fprintf(&b, "[%s, %s)  %d\n", number(x.lo), number(x.hi), x.n)
		}
		return b.String()
	}
	return d.String() + "\n"
}

// kernelQuery has a program print an expression once.
func (c *console) kernelQuery(ctx context.Context, set *source.Set, x ast.Expr) error {
	b := &built{set: set}
	file, parsed := parser.Parse(set, set.Add("", "begin { print(0); }"))
	b.file = file
	call := file.Probes()[0].Body.Stmts[0].(*ast.ExprStmt).X.(*ast.Call)
	call.Args[0] = x
	if err := c.engine.finish(b, parsed); err != nil {
		return err
	}
	c.screen.Print(c.paint.warning(b.warnings))
	return c.engine.once(ctx, b)
}

// eval evaluates an expression.
func (q *query) eval(x ast.Expr) (datum, error) {
	switch x := x.(type) {
	case *ast.Int:
		if x.Value > math.MaxInt64 {
			return unsignedDatum(x.Value), nil
		}
		return whole(int64(x.Value)), nil
	case *ast.Bool:
		return truth(x.Value), nil
	case *ast.String:
		return text(x.Value), nil
	case *ast.Ident:
		if x.Name == "elapsed" {
			return float(time.Since(q.engine.started).Seconds()), nil
		}
	case *ast.Map:
		return q.whole(x)
	case *ast.Index:
		return q.element(x)
	case *ast.Unary:
		return q.unary(x)
	case *ast.Binary:
		return q.binary(x)
	case *ast.Ternary:
		return q.ternary(x)
	case *ast.Tuple:
		list, err := q.evalAll(x.Elems)
		return listDatum(list), err
	case *ast.Field:
		return q.field(x)
	case *ast.Call:
		return q.call(x)
	}
	return datum{}, errKernel
}

func (q *query) evalAll(xs []ast.Expr) ([]datum, error) {
	var list []datum
	for _, x := range xs {
		d, err := q.eval(x)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// read reads a map, once for each query.
func (q *query) read(m *ast.Map) (*shot, error) {
	if s := q.shots[m.Name]; s != nil {
		return s, nil
	}
	s, err := q.engine.shoot(m.Name)
	var user *userError
	if errors.As(err, &user) {
		return nil, &placedError{span: m.Span, msg: user.msg, hint: user.hint}
	}
	q.shots[m.Name] = s
	return s, err
}

// whole is a map as a whole; one without keys is its value.
func (q *query) whole(m *ast.Map) (datum, error) {
	s, err := q.read(m)
	if err != nil {
		return datum{}, err
	}
	if s.keyed || len(s.rows) == 0 || s.rows[0].val.kind == aHistogram {
		return tableDatum(s), nil
	}
	return s.rows[0].val, nil
}

// element is "@m[key]": one that is not there is zero, as in the language.
func (q *query) element(x *ast.Index) (datum, error) {
	m, ok := x.X.(*ast.Map)
	if !ok {
		return datum{}, errKernel
	}
	s, err := q.read(m)
	if err != nil {
		return datum{}, err
	}
	if !s.keyed {
		return datum{}, wrong(x, "map %s has no keys", s.name)
	}
	keys, err := q.evalAll(x.Args)
	if err != nil {
		return datum{}, err
	}
	if len(keys) == 1 && keys[0].kind == aList {
		keys = keys[0].list
	}
	for _, r := range s.rows {
		if len(keys) == len(r.keys) && same(listDatum(keys), listDatum(r.keys)) {
			if r.val.kind == aHistogram {
				return tableDatum(&shot{name: s.name, keyed: true, rows: []row{r}, at: s.at}), nil
			}
			return r.val, nil
		}
	}
	if len(s.rows) > 0 && len(s.rows[0].keys) != len(keys) {
		return datum{}, wrong(x, "map %s has keys of %s, not %d", s.name, plural(len(s.rows[0].keys), "part"), len(keys))
	}
	return whole(0), nil
}

func (q *query) ternary(x *ast.Ternary) (datum, error) {
	cond, err := q.eval(x.Cond)
	switch {
	case err != nil:
		return cond, err
	case cond.kind != aNumber:
		return datum{}, wrong(x.Cond, "the condition is %s", cond.kind)
	case cond.f != 0:
		return q.eval(x.Then)
	}
	return q.eval(x.Else)
}

// field is a number of statistics or a percentile of a histogram, or that of
// each row of a map.
func (q *query) field(x *ast.Field) (datum, error) {
	d, err := q.eval(x.X)
	if err != nil {
		return d, err
	}
	return each(d, func(d datum) (datum, error) {
		if p, ok := percentileName(x.Name); ok && d.kind == aHistogram {
			return float(d.percentile(p)), nil
		}
		switch {
		case d.kind != aStats && d.kind != aHistogram:
			return datum{}, errKernel
		case x.Name == "count" && d.kind == aStats:
			return unsignedDatum(d.count), nil
		case x.Name == "count":
			return float(d.samples()), nil
		case x.Name == "average", x.Name == "avg":
			return float(d.mean()), nil
		case x.Name == "total" && d.kind == aStats:
			return float(d.f), nil
		}
		return datum{}, wrong(x, "%s has no %s", d.kind, x.Name)
	})
}

// each applies f to a value, or to each value of a map. A map without keys is
// its value.
func each(d datum, f func(datum) (datum, error)) (datum, error) {
	if d.kind != aTable {
		return f(d)
	}
	if !d.table.keyed {
		if len(d.table.rows) == 0 {
			return f(whole(0))
		}
		return f(d.table.rows[0].val)
	}
	out := &shot{name: "", keyed: true, at: d.table.at}
	for _, r := range d.table.rows {
		val, err := f(r.val)
		if err != nil {
			return datum{}, err
		}
		out.rows = append(out.rows, row{keys: r.keys, keyText: r.keyText, val: val})
	}
	return tableDatum(out.sorted()), nil
}
