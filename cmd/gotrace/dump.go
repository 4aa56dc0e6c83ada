package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/gotrace/gotrace/codegen"
	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/probes/features"
)

// stages are what -d can print, in order.
var stages = []string{"ast", "types", "ir", "bpf"}

// stageNames are other names: those bpftrace has for the same thing.
var stageNames = map[string]string{"codegen": "ir", "codegen-opt": "ir", "dis": "bpf", "asm": "bpf"}

// wantedStages expands and checks the words of -d.
func wantedStages(words []string) ([]string, error) {
	var wanted []string
	for _, word := range words {
		if word == "all" {
			return stages, nil
		}
		if name, ok := stageNames[word]; ok {
			word = name
		}
		if !slices.Contains(stages, word) {
			e := usageError("unknown stage %q", word)
			if near := suggest.Nearest(word, stages); near != "" {
				return nil, e.hint("did you mean -d %s?", near)
			}
			return nil, e.hint("-d takes %s or all", strings.Join(stages, ", "))
		}
		wanted = append(wanted, word)
	}
	return wanted, nil
}

// dump prints stages of the compilation. It needs no privileges: nothing is
// loaded.
func (a *app) dump(f *flags, s script) (int, error) {
	wanted, err := wantedStages(f.dump)
	if err != nil {
		return exitUsage, err
	}
	u, err := a.parse(f, s)
	if err != nil {
		return exitError, err
	}
	show := func(stage, text string) {
		if !slices.Contains(wanted, stage) {
			return
		}
		if len(wanted) > 1 {
			fmt.Fprintf(a.stdout, "-- %s\n", stage)
		}
		io.WriteString(a.stdout, text)
	}
	show("ast", ast.Dump(u.file))
	if slices.Equal(wanted, []string{"ast"}) {
		return exitOK, nil
	}
	world, err := dumpWorld(f)
	if err != nil {
		return exitError, err
	}
	if err := a.check(f, u, world); err != nil {
		return exitError, err
	}
	var types strings.Builder
	if err := typed.Dump(&types, u.prog); err != nil {
		return exitError, err
	}
	show("types", types.String())
	if !slices.Contains(wanted, "ir") && !slices.Contains(wanted, "bpf") {
		return exitOK, nil
	}
	target, err := dumpTarget()
	if err != nil {
		return exitError, err
	}
	listing, err := codegen.List(u.prog, target, codegen.Options{TargetPID: f.pid})
	if err != nil {
		return exitError, compileError(u, err)
	}
	show("ir", listing.IR)
	show("bpf", listing.BPF)
	return exitOK, nil
}

// dumpTarget is the kernel that -d compiles for: the newest that is pinned, as
// asking the running one needs privileges.
func dumpTarget() (codegen.Target, error) {
	names := features.PinnedNames()
	return features.Pinned(names[len(names)-1], runtime.GOARCH)
}
