package repl

import "flag"

var _ = flag.Bool("update", false, "rewrite the sessions and docs/repl.md")
