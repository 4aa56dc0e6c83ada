package main

import (
	"bufio"
	"fmt"

	"github.com/gotrace/gotrace/probes/features"
)

// info prints what this kernel and these privileges offer, and what follows
// for the user where something is missing.
func (a *app) info() error {
	w := bufio.NewWriter(a.stdout)
	fmt.Fprintf(w, "gotrace %s\n", version)
	section := ""
	for _, item := range features.Info(features.NewLive()) {
		if item.Section != section {
			section = item.Section
			fmt.Fprintf(w, "\n%s\n", section)
		}
		mark := "yes"
		if !item.OK {
			mark = "no"
		}
		line := fmt.Sprintf("  %-28s %-4s %s", item.Name, mark, item.Detail)
		if item.Consequence != "" {
			line += fmt.Sprintf(" (%s)", item.Consequence)
		}
		fmt.Fprintln(w, line)
	}
	return w.Flush()
}
