package parser

import (
	"errors"
	"io"

	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gotrace/gotrace/lang/source"
)

// definition tells participle our token kinds. Lexing itself is ours: the
// parser is only ever run on tokens that are there already.
type definition struct{}

func (definition) Symbols() map[string]plex.TokenType {
	return map[string]plex.TokenType{
		"EOF":         plex.EOF,
		"Directive":   plex.TokenType(KindDirective),
		"CDefinition": plex.TokenType(KindCDefinition),
		"Spec":        plex.TokenType(KindSpec),
		"PredOpen":    plex.TokenType(KindPredOpen),
		"PredClose":   plex.TokenType(KindPredClose),
		"Open":        plex.TokenType(KindOpen),
		"Close":       plex.TokenType(KindClose),
		"Keyword":     plex.TokenType(KindKeyword),
		"Ident":       plex.TokenType(KindIdent),
		"Var":         plex.TokenType(KindVar),
		"Map":         plex.TokenType(KindMap),
		"Param":       plex.TokenType(KindParam),
		"Int":         plex.TokenType(KindInt),
		"Char":        plex.TokenType(KindChar),
		"String":      plex.TokenType(KindString),
		"Op":          plex.TokenType(KindOp),
	}
}

var errNoReader = errors.New("gotrace scripts are not parsed from a reader")

func (definition) Lex(string, io.Reader) (plex.Lexer, error) { return nil, errNoReader }

// tokenLexer hands out the tokens of one item.
type tokenLexer struct {
	tokens []plex.Token
}

func (l *tokenLexer) Next() (plex.Token, error) {
	t := l.tokens[0]
	if len(l.tokens) > 1 { // the last is the end and is repeated
		l.tokens = l.tokens[1:]
	}
	return t, nil
}

// grammarTokens converts tokens [from, to) for participle, with an end token
// placed right behind the last.
func (s *scanner) grammarTokens(file source.FileID, from, to int) []plex.Token {
	out := make([]plex.Token, 0, to-from+1)
	end := 0
	for _, t := range s.tokens[from:to] {
		out = append(out, plex.Token{
			Type:  plex.TokenType(t.Kind),
			Value: s.src[t.Off:t.End],
			Pos:   plex.Position{Offset: int(t.Off), Line: int(file)},
		})
		end = int(t.End)
	}
	return append(out, plex.Token{Type: plex.EOF, Pos: plex.Position{Offset: end, Line: int(file)}})
}
