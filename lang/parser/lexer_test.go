package parser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

var kindNames = map[Kind]string{
	KindInvalid: "invalid", KindComment: "comment", KindShebang: "shebang", KindDirective: "directive",
	KindCDefinition: "c", KindSpec: "spec", KindPredOpen: "pred", KindPredClose: "pred", KindOpen: "open",
	KindClose: "close", KindKeyword: "keyword", KindIdent: "ident", KindVar: "var", KindMap: "map",
	KindParam: "param", KindInt: "int", KindChar: "char", KindString: "string", KindOp: "op",
}

// tokens shows tokens as "kind:text", operators as themselves.
func tokens(text string) string {
	var out []string
	for _, t := range Tokenize(text) {
		word := text[t.Off:t.End]
		if t.Kind != KindOp {
			word = kindNames[t.Kind] + ":" + word
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

func TestTokenize(t *testing.T) {
	tests := []struct{ text, want string }{
		{`t:a:b <@=1>`, `spec:t:a:b open:< map:@ = int:1 close:>`},
		{`t:a:b < @ = pid > 1; >`, `spec:t:a:b open:< map:@ = ident:pid > int:1 ; close:>`},
		{`k:f /a / b/ {}`, `spec:k:f pred:/ ident:a / ident:b pred:/ open:{ close:}`},
		{`k:f,k:g, // c` + "\n{}", `spec:k:f , spec:k:g , comment:// c open:{ close:}`},
		{`uprobe:/bin/a:"b {,": {}`, `spec:uprobe:/bin/a:"b {,": open:{ close:}`},
		{`i:1s/a/{}`, `spec:i:1s pred:/ ident:a pred:/ open:{ close:}`},
		{`begin{$x.0.1=$1+$#}`, `spec:begin open:{ var:$x . int:0 . int:1 = param:$1 + param:$# close:}`},
		{`begin { 0..10; 1.5; 5m }`, `spec:begin open:{ int:0 .. int:10 ; int:1.5 ; int:5m close:}`},
		{`begin { if (a) { } }`, `spec:begin open:{ keyword:if ( ident:a ) open:{ close:} close:}`},
		{`begin { "a\"b" 'c' }`, `spec:begin open:{ string:"a\"b" char:'c' close:}`},
		{`begin { a<<=1>>=2->b }`, `spec:begin open:{ ident:a <<= int:1 >>= int:2 -> ident:b close:}`},
		{"#define A \\\n 1\nstruct a { int b; };", "directive:#define A \\\n 1 c:struct a { int b; } ;"},
		{`struct:a {}`, `spec:struct:a open:{ close:}`},
		{`let @a = hash(1) begin {}`, `keyword:let map:@a = ident:hash ( int:1 ) spec:begin open:{ close:}`},
		{`import "a"; config = { b=1 };`, `keyword:import string:"a" ; keyword:config = open:{ ident:b = int:1 close:} ;`},
		{"begin { \x01\x02 ` }", "spec:begin open:{ invalid:\x01\x02 invalid:` close:}"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tokens(tt.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

// TestNumbers decodes literals.
func TestNumbers(t *testing.T) {
	tests := map[string]uint64{
		"0": 0, "00": 0, "7": 7, "0777": 511, "0x1F": 31, "0XffUL": 255, "1_000": 1000, "1e6": 1e6, "12e4": 120000,
		"1e1_0": 1e10, "0e99": 0, "5ns": 5, "5us": 5000, "5ms": 5e6, "5s": 5e9, "5m": 300e9, "5h": 18000e9,
		"5d": 432000e9, "1e3ms": 1e9, "1u": 1, "1ULL": 1, "0x1d": 29, "18446744073709551615": 1<<64 - 1,
		"0xffffffffffffffff": 1<<64 - 1, "'a'": 97, `'\n'`: 10, `'\''`: 39, `'\x41'`: 65, "'é'": 233, `'"'`: 34,
	}
	for text, want := range tests {
		var set source.Set
		x, list := ParseExpr(&set, set.Add("x.bt", text))
		n, ok := x.(*ast.Int)
		if list.HasErrors() || !ok || n.Value != want || n.Text != text {
			t.Errorf("%s: %v, want %d %s", text, x, want, render(&set, list))
		}
	}
}

// TestStrings decodes escapes.
func TestStrings(t *testing.T) {
	tests := map[string]string{
		`"a b"`: "a b", `"\n\t\r\"\\"`: "\n\t\r\"\\", `"\0"`: "\x00", `"\033[1m"`: "\x1b[1m", `"\1018"`: "A8",
		`"\x41\X4a"`: "AJ", `"\x1g"`: "\x01g", `"é"`: "é", `""`: "", `"'"`: "'",
	}
	for text, want := range tests {
		var set source.Set
		x, list := ParseExpr(&set, set.Add("x.bt", text))
		s, ok := x.(*ast.String)
		if list.HasErrors() || !ok || s.Value != want {
			t.Errorf("%s: %#v, want %q %s", text, x, want, render(&set, list))
		}
	}
}

// TestIncomplete tells what a prompt should ask more input for.
func TestIncomplete(t *testing.T) {
	tests := map[string]bool{
		"begin {": true, "begin { print(1": true, "begin { if (1) {": true, "kprobe:f": true, "kprobe:f,": true,
		"kprobe:f /pid": true, "kprobe:f /pid/": true, "begin { $x =": true, "/* a": true, "begin { } /* a": true,
		"t:a:b < @ = count();": true, "struct a { int b;": true, "macro f(a)": true, "config = {": true,
		"let @a = hash(": true, "begin { $x = { 1; ": true,
		"begin { }": false, "begin { ) ": false, "begin { \"a": false, "begin { } }": false, "": false,
		"begin { print(1 2": false, "kprobe:f /pid = 1": false, "begin { 1.5": false,
	}
	for text, want := range tests {
		var set source.Set
		_, list := Parse(&set, set.Add("x.bt", text))
		if got := Incomplete(list); got != want {
			t.Errorf("%q: %t\n%s", text, got, render(&set, list))
		}
	}
	for text, want := range map[string]bool{"1 +": true, "f(": true, "{ $a": true, "1 2": false, ")": false, "1": false, "a ?": true} {
		var set source.Set
		_, list := ParseExpr(&set, set.Add("x.bt", text))
		if got := Incomplete(list); got != want {
			t.Errorf("%q: %t\n%s", text, got, render(&set, list))
		}
	}
}

// TestSpans checks that nodes cover their text.
func TestSpans(t *testing.T) {
	const text = `kprobe:f /pid == 1/ { let $x: int8 = -(1 + @a[2]); if ($x) { print($x.y) } else { return f(1); } }`
	var set source.Set
	file, list := Parse(&set, set.Add("x.bt", text))
	if list.HasErrors() {
		t.Fatal(render(&set, list))
	}
	var got []string
	ast.Walk(file, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Let, *ast.If, *ast.Unary, *ast.Binary, *ast.Call, *ast.Index, *ast.Field, *ast.Jump, *ast.TypeExpr:
			got = append(got, fmt.Sprintf("%T %s", n, set.Text(n.Pos())))
		}
		return true
	})
	want := []string{
		"*ast.Binary pid == 1",
		"*ast.Let let $x: int8 = -(1 + @a[2])",
		"*ast.TypeExpr int8",
		"*ast.Unary -(1 + @a[2])",
		"*ast.Binary 1 + @a[2]",
		"*ast.Index @a[2]",
		"*ast.If if ($x) { print($x.y) } else { return f(1); }",
		"*ast.Call print($x.y)",
		"*ast.Field $x.y",
		"*ast.Jump return f(1)",
		"*ast.Call f(1)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
