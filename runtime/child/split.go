package child

import (
	"errors"
	"strings"
)

// errQuote says that a quotation has no end.
var errQuote = errors.New("a quotation mark is missing")

// Split splits a command line into words as a shell does: blanks separate,
// single quotes keep everything, double quotes everything but a backslash
// before a quote, a backslash, a dollar sign or a backquote. Nothing is expanded.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t', '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\'', '"':
			inWord = true
			end, err := quoted(&word, line, i)
			if err != nil {
				return nil, err
			}
			i = end
		case '\\':
			inWord = true
			if i++; i < len(line) {
				word.WriteByte(line[i])
			}
		default:
			inWord = true
			word.WriteByte(c)
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// quoted copies a quotation that begins at i and returns where it ends.
func quoted(word *strings.Builder, line string, i int) (int, error) {
	quote := line[i]
	for i++; i < len(line); i++ {
		switch c := line[i]; {
		case c == quote:
			return i, nil
		case c == '\\' && quote == '"' && i+1 < len(line) && strings.IndexByte("\"\\$`", line[i+1]) >= 0:
			i++
			word.WriteByte(line[i])
		default:
			word.WriteByte(c)
		}
	}
	return 0, errQuote
}
