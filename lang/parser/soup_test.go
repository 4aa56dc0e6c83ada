package parser

import (
	"math/rand"
	"os"
	"strings"
	"testing"
)

// vocabulary is what TestSoup cooks with.
var vocabulary = strings.Fields(`begin end BEGIN k:f t:a:b uprobe:/a:b , { } { } < > / / ( ) [ ] ; ; ; @ @a $x $1 $#
	pid foo 1 0x1f 5m "s" 'c' = == += ++ -- + - * & | && || ! ~ ? : . -> .. if else while for unroll let return
	break true sizeof typeof struct macro config import comptime _ f( (int) int32 // /**/ #define`)

// TestSoup parses random words: nothing must panic, and what happens to parse
// must print and parse again.
func TestSoup(t *testing.T) {
	r := rand.New(rand.NewSource(33))
	for range 20000 {
		var b strings.Builder
		switch r.Intn(4) {
		case 0:
			b.WriteString("begin { ")
		case 1:
			b.WriteString("k:f / ")
		case 2:
			b.WriteString("k:f < ")
		}
		for range 1 + r.Intn(14) {
			b.WriteString(vocabulary[r.Intn(len(vocabulary))])
			b.WriteByte(" \n"[r.Intn(12)/11])
		}
		if r.Intn(3) > 0 {
			b.WriteString("}")
		}
		checkRoundTrip(t, b.String())
	}
}

// TestCommentsAnywhere puts comments between all tokens of a script: it must
// parse as before, and printing must lose none.
func TestCommentsAnywhere(t *testing.T) {
	data, err := os.ReadFile("testdata/scripts/tour.bt")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if from := strings.Index(text, "import"); from > 0 {
		text = text[from:] // what is before is taken as raw lines
	}
	all := Tokenize(text)
	r := rand.New(rand.NewSource(33))
	for range 200 {
		var b strings.Builder
		at := int32(0)
		for _, tok := range all {
			b.WriteString(text[at:tok.Off])
			if r.Intn(20) == 0 {
				b.WriteString([]string{" /* a */ ", " // b\n", "\n\n// c\n", " /* d\n e */ "}[r.Intn(4)])
			}
			b.WriteString(text[tok.Off:tok.End])
			at = tok.End
		}
		b.WriteString(text[at:])
		if checkRoundTrip(t, b.String()) == "" {
			t.Fatalf("does not parse:\n%s", b.String())
		}
	}
}
