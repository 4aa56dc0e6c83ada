package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDumpStages: every stage can be looked at by anyone.
func TestDumpStages(t *testing.T) {
	o := options{}
	if os.Geteuid() == 0 {
		o.uid = nobody
	}
	const text = `tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }`
	cases := map[string]string{
		"ast":   `tracepoint:syscalls:sys_enter_execve`,
		"types": `(?s)@.*count`,
		"ir":    `(?i)comm`,
		"bpf":   `(?i)call`,
		"all":   `(?s)sys_enter_execve`,
	}
	for stage, want := range cases {
		t.Run(stage, func(t *testing.T) {
			r := run(t, o, gotrace, "-d", stage, "-e", text)
			if r.code != 0 || !regexp.MustCompile(want).MatchString(r.stdout) {
				t.Errorf("code %d, stdout %.1000q, stderr %s", r.code, r.stdout, r.stderr)
			}
			again := run(t, o, gotrace, "-d", stage, "-e", text)
			if again.stdout != r.stdout {
				t.Error("two runs differ")
			}
		})
	}
}

// TestAngleFormIsPrintedAsBraces: the two forms are one tree.
func TestAngleFormIsPrintedAsBraces(t *testing.T) {
	braces := run(t, options{}, gotrace, "-d", "bpf", "-e", `begin { $a = 1; if ($a > 0) { print($a >> 1); } }`)
	angles := run(t, options{}, gotrace, "-d", "bpf", "-e", `begin < $a = 1; if ($a > 0) { print($a >> 1); } >`)
	if braces.code != 0 || braces.stdout != angles.stdout {
		t.Errorf("code %d, %s%s\nagainst\n%s%s", braces.code, braces.stdout, braces.stderr, angles.stdout, angles.stderr)
	}
	text := "begin < printf(\"x\\n\"); >\n"
	path := t.TempDir() + "/angle.bt"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(t, options{}, gotrace, "--fmt", path)
	if r.code != 0 || !strings.Contains(r.stdout, "{") || strings.Contains(r.stdout, "<") {
		t.Errorf("code %d, printed %s%s", r.code, r.stdout, r.stderr)
	}
}

var fenced = regexp.MustCompile("(?ms)^```gotrace\n(.*?)^```$")

// TestDocumentedExamples: each example of the documentation passes the type
// checker. One that shows an excerpt is not marked as gotrace.
func TestDocumentedExamples(t *testing.T) {
	needRoot(t) // tracepoints and kernel types are read from the live kernel
	for _, path := range []string{"../../docs/language.md", "../../README.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		blocks := fenced.FindAllSubmatchIndex(text, -1)
		if len(blocks) == 0 && strings.HasSuffix(path, "language.md") {
			t.Errorf("%s has no examples", path)
		}
		for _, b := range blocks {
			example := string(text[b[2]:b[3]])
			line := 1 + strings.Count(string(text[:b[2]]), "\n")
			if strings.Contains(example, "kprobe:") && !haveKprobes() {
				continue
			}
			r := run(t, options{stdin: example}, gotrace, "-d", "types", "--unsafe", "-")
			if r.code != 0 {
				t.Errorf("%s:%d: %s", path, line, r.stderr)
			}
		}
	}
}
