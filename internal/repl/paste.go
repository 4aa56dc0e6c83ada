package repl

import (
	"bytes"
	"strings"
)

// Terminals that are asked to (pasteOn) put marks around what is pasted, so that
// it can be told from what is typed.
const (
	pasteOn  = "\x1b[?2004h"
	pasteOff = "\x1b[?2004l"

	pasteBegin = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// foldMark stands for a line break in a line that is edited: the editor knows
// single lines only.
const foldMark = "⏎"

// pasteMark is the key that stands for a paste, from the private area of
// Unicode: no keyboard sends it.
const pasteMark = '\uF8FE'

// Keys that the editor takes for others, or does not know. To it Delete is the
// same as Ctrl-D, which on an empty line means to leave.
const (
	keyDelete  = "\x1b[3~"
	keyHome    = "\x1b[1~"
	keyEnd     = "\x1b[4~"
	deleteMark = '\uF8FD'
)

// piece is some of what was read: keys, or a paste.
type piece struct {
	text  string
	paste bool
}

// pasteFilter cuts what a terminal sends into keys and pastes.
type pasteFilter struct {
	held   []byte // the beginning of a mark, or of a paste
	inside bool
}

// feed takes what was read and returns what is complete. With full set more is
// likely to follow at once, so that a lone escape at the end may begin a mark.
func (f *pasteFilter) feed(in []byte, full bool) []piece {
	data := append(f.held, in...)
	f.held = nil
	var out []piece
	for {
		mark := pasteBegin
		if f.inside {
			mark = pasteEnd
		}
		at := bytes.Index(data, []byte(mark))
		if at < 0 {
			break
		}
		out = appendPiece(out, data[:at], f.inside)
		data = data[at+len(mark):]
		f.inside = !f.inside
	}
	if f.inside {
		f.held = bytes.Clone(data)
		return out
	}
	keep := heldBack(data, full)
	f.held = bytes.Clone(data[len(data)-keep:])
	return appendPiece(out, data[:len(data)-keep], false)
}

// heldBack returns how many bytes at the end may begin a mark. A lone escape is
// a key of its own.
func heldBack(data []byte, full bool) int {
	for n := min(len(data), len(pasteBegin)-1); n > 0; n-- {
		if strings.HasPrefix(pasteBegin, string(data[len(data)-n:])) && (n > 1 || full) {
			return n
		}
	}
	return 0
}

func appendPiece(out []piece, text []byte, paste bool) []piece {
	s := string(text)
	if paste {
		s = cleanPaste(s)
	} else {
		s = strings.NewReplacer(keyDelete, string(deleteMark), keyHome, "\x01", keyEnd, "\x05").Replace(s)
	}
	if s == "" {
		return out
	}
	return append(out, piece{text: s, paste: paste})
}

// cleanPaste makes a paste something that can be edited: line breaks folded,
// tabs as blanks, and no control characters.
func cleanPaste(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "    ").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", foldMark)
}
