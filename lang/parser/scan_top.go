package parser

import "strings"

// top scans the start of an item.
func (s *scanner) top() {
	c := s.src[s.pos]
	switch {
	case c == ';': // a stray separator after "}" does no harm
		s.skipOne()
		return
	case c < ' ' || c == 0x7f:
		s.invalid()
		return
	}
	s.startItem()
	switch {
	case c == '#':
		s.directive()
	case c == '}' || c == ')' || c == ']' || c == '>':
		s.errorf(s.pos, s.pos+1, "stray-bracket", "unexpected "+quote(string(c))+" outside a block",
			"remove it, or look for a block that was closed too early")
		s.emit(KindInvalid, s.pos+1)
	case c == '{' || c == '<' || c == '/':
		s.mode = modeHeader
		s.header()
	case isWordStart(c) && s.declaration(s.src[s.pos:s.wordEnd(s.pos)]):
	default:
		s.spec()
	}
}

// declaration scans an item that starts with a word of its own and reports
// whether there was one.
func (s *scanner) declaration(word string) bool {
	next := s.after(s.pos + len(word))
	c := s.at(next)
	switch word {
	case "struct", "union", "enum":
		if !s.looksLikeC(next) {
			return false
		}
		s.cDefinition(word)
		return true
	case "typedef":
		if !isWordStart(c) {
			return false
		}
		s.cDefinition(word)
		return true
	case "config":
		if c != '=' && c != '{' {
			return false
		}
	case "import":
		if c == ':' || c == ',' || c == '{' {
			return false
		}
	case "macro":
		if c == ':' {
			return false
		}
	case "let":
		if c != '@' && c != '$' {
			return false
		}
	case "fn":
		if !isWordStart(c) || s.at(s.after(s.wordEnd(next))) != '(' {
			return false
		}
	default:
		return false
	}
	s.mode, s.decl = modeDecl, word
	s.emit(KindKeyword, s.pos+len(word))
	return true
}

// directive scans a "#" line, with the lines that a backslash joins to it.
func (s *scanner) directive() {
	end := s.pos
	for end < len(s.src) && s.src[end] != '\n' {
		if s.src[end] == '\\' && s.at(end+1) == '\n' {
			end++
		} else if s.src[end] == '\\' && s.at(end+1) == '\r' && s.at(end+2) == '\n' {
			end += 2
		}
		end++
	}
	end = min(end, len(s.src))
	line := strings.TrimRight(s.src[s.pos:end], " \t\r")
	s.emit(KindDirective, s.pos+len(line))
}

// looksLikeC tells "struct name {" from a probe whose provider is so called.
func (s *scanner) looksLikeC(pos int) bool {
	for pos < len(s.src) {
		switch c := s.src[pos]; {
		case c == '{' || c == ';':
			return true
		case isWordStart(c):
			pos = s.after(s.wordEnd(pos))
		case c == '(':
			pos = s.after(s.balanced(pos))
		default:
			return false
		}
	}
	return false
}

// balanced returns the position behind the bracket group that opens at pos,
// or the end of the text. Brackets in comments and strings do not count.
func (s *scanner) balanced(pos int) int {
	end, _ := s.closing(pos)
	return end
}

// closing is balanced that also tells whether the group is closed.
func (s *scanner) closing(pos int) (int, bool) {
	depth := 0
	for pos < len(s.src) {
		switch c := s.src[pos]; c {
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			if depth--; depth == 0 {
				return pos + 1, true
			}
		case '/':
			if end := commentEnd(s.src, pos); end < 0 {
				return len(s.src), false
			} else if end > pos {
				pos = end
				continue
			}
		case '"', '\'':
			pos = s.quoted(pos) - 1
		}
		pos++
	}
	return len(s.src), false
}

// quoted returns the position behind the quoted text that starts at pos; text
// that is not closed ends with its line.
func (s *scanner) quoted(pos int) int {
	q := s.src[pos]
	for pos++; pos < len(s.src) && s.src[pos] != '\n'; pos++ {
		if s.src[pos] == '\\' && pos+1 < len(s.src) && s.src[pos+1] != '\n' {
			pos++
		} else if s.src[pos] == q {
			return pos + 1
		}
	}
	return min(pos, len(s.src))
}

// cDefinition scans a C type definition as one token, up to its semicolon.
func (s *scanner) cDefinition(word string) {
	end := s.pos
	for end < len(s.src) && s.src[end] != '{' && s.src[end] != ';' {
		switch c := s.src[end]; {
		case c == '(' || c == '[':
			end = s.balanced(end)
		case c == '/' && commentEnd(s.src, end) > end:
			end = commentEnd(s.src, end)
		default:
			end++
		}
	}
	if s.at(end) == '{' {
		open := end
		closed := false
		if end, closed = s.closing(open); !closed {
			s.errorf(open, open+1, CodeIncomplete, "definition of "+word+" is not closed", "add the missing }")
		}
		end = s.declarators(word, end)
	}
	s.emit(KindCDefinition, end)
	if next := s.after(s.pos); s.at(next) == ';' {
		s.layout()
		s.skipOne()
	} else if word == "typedef" {
		s.errorf(end, end, "missing-semicolon", "typedef needs a semicolon at its end", "write typedef ... name;")
	}
}

// declarators returns where the part behind a definition's closing brace ends:
// attributes, and of a typedef the new names.
func (s *scanner) declarators(word string, end int) int {
	for {
		next := s.after(end)
		c := s.at(next)
		switch {
		case word == "typedef" && (isWordStart(c) || c == '*' || c == ','):
			end = max(next+1, s.wordEnd(next))
		case word == "typedef" && (c == '(' || c == '['):
			end = s.balanced(next)
		case strings.HasPrefix(s.src[next:], "__attribute__"):
			open := s.after(next + len("__attribute__"))
			if s.at(open) != '(' || s.at(open+1) != '(' {
				s.errorf(next, next+len("__attribute__"), "bad-attribute", "attribute without its parentheses",
					"write __attribute__((packed))")
				return next + len("__attribute__")
			}
			closed := false
			if end, closed = s.closing(open); !closed {
				s.errorf(open, open+1, CodeIncomplete, "attribute is not closed", "add the missing )")
			}
		default:
			return end
		}
	}
}
