package repl

import (
	"context"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/arch/x86/x86asm"

	"github.com/gotrace/gotrace/codegen/object"
)

func cmdJIT(_ context.Context, c *console, arg string) error {
	cl, err := c.one(arg)
	if err != nil {
		return err
	}
	if !cl.on {
		return fail("%s is not loaded", cl.id).withHint(".on %s loads it", cl.id)
	}
	var b strings.Builder
	err = c.engine.session.EachProgram(cl.unit, func(p *ebpf.Program, spec *object.Program) error {
		info, err := p.Info()
		if err != nil {
			return err
		}
		code, ok := info.JitedInsns()
		if !ok || len(code) == 0 {
			return fail("the kernel does not show machine code").withHint("it needs the JIT (net.core.bpf_jit_enable) and CAP_SYS_ADMIN with kernel.kptr_restrict below 2")
		}
		b.WriteString(c.paint.head(fmt.Sprintf("%s  %d bytes", programTitle(spec), len(code))) + "\n")
		c.disassemble(&b, cl, code, jitLines(info))
		return nil
	})
	if err != nil {
		return err
	}
	c.screen.Print(b.String())
	return nil
}

// jitLines returns the script's lines by the offset of their machine code.
func jitLines(info *ebpf.ProgramInfo) map[int]string {
	lines := map[int]string{}
	addresses, ok := info.JitedLineInfos()
	starts, ok2 := info.JitedKsymAddrs()
	lens, ok3 := info.JitedFuncLens()
	texts, err := info.LineInfos()
	if !ok || !ok2 || !ok3 || err != nil || len(addresses) != len(texts) {
		return lines // code without lines is better than none
	}
	for i, address := range addresses {
		base := 0
		for f := range starts {
			if off := address - uint64(starts[f]); off < uint64(lens[f]) {
				lines[base+int(off)] = strings.TrimSpace(texts[i].Line.String())
			}
			base += int(lens[f])
		}
	}
	return lines
}

// disassemble writes machine code; for CPUs whose code we cannot read, as bytes.
func (c *console) disassemble(b *strings.Builder, cl *clause, code []byte, lines map[int]string) {
	if runtime.GOARCH != "amd64" {
		b.WriteString(hex.Dump(code))
		return
	}
	last := ""
	for at := 0; at < len(code); {
		if line := lines[at]; line != "" && line != last {
			last = line
			b.WriteString(c.paint.dim("; "+cl.place(line)) + "\n")
		}
		ins, err := x86asm.Decode(code[at:], 64)
		if err != nil {
			fmt.Fprintf(b, "%5x  .byte %#02x\n", at, code[at])
			at++
			continue
		}
		fmt.Fprintf(b, "%5x  %s\n", at, x86asm.GNUSyntax(ins, uint64(at), nil))
		at += ins.Len
	}
}
