package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gotrace/gotrace/lang/suggest"
)

// flags is the command line. The letters and names are bpftrace's.
type flags struct {
	expr        string
	list        bool
	pid         int
	command     string
	output      string
	format      string
	buffering   string
	quiet       bool
	verbose     bool
	dump        []string
	dryRun      bool
	unsafe      bool
	includeDirs []string
	includes    []string
	info        bool
	version     bool
	noWarnings  bool
	reformat    string
	live        string
	test, bench bool

	// args are what is left: the script, or the listing's pattern, and then the
	// script's own parameters. named are its "--name=value" parameters.
	args  []string
	named map[string]string

	set *pflag.FlagSet
}

var errHelp = errors.New("help requested")

// parseFlags reads the command line. Errors are usage errors in one line.
func parseFlags(args []string) (*flags, error) {
	f := &flags{named: map[string]string{}}
	f.set = f.define()
	if err := f.set.Parse(args); err != nil {
		return nil, flagError(f.set, err)
	}
	if help, _ := f.set.GetBool("help"); help {
		return nil, errHelp
	}
	f.args = f.set.Args()
	if dash := f.set.ArgsLenAtDash(); dash >= 0 {
		f.args = append([]string(nil), f.args[:dash]...)
		for _, arg := range f.set.Args()[dash:] {
			if name, ok := strings.CutPrefix(arg, "--"); ok && name != "" {
				name, value, hasValue := strings.Cut(name, "=")
				if !hasValue {
					value = "true"
				}
				f.named[name] = value
				continue
			}
			f.args = append(f.args, arg)
		}
	}
	return f, f.check()
}

func (f *flags) define() *pflag.FlagSet {
	s := pflag.NewFlagSet("gotrace", pflag.ContinueOnError)
	s.SetOutput(io.Discard)
	s.SortFlags = false
	s.StringVarP(&f.expr, "expr", "e", "", "run this `program`")
	s.BoolVarP(&f.list, "list", "l", false, "list probes that match a pattern, or those of a script; with -v their arguments")
	s.IntVarP(&f.pid, "pid", "p", 0, "trace the process `PID` only; end when it ends")
	s.StringVarP(&f.command, "cmd", "c", "", "run `COMMAND`, trace until it ends")
	s.StringVarP(&f.output, "output", "o", "", "write to `FILE` in place of standard output")
	s.StringVarP(&f.format, "format", "f", "text", "output `format`: text or json")
	s.StringVarP(&f.buffering, "buffering", "B", "", "output buffering: none, line or full")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "no messages of our own")
	s.BoolVarP(&f.verbose, "verbose", "v", false, "tell what is loaded and attached, and show verifier logs")
	s.StringSliceVarP(&f.dump, "debug", "d", nil, "print a `stage` and stop, without root: ast, types, ir, bpf or all")
	s.BoolVar(&f.dryRun, "dry-run", false, "load and attach, then end at once")
	s.BoolVar(&f.unsafe, "unsafe", false, "allow functions that act: system, signal, ...")
	s.StringArrayVarP(&f.includeDirs, "include-dir", "I", nil, "search `DIR` for headers")
	s.StringArrayVar(&f.includes, "include", nil, "include `FILE` before the script")
	s.BoolVar(&f.info, "info", false, "tell what this kernel offers and what follows")
	s.BoolVarP(&f.version, "version", "V", false, "print the version")
	s.BoolVar(&f.noWarnings, "no-warnings", false, "print no warnings")
	s.StringVar(&f.reformat, "fmt", "", "print the script `FILE` in canonical form")
	s.StringVar(&f.live, "live", "", "run the script `FILE` and show its maps as they change, like top")
	s.BoolVar(&f.test, "test", false, "run the test probes and tell which pass")
	s.BoolVar(&f.bench, "bench", false, "run the bench probes and tell how long each takes")
	s.BoolP("help", "h", false, "print this help")
	return s
}

func (f *flags) check() error {
	switch {
	case f.expr != "" && f.reformat != "":
		return usageError("-e and --fmt do not go together")
	case f.test && f.bench:
		return usageError("--test and --bench do not go together")
	case f.pid < 0 || (f.set.Changed("pid") && f.pid == 0):
		return usageError("-p takes the number of a process, not %d", f.pid)
	case f.pid > 0 && f.command != "":
		return usageError("-p and -c do not go together").hint("-c runs a new process and needs no -p")
	}
	switch f.buffering {
	case "", "none", "line", "full":
	default:
		return usageError("unknown buffering %q", f.buffering).hint("-B takes none, line or full")
	}
	if f.set.Changed("expr") && strings.TrimSpace(f.expr) == "" {
		return usageError("-e needs a program").hint(`write -e 'tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }'`)
	}
	return nil
}

// hasScriptFile reports whether the first argument of -l is a script rather
// than a pattern: bpftrace's rule is that the file exists.
func (f *flags) hasScriptFile() bool {
	if len(f.args) == 0 {
		return false
	}
	info, err := os.Stat(f.args[0])
	return err == nil && info.Mode().IsRegular()
}

// params returns the positional parameters of the script.
func (f *flags) params() []string {
	if f.expr == "" && len(f.args) > 0 {
		return f.args[1:]
	}
	return f.args
}

// flagError words pflag's errors our way and suggests the nearest flag.
func flagError(set *pflag.FlagSet, err error) error {
	var missing *pflag.NotExistError
	if errors.As(err, &missing) {
		name := missing.GetSpecifiedName()
		if missing.GetSpecifiedShortnames() != "" {
			return usageError("unknown flag -%s", name).hint("gotrace --help lists the flags")
		}
		var names []string
		set.VisitAll(func(fl *pflag.Flag) { names = append(names, fl.Name) })
		e := usageError("unknown flag --%s", name)
		if near := suggest.Nearest(name, names); near != "" {
			return e.hint("did you mean --%s?", near)
		}
		return e.hint("parameters of the script go after --, as in: gotrace script.bt -- --%s=1", name)
	}
	var value *pflag.ValueRequiredError
	if errors.As(err, &value) {
		fl := value.GetFlag()
		if fl.Shorthand != "" {
			return usageError("-%s needs a value: %s", fl.Shorthand, strings.ReplaceAll(fl.Usage, "`", ""))
		}
		return usageError("--%s needs a value: %s", fl.Name, strings.ReplaceAll(fl.Usage, "`", ""))
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usageError("--%s cannot be %q", invalid.GetFlag().Name, invalid.GetValue())
	}
	return usageError("%s", err)
}

// usage is the text of --help.
func usage() string {
	f := &flags{}
	return fmt.Sprintf(`gotrace: trace a Linux system in the bpftrace language

usage:
  gotrace [flags] -e 'program' [parameters] [-- --name=value]
  gotrace [flags] script.bt [parameters] [-- --name=value]
  gotrace [flags] -              (the script from standard input)
  gotrace -l[v] ['pattern']
  gotrace fmt FILE...           (print scripts in canonical form)
  gotrace check FILE            (what is wrong with a script, as JSON; no root)
  gotrace repl                  (the console; so does gotrace alone on a terminal)

examples:
  gotrace -e 'tracepoint:syscalls:sys_enter_execve { @[comm] = count(); }'
  gotrace -l 'tracepoint:sched:*'
  gotrace -d bpf -e 'begin { print(1) }'

flags:
%s`, f.define().FlagUsages())
}
