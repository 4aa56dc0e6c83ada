// Command corpus holds gotrace against bpftrace: every tool of Debian's
// bpftrace packages and the one-liners that people learn the language by. It
// prints which of both accepts what, and whether those that can fire print the
// same. It fails if bpftrace takes something that gotrace does not, or if they
// print different things.
//
//	corpus -gotrace bin/gotrace -bpftrace PATH [-tools DIR]... [-only NAME]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// folders are the values of -tools.
type folders []string

func (f *folders) String() string     { return strings.Join(*f, " ") }
func (f *folders) Set(v string) error { *f = append(*f, v); return nil }

func main() {
	if len(os.Args) > 1 && os.Args[1] == "work" {
		work()
		return
	}
	var dirs folders
	r := &runner{}
	flag.StringVar(&r.gotrace, "gotrace", "bin/gotrace", "the `program` to test")
	flag.StringVar(&r.bpftrace, "bpftrace", "", "bpftrace to compare with, if there is one")
	flag.Var(&dirs, "tools", "a `folder` of .bt files; again and again")
	flag.StringVar(&r.only, "only", "", "only what has this `text` in its name")
	flag.DurationVar(&r.limit, "timeout", 30*time.Second, "how long one run may take")
	flag.Parse()
	for _, dir := range dirs {
		r.tools(dir)
	}
	for _, s := range oneLiners() {
		r.oneLiner(s)
	}
	if r.copied != "" {
		os.RemoveAll(filepath.Dir(r.copied))
	}
	os.Exit(r.finish())
}

// runner runs entries and counts.
type runner struct {
	gotrace, bpftrace, only string
	limit                   time.Duration
	copied                  string // the workload, once it is made

	entries, accepted, peer, missing, same, different int
}

// tools tries each script of a folder.
func (r *runner) tools(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.bt"))
	sort.Strings(files)
	for _, file := range files {
		// Two folders up is the release: sid/usr/sbin/x.bt.
		release := filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(file))))
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, "corpus:", err)
			continue
		}
		s := script{program: string(text)}
		if fires(filepath.Base(file)) {
			s.workload, s.keep, s.compare, s.loose = load, load, true, true
		}
		r.try(release+"/"+filepath.Base(file), s)
	}
}

func (r *runner) oneLiner(s script) { r.try(s.name, s) }

// try runs one entry and prints its row.
func (r *runner) try(name string, s script) {
	if !strings.Contains(name, r.only) {
		return
	}
	r.entries++
	ours, why := r.accepts(r.gotrace, s)
	if ours {
		r.accepted++
	}
	theirs := false
	if r.bpftrace != "" {
		theirs, _ = r.accepts(r.bpftrace, s)
	}
	if theirs {
		r.peer++
	}
	verdict, detail := "", ""
	switch {
	case theirs && !ours:
		r.missing++
		detail = why
	case !ours:
		detail = why
	case theirs && s.compare:
		verdict, detail = r.compare(s)
	}
	fmt.Printf("%-34s %-9s %-9s %-9s %s\n", name, mark(ours), mark(theirs), verdict, detail)
}

func mark(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

// accepts reports whether a tracer loads and attaches a script, and why not.
func (r *runner) accepts(tracer string, s script) (bool, string) {
	args := []string{"--dry-run"}
	out, err := r.run(tracer, append(args, s.command()...))
	if err == nil {
		return true, ""
	}
	for _, line := range strings.Split(out, "\n") {
		if strings.Contains(strings.ToLower(line), "error") || strings.HasPrefix(line, "gotrace:") {
			return false, strings.TrimSpace(line)
		}
	}
	return false, err.Error()
}

// command is the command line of a script behind the tracer's name.
func (s *script) command() []string {
	var args []string
	if s.unsafe {
		args = append(args, "--unsafe")
	}
	if s.program != "" {
		args = append(args, "-e", s.program)
	}
	return append(args, s.args...)
}

// run runs a tracer and returns both of its streams.
func (r *runner) run(tracer string, args []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, tracer, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = errors.New("no end in " + r.limit.String())
	}
	return string(out), err
}

// finish prints the sums and returns the exit code.
func (r *runner) finish() int {
	fmt.Printf("\n%d scripts: gotrace accepts %d, bpftrace %d; %d that only bpftrace accepts\n",
		r.entries, r.accepted, r.peer, r.missing)
	fmt.Printf("compared: %d the same, %d different\n", r.same, r.different)
	if r.missing+r.different > 0 {
		return 1
	}
	return 0
}
