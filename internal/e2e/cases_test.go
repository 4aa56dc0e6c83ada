package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// diffCase is one file of testdata/diff: a comment, then sections that begin
// with a line "-- name --".
//
//	script     what both programs run; $COMM and $WORKLOAD are filled in
//	workload   the workload command, run between attached and interrupted;
//	           without it the script must end itself
//	args       flags of both programs, one line
//	params     parameters of the script, one line
//	normalise  rules, one a line, see normalise
//	want       what bpftrace 0.27 printed, normalised
//	unchecked  why bpftrace cannot be asked whether want is what it prints
//	differs    why gotrace prints something else on purpose, and what, after
//	           an empty line; compared in place of want
type diffCase struct {
	path     string
	comment  string
	sections []section
}

type section struct{ name, text string }

var sectionLine = regexp.MustCompile(`(?m)^-- (\w+) --\n`)

func readCase(t *testing.T, path string) *diffCase {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	c := &diffCase{path: path}
	marks := sectionLine.FindAllStringSubmatchIndex(text, -1)
	if len(marks) == 0 {
		t.Fatalf("%s has no sections", path)
	}
	c.comment = text[:marks[0][0]]
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		c.sections = append(c.sections, section{text[m[2]:m[3]], text[m[1]:end]})
	}
	return c
}

func (c *diffCase) get(name string) (string, bool) {
	for _, s := range c.sections {
		if s.name == name {
			return s.text, true
		}
	}
	return "", false
}

func (c *diffCase) fields(name string) []string {
	text, _ := c.get(name)
	return strings.Fields(text)
}

// setWant replaces the expected output and rewrites the file.
func (c *diffCase) setWant(t *testing.T, want string) {
	t.Helper()
	c.sections = slices.DeleteFunc(c.sections, func(s section) bool { return s.name == "want" })
	c.sections = append(c.sections, section{"want", want})
	var b strings.Builder
	b.WriteString(c.comment)
	for _, s := range c.sections {
		fmt.Fprintf(&b, "-- %s --\n%s", s.name, s.text)
	}
	if err := os.WriteFile(c.path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

var blankLines = regexp.MustCompile(`\n{2,}`)

// normalise makes outputs of two runs comparable. Markers, the count of
// probes, and the number of empty lines never count; the rest is the case's:
//
//	sort       the order of lines does not matter
//	json       compare as JSON, line by line
//	s/RE/TO/   replace in each line; a line that becomes empty is dropped
func (c *diffCase) normalise(t *testing.T, r result, comm string) string {
	t.Helper()
	text := attachedLine.ReplaceAllString(r.stdout, "")
	text = strings.ReplaceAll(text, comm, "COMM")
	text = strings.Trim(blankLines.ReplaceAllString(text, "\n"), "\n")
	lines := strings.Split(text, "\n")
	rules, _ := c.get("normalise")
	for rule := range strings.Lines(rules) {
		lines = c.apply(t, strings.TrimSpace(rule), lines)
	}
	text = strings.Join(lines, "\n") + "\n"
	if r.code != 0 {
		text += fmt.Sprintf("exit code %d\n", r.code)
	}
	return text
}

func (c *diffCase) apply(t *testing.T, rule string, lines []string) []string {
	t.Helper()
	switch {
	case rule == "sort":
		slices.Sort(lines)
	case rule == "json":
		for i, line := range lines {
			lines[i] = canonicalJSON(t, line)
		}
	case strings.HasPrefix(rule, "s/"):
		parts := strings.Split(rule, "/")
		if len(parts) != 4 {
			t.Fatalf("%s: bad rule %q", c.path, rule)
		}
		re := regexp.MustCompile(parts[1])
		var kept []string
		for _, line := range lines {
			if line = re.ReplaceAllString(line, parts[2]); line != "" {
				kept = append(kept, line)
			}
		}
		return kept
	default:
		t.Fatalf("%s: unknown rule %q", c.path, rule)
	}
	return lines
}

// canonicalJSON rewrites a JSON line so that spaces and the order of names do
// not matter.
func canonicalJSON(t *testing.T, line string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Errorf("not JSON: %q: %v", line, err)
		return line
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
