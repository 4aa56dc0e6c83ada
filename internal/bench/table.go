package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// errNoWord is a tool that cannot say what is to be measured.
var errNoWord = errors.New("the tool has no such program")

// row is a line of the table: the samples of each tool.
type row struct {
	group, name string
	format      string // of a value
	samples     map[*tool][]float64
	// goal is the ratio to bpftrace that gotrace is to stay under; 0 for none.
	goal float64
	// less is taken from every sample first: what measuring itself costs.
	less []float64
	// below is the smallest difference that can be told from nothing.
	below float64
}

func (r *row) add(t *tool, v float64) {
	if r.samples == nil {
		r.samples = map[*tool][]float64{}
	}
	r.samples[t] = append(r.samples[t], v)
}

func (r *row) value(t *tool) (float64, bool) {
	if len(r.samples[t]) == 0 {
		return 0, false
	}
	v := median(r.samples[t])
	if len(r.less) > 0 {
		v = max(v-median(r.less), 0)
	}
	return v, true
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

type table struct{ rows []*row }

func (t *table) row(group, name, format string, goal float64) *row {
	r := &row{group: group, name: name, format: format, goal: goal}
	t.rows = append(t.rows, r)
	return r
}

// print writes the table: gotrace first, then the others, then the ratio of
// gotrace to bpftrace and what it is to be.
func (t *table) print(w io.Writer, tools []*tool) {
	line := func(first string, cells []string) {
		fmt.Fprintf(w, "%-44s", first)
		for _, cell := range cells {
			fmt.Fprintf(w, "%17s", cell)
		}
		fmt.Fprintln(w)
	}
	var names []string
	for _, tool := range tools {
		names = append(names, tool.name)
	}
	line("", append(names, "gotrace/bpftrace", "goal"))
	group := ""
	for _, r := range t.rows {
		if r.group != group {
			group = r.group
			fmt.Fprintf(w, "\n%s\n", group)
		}
		var cells []string
		for _, tool := range tools {
			cells = append(cells, r.cell(tool))
		}
		line("  "+r.name, append(cells, r.verdict(tools[0], tools[1])...))
	}
}

func (r *row) cell(t *tool) string {
	if t.missing != "" {
		return t.missing
	}
	v, ok := r.value(t)
	switch {
	case !ok:
		return "-"
	case v < r.below:
		return fmt.Sprintf("under "+r.format, r.below)
	}
	return fmt.Sprintf(r.format, v)
}

// verdict is the ratio, and the goal and whether it is met.
func (r *row) verdict(ours, theirs *tool) []string {
	a, ok := r.value(ours)
	b, ok2 := r.value(theirs)
	a, b = max(a, r.below), max(b, r.below)
	if !ok || !ok2 || b == 0 {
		return nil
	}
	cells := []string{ratio(a / b)}
	switch {
	case r.goal == 0:
	case a/b <= r.goal:
		cells = append(cells, ratio(r.goal)+" met")
	default:
		cells = append(cells, ratio(r.goal)+" MISSED")
	}
	return cells
}

// ratio writes small ratios as fractions, which is how they are spoken of.
func ratio(x float64) string {
	if x > 0 && x < 0.5 {
		return fmt.Sprintf("1/%.1f", 1/x)
	}
	return fmt.Sprintf("%.2f", x)
}
