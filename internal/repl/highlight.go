package repl

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/stdlib"
)

// painter colours the line while it is typed, and shows behind it the signature
// of the function that the cursor is in. It is called by the editor with its
// own lock held and must not print.
type painter struct {
	console *console
}

// Paint implements readline.Painter.
func (p *painter) Paint(line []rune, pos int) []rune {
	text := string(line)
	if !p.console.paint.on.Load() {
		return line
	}
	painted := p.console.paint.highlight(text)
	if pos == len(line) && !strings.HasSuffix(text, "\n") {
		if hint := signatureHint(text); hint != "" && len(line)+len(hint)+14 < terminalWidth(p.console.opts.Stdout) {
			// The cursor is put back where it was: the editor knows nothing of it.
			painted += "\x1b7" + p.console.paint.dim("  "+hint) + "\x1b8"
		}
	}
	return []rune(painted)
}

// highlight colours an entry.
func (p *palette) highlight(text string) string {
	if !p.on.Load() {
		return text
	}
	if isCommand(text) {
		name, rest, found := strings.Cut(text, " ")
		if !found {
			return p.style(name, color.FgMagenta)
		}
		return p.style(name, color.FgMagenta) + " " + rest
	}
	var b strings.Builder
	plain := strings.ReplaceAll(text, foldMark, "\n  ") // of the same length
	end := 0
	for _, t := range tokens(plain) {
		from, to := int(t.Off), int(t.End)
		b.WriteString(text[end:from])
		b.WriteString(p.style(text[from:to], tokenStyle(t.Kind, text[from:to])...))
		end = to
	}
	b.WriteString(text[end:])
	return b.String()
}

// tokens splits an entry that may be a clause, a statement or an expression.
func tokens(text string) []parser.Token {
	if strings.ContainsAny(text, "{") || regexp.MustCompile(`^\s*\w+:`).MatchString(text) {
		return parser.Tokenize(text)
	}
	// As in a block: outside of one the names of probes are expected.
	const block = "x{"
	list := parser.Tokenize(block + text)
	list = slices.DeleteFunc(list, func(t parser.Token) bool { return int(t.Off) < len(block) })
	for i := range list {
		list[i].Off, list[i].End = list[i].Off-int32(len(block)), list[i].End-int32(len(block))
	}
	return list
}

// tokenStyle returns how a token looks; nothing for most.
func tokenStyle(kind parser.Kind, text string) []color.Attribute {
	switch kind {
	case parser.KindSpec:
		return []color.Attribute{color.FgGreen}
	case parser.KindMap, parser.KindVar, parser.KindParam:
		return []color.Attribute{color.FgCyan}
	case parser.KindString, parser.KindChar:
		return []color.Attribute{color.FgYellow}
	case parser.KindInt:
		return []color.Attribute{color.FgBlue}
	case parser.KindKeyword:
		return []color.Attribute{color.FgMagenta}
	case parser.KindComment, parser.KindShebang:
		return []color.Attribute{color.Faint}
	case parser.KindInvalid:
		return []color.Attribute{color.FgRed}
	case parser.KindIdent:
		if stdlib.Lookup(text) != nil {
			return []color.Attribute{color.Bold}
		}
	}
	return nil
}

// signatureHint returns the signature of the function whose call is open at the
// end of a line, or nothing.
func signatureHint(text string) string {
	var open []string
	list := tokens(text)
	for i, t := range list {
		switch text[t.Off:t.End] {
		case "(":
			name := ""
			if i > 0 && list[i-1].Kind == parser.KindIdent {
				name = text[list[i-1].Off:list[i-1].End]
			}
			open = append(open, name)
		case ")":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return ""
	}
	return signature(open[len(open)-1])
}

// signature writes how a function is called.
func signature(name string) string {
	if f := stdlib.Lookup(name); f != nil && f.MaxArgs() != 0 {
		return functionSignature(f)
	}
	for _, f := range queryFunctions() {
		if f.name == name {
			return f.usage
		}
	}
	return ""
}

// functionSignature writes a function of the language as its documentation does.
func functionSignature(f *stdlib.Function) string {
	var params []string
	for _, p := range f.Params {
		text := p.Name
		if p.Type != "" {
			text = p.Type + " " + p.Name
		}
		if p.Variadic {
			text += "..."
		}
		if p.Optional {
			text = "[" + text + "]"
		}
		params = append(params, text)
	}
	sig := f.Name
	if len(params) > 0 || !f.Bare {
		sig += "(" + strings.Join(params, ", ") + ")"
	}
	if f.Result != "" && f.Result != "void" {
		sig += ": " + f.Result
	}
	return sig
}
