package parser

import (
	"strings"
	"unicode/utf8"
)

// code scans one token of a predicate, an action or a declaration.
func (s *scanner) code() {
	if s.newItemHere() {
		s.endItem()
		return
	}
	c := s.src[s.pos]
	switch {
	case isWordStart(c):
		end := s.wordEnd(s.pos)
		kind := KindIdent
		if keyword(s.src[s.pos:end]) {
			kind = KindKeyword
		}
		s.emit(kind, end)
	case isDigit(c):
		s.number()
	case c == '$':
		s.dollar()
	case c == '@':
		s.emit(KindMap, s.nameEnd(s.pos+1))
	case c == '"':
		s.text(KindString, "string")
		if s.mode == modeDecl && s.decl == "import" {
			s.finishDecl()
		}
	case c == '\'':
		s.text(KindChar, "character")
	case strings.IndexByte("(){}[]", c) >= 0:
		s.bracket(c)
	case c == '/' && s.closesPred():
		s.emit(KindPredClose, s.pos+1)
		s.mode = modeHeader
	case c == '>' && s.closesAngle():
		s.emit(KindClose, s.pos+1)
		s.endItem()
	default:
		s.operator()
	}
}

// newItemHere tells where an item must have ended although nothing closed it:
// a declaration at a line that starts a new one, and, when healing, a block.
func (s *scanner) newItemHere() bool {
	switch {
	case s.mode == modeDecl && len(s.stack) == 0:
		return s.atLineStart(s.pos, false) && s.looksLikeItem(s.pos)
	case s.heal:
		return s.atLineStart(s.pos, true) && s.looksLikeItem(s.pos)
	}
	return false
}

// nameEnd returns where the name at pos ends, or pos if there is none.
func (s *scanner) nameEnd(pos int) int {
	if !isWordStart(s.at(pos)) {
		return pos
	}
	return s.wordEnd(pos)
}

// number scans digits and what is glued to them; its value is checked when
// the expression is parsed. Behind a dot only digits count, as "$x.0.1" is two
// elements and no fraction.
func (s *scanner) number() {
	end := s.pos
	if n := len(s.tokens); n > 0 && s.tokens[n-1].Kind == KindOp && s.tokenText(n-1) == "." {
		for isDigit(s.at(end)) {
			end++
		}
		s.emit(KindInt, end)
		return
	}
	end = s.wordEnd(end)
	for s.at(end) == '.' && isDigit(s.at(end+1)) {
		end = s.wordEnd(end + 1)
	}
	s.emit(KindInt, end)
}

func (s *scanner) tokenText(i int) string {
	return s.src[s.tokens[i].Off:s.tokens[i].End]
}

func (s *scanner) dollar() {
	switch c := s.peek(1); {
	case c == '#':
		s.emit(KindParam, s.pos+2)
	case isDigit(c):
		end := s.pos + 1
		for isDigit(s.at(end)) {
			end++
		}
		s.emit(KindParam, end)
	case isWordStart(c):
		s.emit(KindVar, s.wordEnd(s.pos+1))
	default:
		s.errorf(s.pos, s.pos+1, "bad-variable", "expected a name after '$'", "write $name, $1 or $#")
		s.emit(KindInvalid, s.pos+1)
	}
}

// text scans a string or a character.
func (s *scanner) text(kind Kind, what string) {
	end := s.quoted(s.pos)
	if end-s.pos < 2 || s.src[end-1] != s.src[s.pos] || s.escapedEnd(end) {
		q := s.src[s.pos : s.pos+1]
		s.errorf(s.pos, end, "unterminated-string", what+" is not closed on its line", "add the missing "+q)
	}
	s.emit(kind, end)
}

// escapedEnd reports whether the quote before end is escaped by a backslash.
func (s *scanner) escapedEnd(end int) bool {
	n := 0
	for i := end - 2; i > s.pos && s.src[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

func (s *scanner) push(c byte) {
	if len(s.stack) >= maxNesting {
		s.errorf(s.pos, s.pos+1, "too-deep", "brackets are nested too deeply",
			"more than 200 levels are not supported: split the expression or the block")
		s.stop = true
		return
	}
	s.stack = append(s.stack, c)
}

func (s *scanner) bracket(c byte) {
	switch c {
	case '(', '[':
		s.push(c)
		s.emit(KindOp, s.pos+1)
	case ')', ']':
		open := byte('(')
		if c == ']' {
			open = '['
		}
		if n := len(s.stack); n > 0 && s.stack[n-1] == open {
			s.stack = s.stack[:n-1]
		}
		s.emit(KindOp, s.pos+1)
		if s.mode == modeDecl && s.decl == "let" && len(s.stack) == 0 {
			s.finishDecl()
		}
	case '{':
		s.openBrace()
	case '}':
		s.closeBrace()
	}
}

func (s *scanner) openBrace() {
	switch {
	case s.mode == modePred && len(s.stack) == 0 && s.afterOperand():
		s.errorf(s.pos, s.pos+1, "unclosed-predicate", "predicate is not closed before its action",
			"write / before {")
		s.mode = modeBlock
	case s.mode == modeDecl && len(s.stack) == 0 && s.decl != "config":
		s.mode = modeBlock
	}
	s.push('{')
	s.emit(KindOpen, s.pos+1)
}

// afterOperand reports whether the last token ends an operand.
func (s *scanner) afterOperand() bool {
	last := s.tokens[len(s.tokens)-1]
	switch last.Kind {
	case KindOp:
		text := s.tokenText(len(s.tokens) - 1)
		return text == ")" || text == "]" || text == "++" || text == "--"
	case KindPredOpen, KindOpen:
		return false
	}
	return true
}

func (s *scanner) closeBrace() {
	n := len(s.stack) - 1
	for n >= 0 && s.stack[n] != '{' {
		n--
	}
	if n < 0 {
		if s.mode == modeBlock && len(s.stack) > 0 {
			s.errorf(s.pos, s.pos+1, "wrong-close", "this action was opened with '<' and is closed with '}'",
				"write > here, or { at its start")
		}
		s.emit(KindClose, s.pos+1)
		s.endItem()
		return
	}
	if n == 0 && s.lone {
		s.emit(KindClose, s.pos+1) // the base bracket of a lone expression is not real
		return
	}
	s.stack = s.stack[:n]
	s.emit(KindClose, s.pos+1)
	switch {
	case n > 0 || s.mode == modePred:
	case s.mode == modeDecl:
		s.finishDecl()
	default:
		s.endItem()
	}
}

// finishDecl ends a declaration, with its semicolon if there is one.
func (s *scanner) finishDecl() {
	if next := s.after(s.pos); s.at(next) == ';' {
		s.layout()
		s.emit(KindOp, s.pos+1)
	}
	s.endItem()
}

// closesPred reports whether the "/" here ends the predicate, rather than
// divides: an action must follow it.
func (s *scanner) closesPred() bool {
	if s.mode != modePred || len(s.stack) > 0 {
		return false
	}
	next := s.after(s.pos + 1)
	return next >= len(s.src) || s.src[next] == '{' || s.src[next] == '<'
}

// closesAngle reports whether the ">" here ends an action, rather than
// compares: where a statement would start, at the end of the input, and before
// what can only be a new item.
func (s *scanner) closesAngle() bool {
	if s.mode != modeBlock || len(s.stack) != 1 || s.stack[0] != '<' {
		return false
	}
	last := s.tokens[len(s.tokens)-1]
	if last.Kind == KindOpen || last.Kind == KindClose || s.tokenText(len(s.tokens)-1) == ";" {
		return true
	}
	next := s.after(s.pos + 1)
	return next >= len(s.src) || s.ternary == 0 && s.looksLikeItem(next)
}

// operators are the punctuation of two and three characters, longest first.
var operators = [...]string{
	"<<=", ">>=",
	"++", "--", "->", "..", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||",
	"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
}

func (s *scanner) operator() {
	c := s.src[s.pos]
	if strings.IndexByte("+-*/%&|^~!<>=?:;,.", c) < 0 {
		s.invalid()
		return
	}
	n := 1
	if next := s.peek(1); next == '=' || next == '>' || next == '.' || next == c {
		rest := s.src[s.pos:]
		for _, op := range operators {
			if strings.HasPrefix(rest, op) {
				n = len(op)
				break
			}
		}
	}
	s.countTernary(c)
	s.emit(KindOp, s.pos+n)
	if c == ';' && s.mode == modeDecl && len(s.stack) == 0 {
		s.endItem()
	}
}

func (s *scanner) countTernary(c byte) {
	if len(s.stack) != 1 {
		return
	}
	switch {
	case c == '?':
		s.ternary++
	case c == ':' && s.ternary > 0:
		s.ternary--
	case c == ';':
		s.ternary = 0
	}
}

// invalid scans a run of bytes that begin no token.
func (s *scanner) invalid() {
	end := s.pos
	for end < len(s.src) {
		r, n := utf8.DecodeRuneInString(s.src[end:])
		if r >= ' ' && r < 0x7f && strings.IndexByte("#`\\", byte(r)) < 0 || isBlank(byte(r)) && r < 0x80 {
			break
		}
		end += n
	}
	end = max(end, s.pos+1)
	msg, hint := "unexpected character "+quote(s.src[s.pos:end]), ""
	switch c := s.src[s.pos]; {
	case c == '#':
		hint = "comments start with //"
	case c < ' ' || c >= 0x7f:
		msg = "unexpected bytes that are not text"
		if utf8.ValidString(s.src[s.pos:end]) && c >= 0x80 {
			msg, hint = "unexpected character "+quote(s.src[s.pos:end]), "write plain ASCII quotes, dashes and names"
		}
	}
	s.errorf(s.pos, end, "bad-character", msg, hint)
	s.emit(KindInvalid, end)
}
