package cdef

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gotrace/gotrace/lang/types"
)

// What a unit uses without declaring it is found by the tokens around a name,
// not by parsing: C cannot be parsed before its typedefs are known. A name too
// many does no harm, it only is looked up in vain.

// declares reports whether the expanded unit has declarations besides those
// that were predefined.
func (u *unit) declares(toks []token) bool {
	for i := len(toks) - 1; i >= 0; i-- {
		if toks[i].text == "__predefined_ptrdiff_t" {
			return len(toks) > i+2+len(tokens(endText))
		}
	}
	return len(toks) > 0
}

// names are the names of a unit by what they are.
type names struct {
	tags, typedefs, values map[string]bool // used
	declared               map[string]bool // tags with their keyword, typedefs, enumerators
}

// collect finds the names that a unit uses and declares.
func collect(toks []token) *names {
	n := &names{tags: map[string]bool{}, typedefs: map[string]bool{}, values: map[string]bool{}, declared: map[string]bool{}}
	enumDepth, depth, typedefAt := -1, 0, -1
	skip := 0
	for i, t := range toks {
		prev, next := textAt(toks, i-1), textAt(toks, i+1)
		switch {
		case i < skip:
		case t.text == "__attribute__":
			skip = groupEnd(toks, i+1)
		case t.text == "{":
			depth++
			if opensEnum(toks, i) {
				enumDepth = depth
			}
		case t.text == "}":
			if depth == enumDepth {
				enumDepth = -1
			}
			depth--
		case t.text == ";" && depth == typedefAt:
			typedefAt = -1
		case t.text == "typedef":
			typedefAt = depth
		case t.kind != identToken:
		case t.text == "struct" || t.text == "union" || t.text == "enum":
			n.tag(toks, i)
		case isKeyword(t.text) || prev == "struct" || prev == "union" || prev == "enum":
		case depth == enumDepth && (prev == "{" || prev == ","):
			n.declared[t.text] = true
		case depth == typedefAt && endsDeclarator(next) && (prev == "}" || !startsType(prev)):
			n.declared[t.text] = true
		case startsType(prev):
			n.typedefs[t.text] = true
			n.values[t.text] = prev == "(" || prev == ","
		case prev != "*" && prev != "." && prev != "->" && !isWord(prev):
			n.values[t.text] = true
		}
	}
	return n
}

func textAt(toks []token, i int) string {
	if i < 0 || i >= len(toks) {
		return ";"
	}
	return toks[i].text
}

func isWord(text string) bool { return text != "" && isLetter(text[0]) }

// tag notes "struct name", which a brace makes a declaration.
func (n *names) tag(toks []token, i int) {
	keyword := toks[i].text
	i++
	for textAt(toks, i) == "__attribute__" {
		i = groupEnd(toks, i+1)
	}
	if i >= len(toks) || toks[i].kind != identToken {
		return
	}
	name := keyword + " " + toks[i].text
	switch textAt(toks, i+1) {
	case "{":
		n.declared[name] = true
	case "*", ";": // behind a pointer its name is enough
	default:
		n.tags[name] = true
	}
}

// groupEnd returns the number of the token behind the parentheses that open at
// i.
func groupEnd(toks []token, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		switch toks[i].text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth <= 0 {
			return i + 1
		}
	}
	return i
}

// opensEnum reports whether the brace at i is that of an enum.
func opensEnum(toks []token, i int) bool {
	return textAt(toks, i-1) == "enum" || textAt(toks, i-2) == "enum"
}

// startsType reports whether a name behind this token is a type, if it is one
// that was declared elsewhere: declarations start there.
func startsType(prev string) bool {
	switch prev {
	case "{", ";", "(", ",", "}", "typedef", "const", "volatile", "static", "extern":
		return true
	}
	return false
}

func endsDeclarator(next string) bool {
	switch next {
	case ";", ",", "[", ")", "(", "__attribute__":
		return true
	}
	return false
}

func isKeyword(text string) bool {
	switch text {
	case "void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool",
		"const", "volatile", "restrict", "static", "extern", "register", "inline", "typedef",
		"struct", "union", "enum", "sizeof", "_Alignas", "_Alignof", "_Static_assert", "_Atomic",
		"__attribute__", "__attribute", "__typeof__", "typeof", "__alignof__", "__int128", "_Noreturn":
		return true
	}
	return false
}

// borrow declares for cc what the unit uses and does not declare.
func (u *unit) borrow(n *names) {
	u.declared = n.declared
	var b strings.Builder
	for _, name := range sorted(n.tags) {
		if !n.declared[name] {
			u.borrowType(&b, name)
		}
	}
	for _, name := range sorted(n.typedefs) {
		if !n.declared[name] {
			u.borrowType(&b, name)
		}
	}
	for _, name := range sorted(n.values) {
		if _, isType := u.known[name]; isType || n.declared[name] || !n.values[name] || u.opts.Constant == nil {
			continue
		}
		if v, ok := u.opts.Constant(name); ok {
			fmt.Fprintf(&b, "#define %s (%s)\n", name, literal(v))
		}
	}
	u.decls = b.String()
}

// literal writes a number so that C gives it the value it has.
func literal(v int64) string {
	switch {
	case v == -1<<63:
		return "-9223372036854775807L - 1"
	case v == int64(int32(v)):
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%dL", v)
}

func sorted(set map[string]bool) []string {
	var out []string
	for name := range set {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// borrowType declares one type that Options knows. cc is only told its size and
// alignment; the converter puts the type itself in its place.
func (u *unit) borrowType(b *strings.Builder, name string) {
	if u.opts.Lookup == nil {
		return
	}
	t, ok := u.opts.Lookup(name)
	if !ok || t.Size < 0 || t.Size > 1<<24 {
		return
	}
	tagged := strings.Contains(name, " ")
	switch t.Kind {
	case types.Record:
		if t.Incomplete || t.Members == nil && t.Size == 0 {
			return
		}
	case types.Enum, types.Int, types.Bool, types.Pointer, types.Array:
	default:
		return
	}
	u.known[name] = t
	bytes := fmt.Sprintf("{ char bytes[%d]; } __attribute__((aligned(%d)))", t.Size, t.Align())
	keyword := "struct"
	if t.Union || strings.HasPrefix(name, "union ") {
		keyword = "union"
	}
	switch {
	case t.Kind == types.Record && tagged:
		fmt.Fprintf(b, "%s %s;\n", name, bytes)
	case t.Kind == types.Enum && tagged:
		fmt.Fprintf(b, "%s { __gotrace_%s = %s };\n", name, strings.TrimPrefix(name, "enum "), enumSample(t))
	case t.Kind == types.Record || t.Kind == types.Array:
		fmt.Fprintf(b, "typedef %s %s %s;\n", keyword, bytes, name)
	case t.Kind == types.Pointer:
		fmt.Fprintf(b, "typedef void *%s;\n", name)
	case t.Kind == types.Bool:
		fmt.Fprintf(b, "typedef _Bool %s;\n", name)
	default:
		fmt.Fprintf(b, "typedef %s %s;\n", integer(t), name)
	}
}

// enumSample is a value that makes cc choose the size of an enum.
func enumSample(t types.Type) string {
	if t.Size == 8 {
		return "0x100000000L"
	}
	return "0"
}

// integer writes an integer type in C.
func integer(t types.Type) string {
	word := map[int]string{1: "char", 2: "short", 4: "int", 8: "long"}[t.Size]
	if word == "" {
		word = "int"
	}
	if t.Signed {
		return "signed " + word
	}
	return "unsigned " + word
}
