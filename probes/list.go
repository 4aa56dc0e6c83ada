package probes

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/typecheck"
)

// query is what a listing asks a kind for.
type query struct {
	kind Kind
	// parts is how many parts the pattern has after the provider.
	parts int
	// pattern is what the whole name after the provider has to match.
	pattern glob
	// target and inner are the pattern's first part and the rest, for kinds that
	// must be told where to look.
	target string
	inner  glob
}

func (q query) match(name string) bool   { return q.pattern.match(name) }
func (q query) matchIn(name string) bool { return q.inner.match(name) }

// entry is a probe in a listing, its name without the provider. Params are
// asked for only if they are shown.
type entry struct {
	name   string
	params func() []string
}

// List writes the probes that match a pattern as `bpftrace -l` does, one a
// line, and returns how many. With verbose each is followed by its arguments.
//
// A pattern is PROVIDER:REST, where each may have wildcards; without a colon it
// is looked for in the names of all providers; "struct x", "union x" and "enum
// x" list types. Several are separated by commas; none means everything.
func (w *World) List(out io.Writer, pattern string, verbose bool) (int, error) {
	buffered := bufio.NewWriter(out)
	count := 0
	for one := range strings.SplitSeq(pattern, ",") {
		one = strings.Join(strings.Fields(one), " ")
		list := w.listProbes
		if typeName(one) {
			list = w.listTypes
		}
		n, err := list(buffered, one, verbose)
		count += n
		if err != nil {
			return count, errors.Join(err, buffered.Flush())
		}
	}
	return count, buffered.Flush()
}

// listProbes lists the probes of one pattern.
func (w *World) listProbes(out *bufio.Writer, pattern string, verbose bool) (int, error) {
	provider, rest, found := strings.Cut(pattern, ":")
	if !found {
		provider, rest = "*", pattern
	}
	if rest == "" {
		rest = "*"
	}
	parts := strings.Count(rest, ":") + 1
	count := 0
	kinds, wildcards := w.listedKinds(provider, rest)
	if len(kinds) == 0 {
		return 0, hint(0, didYouMean(provider, kindNames()), "there is no probe type %q", provider)
	}
	for _, kind := range kinds {
		if kind.list == nil {
			continue
		}
		n, err := w.listKind(out, newQuery(kind, rest, parts), verbose)
		count += n
		var unsupported *typecheck.Unsupported
		var missing *typecheck.NotFound
		if wildcards && (errors.As(err, &unsupported) || errors.As(err, &missing)) {
			continue
		}
		if err != nil {
			return count, err
		}
	}
	return count, nil
}

// listedKinds returns the kinds that a provider of a pattern means.
func (w *World) listedKinds(provider, rest string) (kinds []Kind, wildcards bool) {
	if provider != "" && !wild(provider) {
		if kind, ok := KindByName(provider); ok {
			return []Kind{kind}, false
		}
		return nil, false
	}
	if provider == "" {
		provider = "*"
	}
	target, _, _ := strings.Cut(rest, ":")
	user := w.Options.PID != 0
	if !user && strings.Contains(rest, ":") && !wild(target) {
		_, err := os.Stat(target)
		user = err == nil
	}
	for _, kind := range Kinds() {
		shown := kind.Listed == ListedKernel || user && kind.Listed == ListedUser
		if shown && glob(provider).match(kind.Name) {
			kinds = append(kinds, kind)
		}
	}
	return kinds, true
}

// newQuery makes the query of a pattern's rest for a kind.
func newQuery(kind Kind, rest string, parts int) query {
	q := query{kind: kind, parts: parts, pattern: glob(rest), target: "*", inner: glob(rest)}
	if parts > 1 {
		target, inner, _ := strings.Cut(rest, ":")
		q.target, q.inner = target, glob(inner)
	}
	switch kind.Name {
	case "tracepoint", "rawtracepoint":
		if parts == 1 {
			q.pattern = glob("*:" + rest)
		}
	}
	return q
}

// listKind writes the probes of a kind, sorted.
func (w *World) listKind(out *bufio.Writer, q query, verbose bool) (int, error) {
	var entries []entry
	if err := q.kind.list(w, q, func(e entry) { entries = append(entries, e) }); err != nil {
		return 0, err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].name < entries[j].name })
	for _, e := range entries {
		fmt.Fprintf(out, "%s:%s\n", q.kind.Name, e.name)
		if verbose && e.params != nil {
			writeParams(out, e.params())
		}
	}
	return len(entries), nil
}

func writeParams(out io.Writer, params []string) {
	for _, p := range params {
		fmt.Fprintf(out, "    %s\n", p)
	}
}

// ListPoints writes points as List does: what a script would attach to.
func (w *World) ListPoints(out io.Writer, points []point.Point, verbose bool) error {
	buffered := bufio.NewWriter(out)
	for _, p := range points {
		if p.Provider == "begin" || p.Provider == "end" {
			continue
		}
		fmt.Fprintln(buffered, p.Name)
		if verbose {
			writeParams(buffered, w.params(p))
		}
	}
	return buffered.Flush()
}

// params describes the arguments of a point in C.
func (w *World) params(p point.Point) []string {
	var params []string
	switch p.Context {
	case point.Tracepoint:
		if format, err := w.Tracepoints.Format(p.Attach.Category, p.Attach.Event); err == nil {
			for _, f := range format.Fields {
				params = append(params, f.Declaration)
			}
		}
	case point.RawTracepoint:
		if w.Types != nil {
			// Without types there are no names to show.
			params, _ = w.Types.RawPrototype(p.Attach.Module, p.Attach.Event)
		}
	case point.Uprobe:
		params = w.userParams(p.Context, p.Attach.Path, p.Attach.Symbol)
	case point.USDT:
		params = usdtParams(p.Operands)
	case point.Fentry, point.Fexit:
		params = w.signature(p.Attach.Symbol, p.Context == point.Fexit)
	case point.Iter:
		params = w.prototype(iterFunction(p.Attach.Event), false)
	case point.Kprobe, point.Kretprobe:
		params = w.prototype(p.Attach.Symbol, p.Context == point.Kretprobe)
	}
	return params
}

// typeName reports whether a pattern asks for types.
func typeName(pattern string) bool {
	for _, keyword := range []string{"struct ", "union ", "enum "} {
		if strings.HasPrefix(pattern, keyword) {
			return true
		}
	}
	return false
}

// listTypes lists records and enums; with verbose, as C defines them.
func (w *World) listTypes(out *bufio.Writer, pattern string, verbose bool) (int, error) {
	if w.Types == nil {
		return 0, noTypes()
	}
	names, err := w.Types.Names()
	if err != nil {
		return 0, w.typeError(pattern, err)
	}
	count := 0
	for _, name := range names {
		if !glob(pattern).match(name) {
			continue
		}
		count++
		if !verbose {
			fmt.Fprintln(out, name)
			continue
		}
		text, in, err := w.Types.Define(name)
		if err != nil {
			return count, err
		}
		fmt.Fprintf(out, "%s: %s\n\n", in, text)
	}
	return count, nil
}
