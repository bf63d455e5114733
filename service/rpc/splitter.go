package rpc

import (
	"strings"
	"unicode"
)

// splitter cuts a text that arrives in pieces where channels.Paragraphs will cut
// the whole: white space is held back until something follows it, since at either
// end of the text it does not count.
type splitter struct {
	whole bool // do not cut, hand on as it comes

	begun bool
	held  string // white space that may turn out to be the end
	index int    // the paragraph in progress
}

// piece is a part of the paragraph of that index, counted from 0.
type piece struct {
	index int
	text  string
}

// push takes the next piece of the text and returns what can be handed on now.
func (s *splitter) push(text string) []piece {
	if s.whole {
		return []piece{{0, text}}
	}
	text = s.held + text
	if !s.begun {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	solid := strings.TrimRightFunc(text, unicode.IsSpace)
	s.held = text[len(solid):]
	if solid == "" {
		return nil
	}
	s.begun = true
	var pieces []piece
	for i, paragraph := range strings.Split(solid, "\n\n") {
		if i > 0 {
			s.index++
		}
		if paragraph != "" {
			pieces = append(pieces, piece{s.index, paragraph})
		}
	}
	return pieces
}
