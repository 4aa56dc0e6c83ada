package repl

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func update() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// A session is a text file of steps, each followed by the rows that a person
// sees after it:
//
//	# comment
//	> text         text is typed, with Enter; then the rows up to the next prompt
//	^ keys         keys are typed, with Go's escapes; then the rows from the line
//	               that is edited, when nothing has been drawn for a moment
//	~ 300ms        a wait; then the rows since the last step but waits
//	$ command      a shell command that the test runs
//	! NAME=value   a variable of the environment, at the top
//
// In the rows <n> stands for a number, <*> for any text, and a row of three dots
// for any rows.

// step is a step of a session with the rows expected after it.
type step struct {
	kind byte
	text string
	rows []string
}

func parseSession(text string) (head []string, steps []step, env []string) {
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "# ") && len(steps) == 0:
			head = append(head, line)
		case strings.HasPrefix(line, "! ") && len(steps) == 0:
			head = append(head, line)
			env = append(env, line[2:])
		case len(line) > 1 && strings.IndexByte(">^~$", line[0]) >= 0 && line[1] == ' ':
			steps = append(steps, step{kind: line[0], text: line[2:]})
		case len(steps) > 0:
			steps[len(steps)-1].rows = append(steps[len(steps)-1].rows, line)
		}
	}
	return head, steps, env
}

func TestSessions(t *testing.T) {
	needKernel(t)
	files, err := filepath.Glob("testdata/sessions/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 60 {
		t.Errorf("%d sessions, want at least 60", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			playSession(t, file)
		})
	}
}

func playSession(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, steps, env := parseSession(string(text))
	term := openTerminal(t, env...)
	term.start()
	row, _ := term.cursor()
	changed := false
	for i := range steps {
		s := &steps[i]
		var got []string
		got, row = term.play(s, row)
		if s.kind == '$' || matchRows(s.rows, got) {
			continue
		}
		if update() {
			s.rows, changed = placeholders(got), true
			continue
		}
		t.Errorf("%s: after %c %s\n got:\n%s\nwant:\n%s", file, s.kind, s.text, indent(got), indent(s.rows))
	}
	if changed {
		writeSession(t, file, head, steps)
	}
}

// play carries out a step and returns what is seen after it, and the row in
// which the next begins.
func (term *terminal) play(s *step, row int) ([]string, int) {
	term.t.Helper()
	switch s.kind {
	case '>':
		rows := term.enter(s.text)
		at, _ := term.cursor()
		return rows, at
	case '^':
		keys, err := strconv.Unquote(`"` + strings.ReplaceAll(s.text, `"`, `\"`) + `"`)
		if err != nil {
			term.t.Fatalf("keys %s: %v", s.text, err)
		}
		from, _ := term.cursor()
		term.send(keys)
		return term.settled(s, from, 60*time.Millisecond), from
	case '~':
		d, err := time.ParseDuration(s.text)
		if err != nil {
			term.t.Fatal(err)
		}
		return term.settled(s, row, d), row
	case '$':
		cmd := exec.Command("/bin/sh", "-c", s.text)
		cmd.Dir = term.cmd.Dir
		cmd.Env = append(os.Environ(), "SELF="+os.Args[0])
		if out, err := cmd.CombinedOutput(); err != nil {
			term.t.Errorf("$ %s: %v\n%s", s.text, err, out)
		}
	}
	return nil, row
}

// settled waits, and then until what is expected is seen, but not for ever.
func (term *terminal) settled(s *step, row int, wait time.Duration) []string {
	time.Sleep(wait)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		rows := term.from(row)
		_, quiet := term.cursor()
		if update() && len(s.rows) == 0 && quiet > 50*time.Millisecond || matchRows(s.rows, rows) || time.Now().After(deadline) {
			return rows
		}
	}
}

func (term *terminal) from(row int) []string {
	rows := term.rows()
	return rows[min(row, len(rows)):]
}

// matchRows matches rows with what is expected.
func matchRows(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		for i := 0; i <= len(got); i++ {
			if matchRows(want[1:], got[i:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && pattern(want[0]).MatchString(got[0]) && matchRows(want[1:], got[1:])
}

func pattern(row string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(strings.TrimRight(row, " "))
	quoted = strings.ReplaceAll(quoted, "<n>", `-?[0-9][0-9.]*`)
	quoted = strings.ReplaceAll(quoted, `<\*>`, `.*`)
	return regexp.MustCompile("^" + quoted + "$")
}

// placeholders puts <n> for the numbers that differ from run to run.
func placeholders(rows []string) []string {
	rows = slices.Clone(rows)
	for i, row := range rows {
		row = regexp.MustCompile(`(after|over|for|since \w+,) [0-9.]+ s`).ReplaceAllString(row, "$1 <n> s")
		row = regexp.MustCompile(`^\([0-9.]+ ms\)`).ReplaceAllString(row, "(<n> ms)")
		rows[i] = row
		if strings.Contains(row, "  attached  ") {
			id, rest, _ := strings.Cut(row, "  ")
			rest = regexp.MustCompile(`[0-9.]+ (map|KiB|MiB|B\b|instr|ms)`).ReplaceAllString(rest, "<n> $1")
			rows[i] = id + "  " + rest
		}
	}
	return rows
}

func indent(rows []string) string { return "\t" + strings.Join(rows, "\n\t") }

func writeSession(t *testing.T, file string, head []string, steps []step) {
	var b strings.Builder
	for _, line := range head {
		b.WriteString(line + "\n")
	}
	for _, s := range steps {
		fmt.Fprintf(&b, "%c %s\n", s.kind, s.text)
		for _, row := range s.rows {
			b.WriteString(row + "\n")
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
