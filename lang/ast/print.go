package ast

import (
	"strings"

	"github.com/gotrace/gotrace/lang/source"
)

// Print formats a script canonically: one statement a line, indented by tabs,
// actions in braces. Given the source, it keeps comments between items and
// statements and single blank lines; src may be nil. Printing what was parsed
// from its own output changes nothing.
func Print(f *File, src *source.File) string {
	p := &printer{comments: f.Comments, src: src, last: -1}
	if src == nil {
		p.comments = nil
	}
	if f.Shebang != "" {
		p.text(strings.TrimRight(f.Shebang, " \t\r"))
		p.newline()
		p.last = len(f.Shebang)
	}
	for i, it := range f.Items {
		p.apart = i > 0 && separated(f.Items[i-1], it)
		p.item(it)
	}
	p.flush(1 << 30)
	return p.b.String()
}

// PrintNode formats a piece of a script on its own, without comments.
func PrintNode(n Node) string {
	p := &printer{last: -1}
	switch n := n.(type) {
	case Item:
		p.item(n)
	case *Block:
		p.block(n)
	case Stmt:
		p.stmt(n)
	case Expr:
		p.expr(n, levelAny)
	case *AttachPoint:
		p.point(n)
	case *File:
		return Print(n, nil)
	}
	return strings.TrimSuffix(p.b.String(), "\n")
}

// printer builds the text. The comments not printed yet are in comments; last
// is the offset up to which the source has been printed, -1 at its start.
type printer struct {
	b        strings.Builder
	indent   int
	comments []Comment
	src      *source.File
	last     int
	fresh    bool // the line is empty so far
	noIf     bool // no if in the place of a value
	apart    bool // an empty line belongs above what comes next
}

func (p *printer) text(s string) {
	if p.fresh && s != "" {
		for range p.indent {
			p.b.WriteByte('\t')
		}
		p.fresh = false
	}
	p.b.WriteString(s)
}

func (p *printer) newline() {
	p.b.WriteByte('\n')
	p.fresh = true
}

// between returns the source between what was printed last and an offset.
func (p *printer) between(to int) string {
	if p.src == nil || p.last < 0 || to < p.last || to > len(p.src.Text) {
		return ""
	}
	return p.src.Text[p.last:to]
}

// gap keeps one empty line where the source has some right before off, and
// makes one where the layout wants it.
func (p *printer) gap(off int) {
	above := p.between(off)
	above = above[len(strings.TrimRight(above, " \t\r\n")):]
	if p.apart || strings.Count(above, "\n") > 1 {
		p.newline()
	}
	p.apart = false
}

// flush prints the comments that start before an offset, each on its lines.
func (p *printer) flush(off int) {
	for len(p.comments) > 0 && int(p.comments[0].Span.Off) < off {
		c := p.comments[0]
		p.comments = p.comments[1:]
		p.gap(int(c.Span.Off))
		p.comment(c)
		p.newline()
	}
}

// trailing prints the comments that stand on the line of what was printed.
func (p *printer) trailing(end int) {
	p.last = max(p.last, end)
	for len(p.comments) > 0 {
		c := p.comments[0]
		off := int(c.Span.Off)
		if off < p.last || strings.ContainsRune(p.between(off), '\n') || strings.ContainsRune(c.Text, '\n') {
			return
		}
		if strings.Trim(p.between(off), " \t;,)") != "" {
			return
		}
		p.comments = p.comments[1:]
		p.text(" ")
		p.comment(c)
		if strings.HasPrefix(c.Text, "//") {
			return
		}
	}
}

func (p *printer) comment(c Comment) {
	for i, line := range strings.Split(c.Text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if i > 0 {
			p.newline()
			bare := strings.TrimLeft(line, " \t")
			if !strings.HasPrefix(bare, "*") {
				p.fresh = false // text of the comment keeps its own indentation
				p.b.WriteString(line)
				continue
			}
			line = " " + bare
		}
		p.text(line)
	}
	p.last = max(p.last, int(c.Span.End))
}

// separated reports whether an empty line belongs between two items.
func separated(a, b Item) bool {
	return kindOf(a) != kindOf(b) || kindOf(b) == 0
}

// kindOf groups the items of one line that may stand together.
func kindOf(it Item) int {
	switch it.(type) {
	case *Directive:
		return 1
	case *Import:
		return 2
	case *MapDecl:
		return 3
	}
	return 0
}

// item prints an item with its comments and ends its line.
func (p *printer) item(it Item) {
	span := it.Pos()
	limit := int(span.Off)
	if probe, ok := it.(*Probe); ok {
		limit = int(probe.Body.Span.Off)
	}
	p.gapAfter(limit, int(span.Off))
	switch n := it.(type) {
	case *Directive:
		p.text(strings.TrimRight("#"+n.Name+" "+n.Text, " "))
	case *CDefinition:
		p.text(n.Text + ";")
	case *Config:
		p.config(n)
	case *Import:
		p.text("import " + quote(n.Path) + ";")
	case *MapDecl:
		p.text("let @" + n.Name + " = " + n.Kind + "(")
		p.list(n.Args)
		p.text(");")
	case *Macro:
		p.text("macro " + n.Name + macroParams(n) + " ")
		p.block(n.Body)
	case *Probe:
		p.probe(n)
	}
	p.trailing(int(span.End))
	p.newline()
}

// gapAfter prints the comments before limit and then keeps an empty line
// above the node at off.
func (p *printer) gapAfter(limit, off int) {
	p.flush(limit)
	p.gap(off)
	p.last = max(p.last, off)
}

func (p *printer) config(n *Config) {
	p.text("config = {")
	p.newline()
	p.indent++
	for _, e := range n.Entries {
		p.gapAfter(int(e.Span.Off), int(e.Span.Off))
		p.text(e.Name + "=")
		p.expr(e.Value, levelAny)
		p.text(";")
		p.trailing(int(e.Span.End))
		p.newline()
	}
	p.flush(int(n.Span.End))
	p.indent--
	p.text("}")
}

func macroParams(n *Macro) string {
	if !n.HasParens {
		return ""
	}
	var names []string
	for _, a := range n.Params {
		switch a.Kind {
		case ParamVar:
			names = append(names, "$"+a.Name)
		case ParamMap:
			names = append(names, "@"+a.Name)
		default:
			names = append(names, a.Name)
		}
	}
	return "(" + strings.Join(names, ", ") + ")"
}

func (p *printer) point(n *AttachPoint) {
	if n.Label != "" {
		p.text(n.Label + "=")
	}
	p.text(n.Text)
}

func (p *printer) probe(n *Probe) {
	for i, pt := range n.Points {
		if i > 0 {
			p.text(",")
			p.newline()
		}
		p.point(pt)
	}
	if n.Pred != nil {
		p.newline()
		p.text("/")
		if startsWithStar(n.Pred) {
			p.text(" ") // "/*" would be a comment
		}
		p.noIf = true // its brace would look like the action's
		p.expr(n.Pred, levelAny)
		p.noIf = false
		p.text("/")
	}
	p.text(" ")
	p.block(n.Body)
}
