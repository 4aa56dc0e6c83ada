// Package ast is the syntax tree of a script.
//
// It mirrors what was written, not what it means: names are unresolved, types
// are syntax, and nothing here knows of the kernel. Every node carries the
// span of its text. Later stages never edit the tree; the type checker makes a
// typed program (package typed) of it.
package ast

import "github.com/gotrace/gotrace/lang/source"

// Node is anything with a place in the script.
type Node interface {
	Pos() source.Span
}

// Item is a top-level construct.
type Item interface {
	Node
	item()
}

// Stmt is a statement of a block.
type Stmt interface {
	Node
	stmt()
}

// Expr is an expression.
type Expr interface {
	Node
	expr()
}

// File is a whole script in the order it was written.
type File struct {
	Span     source.Span
	Shebang  string // the "#!" line without its newline, or empty
	Items    []Item
	Comments []Comment
}

// Comment is a comment with its delimiters, kept for the printer.
type Comment struct {
	Span source.Span
	Text string
}

// Probes returns the action blocks of the file in script order.
func (f *File) Probes() []*Probe {
	var probes []*Probe
	for _, it := range f.Items {
		if p, ok := it.(*Probe); ok {
			probes = append(probes, p)
		}
	}
	return probes
}

// Directive is a "#include" or "#define" line.
type Directive struct {
	Span source.Span
	Name string // "include", "define", ... without the "#"
	Text string // the rest of the line, trimmed
}

// CDefinition is a struct, union, enum or typedef written in C, kept as text
// for the C front end.
type CDefinition struct {
	Span source.Span
	Kind string // "struct", "union", "enum", "typedef"
	Name string // the tag or, of a typedef, the new name
	Text string // all of it, without the closing semicolon
}

// Config is the block "config = { name = value; ... }".
type Config struct {
	Span    source.Span
	Entries []ConfigEntry
}

// ConfigEntry is one setting. The value is a literal or a bare word (Ident).
type ConfigEntry struct {
	Span  source.Span
	Name  string
	Value Expr
}

// Import is `import "path";`.
type Import struct {
	Span source.Span
	Path string
}

// MapDecl is "let @name = kind(args);".
type MapDecl struct {
	Span source.Span
	Name string // without the "@"
	Kind string // "hash", "lruhash", "percpuhash", ...
	Args []Expr
}

// ParamKind says how a macro uses a parameter.
type ParamKind int

// The kinds of macro parameter.
const (
	ParamExpr ParamKind = iota // name: an expression, substituted
	ParamVar                   // $name: a scratch variable
	ParamMap                   // @name: a map
)

// MacroParam is one parameter of a macro; Name has no sigil.
type MacroParam struct {
	Span source.Span
	Kind ParamKind
	Name string
}

// Macro is "macro name(params) { ... }". HasParens is false for the form
// without a parameter list.
type Macro struct {
	Span      source.Span
	Name      string
	HasParens bool
	Params    []MacroParam
	Body      *Block
}

// Probe is an action block: where it attaches, when it acts, what it does.
type Probe struct {
	Span   source.Span
	Points []*AttachPoint
	Pred   Expr // nil without a predicate
	Body   *Block
}

// AttachPoint is one "provider:part:part" of a probe list.
type AttachPoint struct {
	Span source.Span
	// Label is the name before "=" in "name=kprobe:f", or empty.
	Label string
	// Text is the specification as written, without the label.
	Text string
	// Parts are the colon-separated pieces of Text with their quotes removed;
	// Parts[0] is the provider. Positional parameters ("$1") are still in them.
	Parts []Part
}

// Part is one piece of an attach point.
type Part struct {
	Span   source.Span
	Text   string
	Quoted bool // was written in quotes: wildcards in it are literal
}

func (n *Directive) item()   {}
func (n *CDefinition) item() {}
func (n *Config) item()      {}
func (n *Import) item()      {}
func (n *MapDecl) item()     {}
func (n *Macro) item()       {}
func (n *Probe) item()       {}

// Pos implementations: every node returns the span of its text.
func (n *Directive) Pos() source.Span   { return n.Span }
func (n *CDefinition) Pos() source.Span { return n.Span }
func (n *Config) Pos() source.Span      { return n.Span }
func (n *Import) Pos() source.Span      { return n.Span }
func (n *MapDecl) Pos() source.Span     { return n.Span }
func (n *Macro) Pos() source.Span       { return n.Span }
func (n *Probe) Pos() source.Span       { return n.Span }
func (n *AttachPoint) Pos() source.Span { return n.Span }
