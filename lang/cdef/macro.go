package cdef

import (
	"fmt"
	"strings"

	"modernc.org/cc/v4"

	"github.com/gotrace/gotrace/lang/source"
)

// Macros are evaluated by the preprocessor and the evaluator together: behind
// the unit stand probes, lines with a mark and the name of a macro, and what
// the preprocessor makes of a name is the text to evaluate.

// mark starts a probe. A script cannot write it by chance.
const mark = "__gotrace_probe__"

// readDefines notes the script's own macros.
func (u *unit) readDefines(r *Result) {
	for _, d := range u.defs {
		switch name, rest := directive(d.Text); name {
		case "define":
			m, ok := parseDefine(d, len(d.Text)-len(rest))
			if !ok {
				u.errorf(firstLine(d), "bad-directive", "#define without a name")
				continue
			}
			u.macros = append(u.macros, m)
			r.Macros[m.Name] = m
		case "undef":
			delete(r.Macros, strings.TrimSpace(rest))
		}
	}
}

// parseDefine reads "NAME body" or "NAME(a, b) body", which starts at an
// offset of the piece.
func parseDefine(d Source, from int) (Macro, bool) {
	text := d.Text[from:]
	toks := tokens(text)
	if len(toks) == 0 || toks[0].kind != identToken {
		return Macro{}, false
	}
	m := Macro{Name: toks[0].text}
	end := toks[0].off + len(m.Name)
	toks = toks[1:]
	if len(toks) > 0 && toks[0].text == "(" && toks[0].off == end {
		m.HasParens = true
		for toks = toks[1:]; len(toks) > 0; toks = toks[1:] {
			t := toks[0]
			if t.text == ")" {
				toks = toks[1:]
				break
			}
			if t.text != "," {
				m.Params = append(m.Params, t.text)
			}
		}
	}
	if len(toks) > 0 {
		last := toks[len(toks)-1]
		off, stop := toks[0].off, last.off+len(last.text)
		m.Body = strings.NewReplacer("\\\r\n", "   ", "\\\n", "  ").Replace(text[off:stop])
		base := d.Span.Off + int32(from)
		m.Span = source.Span{File: d.Span.File, Off: base + int32(off), End: base + int32(stop)}
	}
	return m, true
}

// probes is the text whose expansion evaluate reads.
func (u *unit) probes() cc.Source {
	var b strings.Builder
	for i, name := range u.probed() {
		fmt.Fprintf(&b, "%s %d %s\n", mark, i, name)
	}
	return cc.Source{Name: "<probes>", Value: b.String()}
}

// probed are the names of the macros to evaluate.
func (u *unit) probed() []string {
	var out []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	for _, m := range u.macros {
		if !m.HasParens {
			add(m.Name)
		}
	}
	if u.headers {
		for _, name := range u.opts.Want {
			add(name)
		}
	}
	return out
}

// headerMacros takes over the macros with parameters that the script wants of
// its headers.
func (u *unit) headerMacros(tree *cc.AST, r *Result) {
	for _, name := range u.opts.Want {
		m := tree.Macros[name]
		if _, own := r.Macros[name]; own || m == nil || !m.IsFnLike || m.VarArg >= 0 {
			continue
		}
		out := Macro{Name: name, HasParens: true}
		for _, p := range m.Params {
			out.Params = append(out.Params, p.SrcStr())
		}
		var body strings.Builder
		for _, t := range m.ReplacementList() {
			body.WriteString(t.SrcStr() + " ")
		}
		out.Body = join(tokens(body.String()))
		r.Macros[name] = out
	}
}

// splitProbes cuts the tokens of a unit into those of its text and those of
// each probe.
func splitProbes(toks []token) (main []token, probes [][]token) {
	cut := len(toks)
	for i := len(toks) - 1; i >= 0; i-- {
		if toks[i].text == mark && i+1 < len(toks) && toks[i+1].kind == numberToken {
			probes = append(probes, toks[i+2:cut])
			cut = i
		}
	}
	for i, j := 0, len(probes)-1; i < j; i, j = i+1, j-1 {
		probes[i], probes[j] = probes[j], probes[i]
	}
	return toks[:cut], probes
}

// evaluate makes constants of the probed macros. Those of the script that are
// no constants stay macros; a name that is no macro is left alone.
func (u *unit) evaluate(r *Result, probes [][]token) {
	values := func(name string) (int64, bool) {
		if c, ok := r.Constants[name]; ok && !c.IsString {
			return c.Int, true
		}
		if u.opts.Constant != nil {
			return u.opts.Constant(name)
		}
		return 0, false
	}
	for i, name := range u.probed() {
		if i >= len(probes) {
			return
		}
		if len(probes[i]) == 1 && probes[i][0].text == name {
			continue
		}
		own := r.Macros[name]
		if c, ok := Eval(join(probes[i]), values); ok {
			r.Constants[name] = c
			delete(r.Macros, name)
		} else if own.Name == "" && len(probes[i]) > 0 {
			r.Macros[name] = Macro{Name: name, Body: join(probes[i])}
		}
	}
}

// join writes tokens as text again.
func join(toks []token) string {
	var b strings.Builder
	for i, t := range toks {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}
