package typecheck

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// Options are what a compilation depends on besides the script.
type Options struct {
	// Params are the positional parameters: $1 is Params[0].
	Params []string
	// Named are the named parameters, given as --name=value; a name alone has
	// the value "true".
	Named map[string]string
	// Unsafe allows functions that change the system.
	Unsafe bool
	// Env is the environment, of which BPFTRACE_X and GOTRACE_X are read.
	Env map[string]string
	// NoWarnings drops warnings.
	NoWarnings bool
	// ProcessMode says that tracing is limited to one process (-p or -c).
	ProcessMode bool
	// HaveChild says that a command was started with -c.
	HaveChild bool
	// CgroupID finds the number of a cgroup by its path; without it cgroupid() is
	// not supported.
	CgroupID func(path string) (uint64, error)
	// ParseExpr parses a text that is one expression: that of a #define which is
	// no constant. Without it there are none.
	ParseExpr func(*source.Set, source.FileID) (ast.Expr, *source.List)
	// Headers are the C headers there are, Arch the CPU in Go's naming.
	Headers Headers
	Arch    string
	// Maps are maps of earlier units that the script may use; their types are
	// settled.
	Maps []Predeclared
}

// Predeclared is a map that another unit of a session has given its types.
type Predeclared struct {
	Map *typed.Map
	// By names what settled the types, for messages: "entry 3".
	By string
}

// maxVisits bounds how many expressions one round looks at. Macros can make a
// small script large; beyond this no kernel would take the program anyway.
const maxVisits = 200_000

// Check types a script. The program is nil if the list has errors.
//
// The whole script is checked in rounds. Each round produces a typed program
// from what the round before has learnt of maps and variables, and learns by
// joining the types of what is assigned to them. When a round teaches nothing
// new, its program and its diagnostics are the result.
func Check(set *source.Set, file *ast.File, world World, opts Options) (*typed.Program, *source.List) {
	c := &checker{
		set: set, file: file, world: world, opts: opts,
		maps: map[string]*mapState{}, vars: map[varKey]*varState{},
		cdefs:   cUnit{macros: map[string]*cMacro{}},
		defines: map[string]define{}, records: map[string]types.Type{},
	}
	c.header = c.prepare()
	prog := c.run()
	if opts.NoWarnings {
		c.dropWarnings()
	}
	if c.list.HasErrors() {
		return nil, c.list
	}
	unmark(prog)
	if err := typed.Verify(prog); err != nil {
		c.errorf(c.fileSpan(), "internal", "%v", err).
			WithHint("this is a mistake in gotrace; please report it with the script")
		return nil, c.list
	}
	return prog, c.list
}

// checker is the state of one compilation. The fields up to header live through
// all rounds, the others are made anew by each.
type checker struct {
	set   *source.Set
	file  *ast.File
	world World
	opts  Options

	config  typed.Config
	defines map[string]define
	cdefs   cUnit
	// btf says that the kernel describes its types.
	btf     bool
	records map[string]types.Type
	blocks  []*block
	maps    map[string]*mapState
	vars    map[varKey]*varState
	macros  *macros
	// inactive are the items that #ifdef leaves out.
	inactive map[ast.Item]bool
	// header holds the diagnostics found before the rounds began.
	header []source.Diagnostic
	// unmatched says that some block has no probe, so that what it would have
	// assigned is not known.
	unmatched bool
	// closed is set once every map and variable that is assigned has a type, if
	// only the default one; from then on an unknown type is an error.
	closed bool

	list     *source.List
	prog     *typed.Program
	mapOrder []*mapState
	changed  bool
	cl       *clause
	// visits counts the expressions that the round has looked at.
	visits int
	// quiet is above zero while an expression is looked at only for its type.
	quiet int
	// warnedUnstable says that the round has warned of an unstable function.
	warnedUnstable bool
}

// prepare reads everything outside action blocks and finds the points of each
// block. It returns the diagnostics, which every round repeats.
func (c *checker) prepare() []source.Diagnostic {
	c.list = &source.List{}
	c.config = c.readConfig()
	c.readDirectives()
	c.readItems()
	c.findPoints()
	return c.list.Sorted()
}

// run repeats rounds until nothing changes. Types can only grow, by a few steps
// for each variable and map, so that the bound is never met; it turns a mistake
// in the lattice into an error instead of an endless loop.
func (c *checker) run() *typed.Program {
	for round := 0; round < 100+30*(len(c.maps)+len(c.vars)); round++ {
		c.round()
		if c.visits > maxVisits {
			return nil
		}
		if c.changed {
			continue
		}
		if c.closed {
			return c.prog
		}
		// Where something is wrong already, what is of no type yet is so for that
		// reason, and a default type would only lead to errors that follow.
		c.closed = c.list.HasErrors() || !c.closeType()
	}
	c.errorf(c.fileSpan(), "internal", "gotrace: internal error: types did not settle")
	return nil
}

// round checks the whole script once.
func (c *checker) round() {
	c.list = &source.List{}
	for _, d := range c.header {
		c.list.Add(d)
	}
	c.prog = &typed.Program{Sources: c.set, Config: c.config}
	c.changed, c.mapOrder, c.visits, c.warnedUnstable = false, nil, 0, false
	for _, m := range c.maps {
		m.typed = nil
	}
	c.cl = outside()
	for _, it := range c.file.Items {
		if d, ok := it.(*ast.MapDecl); ok && !c.skipped(d) {
			c.declareMap(d)
		}
	}
	for _, b := range c.blocks {
		c.checkBlock(b)
	}
	c.finishMaps()
	c.checkPrograms()
}

// checkPrograms holds the number of points against the configuration.
func (c *checker) checkPrograms() {
	n := 0
	for _, cl := range c.prog.Clauses {
		n += len(cl.Points)
		if limit := c.config.MaxProbes; n > limit && n-len(cl.Points) <= limit {
			c.errorf(cl.Span, "too-many-probes", "the script has more than %d probes", limit).
				WithHint("match fewer, or raise the setting max_probes")
		}
	}
}

// dropWarnings keeps only the errors.
func (c *checker) dropWarnings() {
	errors := &source.List{}
	for _, d := range c.list.Sorted() {
		if d.Severity == source.Error {
			errors.Add(d)
		}
	}
	c.list = errors
}

// fileSpan is a place for messages about the script as a whole.
func (c *checker) fileSpan() source.Span {
	return source.Span{File: c.file.Span.File, Off: c.file.Span.Off, End: c.file.Span.Off}
}

// errorf adds an error, unless an expression is only looked at for its type in
// a place that reports errors anyway.
func (c *checker) errorf(span source.Span, code, format string, args ...any) *source.Diagnostic {
	return c.list.Errorf(span, code, format, args...)
}

// warnf adds a warning.
func (c *checker) warnf(span source.Span, code, format string, args ...any) *source.Diagnostic {
	return c.list.Warnf(span, code, format, args...)
}

// unsupported adds the error for something that is known and has no meaning
// yet.
func (c *checker) unsupported(span source.Span, what, hint string) *source.Diagnostic {
	d := c.errorf(span, "unsupported", "%s is not supported yet", what)
	if hint != "" {
		d.Hint = hint
	}
	return d
}

// shown is script text as a hint can repeat it: if it is short and on one line.
func (c *checker) shown(span source.Span, otherwise string) string {
	text := c.set.Text(span)
	if text == "" || len(text) > 60 || strings.ContainsFunc(text, unicode.IsControl) {
		return otherwise
	}
	return text
}

// clean replaces control characters of text that a message repeats.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// quote puts a name from the script into a message.
func quote(name string) string { return fmt.Sprintf("%q", name) }
