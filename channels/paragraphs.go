package channels

import (
	"strings"
	"unicode"
)

// Paragraphs trims the whole text and cuts it at every two newlines outside a code
// fence. A paragraph keeps its inner and trailing spaces, and may be empty: "a\n\n\n\nb" is
// "a", "", "b".
func Paragraphs(text string) []string {
	var s splitter
	list := []string{""}
	for _, p := range s.push(text) {
		list[p.Number] += p.Text
		if p.Ends {
			list = append(list, "")
		}
	}
	return list
}

// splitter cuts a text that arrives in pieces at its paragraphs, wherever the pieces end.
// White space is held back until something follows it, since at either end of the text it
// does not count.
type splitter struct {
	begun bool
	held  strings.Builder // white space that may turn out to be the end
	index int             // the paragraph in progress
	fence CodeFence
}

// push takes the next piece of the text, of whole characters, and returns what can be
// handed on now. The paragraphs are numbered from 0.
func (s *splitter) push(text string) []Piece {
	if !s.begun {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	solid := strings.TrimRightFunc(text, unicode.IsSpace)
	if solid == "" {
		s.held.WriteString(text)
		return nil
	}
	s.begun = true
	end := text[len(solid):]
	solid = s.held.String() + solid
	s.held.Reset()
	s.held.WriteString(end)
	return s.cut(solid)
}

// cut cuts a text that ends with no white space. No two newlines stand astride its start,
// since what came before ended alike.
func (s *splitter) cut(text string) (pieces []Piece) {
	start, next := 0, 0 // of the paragraph, and of what the fence has not seen
	for {
		i := strings.Index(text[next:], "\n\n")
		if i < 0 {
			break
		}
		i += next
		s.fence.Feed(text[next : i+2])
		next = i + 2
		if s.fence.Open() {
			continue
		}
		pieces = append(pieces, Piece{Number: s.index, Text: text[start:i], Ends: true})
		s.index++
		start = next
	}
	s.fence.Feed(text[next:])
	if start < len(text) {
		pieces = append(pieces, Piece{Number: s.index, Text: text[start:]})
	}
	return pieces
}
