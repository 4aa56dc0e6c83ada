package features

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// fentryTest is a function that every kernel with fentry has for its own tests
// (net/bpf/test_run.c).
const fentryTest = "bpf_fentry_test1"

// fentry tries whether the kernel takes a program for the entry of a function.
func fentry() error {
	prog, err := ebpf.NewProgramWithOptions(
		&ebpf.ProgramSpec{
			Name: "gotrace_try", Type: ebpf.Tracing, AttachType: ebpf.AttachTraceFEntry, AttachTo: fentryTest,
			License: "GPL", Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
		},
		ebpf.ProgramOptions{LogDisabled: true},
	)
	if err != nil {
		return err
	}
	return prog.Close()
}
