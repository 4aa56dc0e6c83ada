package user

import (
	"encoding/binary"
	"fmt"
	"testing"
)

func TestOperands(t *testing.T) {
	symbol := func(name string) (uint64, bool) { return 0x4000, name == "counter" }
	for _, test := range []struct{ arch, text, want string }{
		{"amd64", "8@%rax", "[{register 8 false ax  0 0 0}]"},
		{"amd64", "-4@%r12d 1@%sil -2@%r9w", "[{register 4 true r12  0 0 0} {register 1 false si  0 0 0} {register 2 true r9  0 0 0}]"},
		{"amd64", "1@%ah -1@%dl", "[{register 1 false ax  0 8 0} {register 1 true dx  0 0 0}]"},
		{"amd64", "-4@$-7 8@$0xffffffffffffffff", "[{constant 4 true   0 0 -7} {constant 8 false   0 0 -1}]"},
		{"amd64", "-4@-20(%rbp)", "[{memory 4 true bp  1 0 -20}]"},
		{"amd64", "8@(%rdx,%rcx,8) 8@-8(%rax,%r11)", "[{memory 8 false dx cx 8 0 0} {memory 8 false ax r11 1 0 -8}]"},
		{"amd64", "8@16(,%rcx,8)", "[{memory 8 false  cx 8 0 16}]"},
		{"amd64", "-4@counter(%rip) 8@counter+8(%rip) 8@4+counter(%rip)", "[{code 4 true   1 0 12288} {code 8 false   1 0 12296} {code 8 false   1 0 12292}]"},
		{"amd64", "", "[]"},
		{"amd64", "8f@%xmm0", `argument 0 is "8f@%xmm0", which is not understood`},
		{"amd64", "8@%rax 8@%fs:(%rax)", `argument 1 is "8@%fs:(%rax)", which is not understood`},
		{"amd64", "8@other(%rip)", `argument 0 is "8@other(%rip)", which is not understood`},
		{"amd64", "3@%rax", `argument 0 is "3@%rax", which is not understood`},
		{"arm64", "8@x0 -4@w30 4@5 -4@-3", "[{register 8 false r0  0 0 0} {register 4 true r30  0 0 0} {constant 4 false   0 0 5} {constant 4 true   0 0 -3}]"},
		{"arm64", "-4@[sp, 60] 8@[x19] 8@[x0, x1] 8@[x2,-8]", "[{memory 4 true sp  1 0 60} {memory 8 false r19  1 0 0} {memory 8 false r0 r1 1 0 0} {memory 8 false r2  1 0 -8}]"},
		{"arm64", "8@x31", `argument 0 is "8@x31", which is not understood`},
	} {
		all, err := operands(test.arch, test.text, 0x1000, symbol)
		type plain struct{ v any }
		got := "["
		for i, o := range all {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint(plain{struct {
				Kind   string
				Size   int
				Signed bool
				Base   string
				Index  string
				Scale  int64
				Shift  int
				Value  int64
			}{string(o.Kind), o.Size, o.Signed, o.Base, o.Index, o.Scale, o.Shift, o.Value}}.v)
		}
		got += "]"
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s %q:\n got %s\nwant %s", test.arch, test.text, got, test.want)
		}
	}
}

func FuzzNotes(f *testing.F) {
	f.Add([]byte("\x08\x00\x00\x00\x20\x00\x00\x00\x03\x00\x00\x00stapsdt\x00012345678901234567890123a\x00b\x008@%rax\x00"), "8@%rax")
	f.Fuzz(func(_ *testing.T, data []byte, text string) {
		for _, raw := range splitNotes(data, binary.LittleEndian) {
			(&image{}).note(raw, binary.LittleEndian, 1)
		}
		for _, arch := range []string{"amd64", "arm64"} {
			operands(arch, text, 0, func(string) (uint64, bool) { return 0, true })
		}
	})
}
