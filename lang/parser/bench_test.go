package parser

import (
	"os"
	"strings"
	"testing"

	"github.com/gotrace/gotrace/lang/source"
)

const oneLiner = `tracepoint:syscalls:sys_enter_execve < @[comm] = count(); >`

func benchmarkParse(b *testing.B, text string) {
	var set source.Set
	id := set.Add("x.bt", text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, list := Parse(&set, id); list.HasErrors() {
			b.Fatal(render(&set, list))
		}
	}
}

func BenchmarkParseOneLiner(b *testing.B) { benchmarkParse(b, oneLiner) }

func BenchmarkParseScript(b *testing.B) {
	text, err := os.ReadFile("testdata/scripts/tour.bt")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkParse(b, string(text))
}

func BenchmarkTokenize(b *testing.B) {
	text := strings.Repeat(oneLiner+"\n", 100)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Tokenize(text)
	}
}

func BenchmarkBuildGrammar(b *testing.B) {
	for b.Loop() {
		if _, err := newGrammar(); err != nil {
			b.Fatal(err)
		}
	}
}
