package parser

import (
	"math/rand"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
)

// TestHostile feeds what no person writes: the answer must be a tree or an
// error, soon and in little memory.
func TestHostile(t *testing.T) {
	const size = maxSource - 1000
	fill := func(before, unit, after string) string {
		return before + strings.Repeat(unit, (size-len(before)-len(after))/len(unit)) + after
	}
	noise := make([]byte, size)
	r := rand.New(rand.NewSource(1))
	for i := range noise {
		noise[i] = byte(r.Intn(256))
	}
	tests := map[string]string{
		"noise":          string(noise),
		"noise in block": "begin { " + string(noise),
		"zeros":          strings.Repeat("\x00", size),
		"parens":         fill("begin { $x = ", "(", ""),
		"braces":         fill("begin ", "{", ""),
		"brackets":       fill("begin { $x = @a", "[@a", ""),
		"not":            fill("begin { $x = ", "!", "1; }"),
		"minus":          fill("begin { $x = ", "- ", "1; }"),
		"casts":          fill("begin { $x = ", "(int)", "1; }"),
		"typeof":         fill("begin { $x = ", "(typeof(", ""),
		"ternaries":      fill("begin { $x = ", "a?", "1; }"),
		"ternaries else": fill("begin { $x = ", "1?1:", "1; }"),
		"sum":            fill("begin { $x = 1", "+1", "; }"),
		"fields":         fill("begin { $x = a", ".a", "; }"),
		"else if":        fill("begin { if (1) {}", "else if (1) {}", " }"),
		"if":             fill("begin { ", "if (1) {", ""),
		"if values":      fill("begin { $x = ", "if 1 {1} else ", "{ 1 } }"),
		"stars":          fill("begin { let $x: int", "*", "; }"),
		"statements":     fill("begin { ", "f();", "}"),
		"semicolons":     fill("begin { ", ";", "}"),
		"probes":         fill("", "k:f{}", ""),
		"points":         fill("", "k:f,", "k:g{}"),
		"words":          fill("", "a ", ""),
		"directives":     fill("", "#define A\n", ""),
		"quotes":         fill("begin { ", "\"", ""),
		"slashes":        fill("k:f /", "a/", ""),
		"angles":         fill("k:f <", "a>", ""),
		"comments":       fill("k:f <", "/**/a>/**/", ""),
		"open comments":  fill("k:f /", "a/ /*", ""),
		"structs":        fill("", "struct ", ""),
		"args":           fill("begin { f(1", ",1", "); }"),
		"string":         fill("begin { $x = \"", "a", "\"; }"),
		"number":         fill("begin { $x = ", "9", "; }"),
		"exponent":       "begin { $x = 1e18446744073709551615; $y = 0e18446744073709551615; }",
		"blank lines":    fill("begin { }", "\n", ""),
		"errors":         fill("", "k:f { ) } ", ""),
		"unclosed":       fill("", "k:f {\n", ""),
		"config":         fill("config = {", "a=1;", "}"),
		"too large":      strings.Repeat("a", maxSource+1),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			var set source.Set
			id := set.Add("x.bt", text)
			file, list := Parse(&set, id)
			render(&set, list)
			if !list.HasErrors() {
				ast.Print(file, set.File(id))
			}
			took := time.Since(start)
			runtime.GC()
			runtime.ReadMemStats(&after)
			held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			t.Logf("%v, %d MB allocated, %d MB held, %d items, errors %t", took.Round(time.Millisecond),
				(after.TotalAlloc-before.TotalAlloc)>>20, held>>20, len(file.Items), list.HasErrors())
			if took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			runtime.KeepAlive(file)
		})
	}
}
