package matrix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// test is a case of testdata:
//
//	=== NAME
//	needs: ITEM of gotrace --info, without which gotrace must refuse
//	missing: regexp of what it then says
//	fails: regexp of the error, for what is wrong everywhere
//	args: more arguments, in place of a script or before it
//	run: the command that makes the events
//	(an empty line, then the script)
//	---
//	regexps, one a line, that the output must match
type test struct {
	name, needs, missing, fails, args, run, script string
	wants                                          []string
}

// parse reads the cases of a file.
func parse(t *testing.T, path string) []test {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tests []test
	for chunk := range strings.SplitSeq("\n"+string(text), "\n=== ") {
		name, rest, found := strings.Cut(chunk, "\n")
		if !found || name == "" || strings.HasPrefix(chunk, "#") {
			continue
		}
		c := test{name: name}
		head, wants, _ := strings.Cut(rest, "\n---\n")
		head, c.script, _ = strings.Cut(head+"\n", "\n\n")
		keys := map[string]*string{"needs": &c.needs, "missing": &c.missing, "fails": &c.fails, "args": &c.args, "run": &c.run}
		for line := range strings.SplitSeq(strings.TrimSpace(head), "\n") {
			key, value, _ := strings.Cut(line, ": ")
			if line != "" && keys[key] == nil {
				t.Fatalf("%s: %s: unknown key %q", path, name, key)
			}
			if line != "" {
				*keys[key] = value
			}
		}
		for want := range strings.SplitSeq(wants, "\n") {
			if strings.TrimSpace(want) != "" {
				c.wants = append(c.wants, want)
			}
		}
		tests = append(tests, c)
	}
	return tests
}

// guest skips the test outside of a guest, unless GOTRACE_MATRIX asks for this
// machine, and returns the binary under test.
func guest(t *testing.T) (bin, kernel string) {
	t.Helper()
	kernel = os.Getenv("GOTRACE_VM_KERNEL")
	if kernel == "" && os.Getenv("GOTRACE_MATRIX") != "" {
		kernel = "here"
	}
	if kernel == "" {
		t.Skip("not in the virtual machine (make test-matrix)")
	}
	if bin = os.Getenv("GOTRACE_BIN"); bin == "" {
		t.Fatal("GOTRACE_BIN does not say what to test")
	}
	return bin, kernel
}

// cell prints a cell of the table: scripts/test-matrix.sh puts them together.
func cell(kernel, name, result, reason string) {
	fmt.Printf("matrix\t%s\t%s\t%s\t%s\n", kernel, name, result, reason)
}

// TestVMCases runs the cases.
func TestVMCases(t *testing.T) {
	bin, kernel := guest(t)
	info, err := exec.Command(bin, "--info").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	only := os.Getenv("GOTRACE_MATRIX_CASE")
	for _, path := range files {
		group := strings.TrimSuffix(filepath.Base(path), ".txt")
		for _, c := range parse(t, path) {
			name := group + ": " + c.name
			if only != "" && !strings.Contains(name, only) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				lacks := c.needs != "" && regexp.MustCompile(`(?m)^  `+regexp.QuoteMeta(c.needs)+` +no\b`).Match(info)
				reason, problem := c.check(bin, lacks)
				switch {
				case problem != nil:
					cell(kernel, name, "FAIL", problem.Error())
					t.Error(problem)
				case lacks:
					cell(kernel, name, "skip", reason)
				default:
					cell(kernel, name, "ok", "")
				}
			})
		}
	}
}

// deadline is for one script: an emulated processor is slow.
const deadline = 60 * time.Second

// variables are the words of a case that stand for paths.
func variables() *strings.Replacer {
	here, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return strings.NewReplacer("$TARGET", target(here), "$SELF", self)
}

// target is the C program to trace: beside its source, where the guest has it.
func target(here string) string {
	if path := os.Getenv("GOTRACE_MATRIX_TARGET"); path != "" {
		return path
	}
	return filepath.Join(here, "testdata", "target")
}

// check runs the case; lacks says that the kernel cannot do it.
func (c test) check(bin string, lacks bool) (reason string, problem error) {
	expand := variables().Replace
	args := strings.Fields(expand(c.args))
	if c.script != "" {
		args = append(args, "-e", expand(c.script))
	}
	if c.run != "" {
		args = append(args, "-c", expand(c.run))
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	text := out.String()
	if ctx.Err() != nil {
		return "", fmt.Errorf("did not end in %v: %.500q", deadline, text)
	}
	want := c.fails
	if lacks {
		want = c.missing
	}
	if want == "" {
		return "", c.compare(text, err)
	}
	first := firstError(text)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !regexp.MustCompile(want).MatchString(first) {
		return "", fmt.Errorf("want an error like %q: %v: %.800q", want, err, text)
	}
	return first, nil
}

// compare checks the output of a script that has to work.
func (c test) compare(text string, err error) error {
	if err != nil {
		return fmt.Errorf("%v: %q", err, end(text))
	}
	for _, want := range c.wants {
		if not, found := strings.CutPrefix(want, "!"); found {
			if regexp.MustCompile("(?m)" + not).MatchString(text) {
				return fmt.Errorf("does match %q: %q", not, end(text))
			}
			continue
		}
		if !regexp.MustCompile("(?m)" + variables().Replace(want)).MatchString(text) {
			return fmt.Errorf("does not match %q: %q", want, end(text))
		}
	}
	return nil
}

// end is what of an output fits a message.
func end(text string) string { return text[max(0, len(text)-1000):] }

// firstError is the error's message, without the place in the script.
func firstError(text string) string {
	for line := range strings.Lines(text) {
		if _, message, found := strings.Cut(line, "error: "); found {
			return strings.TrimSpace(message)
		}
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}
