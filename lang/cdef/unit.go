package cdef

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"modernc.org/cc/v4"

	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
)

// unit is the C of one script on its way through cc.
type unit struct {
	defs []Source
	opts Options
	// macros are the script's own, in order; the last definition of a name
	// counts.
	macros []Macro
	// known are the types that were declared for cc from Options.Lookup, by
	// tag or typedef; decls is their text.
	known map[string]types.Type
	decls string
	// declared are the tags, typedefs and enumerators that the unit declares.
	declared map[string]bool
	// headers says that real headers are read.
	headers bool
	fs      *headerFS

	list source.List
}

func newUnit(defs []Source, opts Options) *unit {
	u := &unit{defs: defs, opts: opts, known: map[string]types.Type{}}
	for _, d := range defs {
		if name, _ := directive(d.Text); name == "include" {
			u.headers = true
		}
	}
	u.fs = &headerFS{headers: opts.Headers, absent: opts.Absent, repeats: map[string]int{}}
	return u
}

// directive splits "# name rest" into its name and the rest.
func directive(text string) (name, rest string) {
	text, ok := strings.CutPrefix(text, "#")
	if !ok {
		return "", ""
	}
	text = strings.TrimLeft(text, " \t")
	end := 0
	for end < len(text) && isLetter(text[end]) {
		end++
	}
	return text[:end], text[end:]
}

// errorf adds an error.
func (u *unit) errorf(span source.Span, code, format string, args ...any) *source.Diagnostic {
	return u.list.Errorf(span, code, format, args...)
}

func (u *unit) diagnostics() []source.Diagnostic { return u.list.Sorted() }

// config is what cc is told. Header and FSOnly keep it to declarations and to
// the headers it is given.
func (u *unit) config() (*cc.Config, error) {
	arch := u.opts.Arch
	if arch == "" {
		arch = "amd64"
	}
	abi, err := cc.NewABI("linux", arch)
	if err != nil {
		return nil, err
	}
	limit := maxWork
	switch {
	case u.opts.Kernel:
		limit = maxKernelWork
	case u.headers:
		limit = maxHeaderWork
	}
	return &cc.Config{
		ABI: abi, FS: u.fs, FSOnly: true, Header: true, UnsignedEnums: true, IgnoreStaticAssert: true,
		IncludePaths: []string{"@", "."}, SysIncludePaths: []string{"."}, ExpansionLimit: limit,
		PragmaHandler: once(),
	}, nil
}

// once gives "#pragma once" its meaning; other pragmas have none here.
func once() func([]cc.Token) error {
	seen := map[string]bool{}
	return func(pragma []cc.Token) error {
		if len(pragma) == 0 || pragma[0].SrcStr() != "once" {
			return nil
		}
		file := pragma[0].Position().Filename
		if seen[file] {
			return cc.SkipSource
		}
		seen[file] = true
		return nil
	}
}

// sources are the texts for cc: what compilers predefine, what was borrowed,
// and the script's pieces, each under its number.
func (u *unit) sources(extra ...cc.Source) []cc.Source {
	out := []cc.Source{{Name: "<predefined>", Value: predefined(u.opts)}}
	if u.decls != "" {
		out = append(out, cc.Source{Name: "<known>", Value: u.decls})
	}
	for i, d := range u.defs {
		text := d.Text
		if !strings.HasPrefix(text, "#") && !strings.HasSuffix(strings.TrimSpace(text), ";") {
			text += ";"
		}
		out = append(out, cc.Source{Name: fmt.Sprintf("<%d>", i), Value: text + "\n"})
	}
	return append(append(out, cc.Source{Name: "<end>", Value: endText}), extra...)
}

// endText stands behind a unit: cc's parser looks for the end of some lists
// beyond that of the text, for ever, unless it meets something that ends them.
const endText = "int __gotrace_end;\n"

// guard runs cc, which panics on some of what it does not expect.
func guard(run func() error) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("this C cannot be read")
		}
	}()
	return run()
}

// preprocess returns the tokens of the unit with all macros expanded, and
// behind them those of the probes that evaluate reads.
func (u *unit) preprocess() ([]token, bool) {
	var out limited
	err := guard(func() error {
		cfg, err := u.config()
		if err != nil {
			return err
		}
		return cc.Preprocess(cfg, u.sources(u.probes()), &out)
	})
	if err != nil {
		u.report(err)
		return nil, false
	}
	return tokens(out.String()), true
}

// limited collects the preprocessor's output up to a bound.
type limited struct{ strings.Builder }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxExpandedLen {
		return 0, io.ErrShortWrite
	}
	return l.Builder.Write(p)
}

// translate parses the unit and takes over what it declares.
func (u *unit) translate(r *Result) {
	err := guard(func() error {
		cfg, err := u.config()
		if err != nil {
			return err
		}
		tree, err := cc.Translate(cfg, u.sources())
		if err != nil {
			return err
		}
		newConverter(u, tree).all(r)
		u.headerMacros(tree, r)
		return nil
	})
	if err != nil {
		u.report(err)
	}
}

// A line of an error of cc, with and without the place in cc that found it.
const (
	placePattern  = `^(.*?):(\d+):(\d+): (.*)$`
	originPattern = ` \([a-z0-9]+\.go:\d+:[^)]*\)$`
)

// report turns the first error of cc that has a place in the script, or else
// the first at all, into a diagnostic. The ones that follow are mostly its
// consequences.
func (u *unit) report(err error) {
	place, origin := regexp.MustCompile(placePattern), regexp.MustCompile(originPattern)
	var first []string
	for _, line := range strings.Split(err.Error(), "\n") {
		m := place.FindStringSubmatch(origin.ReplaceAllString(line, ""))
		if m == nil || strings.HasPrefix(m[4], "internal error") {
			continue
		}
		if first == nil {
			first = m
		}
		if i, ok := u.piece(m[1]); ok {
			u.errorIn(i, u.place(i, m[2], m[3]), u.message(m[4]))
			return
		}
	}
	if first == nil {
		u.errorAt(u.whole(), "this C cannot be read")
		return
	}
	if ours(first[1]) {
		u.errorAt(u.whole(), u.message(first[4]))
		return
	}
	u.errorAt(u.includeSpan(), fmt.Sprintf("%s:%s: %s", first[1], first[2], u.message(first[4])))
}

// errorAt words the errors that deserve better than cc's message.
func (u *unit) errorAt(span source.Span, msg string) {
	const missing = "include file not found: "
	i := strings.Index(msg, missing)
	if i < 0 {
		u.errorf(span, "bad-c", "%s", msg)
		return
	}
	if u.fs.overflow {
		u.errorf(span, "bad-c", "the headers include one another without end")
		return
	}
	name := strings.Trim(msg[i+len(missing):], `<>"`)
	what := fmt.Sprintf("there is no header %q", name)
	if i > 0 {
		what += fmt.Sprintf(" (%s)", strings.TrimSuffix(msg[:i], ": "))
	}
	u.errorf(span, "no-header", "%s", what).WithHint("give its directory with -I, or write what is needed of it into the script")
}

// errorIn gives an error of a piece its best place: an #include is shown whole,
// and what cc finds behind an unknown type is the fault of that.
func (u *unit) errorIn(i int, span source.Span, msg string) {
	d := u.defs[i]
	if name, _ := directive(d.Text); name == "include" {
		span = firstLine(d)
	}
	if strings.HasPrefix(msg, "unexpected identifier") || strings.HasPrefix(msg, "unexpected '*'") {
		toks := tokens(d.Text[:span.Off-d.Span.Off])
		if n := len(toks); n > 0 && toks[n-1].kind == identToken && !isKeyword(toks[n-1].text) {
			last := toks[n-1]
			off := d.Span.Off + int32(last.off)
			u.errorf(source.Span{File: span.File, Off: off, End: off + int32(len(last.text))}, "bad-c", "unknown type %q", last.text)
			return
		}
	}
	u.errorAt(span, msg)
}

// message leaves the names of our own sources, and cc's words for its own
// state, out of a message.
func (u *unit) message(msg string) string {
	msg = regexp.MustCompile(` at <[a-z0-9]+>:\d+:\d+|, previous declaration at <[a-z0-9]+>:\d+:\d+:?`).ReplaceAllString(msg, "")
	return strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(msg, "TODO ")), ":")
}

// ours reports whether a text for cc is not the script's.
func ours(name string) bool {
	return name == "<predefined>" || name == "<known>" || name == "<end>"
}

// piece returns the number of the piece that cc calls name.
func (u *unit) piece(name string) (int, bool) {
	inner, ok := strings.CutPrefix(name, "<")
	i, err := strconv.Atoi(strings.TrimSuffix(inner, ">"))
	return i, ok && err == nil && i >= 0 && i < len(u.defs)
}

// place is the span of a word of a piece, by cc's line and column.
func (u *unit) place(i int, line, column string) source.Span {
	d := u.defs[i]
	n, _ := strconv.Atoi(line)
	col, _ := strconv.Atoi(column)
	off := 0
	for ; n > 1; n-- {
		next := strings.IndexByte(d.Text[off:], '\n')
		if next < 0 {
			break
		}
		off += next + 1
	}
	off = min(max(0, off+col-1), len(d.Text))
	end := off
	for end < len(d.Text) && (isLetter(d.Text[end]) || isDigit(d.Text[end])) {
		end++
	}
	if end == off && end < len(d.Text) {
		end++
	}
	return source.Span{File: d.Span.File, Off: d.Span.Off + int32(off), End: d.Span.Off + int32(end)}
}

// includeSpan is the place of the last #include: errors within headers are
// shown there.
func (u *unit) includeSpan() source.Span {
	for i := len(u.defs) - 1; i >= 0; i-- {
		if name, _ := directive(u.defs[i].Text); name == "include" {
			return firstLine(u.defs[i])
		}
	}
	return u.whole()
}
