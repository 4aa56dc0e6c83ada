package repl

import (
	"os"
	"strings"
	"testing"
)

const manualFile = "../../docs/repl.md"

// TestManual holds docs/repl.md to the table of commands. The session in it is
// recorded again only with -update.
func TestManual(t *testing.T) {
	have, err := os.ReadFile(manualFile)
	if err != nil && !update() {
		t.Fatal(err)
	}
	if update() {
		if err := os.WriteFile(manualFile, []byte(Manual(record(t))), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	session, ok := between(string(have), "## A session\n\n", "\n\n## The model")
	if !ok {
		t.Fatal("docs/repl.md has no session")
	}
	if want := Manual(strings.ReplaceAll("\n"+session, "\n    ", "\n")[1:]); string(have) != want {
		t.Error("docs/repl.md is not what the table of commands says: run go test ./internal/repl -run TestManual -update")
	}
}

func between(text, from, to string) (string, bool) {
	_, rest, ok := strings.Cut(text, from)
	if !ok {
		return "", false
	}
	inner, _, ok := strings.Cut(rest, to)
	return inner, ok
}

// record plays a session on a terminal and returns what is to be seen.
func record(t *testing.T) string {
	term := openTerminal(t)
	term.start()
	for _, line := range []string{
		`tracepoint:syscalls:sys_enter_openat /comm != "gotrace"/ { @n[comm] = count(); }`,
		`tracepoint:syscalls:sys_exit_read /args.ret > 0/ { @bytes = hist(args.ret); }`,
		`.run ls /usr/bin /etc > /dev/null; cat /etc/passwd > /dev/null`,
		`@n["ls"]`, `.top @n 3`, `p99(@bytes)`, `round(@n / elapsed, 1)`, `.list`, `.cost`, `.drop p1`, `.maps`,
	} {
		term.enter(line)
	}
	rows := term.rows()
	term.enter(".quit")
	return strings.Join(rows[1:len(rows)-1], "\n") + "\n"
}

// TestCommandTable holds the table to what people rely on.
func TestCommandTable(t *testing.T) {
	seen := map[string]bool{}
	for _, cmd := range allCommands() {
		if seen[cmd.name] {
			t.Errorf(".%s is there twice", cmd.name)
		}
		seen[cmd.name] = true
		if cmd.run == nil || cmd.brief == "" {
			t.Errorf(".%s does nothing, or says nothing", cmd.name)
		}
		if got, err := lookupCommand(cmd.name); err != nil || got.name != cmd.name {
			t.Errorf(".%s is found as %q, %v", cmd.name, got.name, err)
		}
	}
	for _, name := range strings.Fields(`probes args type find doc examples doctor list drop off on edit undo pause resume
		for run target maps print top hist rate diff snap clear watch export plan bpf jit verifier cost loss load save
		history set show color time help quit`) {
		if !seen[name] {
			t.Errorf("there is no .%s", name)
		}
	}
	for prefix, want := range map[string]string{"q": "quit", "w": "watch", "dr": "drop", "prob": "probes", "v": "verifier"} {
		if got, err := lookupCommand(prefix); err != nil || got.name != want {
			t.Errorf(".%s is %q, %v, want .%s", prefix, got.name, err, want)
		}
	}
}
