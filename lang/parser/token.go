package parser

import "sort"

// Kind classifies a token.
type Kind int32

// The kinds of token. Shebang, Directive, CDefinition and Spec are raw text
// that the grammar does not look into.
const (
	KindInvalid     Kind = iota + 1 // bytes that begin no token
	KindComment                     // "// ..." or "/* ... */", only from Tokenize
	KindShebang                     // the "#!" line, only from Tokenize
	KindDirective                   // a "#include" or "#define" line
	KindCDefinition                 // struct, union, enum or typedef in C
	KindSpec                        // one attach point of a probe list
	KindPredOpen                    // the "/" before a predicate
	KindPredClose                   // the "/" after a predicate
	KindOpen                        // "{", or "<" before an action
	KindClose                       // "}", or ">" after an action
	KindKeyword                     // if, let, sizeof, true, struct, ...
	KindIdent                       // a bare name
	KindVar                         // "$name"
	KindMap                         // "@" or "@name"
	KindParam                       // "$1" or "$#"
	KindInt                         // a number with its suffix
	KindChar                        // 'c'
	KindString                      // "text", quotes included
	KindOp                          // an operator or punctuation
)

// Token is a piece of a script: the bytes [Off, End) of its text.
type Token struct {
	Kind     Kind
	Off, End int32
}

// Tokenize splits a script into all its tokens, comments included, in order.
// Whatever is wrong with the script, the tokens do not overlap and the bytes
// between them are blanks, so the result suits syntax colouring.
func Tokenize(text string) []Token {
	s := scan(text, scanOptions{})
	all := append(s.tokens, s.trivia...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].Off < all[j].Off })
	return all
}

// keyword reports whether a word is reserved inside blocks. A field may still
// have such a name.
func keyword(word string) bool {
	switch word {
	case "break", "continue", "else", "for", "if", "import", "let", "macro",
		"offsetof", "return", "sizeof", "typeof", "unroll", "while",
		"true", "false", "struct", "union", "enum":
		return true
	}
	return false
}

func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isWordStart(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isWord(c byte) bool { return isWordStart(c) || isDigit(c) }
