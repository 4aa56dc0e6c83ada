package typecheck

import (
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// define is a "#define NAME value" whose value is a literal.
type define struct {
	text string // of a string
	num  int64
	str  bool
	span source.Span
}

// value makes a literal of a define where its name stands.
func (d define) value(span source.Span) typed.Expr {
	if d.str {
		return stringConst(span, d.text)
	}
	return literal(span, d.num)
}

// haveBTF reports whether the kernel describes its types, so that headers are
// not needed.
func (c *checker) haveBTF() bool {
	_, err := c.world.Record(types.Type{Kind: types.Record, Name: "struct task_struct", Incomplete: true})
	return err == nil
}

// readDirectives handles the preprocessor's lines: conditions, headers and
// simple constants.
func (c *checker) readDirectives() {
	c.inactive = map[ast.Item]bool{}
	names := map[string]bool{}
	if c.haveBTF() {
		names["BPFTRACE_HAVE_BTF"] = true
	}
	var active []bool // one for each open condition
	on := func() bool {
		for _, a := range active {
			if !a {
				return false
			}
		}
		return true
	}
	for _, it := range c.file.Items {
		d, ok := it.(*ast.Directive)
		if !ok {
			c.inactive[it] = !on()
			continue
		}
		switch d.Name {
		case "ifdef", "ifndef":
			name := withoutComments(d.Text)
			_, known := c.defines[name]
			active = append(active, (known || names[name]) == (d.Name == "ifdef"))
		case "else":
			if len(active) == 0 {
				c.errorf(d.Span, "bad-directive", "#else without #ifdef")
				continue
			}
			active[len(active)-1] = !active[len(active)-1]
		case "endif":
			if len(active) == 0 {
				c.errorf(d.Span, "bad-directive", "#endif without #ifdef")
				continue
			}
			active = active[:len(active)-1]
		default:
			if on() {
				c.readDirective(d, names)
			}
		}
	}
	if len(active) > 0 {
		c.errorf(c.fileSpan(), "bad-directive", "an #ifdef has no #endif")
	}
}

// readDirective handles a directive that is not a condition.
func (c *checker) readDirective(d *ast.Directive, names map[string]bool) {
	switch d.Name {
	case "include":
		header := strings.Trim(withoutComments(d.Text), `<>"`)
		if strings.HasPrefix(withoutComments(d.Text), "<") && kernelHeader(header) && names["BPFTRACE_HAVE_BTF"] {
			return // the kernel itself describes what is in it
		}
		c.unsupported(d.Span, "#include of "+quote(header), "kernel types need no header; copy other definitions into the script")
	case "define":
		c.readDefine(d, names)
	case "undef":
		delete(c.defines, withoutComments(d.Text))
	case "pragma":
	default:
		c.unsupported(d.Span, "#"+d.Name, "#ifdef, #ifndef, #define and #include are")
	}
}

// kernelHeader reports whether a header is one of the kernel's, whose types BTF
// has, or of the C library's that only give names to numbers.
func kernelHeader(name string) bool {
	for _, dir := range []string{"linux/", "net/", "asm/", "asm-generic/", "uapi/", "trace/", "scsi/", "kernel/", "../fs/", "../../"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

// readDefine takes "NAME literal" or "NAME OTHER"; a name alone only counts for
// #ifdef.
func (c *checker) readDefine(d *ast.Directive, names map[string]bool) {
	text := withoutComments(d.Text)
	end := strings.IndexAny(text+" ", " \t")
	name, rest := text[:end], strings.TrimSpace(text[end:])
	names[name] = true
	if rest == "" {
		return
	}
	if strings.ContainsRune(name, '(') {
		c.unsupported(d.Span, "a #define with parameters", "write a macro: macro name(x) { ... }")
		return
	}
	def := define{span: d.Span}
	if s, err := strconv.Unquote(rest); err == nil && rest[0] == '"' {
		def.str, def.text = true, s
	} else if v, ok := parseC(rest); ok {
		def.num = v
	} else if other, ok := c.defines[rest]; ok {
		def = other
	} else {
		c.unsupported(d.Span, "a #define of anything but a number or a string", "write a macro: macro name { ... }")
		return
	}
	c.defines[name] = def
}

// withoutComments cuts C comments off the end of a line.
func withoutComments(text string) string {
	inString := false
	for i := 0; i+1 < len(text); i++ {
		switch {
		case text[i] == '"' && (i == 0 || text[i-1] != '\\'):
			inString = !inString
		case !inString && (text[i:i+2] == "//" || text[i:i+2] == "/*"):
			return strings.TrimSpace(text[:i])
		}
	}
	return strings.TrimSpace(text)
}

// parseC reads an integer constant as C writes it: with a suffix, a sign,
// parentheses around it.
func parseC(text string) (int64, bool) {
	for strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	trimmed := strings.TrimRight(text, "uUlL")
	if trimmed == "" {
		return 0, false
	}
	return parseInt(trimmed)
}

// skipped reports whether an item is in a branch that #ifdef leaves out.
func (c *checker) skipped(it ast.Item) bool { return c.inactive[it] }

// readItems looks at the items that are neither blocks nor directives.
func (c *checker) readItems() {
	c.macros = newMacros()
	for _, it := range c.file.Items {
		if c.skipped(it) {
			continue
		}
		switch it := it.(type) {
		case *ast.CDefinition:
			c.unsupported(it.Span, "a "+it.Kind+" definition in a script", "the kernel's own types are there without one: (struct name*)x")
		case *ast.Import:
			c.unsupported(it.Span, "import", "copy what you need of "+quote(it.Path)+" into the script")
		case *ast.Macro:
			c.macros.add(c, it)
		}
	}
}
