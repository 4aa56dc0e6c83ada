package repl

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// runPiped runs a session whose lines come through a pipe.
func runPiped(t *testing.T, session string, env ...string) string {
	t.Helper()
	needKernel(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childVariable+"=pipe"), env...)
	cmd.Dir = t.TempDir()
	cmd.Stdin = strings.NewReader(session)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

func TestPipe(t *testing.T) {
	got := runPiped(t, `
begin { @n["a"] = 5;
  @n["b"] = 2; }
sum(@n)
.watch 10ms 2 @n["a"]
nosuch
.list
`)
	want := `p1  attached  1 hook  2 maps  N KiB  N instructions  verified in N ms
7
5
5
query:1:1: error: unknown name "nosuch"
  nosuch
  ^~~~~~
p1   on      begin { @n["a"] = 5; @n["b"] = 2; }
@n[b]: 2
@n[a]: 5
`
	got = regexp.MustCompile(`[0-9.]+ (KiB|instr|ms)`).ReplaceAllString(got, "N $1")
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if strings.Contains(got, "\x1b") {
		t.Error("there are escape sequences in a pipe")
	}
}

// TestPipeUnfinished ends a session within a block.
func TestPipeUnfinished(t *testing.T) {
	got := runPiped(t, "begin {\n @x = 1;\n")
	if !strings.Contains(got, "block is not closed") {
		t.Errorf("got:\n%s", got)
	}
}

// TestSignalsEndThePipe sends SIGINT to a session that waits for its input.
func TestSignalsEndThePipe(t *testing.T) {
	needKernel(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=pipe")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte("begin { @x = 1; }\n")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "@x: 1\n") {
		t.Errorf("got:\n%s", out.String())
	}
}

// TestSaveYieldsTheSameClauses replays each session of testdata that makes
// clauses, saves it, loads that, and compares the lists.
func TestSaveYieldsTheSameClauses(t *testing.T) {
	needKernel(t)
	files, err := filepath.Glob("testdata/sessions/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var compared atomic.Int32
	t.Run("sessions", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				if saveAndCompare(t, file) {
					compared.Add(1)
				}
			})
		}
	})
	t.Logf("%d sessions compared", compared.Load())
	if compared.Load() < 30 {
		t.Errorf("only %d sessions have clauses at their end", compared.Load())
	}
}

// saveAndCompare replays the entries of a session that end by themselves, and
// reports whether there were clauses to compare.
func saveAndCompare(t *testing.T, file string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, _ := parseSession(string(text))
	c := openConsole(t)
	for _, s := range steps {
		name, _ := cutWord(s.text)
		skipped := []string{".quit", ".watch", ".run", ".for", ".edit", ".load", ".save", ".export"}
		if s.kind == '>' && !slices.Contains(skipped, name) {
			c.do(t.Context(), s.text)
		}
	}
	if len(c.engine.clauses) == 0 {
		return false
	}
	saved := t.TempDir() + "/saved.bt"
	c.do(t.Context(), ".on all")
	c.do(t.Context(), ".save "+saved)
	again := openConsole(t)
	again.do(t.Context(), ".load "+saved)
	if got, want := clauseTexts(again), clauseTexts(c); got != want {
		t.Errorf("%s: saved and loaded:\n%swant:\n%s%s", file, got, want, again.output(t))
	}
	return true
}

func clauseTexts(c *console) string {
	var b strings.Builder
	for _, cl := range c.engine.clauses {
		b.WriteString(oneLine(cl.text) + "\n")
	}
	return b.String()
}
