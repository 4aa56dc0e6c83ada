package repl

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gotrace/gotrace/probes"
	"github.com/gotrace/gotrace/stdlib"
)

// Limits of completion.
const (
	// tabWait is how long a Tab waits for names that are being read.
	tabWait = 15 * time.Millisecond
	// mostCandidates is how many names a Tab offers.
	mostCandidates = 120
)

// completer completes the word before the cursor. The editor calls it from its
// own goroutine: it reads names only, of the console's state those that status
// copies.
type completer struct {
	c     *console
	types *typeNames
}

func newCompleter(c *console) *completer {
	return &completer{c: c, types: newTypeNames(c.opts)}
}

// Do implements readline.AutoCompleter.
func (p *completer) Do(line []rune, pos int) ([][]rune, int) {
	before := string(line[:pos])
	word, names := p.candidates(strings.ReplaceAll(before, foldMark, "\n"))
	var out [][]rune
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, word); ok && rest != "" {
			out = append(out, []rune(rest))
		}
		if len(out) == mostCandidates {
			break
		}
	}
	return out, len([]rune(word))
}

// candidates returns the word to complete and what it may become.
func (p *completer) candidates(before string) (string, []string) {
	if strings.HasPrefix(before, ".") {
		return p.command(before)
	}
	if spec := regexp.MustCompile(`(?:^|[,}\s])((?:\w+:)[^\s,{}/]*|[\w]*:)$`).FindStringSubmatch(before); spec != nil && inHeader(before) {
		return spec[1], p.probeNames(spec[1])
	}
	if chain := regexp.MustCompile(`([\w$]+(?:(?:->|\.)\w+)*)(->|\.)(\w*)$`).FindStringSubmatch(before); chain != nil {
		return chain[3], p.types.members(before, chain[1], chain[3])
	}
	if word := regexp.MustCompile(`(struct|union|enum) \w*$`).FindString(before); word != "" {
		keyword, _ := cutWord(word)
		return word, p.c.engine.catalog().list(keyword+" *").prefixed(word, tabWait)
	}
	word := regexp.MustCompile(`[@$]?\w*$`).FindString(before)
	switch {
	case strings.HasPrefix(word, "@"):
		return word, p.mapNames()
	case strings.HasPrefix(word, "$"):
		return word, unique(regexp.MustCompile(`\$\w+`).FindAllString(strings.TrimSuffix(before, word), -1))
	}
	names := functionNames()
	if inHeader(before) {
		names = append(names, providerNames()...)
	}
	return word, unique(names)
}

// inHeader reports whether the end of an entry is outside of all blocks.
func inHeader(before string) bool {
	return strings.Count(before, "{") <= strings.Count(before, "}")
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// functionNames returns what can be called or read, with the bracket of those
// that take arguments.
func functionNames() []string {
	var names []string
	for _, f := range stdlib.All() {
		if f.Unsupported != "" {
			continue
		}
		name := f.Name
		if f.MaxArgs() != 0 {
			name += "("
		}
		names = append(names, name)
	}
	for _, f := range queryFunctions() {
		if stdlib.Lookup(f.name) == nil {
			names = append(names, f.name+"(")
		}
	}
	return names
}

// providerNames returns the providers with their colon, begin and end without.
func providerNames() []string {
	var names []string
	for _, kind := range probes.Kinds() {
		if kind.Name == "begin" || kind.Name == "end" {
			names = append(names, kind.Name+" {")
			continue
		}
		names = append(names, kind.Name+":")
	}
	return names
}

// probeNames returns the probes of a provider that begin with a word, which may
// use the provider's short name.
func (p *completer) probeNames(word string) []string {
	provider, rest, _ := strings.Cut(word, ":")
	kind, ok := probes.KindByName(provider)
	if !ok {
		return nil
	}
	var names []string
	for _, name := range p.c.engine.catalog().list(kind.Name+":*").prefixed(kind.Name+":"+rest, tabWait) {
		names = append(names, provider+strings.TrimPrefix(name, kind.Name))
		if len(names) == mostCandidates {
			break
		}
	}
	return categories(word, names)
}

// categories cuts names down to the next colon while they differ before it.
func categories(word string, names []string) []string {
	var heads []string
	for _, name := range names {
		if i := strings.IndexByte(name[len(word):], ':'); i >= 0 {
			name = name[:len(word)+i+1]
		}
		heads = append(heads, name)
	}
	if heads = unique(heads); len(heads) > 1 {
		return heads
	}
	return names
}

// mapNames returns the session's maps with their sigil.
func (p *completer) mapNames() []string {
	var names []string
	for _, info := range p.c.engine.session.MapInfos() {
		names = append(names, "@"+info.Described.Name)
	}
	return names
}

// command completes a line that is a command.
func (p *completer) command(before string) (string, []string) {
	name, arg, found := strings.Cut(before, " ")
	if !found {
		var names []string
		for _, cmd := range allCommands() {
			full := "." + cmd.name
			if cmd.args != "" {
				full += " "
			}
			names = append(names, full)
		}
		return before, names
	}
	cmd, err := lookupCommand(name[1:])
	if err != nil {
		return "", nil
	}
	word := arg[strings.LastIndexAny(arg, " ")+1:]
	switch cmd.arg {
	case argMap:
		return word, p.mapNames()
	case argClause:
		return word, p.c.clauseIDs()
	case argProbe:
		if strings.Contains(word, ":") {
			return word, p.probeNames(word)
		}
		return word, providerNames()
	case argCommand:
		if strings.HasPrefix(word, "@") {
			return word, p.mapNames()
		}
		return p.command("." + strings.TrimPrefix(word, "."))
	case argFile:
		return word, files(word)
	case argType:
		return arg, p.c.engine.catalog().list("struct *").prefixed(arg, tabWait)
	case argName:
		return word, unique(functionNames())
	case argSetting:
		return word, settingNames()
	}
	if cmd.name == "plan" {
		return p.candidates(arg)
	}
	return "", nil
}

// settingNames are the settings that .set takes.
func settingNames() []string {
	return []string{
		"cpp_demangle ", "lazy_symbolication ", "license ", "max_cat_bytes ", "max_map_keys ", "max_probes ", "max_strlen ",
		"missing_probes ", "perf_rb_pages ", "print_maps_on_exit ", "stack_mode ", "str_trunc_trailer ", "vi ",
	}
}

// files returns the files that begin with a word, directories with a slash.
func files(word string) []string {
	matches, err := filepath.Glob(word + "*")
	if err != nil {
		return nil
	}
	for i, name := range matches {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			matches[i] = name + "/"
		}
	}
	return matches
}
