package parser

import (
	"strings"

	"github.com/gotrace/gotrace/lang/source"
)

// maxNesting bounds how deep brackets, and expressions without brackets, may
// nest; a script that needs more was not written by hand.
const maxNesting = 200

// maxTokens bounds the tokens of a script, and with them the memory that a
// parse takes. The longest tools in use have some three thousand.
const maxTokens = 1 << 16

// maxScanErrors bounds what one scan complains of: a binary file is wrong in
// every byte, and one screen of errors says so.
const maxScanErrors = 32

// mode is what the scanner is in the middle of. The characters "/", "<" and
// ">" mean different things in each, and the scanner runs to the end before
// the grammar starts, so it decides on its own.
type mode int

const (
	modeTop    mode = iota // between items
	modeHeader             // in a probe list, or between it and the action
	modePred               // in a predicate
	modeBlock              // in an action or in a macro's body
	modeDecl               // in config, import, let or macro, outside any block
)

// scanOptions choose a variant of scanning.
type scanOptions struct {
	// lone starts in the middle of a block, to scan an expression by itself.
	lone bool
	// heal ends an unclosed block where a line begins like a new item.
	heal bool
}

// scanner turns text into tokens and finds where each item starts.
type scanner struct {
	scanOptions
	src    string
	pos    int
	mode   mode
	tokens []Token
	trivia []Token // comments, the shebang line, redundant separators
	items  []int   // index of the first token of each item
	errs   []source.Diagnostic

	// stack holds the open brackets; in modeBlock stack[0] opened the action.
	stack    []byte
	decl     string // the word that started a modeDecl item
	needSpec bool   // in modeHeader: an attach point must come next
	ternary  int    // in an angle block: "?" without their ":" so far
	stop     bool   // too deep or too long: the rest is not looked at
}

// scan tokenizes a whole text.
func scan(text string, opts scanOptions) *scanner {
	s := &scanner{scanOptions: opts, src: text}
	s.tokens = make([]Token, 0, min(len(text)/4, maxTokens)+8)
	if opts.lone {
		s.items = append(s.items, 0)
		s.mode, s.stack = modeBlock, append(s.stack, '{')
	} else {
		s.shebang()
	}
	for !s.stop {
		s.layout()
		if s.pos >= len(s.src) {
			break
		}
		switch s.mode {
		case modeTop:
			s.top()
		case modeHeader:
			s.header()
		default:
			s.code()
		}
		if len(s.tokens) > maxTokens {
			s.errorf(s.pos, s.pos, "too-large", "script is too long", "split it: more than 65536 tokens are not read")
			s.stop = true
		}
	}
	return s
}

// open reports whether the scan ended inside an unclosed action.
func (s *scanner) open() bool { return s.mode == modeBlock && len(s.stack) > 0 }

func (s *scanner) shebang() {
	if !strings.HasPrefix(s.src, "#!") {
		return
	}
	end := strings.IndexByte(s.src, '\n')
	if end < 0 {
		end = len(s.src)
	}
	s.trivia = append(s.trivia, Token{KindShebang, 0, int32(end)})
	s.pos = end
}

// emit appends the token from s.pos to end and moves behind it.
func (s *scanner) emit(kind Kind, end int) {
	s.tokens = append(s.tokens, Token{kind, int32(s.pos), int32(end)})
	s.pos = end
}

// skipOne moves over a punctuation that the grammar need not see.
func (s *scanner) skipOne() {
	s.trivia = append(s.trivia, Token{KindOp, int32(s.pos), int32(s.pos + 1)})
	s.pos++
}

func (s *scanner) startItem() {
	s.items = append(s.items, len(s.tokens))
	s.stack, s.ternary, s.needSpec, s.decl = s.stack[:0], 0, false, ""
}

func (s *scanner) endItem() { s.mode, s.stack = modeTop, s.stack[:0] }

// errorf records a lexical error over the bytes [off, end).
func (s *scanner) errorf(off, end int, code, msg, hint string) {
	if len(s.errs) >= maxScanErrors {
		return
	}
	s.errs = append(s.errs, source.Diagnostic{
		Span:     source.Span{Off: int32(off), End: int32(end)},
		Severity: source.Error,
		Code:     code, Msg: msg, Hint: hint,
	})
}

// peek returns the byte at an offset from the position, or zero at the end.
func (s *scanner) peek(n int) byte { return s.at(s.pos + n) }

func (s *scanner) at(pos int) byte {
	if pos < len(s.src) {
		return s.src[pos]
	}
	return 0
}

// layout skips blanks and comments, keeping the comments.
func (s *scanner) layout() {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if isBlank(c) {
			s.pos++
			continue
		}
		end := commentEnd(s.src, s.pos)
		if end == s.pos {
			return
		}
		if end < 0 {
			end = len(s.src)
			s.errorf(s.pos, s.pos+2, CodeIncomplete, "comment is not closed", "end it with */")
		}
		s.trivia = append(s.trivia, Token{KindComment, int32(s.pos), int32(end)})
		s.pos = end
	}
}

// after returns the position of the first byte from pos on that is neither a
// blank nor in a comment.
func (s *scanner) after(pos int) int {
	for pos < len(s.src) {
		if isBlank(s.src[pos]) {
			pos++
			continue
		}
		end := commentEnd(s.src, pos)
		if end == pos {
			return pos
		}
		if end < 0 {
			return len(s.src)
		}
		pos = end
	}
	return len(s.src)
}

// commentEnd returns where the comment at pos ends: pos itself if there is
// none, -1 if it is not closed. A line comment ends before its newline.
func commentEnd(src string, pos int) int {
	switch rest := src[pos:]; {
	case strings.HasPrefix(rest, "//"):
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			if i > 0 && rest[i-1] == '\r' {
				i--
			}
			return pos + i
		}
		return len(src)
	case strings.HasPrefix(rest, "/*"):
		if i := strings.Index(rest[2:], "*/"); i >= 0 {
			return pos + i + 4
		}
		return -1
	}
	return pos
}

// wordEnd returns where the word starting at pos ends.
func (s *scanner) wordEnd(pos int) int {
	for pos < len(s.src) && isWord(s.src[pos]) {
		pos++
	}
	return pos
}

// atLineStart reports whether only blanks stand before pos on its line, or
// with strict set nothing at all.
func (s *scanner) atLineStart(pos int, strict bool) bool {
	for pos > 0 && !strict && (s.src[pos-1] == ' ' || s.src[pos-1] == '\t') {
		pos--
	}
	return pos == 0 || s.src[pos-1] == '\n'
}
