// Package suggest finds the name that a misspelt one was probably meant to be.
//
// Nearness is the optimal string alignment distance: insertions, deletions,
// replacements and swaps of neighbours each count one. A name is suggested only
// if it is near in proportion to its length, so that short names are not
// answered with something unrelated.
package suggest

import (
	"fmt"
	"sort"
	"strings"
)

// Nearest returns the candidate nearest to name, or the empty string if none is
// near enough. Among equally near ones that of the same length wins (letters are
// swapped more often than left out), and then the first in alphabetical order,
// so the answer does not depend on the order of candidates.
func Nearest(name string, candidates []string) string {
	limit := max(1, min(3, len(name)/3))
	best, bestAt := "", limit+1
	sorted := append([]string(nil), candidates...)
	sort.Strings(sorted)
	for _, c := range sorted {
		if c == name || c == "" {
			continue
		}
		d := limit + 1
		switch {
		case strings.EqualFold(c, name):
			d = 0
		case abs(len(c)-len(name)) <= limit:
			d = Distance(strings.ToLower(name), strings.ToLower(c))
		}
		if d < bestAt || d == bestAt && d <= limit && len(c) == len(name) && len(best) != len(name) {
			best, bestAt = c, d
		}
	}
	if bestAt >= len(name) {
		return "" // nothing of the name would be left
	}
	return best
}

// Hint returns `did you mean "x"?` for the nearest candidate, with the prefix
// put before both name and answer, or the empty string.
func Hint(prefix, name string, candidates []string) string {
	if best := Nearest(name, candidates); best != "" {
		return fmt.Sprintf("did you mean %q?", prefix+best)
	}
	return ""
}

// Distance returns the optimal string alignment distance of two strings, in
// bytes.
func Distance(a, b string) int {
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
