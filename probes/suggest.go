package probes

import (
	"fmt"
	"strings"

	"github.com/gotrace/gotrace/lang/suggest"
)

// didYouMean makes a hint of the candidate nearest to a name: one spelt alike,
// else the shortest that contains it. It is empty if there is none.
func didYouMean(name string, candidates []string) string {
	if len(name) < 2 {
		return ""
	}
	best := suggest.Nearest(name, candidates)
	for _, c := range candidates {
		part := best == "" || strings.Contains(best, name) && len(c) < len(best)
		if part && len(name) >= 4 && strings.Contains(c, name) {
			best = c
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}
