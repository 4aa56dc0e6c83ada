package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/gotrace/gotrace/internal/repl"
)

// wantsConsole reports whether the command line asks for the console: the word
// repl, or nothing at all on a terminal.
func (a *app) wantsConsole(f *flags) bool {
	if f.expr != "" {
		return false
	}
	if len(f.args) == 1 && f.args[0] == "repl" {
		return true
	}
	stdin, ok := a.stdin.(*os.File)
	bare := len(f.args) == 0 && f.reformat == "" && f.command == "" && f.pid == 0 && len(f.dump) == 0
	return ok && bare && isTerminal(stdin) && isTerminal(a.stdout)
}

// console opens the console, or with a script the live view of its maps.
func (a *app) console(ctx context.Context, f *flags, script string) (int, error) {
	stdin, ok := a.stdin.(*os.File)
	if !ok {
		return exitUsage, usageError("the console needs a file or a terminal to read from")
	}
	if f.command != "" {
		return exitUsage, usageError("-c and the console do not go together").hint("in the console .run runs a command")
	}
	terminal := isTerminal(stdin) && isTerminal(a.stdout)
	return repl.Run(ctx, repl.Options{
		Stdin: stdin, Stdout: a.stdout, Terminal: terminal,
		Color: terminal && a.useColor(), Unsafe: f.unsafe, Env: a.environment(),
		Editor: a.getenv("EDITOR"), History: a.historyFile(), Script: script, PID: f.pid,
	})
}

// historyFile is where the console keeps its history: GOTRACE_HISTORY, or a file
// in the home directory.
func (a *app) historyFile() string {
	if name := a.getenv("GOTRACE_HISTORY"); name != "" {
		return name
	}
	if home := a.getenv("HOME"); home != "" {
		return filepath.Join(home, ".gotrace_history")
	}
	return ""
}
