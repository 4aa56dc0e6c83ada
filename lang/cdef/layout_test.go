package cdef

import (
	"fmt"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/types"
)

// layouts are definitions of "struct t" (or "union t") to compare with gcc's.
func layouts() []string {
	return []string{
		"struct t { char a; int b; short c; long d; char e; };",
		"struct t { char a; int b; short c; long d; char e; } __attribute__((packed));",
		"struct __attribute__((packed)) t { char a; int b; long c; };",
		"struct t { char a; int b __attribute__((packed)); long c; };",
		"struct t { char a; int b; } __attribute__((packed, aligned(4)));",
		"struct t { char a; int b; } __attribute__((aligned(32)));",
		"struct t { char a; int b __attribute__((aligned(16))); char c; };",
		"struct t { char a; __attribute__((aligned(8))) char b; char c; };",
		"struct t { char a; _Alignas(8) char b; char c; };",
		"struct t { char a; char b __attribute__((aligned)); };",
		"typedef int big __attribute__((aligned(16))); struct t { char a; big b; char c; };",
		"typedef long small __attribute__((aligned(2))); struct t { char a; small b; char c; };",
		"struct t { int a:3; int b:5; int c:30; };",
		"struct t { unsigned a:3, b:5, c:24; unsigned d:1; };",
		"struct t { char a; int b:4; int c:28; char d; };",
		"struct t { char a:4; short b:9; int c:17; long d:40; };",
		"struct t { int a:4; int :0; int b:4; char c; };",
		"struct t { char a; int :5; char b; };",
		"struct t { char a; int :0; char b; };",
		"struct t { long a:33; int b:31; char c:7; _Bool d:1; };",
		"struct t { unsigned char a:1; unsigned char b:7; unsigned short c:15; unsigned long d:63; unsigned long e:2; };",
		"struct t { unsigned a:3; unsigned b:15; unsigned c:20; char d; } __attribute__((packed));",
		"struct t { char a; unsigned b:31; unsigned c:2; unsigned long d:50; } __attribute__((packed));",
		"struct t { char a; unsigned b:17 __attribute__((packed)); unsigned c:20; };",
		"struct t { char a; unsigned b:4 __attribute__((aligned(4))); unsigned c:4; };",
		"struct t { unsigned a:24; } __attribute__((packed));",
		"struct t { char x; unsigned a:7; unsigned b:17; } __attribute__((packed));",
		"struct t { short s; unsigned a:5; int b; unsigned c:5; };",
		"enum e { A, B = 7 }; struct t { enum e a:3; enum e b; char c; };",
		"enum e { A = -1 }; struct t { char c; enum e a; };",
		"enum e { A = 0x100000000 }; struct t { char c; enum e a; };",
		"struct t { char a; union { int b; char c[6]; }; struct { short d; struct { char e; }; }; int f; };",
		"struct t { char a; union { long b; char c[3]; } u; struct in { short d; } s[3]; char z; };",
		"struct t { int n; char data[]; };",
		"struct t { int n; long data[0]; };",
		"struct t { char a; void *p; int (*f)(int, char *); void (*g[3])(void); char m[2][3][5]; };",
		"struct t { struct t *next; const char *name; volatile unsigned long long x; signed char s; };",
		"union t { char a; int b; long c; char d[9]; };",
		"union t { char a; int b:3; long c:40; };",
		"union t { char a[5]; int b; } __attribute__((packed));",
		"union t { int :20; char b; };",
		"struct in { char a; long b; } __attribute__((packed)); struct t { char x; struct in y; int z; };",
		"struct in { char a; } __attribute__((aligned(8))); struct t { char x; struct in y[2]; char z; };",
		"typedef struct { int q; } Q; typedef Q *PQ; typedef Q AQ[3]; struct t { char c; Q a; PQ b; AQ d; };",
		"#define N 4\n#define M (N * 2 + 1)\nstruct t { char a[N]; int b[M]; short c[sizeof(int)]; };",
		"enum { LEN = 3, NEXT }; struct t { char a[LEN]; int b[NEXT]; };",
		"struct t { float f; double d; char c; long double l; };",
		"struct t { char c; __int128 i; };",
		"struct empty {}; struct t { int a; struct empty e; char b; };",
		"struct t { _Bool a; _Bool b:1; unsigned c:1; };",
		"struct t { unsigned long a:1; unsigned int b:32; unsigned char c:8; };",
		"struct t { int a[3]; struct { unsigned x:3, y:3; } b[2]; };",
		"struct t { unsigned short a:9; unsigned b:9; unsigned short c:9; unsigned long d:9; };",
		"struct a { struct b *b; }; struct b { struct a a; char c; }; struct t { struct b x; char y; };",
	}
}

// TestLayoutsOfGCC compiles each definition and compares size, offsets, and of
// bit-fields the bits that are set when all of theirs are.
func TestLayoutsOfGCC(t *testing.T) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("gcc is not installed: no layouts to compare with")
	}
	for _, def := range layouts() {
		keyword := "struct t"
		if strings.Contains(def, "union t ") {
			keyword = "union t"
		}
		res, diags := Parse([]Source{{Text: def}}, Options{})
		if strings.HasPrefix(def, "#") {
			res, diags = Parse(pieces(def), Options{})
		}
		if len(diags) > 0 {
			t.Errorf("%s\n%v", def, diags)
			continue
		}
		ours := describe(res.Types[keyword], 0)
		theirs, err := runGCC(t, gcc, def, program(keyword, res.Types[keyword]))
		if err != nil {
			t.Errorf("%s\n%v\n%s", def, err, theirs)
			continue
		}
		ours = fmt.Sprintf("size %d\n", res.Types[keyword].Size) + ours
		if ours != theirs {
			t.Errorf("%s\nours:\n%s\ngcc's:\n%s", def, ours, theirs)
		}
	}
}

// pieces splits a text by lines, as the scanner of scripts does.
func pieces(text string) []Source {
	var out []Source
	off := int32(0)
	for line := range strings.Lines(text) {
		s := Source{Text: strings.TrimSpace(line)}
		s.Span.Off, s.Span.End = off, off+int32(len(s.Text))
		out = append(out, s)
		off += int32(len(line))
	}
	return out
}

// describe lists the named members, those of anonymous records included.
func describe(t types.Type, base int) string {
	var b strings.Builder
	for _, m := range t.Members {
		switch {
		case m.Name == "":
			b.WriteString(describe(m.Type, base+m.Offset))
		case m.BitSize > 0:
			first := 8*(base+m.Offset) + m.BitOffset
			fmt.Fprintf(&b, "%s bits %d to %d\n", m.Name, first, first+m.BitSize-1)
		default:
			fmt.Fprintf(&b, "%s at %d size %d\n", m.Name, base+m.Offset, m.Type.Size)
		}
	}
	return b.String()
}

// program prints the same of gcc's layout.
func program(keyword string, t types.Type) string {
	var b strings.Builder
	fmt.Fprintf(&b, "int main(void) {\nprintf(\"size %%zu\\n\", sizeof(%s));\n", keyword)
	var members func(t types.Type)
	members = func(t types.Type) {
		for _, m := range t.Members {
			switch {
			case m.Name == "":
				members(m.Type)
			case m.BitSize > 0:
				fmt.Fprintf(&b, "{ %s v; memset(&v, 0, sizeof v); v.%s = -1; bits(\"%s\", &v, sizeof v); }\n", keyword, m.Name, m.Name)
			case m.Type.Kind == types.Array && m.Type.Len == 0:
				fmt.Fprintf(&b, "printf(\"%s at %%zu size 0\\n\", __builtin_offsetof(%s, %s));\n", m.Name, keyword, m.Name)
			default:
				fmt.Fprintf(&b, "printf(\"%s at %%zu size %%zu\\n\", __builtin_offsetof(%s, %s), sizeof(((%s *)0)->%s));\n",
					m.Name, keyword, m.Name, keyword, m.Name)
			}
		}
	}
	members(t)
	return b.String() + "return 0;\n}\n"
}

const bitsHelper = `
#include <stdio.h>
#include <string.h>
static void bits(const char *name, void *p, size_t n) {
	int first = -1, last = -1;
	for (size_t i = 0; i < 8 * n; i++)
		if (((unsigned char *)p)[i / 8] >> (i % 8) & 1) { if (first < 0) first = i; last = i; }
	printf("%s bits %d to %d\n", name, first, last);
}
`

func runGCC(t *testing.T, gcc, def, main string) (string, error) {
	dir := t.TempDir()
	file, exe := filepath.Join(dir, "t.c"), filepath.Join(dir, "t")
	if err := os.WriteFile(file, []byte(bitsHelper+def+"\n"+main), 0o644); err != nil {
		return "", err
	}
	if out, err := exec.Command(gcc, "-w", "-o", exe, file).CombinedOutput(); err != nil {
		return string(out), err
	}
	out, err := exec.Command(exe).Output()
	return string(out), err
}

// TestBitFieldUnits holds the units of bit-fields to their contract.
func TestBitFieldUnits(t *testing.T) {
	for _, def := range layouts() {
		res, _ := Parse(pieces(def), Options{})
		for _, r := range res.Records {
			for _, m := range r.Members {
				if m.BitSize > 0 && (bits.OnesCount(uint(m.Type.Size)) != 1 || m.BitOffset+m.BitSize > 8*m.Type.Size) {
					t.Errorf("%s: %+v", def, m)
				}
			}
		}
	}
}
