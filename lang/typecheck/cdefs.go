package typecheck

import (
	"io/fs"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/cdef"
	"github.com/gotrace/gotrace/lang/cdef/uapi"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/types"
	"github.com/gotrace/gotrace/stdlib"
)

// Headers are the C headers that a script may include. A set that is nil has
// none.
type Headers struct {
	// User are those of user space and of the directories given with -I.
	User fs.FS
	// Kernel are the kernel's own.
	Kernel fs.FS
}

// cUnit is the C of a script. Headers whose types the kernel describes, or whose
// constants are in the table of package uapi, are only noted: they are read when
// a name turns up that nothing else explains, and most never are.
type cUnit struct {
	pieces []cdef.Source
	// needed says that there is something besides simple constants, so that the
	// pieces must be parsed.
	needed bool
	// broken says that they had errors, so that what they declare is not known.
	broken bool
	// noted are the headers that were not read.
	noted []cdef.Source
	// types are the script's own by name; macros are those that stand for text.
	types  map[string]types.Type
	macros map[string]*cMacro
	lastID int64
	// kernel and user are what the noted headers have, once they were read.
	kernel, user *cdef.Result
}

// cOptions are what the front end may ask of us.
func (c *checker) cOptions() cdef.Options {
	opts := cdef.Options{
		Arch: c.opts.Arch, Headers: c.opts.Headers.User, Lookup: c.lookupC, Constant: c.constantC,
		Absent: c.canDoWithout, LastID: c.cdefs.lastID,
	}
	if c.btf {
		opts.Predefined = []string{"BPFTRACE_HAVE_BTF"}
	}
	return opts
}

// lookupC finds a type that a script's definitions use and do not declare.
func (c *checker) lookupC(name string) (types.Type, bool) {
	if t, ok := basicTypes()[name]; ok {
		return t, t.Kind == types.Int || t.Kind == types.Bool
	}
	t, err := c.world.TypeByName(name)
	if err != nil {
		return t, false
	}
	if t.Kind == types.Record && (t.Incomplete || t.Members == nil) {
		t, err = c.world.Record(t)
	}
	return t, err == nil
}

// constantC finds a constant that a script's definitions use.
func (c *checker) constantC(name string) (int64, bool) {
	if v, _, ok := c.world.Constant(name); ok {
		return v, true
	}
	return uapi.For(c.opts.Arch).Constant(name)
}

// canDoWithout reports whether what a header has is known without it.
func (c *checker) canDoWithout(header string) bool {
	return c.btf && kernelHeader(header) || uapi.For(c.opts.Arch).Has(header)
}

// readInclude notes a header, or has it read if only it can tell what is in it.
func (c *checker) readInclude(d *ast.Directive) {
	piece := c.directivePiece(d)
	text := withoutComments(d.Text)
	name := headerName(text)
	if c.canDoWithout(name) && (strings.HasPrefix(text, "<") || !inSet(c.opts.Headers.User, name)) {
		c.cdefs.noted = append(c.cdefs.noted, piece)
		return
	}
	c.cdefs.pieces, c.cdefs.needed = append(c.cdefs.pieces, piece), true
}

// headerName is what an #include names.
func headerName(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(text, "#")), "include"))
	return strings.Trim(withoutComments(text), `<>"`)
}

// inSet reports whether a set has a header.
func inSet(set fs.FS, name string) bool {
	if set == nil {
		return false
	}
	f, err := set.Open(name)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// directivePiece is the text of a directive, which need not be that of its
// place: it may stand for an import.
func (c *checker) directivePiece(d *ast.Directive) cdef.Source {
	piece := c.piece(d.Span)
	if !strings.HasPrefix(piece.Text, "#") {
		piece.Text = "#" + d.Name + " " + d.Text
	}
	return piece
}

func (c *checker) piece(span source.Span) cdef.Source {
	return cdef.Source{Span: span, Text: c.set.Text(span)}
}

// readC parses the script's pieces of C and takes over what they declare.
func (c *checker) readC() {
	if !c.cdefs.needed {
		return
	}
	opts := c.cOptions()
	opts.Want = c.wanted()
	r, diags := cdef.Parse(c.cdefs.pieces, opts)
	for _, d := range diags {
		c.list.Add(d)
	}
	c.cdefs.broken = len(diags) > 0
	c.takeRecords(r)
	c.cdefs.types = r.Types
	for name, k := range r.Constants {
		c.defines[name] = define{text: k.String, num: k.Int, str: k.IsString, typ: k.Type}
	}
	for name, m := range r.Macros {
		if m.Body != "" {
			c.cdefs.macros[name] = &cMacro{Macro: m}
		}
	}
}

// evalC works out an expression with all that the script has defined so far.
func (c *checker) evalC(text string) (cdef.Const, bool) {
	const name = "__gotrace_if"
	opts := c.cOptions()
	opts.Constant = func(name string) (int64, bool) {
		v, _ := c.constantC(name)
		return v, true // in an #if, a name without a value is zero
	}
	defs := append(c.installed(opts.Headers), c.cdefs.pieces...)
	r, _ := cdef.Parse(append(defs, cdef.Source{Text: "#define " + name + " " + text}), opts)
	k, ok := r.Constants[name]
	return k, ok
}

// takeRecords makes the records of a unit known by their IDs.
func (c *checker) takeRecords(r *cdef.Result) {
	for _, t := range r.Records {
		c.records[recordKey(t)] = t
		c.cdefs.lastID = min(c.cdefs.lastID, t.ID)
	}
}

// wanted are the names in the script that may be macros of its headers.
func (c *checker) wanted() []string {
	var out []string
	seen := map[string]bool{}
	ast.Walk(c.file, func(n ast.Node) bool {
		name := ""
		switch n := n.(type) {
		case *ast.Ident:
			name = n.Name
		case *ast.Call:
			name = n.Name
		}
		if name != "" && !seen[name] {
			seen[name] = true
			if _, constant := c.defines[name]; !constant && stdlib.Lookup(name) == nil {
				out = append(out, name)
			}
		}
		return true
	})
	return out
}

// headerConstant finds a name in the headers that were only noted: in the table
// first, which has what user space was promised, then in the headers themselves.
func (c *checker) headerConstant(name string) (define, bool) {
	if len(c.cdefs.noted) == 0 {
		return define{}, false
	}
	if v, ok := uapi.For(c.opts.Arch).Constant(name); ok {
		return define{num: v}, true
	}
	for _, r := range []*cdef.Result{c.kernelHeaders(), c.userHeaders()} {
		if k, ok := r.Constants[name]; ok {
			return define{text: k.String, num: k.Int, str: k.IsString, typ: k.Type}, true
		}
	}
	return define{}, false
}

// headerType finds a type in the headers that were only noted.
func (c *checker) headerType(name string) (types.Type, bool) {
	if len(c.cdefs.noted) == 0 {
		return types.Type{}, false
	}
	t, ok := c.userHeaders().Types[name]
	return t, ok
}

// kernelHeaders reads the macros of the noted headers that the kernel has.
func (c *checker) kernelHeaders() *cdef.Result {
	if c.cdefs.kernel == nil {
		opts := c.cOptions()
		opts.Headers, opts.Kernel, opts.Want = c.opts.Headers.Kernel, true, c.wanted()
		opts.Absent = func(string) bool { return true }
		c.cdefs.kernel, _ = cdef.Parse(c.installed(opts.Headers), opts)
	}
	return c.cdefs.kernel
}

// userHeaders reads the noted headers that user space has.
func (c *checker) userHeaders() *cdef.Result {
	if c.cdefs.user == nil {
		opts := c.cOptions()
		opts.Want = c.wanted()
		c.cdefs.user, _ = cdef.Parse(c.installed(opts.Headers), opts)
		c.takeRecords(c.cdefs.user)
	}
	return c.cdefs.user
}

// installed are the noted headers that are in a set.
func (c *checker) installed(set fs.FS) []cdef.Source {
	var out []cdef.Source
	for _, piece := range c.cdefs.noted {
		if inSet(set, headerName(piece.Text)) {
			out = append(out, piece)
		}
	}
	return out
}

// includeHint says which header an unknown name is from, or which of their names
// was meant.
func (c *checker) includeHint(name string) string {
	table := uapi.For(c.opts.Arch)
	if len(c.cdefs.noted) > 0 {
		return suggest.Hint("", name, table.Names())
	}
	if header, ok := table.Header(name); ok {
		return "put #include <" + header + "> at the start of the script"
	}
	return ""
}
