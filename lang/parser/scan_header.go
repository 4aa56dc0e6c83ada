package parser

import "strings"

// header scans what stands between the start of a probe and its action.
func (s *scanner) header() {
	c := s.src[s.pos]
	switch c {
	case ',':
		switch next := s.at(s.after(s.pos + 1)); next {
		case '/', '{', '<': // a trailing comma is allowed, the grammar never sees it
			s.skipOne()
		default:
			s.emit(KindOp, s.pos+1)
			s.needSpec = true
		}
	case '{', '<':
		s.mode = modeBlock
		s.push(c)
		s.emit(KindOpen, s.pos+1)
	case '/':
		s.mode = modePred
		s.emit(KindPredOpen, s.pos+1)
	case '}':
		s.emit(KindClose, s.pos+1)
		s.endItem()
	case ';':
		s.emit(KindOp, s.pos+1)
		s.endItem()
	default:
		if c < ' ' || c == 0x7f {
			s.invalid()
			return
		}
		if !s.needSpec && s.atLineStart(s.pos, false) && s.looksLikeItem(s.pos) {
			s.endItem()
			return
		}
		s.spec()
	}
}

// spec scans one attach point.
func (s *scanner) spec() {
	s.mode, s.needSpec = modeHeader, false
	start, end := s.pos, s.pos
	colon, slash := false, false // behind the provider; slashes are part of it
loop:
	for end < len(s.src) {
		switch c := s.src[end]; {
		case isBlank(c) || c == '{' || c == '}' || c == ',' || c == '<' || c == ';':
			break loop
		case c == ':' && !colon:
			colon, slash = true, takesPath(s.src[start:end])
			end++
		case c == '/' && !slash && end > start:
			break loop
		case c == '"':
			quote := end
			end = s.quoted(end)
			if end-quote < 2 || s.src[end-1] != '"' {
				s.errorf(quote, end, "unterminated-string", "quoted part of a probe is not closed", `add the missing "`)
			}
		default:
			end++
		}
	}
	s.emit(KindSpec, max(end, start+1))
}

// takesPath reports whether slashes behind a provider belong to the attach
// point. Of the kernel's providers they cannot, so there "/" starts a
// predicate even without a blank before it.
func takesPath(provider string) bool {
	if i := strings.IndexByte(provider, '='); i >= 0 {
		provider = provider[i+1:]
	}
	switch provider {
	case "kprobe", "k", "kretprobe", "kr", "fentry", "f", "fexit", "fr", "kfunc", "kretfunc",
		"tracepoint", "t", "rawtracepoint", "rt", "interval", "i", "profile", "p",
		"software", "s", "hardware", "h", "watchpoint", "w", "asyncwatchpoint", "aw",
		"bench", "test", "self":
		return false
	}
	return true
}

// looksLikeItem reports whether a new item starts at pos. It is asked where a
// statement or the rest of a header would be just as possible, so it wants
// more than a name: "kprobe:", "begin {", "macro name", "let @x".
func (s *scanner) looksLikeItem(pos int) bool {
	if s.at(pos) == '#' {
		return isWordStart(s.at(pos + 1))
	}
	end := pos
	for c := s.at(end); isWord(c) || c == '*' || c == '?'; c = s.at(end) {
		end++
	}
	if end == pos || !isWordStart(s.src[pos]) && s.src[pos] != '*' {
		return false
	}
	if s.at(end) == '=' && isWordStart(s.at(end+1)) { // a label
		end = s.wordEnd(end + 1)
	}
	if s.at(end) == ':' {
		return end+1 < len(s.src) && !isBlank(s.src[end+1])
	}
	next := s.after(end)
	c := s.at(next)
	switch s.src[pos:end] {
	case "begin", "end", "BEGIN", "END":
		return c == '{' || c == '<' || c == '/' || c == ','
	case "macro":
		return isWordStart(c)
	case "let":
		return c == '@'
	case "config":
		return c == '=' && s.at(s.after(next+1)) == '{'
	case "import":
		return c == '"'
	}
	return false
}
