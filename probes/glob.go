package probes

import (
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
)

// A glob is a name with wildcards: "*" matches any text, "?" one character,
// "[a-z]" and "[!a-z]" one of a set. Colons and slashes are like other
// characters, so that "*:*exec*" means what it seems to.
type glob string

// wild reports whether a text has wildcards. A lone bracket is no wildcard:
// C++ names have such.
func wild(text string) bool {
	if strings.ContainsAny(text, "*?") {
		return true
	}
	open := strings.IndexByte(text, '[')
	return open >= 0 && strings.IndexByte(text[open:], ']') > 1
}

// wildPart reports whether a part of an attach point has wildcards: in quotes
// they are ordinary characters.
func wildPart(p ast.Part) bool { return !p.Quoted && wild(p.Text) }

// matcher returns the test for a part of an attach point.
func matcher(p ast.Part) func(string) bool {
	if !wildPart(p) {
		return func(name string) bool { return name == p.Text }
	}
	return glob(p.Text).match
}

// match reports whether the glob matches all of a name. It goes back only to
// the last star, which is enough and makes it fast on any input.
func (g glob) match(name string) bool {
	pattern := string(g)
	p, n := 0, 0
	star, from := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, n
			p++
			continue
		}
		if width := matchOne(pattern[min(p, len(pattern)):], name[n]); width > 0 {
			p += width
			n++
			continue
		}
		if star < 0 {
			return false
		}
		from++
		p, n = star+1, from
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne matches one character against the beginning of a pattern that is
// not a star and returns how much of the pattern that took, or 0.
func matchOne(pattern string, c byte) int {
	if pattern == "" {
		return 0
	}
	switch pattern[0] {
	case '?':
		return 1
	case '[':
		if end := strings.IndexByte(pattern, ']'); end > 1 {
			if inSet(pattern[1:end], c) {
				return end + 1
			}
			return 0
		}
	}
	if pattern[0] == c {
		return 1
	}
	return 0
}

func inSet(set string, c byte) bool {
	not := set[0] == '!' || set[0] == '^'
	if not {
		set = set[1:]
	}
	for i := 0; i < len(set); i++ {
		low, high := set[i], set[i]
		if i+2 < len(set) && set[i+1] == '-' {
			high = set[i+2]
			i += 2
		}
		if low <= c && c <= high {
			return !not
		}
	}
	return not
}
