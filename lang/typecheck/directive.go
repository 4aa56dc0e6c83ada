package typecheck

import (
	"regexp"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/cdef"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// define is the constant that a name stands for: a "#define NAME value", or an
// enumerator of the script's own.
type define struct {
	text string // of a string
	num  int64
	str  bool
	typ  types.Type // of an enumerator
}

// value makes a literal of a define where its name stands.
func (d define) value(span source.Span) typed.Expr {
	switch {
	case d.str:
		return stringConst(span, d.text)
	case d.typ.Kind != types.Invalid:
		return &typed.Const{Base: base(span, d.typ), Value: cut(d.num, d.typ)}
	}
	return literal(span, d.num)
}

// haveBTF reports whether the kernel describes its types, so that headers are
// not needed.
func (c *checker) haveBTF() bool {
	_, err := c.world.Record(types.Type{Kind: types.Record, Name: "struct task_struct", Incomplete: true})
	return err == nil
}

// readDirectives handles the preprocessor's lines and gathers the definitions
// in C.
func (c *checker) readDirectives() {
	c.inactive = map[ast.Item]bool{}
	p := preprocessor{c: c, names: map[string]bool{}}
	for _, it := range c.file.Items {
		switch it := it.(type) {
		case *ast.Directive:
			c.lookForBTF(&p)
			p.directive(it)
		case *ast.CDefinition:
			if c.inactive[it] = !p.on(); p.on() {
				c.lookForBTF(&p)
				c.cdefs.pieces, c.cdefs.needed = append(c.cdefs.pieces, c.piece(it.Span)), true
			}
		default:
			c.inactive[it] = !p.on()
		}
	}
	if len(p.open) > 0 {
		c.errorf(c.fileSpan(), "bad-directive", "an #ifdef has no #endif")
	}
	c.readC()
}

// lookForBTF asks for the kernel's types when a script first needs to know.
func (c *checker) lookForBTF(p *preprocessor) {
	if p.asked {
		return
	}
	p.asked = true
	if c.btf = c.haveBTF(); c.btf {
		p.names["BPFTRACE_HAVE_BTF"] = true
	}
}

// preprocessor follows the conditions of a script.
type preprocessor struct {
	c     *checker
	asked bool
	names map[string]bool // defined with or without a value
	open  []condition
}

// condition is an #if that was not closed yet: whether its present branch
// counts, and whether one of its branches did already.
type condition struct {
	active, taken, last bool
}

// on reports whether the present line counts.
func (p *preprocessor) on() bool {
	for _, o := range p.open {
		if !o.active {
			return false
		}
	}
	return true
}

func (p *preprocessor) defined(name string) bool {
	_, known := p.c.defines[name]
	return known || p.names[name]
}

// directive handles one line.
func (p *preprocessor) directive(d *ast.Directive) {
	text := withoutComments(d.Text)
	switch d.Name {
	case "ifdef", "ifndef":
		p.push(p.on() && p.defined(text) == (d.Name == "ifdef"))
	case "if":
		p.push(p.on() && p.holds(d, text))
	case "elif", "else":
		p.next(d, text)
	case "endif":
		if len(p.open) == 0 {
			p.c.errorf(d.Span, "bad-directive", "#endif without #ifdef")
			return
		}
		p.open = p.open[:len(p.open)-1]
	default:
		if p.on() {
			p.plain(d, text)
		}
	}
}

func (p *preprocessor) push(active bool) {
	p.open = append(p.open, condition{active: active, taken: active})
}

// next goes to the next branch of a condition.
func (p *preprocessor) next(d *ast.Directive, text string) {
	if len(p.open) == 0 {
		p.c.errorf(d.Span, "bad-directive", "#%s without #ifdef", d.Name)
		return
	}
	o := &p.open[len(p.open)-1]
	if o.last {
		p.c.errorf(d.Span, "bad-directive", "#%s behind #else", d.Name)
	}
	o.last = d.Name == "else"
	o.active = true // as far as this condition goes
	o.active = !o.taken && p.on() && (o.last || p.holds(d, text))
	o.taken = o.taken || o.active
}

// holds evaluates the expression of an #if. As in C, a name that is no macro
// counts as zero.
func (p *preprocessor) holds(d *ast.Directive, text string) bool {
	text = definedOperator(text, p.defined)
	k, ok := cdef.Eval(text, func(name string) (int64, bool) {
		def, simple := p.c.defines[name]
		return def.num, simple && !def.str || !p.names[name]
	})
	if !ok {
		k, ok = p.c.evalC(text)
	}
	if !ok || k.IsString {
		p.c.errorf(d.Span, "bad-directive", "#%s needs a constant expression", d.Name).
			WithHint("it may use numbers, macros that are numbers, and defined(NAME)")
	}
	return ok && k.Int != 0
}

// definedOperator replaces "defined(X)" and "defined X" by 1 or 0.
func definedOperator(text string, defined func(string) bool) string {
	operator := regexp.MustCompile(`\bdefined\s*(?:\(\s*(\w+)\s*\)|(\w+))`)
	return operator.ReplaceAllStringFunc(text, func(use string) string {
		m := operator.FindStringSubmatch(use)
		if defined(m[1] + m[2]) {
			return "1"
		}
		return "0"
	})
}

// plain handles a directive that is not a condition.
func (p *preprocessor) plain(d *ast.Directive, text string) {
	c := p.c
	switch d.Name {
	case "include":
		c.readInclude(d)
	case "define":
		p.define(d, text)
	case "undef":
		c.cdefs.pieces = append(c.cdefs.pieces, c.directivePiece(d))
		delete(c.defines, text)
		delete(p.names, text)
	case "error":
		c.errorf(d.Span, "bad-directive", "#error %s", text)
	case "pragma", "warning":
	default:
		c.unsupported(d.Span, "#"+d.Name, "#if, #ifdef, #ifndef, #define, #undef and #include are")
	}
}

// define takes a name for a constant or for another such name; a name alone
// only counts for #ifdef. Anything else is left to the C front end.
func (p *preprocessor) define(d *ast.Directive, text string) {
	c := p.c
	c.cdefs.pieces = append(c.cdefs.pieces, c.directivePiece(d))
	end := strings.IndexAny(text+" ", " \t")
	name, rest := text[:end], strings.TrimSpace(text[end:])
	if bare, _, parens := strings.Cut(name, "("); parens || name == "" {
		p.names[bare] = true
		c.cdefs.needed = true
		return
	}
	again := p.names[name] // what was made of the first definition may be wrong now
	p.names[name] = true
	delete(c.defines, name)
	if rest == "" {
		return
	}
	if other, known := c.defines[rest]; known && !again {
		c.defines[name] = other
	} else if k, ok := cdef.Eval(rest, nil); ok && !again {
		c.defines[name] = define{str: k.IsString, text: k.String, num: k.Int}
	} else {
		c.cdefs.needed = true
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
		case *ast.Import:
			c.unsupported(it.Span, "import", "copy what you need of "+quote(it.Path)+" into the script")
		case *ast.Macro:
			c.macros.add(c, it)
		}
	}
}
